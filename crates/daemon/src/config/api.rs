//! The settings that were changed through the API. The daemon alone writes their file, so it lies
//! in the state directory.

use std::io;
use std::path::{Path, PathBuf};

use convene_toml_file::{TomlFile, TomlFileError, text_of};
use serde_json::{Map, Value, json};

use super::layers::SERVER;
use super::{Config, provenance};

/// The file's name.
const FILE: &str = "settings.toml";
/// The files that take turns in holding the password: the new one is whole before the settings name
/// it, and the old one goes when they do.
const PASSWORDS: [&str; 2] = ["proxy-password-1", "proxy-password-2"];
/// Servers that are set: of each several lines are shown for each setting, all in one line of the
/// API.
const SERVERS_MAX: usize = 256;
/// Bytes of the file: a few lines for each server.
const BYTES_MAX: usize = 64 * 1024;

/// The file, in this state directory.
pub(super) fn file(state: &Path) -> PathBuf {
    state.join(FILE)
}

/// The settings that were changed through the API.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ApiSettings {
    state: PathBuf,
    /// `proxy`, `policy`, and `server` by host, where the file has a list.
    sections: Map<String, Value>,
}

impl ApiSettings {
    /// Reads them; where nothing was set there is no file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn read(state: &Path) -> Result<Self, TomlFileError> {
        let path = file(state);
        let mut sections: Map<String, Value> =
            if path.exists() { TomlFile::read(&path)?.parse()? } else { Map::new() };
        let listed = sections.remove(SERVER).and_then(|listed| listed.as_array().cloned());
        let mut servers = Map::new();
        for section in listed.unwrap_or_default() {
            let mut section = section.as_object().cloned().unwrap_or_default();
            let host = section.remove("host").and_then(|host| convene_model::normal_host(host.as_str()?));
            let known = servers.entry(host.unwrap_or_default()).or_insert_with(|| json!({}));
            if let Some(known) = known.as_object_mut() {
                known.extend(section);
            }
        }
        if !servers.is_empty() {
            sections.insert(SERVER.to_owned(), Value::Object(servers));
        }
        Ok(Self { state: state.to_owned(), sections })
    }

    /// Changes them by a merge patch (RFC 7396). A section in which it leaves nothing is gone, too,
    /// unless the patch is an empty one: that names a server and says nothing about it.
    pub(crate) fn merge(&mut self, patch: &Map<String, Value>) {
        merge_patch(&mut self.sections, patch);
        let is_left = |host: &str| {
            let said = patch.get(SERVER).and_then(|servers| servers.get(host)).and_then(Value::as_object);
            said.is_none_or(Map::is_empty)
        };
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        if let Some(servers) = self.sections.get_mut(SERVER).and_then(Value::as_object_mut) {
            servers.retain(|host, section| !is_empty(section) || is_left(host));
        }
        self.sections.retain(|_, section| !is_empty(section));
    }

    /// The file that keeps the password, where one was set.
    pub(crate) fn password(&self) -> Option<PathBuf> {
        let named = self.sections.get("proxy")?.get("password_file")?.as_str()?;
        PASSWORDS.contains(&named).then(|| self.state.join(named))
    }

    /// Names another file to keep a password that is set anew, or none, and takes the one before
    /// back. The file is to be written before the settings are.
    pub(crate) fn set_password(&mut self, is_there: bool) -> Option<PathBuf> {
        let before = self.password();
        let free = PASSWORDS.into_iter().find(|name| Some(self.state.join(name)) != before);
        let named = free.filter(|_| is_there);
        if before.is_some() || named.is_some() {
            self.merge(&Map::from_iter([("proxy".to_owned(), json!({ "password_file": named }))]));
        }
        named.map(|name| self.state.join(name))
    }

    /// The files of passwords that are named no more.
    pub(crate) fn unused(&self) -> Vec<PathBuf> {
        let used = self.password();
        PASSWORDS
            .into_iter()
            .map(|name| self.state.join(name))
            .filter(|path| Some(path) != used.as_ref())
            .collect()
    }

    /// Where they are kept, and the text to be written there.
    ///
    /// # Errors
    /// When they are too many, or no TOML can hold them.
    pub(crate) fn text(&self) -> io::Result<(PathBuf, String)> {
        let mut sections = self.sections.clone();
        let servers = sections.remove(SERVER).and_then(|servers| servers.as_object().cloned());
        let listed = servers.unwrap_or_default().into_iter().map(|(host, section)| {
            let mut section = section.as_object().cloned().unwrap_or_default();
            section.insert("host".to_owned(), host.into());
            Value::Object(section)
        });
        let listed: Vec<Value> = listed.collect();
        if listed.len() > SERVERS_MAX {
            return Err(io::Error::other(format!("at most {SERVERS_MAX} servers can be set")));
        }
        if !listed.is_empty() {
            sections.insert(SERVER.to_owned(), Value::Array(listed));
        }
        let text = text_of(&sections)?;
        if text.len() > BYTES_MAX {
            return Err(io::Error::other(format!("at most {BYTES_MAX} bytes can be set")));
        }
        Ok((file(&self.state), text))
    }
}

/// Checks one value that is to be set; null takes it back. `section` is `server` for one of
/// a server.
///
/// # Errors
/// Why the setting cannot have it.
pub(crate) fn check_setting(state: &Path, section: &str, key: &str, value: &Value) -> Result<(), String> {
    let known = provenance::keys(section);
    if !known.contains(&key) {
        return Err(format!("there is no such setting; there are: {}", known.join(", ")));
    }
    if value.is_null() {
        return Ok(());
    }
    if value.as_array().is_some_and(Vec::is_empty) {
        return Err("an empty list says nothing; null takes the setting back".to_owned());
    }
    let one = if section == SERVER {
        json!({ section: [{ "host": "conference.example.org", key: value }] })
    } else {
        json!({ section: { key: value } })
    };
    serde_json::from_value::<Config>(one).map_err(|error| error.to_string())?;
    if let Some(file) = value.as_str().filter(|_| key.ends_with("_file")).map(Path::new) {
        if !file.is_absolute() {
            return Err("must be the whole path of a file".to_owned());
        }
        // There lies what nobody but the daemon reads, and this would show a line of it to a proxy.
        if real(file).starts_with(real(state)) {
            return Err("must not lie in the state directory".to_owned());
        }
    }
    Ok(())
}

/// The path without links and detours, where something is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// RFC 7396.
pub(crate) fn merge_patch(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else if let Some(patch) = value.as_object() {
            let before = target.remove(key).and_then(|before| before.as_object().cloned());
            let mut inner = before.unwrap_or_default();
            merge_patch(&mut inner, patch);
            target.insert(key.clone(), Value::Object(inner));
        } else {
            target.insert(key.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(settings: &mut ApiSettings, patch: Value) -> String {
        settings.merge(patch.as_object().unwrap());
        settings.text().unwrap().1
    }

    #[test]
    fn what_is_merged_is_written_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = ApiSettings::read(dir.path()).unwrap();
        assert_eq!(settings.text().unwrap().1, "", "nothing was set");
        let text = patched(
            &mut settings,
            json!({
                "proxy": { "mode": "off", "wpad": true },
                "server": { "a.test": { "https_port": 1, "addresses": ["192.0.2.7"] }, "b.test": {} },
            }),
        );
        std::fs::write(dir.path().join(FILE), &text).unwrap();
        let again = ApiSettings::read(dir.path()).unwrap();
        assert_eq!(again, settings, "{text}");
        assert!(text.contains("[[server]]") && text.contains("[proxy]"), "{text}");
    }

    #[test]
    fn what_is_taken_back_leaves_no_section_behind() {
        let mut settings = ApiSettings::default();
        patched(
            &mut settings,
            json!({
                "proxy": { "mode": "off" },
                "server": { "a.test": { "contact": "x" }, "b.test": {} },
            }),
        );
        let text = patched(
            &mut settings,
            json!({ "proxy": { "mode": null }, "server": { "a.test": { "contact": null } } }),
        );
        assert!(!text.contains("proxy") && !text.contains("a.test") && text.contains("b.test"), "{text}");
        assert_eq!(patched(&mut settings, json!({ "server": null })), "");
    }

    #[test]
    fn passwords_take_turns_in_two_files() {
        let mut settings = ApiSettings { state: "state".into(), ..ApiSettings::default() };
        let first = settings.set_password(true).unwrap();
        assert_eq!((settings.password(), settings.unused().len()), (Some(first.clone()), 1));
        let second = settings.set_password(true).unwrap();
        assert_eq!((settings.password(), settings.unused()), (Some(second), vec![first]));
        assert_eq!((settings.set_password(false), settings.unused().len()), (None, 2));
        assert_eq!(settings.text().unwrap().1, "");
        let own = json!({ "proxy": { "password_file": "/etc/password" } });
        patched(&mut settings, own);
        assert_eq!((settings.set_password(false), settings.password()), (None, None));
        assert!(settings.text().unwrap().1.contains("/etc/password"), "a file of others stays");
    }

    #[test]
    fn a_value_is_checked_by_itself() {
        let check = |section: &str, key: &str, value: Value| {
            check_setting(Path::new("/state"), section, key, &value).map_err(|reason| reason.to_lowercase())
        };
        for (section, key, value) in [
            ("proxy", "mode", json!("off")),
            ("proxy", "mode", json!(null)),
            ("server", "addresses", json!(["::1"])),
            ("server", "direct_ports", json!("4500-4506")),
            ("server", "direct_ports", json!(null)),
            ("policy", "tls_inspection", json!("refuse")),
        ] {
            assert_eq!(check(section, key, value), Ok(()), "{section} {key}");
        }
        for (section, key, value, word) in [
            ("proxy", "mod", json!("off"), "no such setting"),
            ("proxy", "mod", json!(null), "no such setting"),
            ("proxy", "password", json!("x"), "no such setting"),
            ("proxy", "mode", json!("always"), "always"),
            ("proxy", "wpad", json!("true"), "boolean"),
            ("proxy", "url", json!({ "a": 1 }), "string"),
            ("server", "addresses", json!([]), "empty list"),
            ("server", "https_port", json!(65_536), "65536"),
            ("server", "ca_file", json!("ca.pem"), "whole path"),
            ("other", "mode", json!("off"), "no such setting"),
        ] {
            let told = check(section, key, value).unwrap_err();
            assert!(told.contains(word), "{section} {key}: {told}");
        }
        #[cfg(unix)]
        assert!(check("proxy", "password_file", json!("/state/seats.db")).unwrap_err().contains("state"));
    }

    #[cfg(unix)]
    #[test]
    fn no_detour_leads_to_a_file_of_the_state_directory() {
        let dir = tempfile::tempdir().unwrap();
        let (state, elsewhere) = (dir.path().join("state"), dir.path().join("elsewhere"));
        for folder in [&state, &elsewhere] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("kept"), "secret").unwrap();
        }
        std::os::unix::fs::symlink(&state, dir.path().join("link")).unwrap();
        let check = |path: PathBuf| check_setting(&state, "proxy", "password_file", &json!(path));
        for path in [state.join("kept"), elsewhere.join("../state/kept"), dir.path().join("link/kept")] {
            assert!(check(path.clone()).unwrap_err().contains("state directory"), "{}", path.display());
        }
        assert_eq!(check(elsewhere.join("kept")), Ok(()));
    }
}
