//! Settings as the registry of Windows holds them: one value for each, by the names of
//! packaging/policies/settings.toml. It names one server, because gpedit and installers know no
//! lists of sections.

use serde_json::{Value, json};

use super::layers::{SERVER, shown};
use super::{Config, Problem};
use crate::os::RegistryValue;

/// One setting: its value's name, its section and key, and what it is.
#[derive(Debug)]
struct Setting {
    name: &'static str,
    section: &'static str,
    key: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// Texts with blanks or commas between them.
    List,
    Number,
    Switch,
}

const SETTINGS: [Setting; 13] = [
    setting("ServerHost", SERVER, "host", Kind::Text),
    setting("ServerDirectPorts", SERVER, "direct_ports", Kind::Text),
    setting("ServerHttpsPort", SERVER, "https_port", Kind::Number),
    setting("ServerAddresses", SERVER, "addresses", Kind::List),
    setting("ServerCaFile", SERVER, "ca_file", Kind::Text),
    setting("ServerContact", SERVER, "contact", Kind::Text),
    setting("ProxyMode", "proxy", "mode", Kind::Text),
    setting("ProxyUrl", "proxy", "url", Kind::Text),
    setting("ProxyUser", "proxy", "user", Kind::Text),
    setting("ProxyPasswordFile", "proxy", "password_file", Kind::Text),
    setting("ProxyPacUrl", "proxy", "pac_url", Kind::Text),
    setting("ProxyWpad", "proxy", "wpad", Kind::Switch),
    setting("TlsInspection", "policy", "tls_inspection", Kind::Text),
];

const fn setting(name: &'static str, section: &'static str, key: &'static str, kind: Kind) -> Setting {
    Setting { name, section, key, kind }
}

/// The place of a setting below a key of the registry; of `[]` that key.
pub(super) fn place(key: &str, keys: &[&str]) -> String {
    let is_it =
        |setting: &&Setting| keys.first() == Some(&setting.section) && keys.last() == Some(&setting.key);
    let name = SETTINGS.iter().find(is_it).map(|setting| format!("\\{}", setting.name));
    format!("HKLM\\{key}{}", name.unwrap_or_default())
}

/// The configuration that the values below a key make, and the problems of those that are wrong. An
/// empty text says nothing: installers and gpedit write it for a field that was left empty.
pub(super) fn config(key: &str, values: &[(String, RegistryValue)]) -> (Config, Vec<Problem>) {
    let (mut config, mut problems) = (Config::default(), Vec::new());
    let mut host = None;
    for setting in &SETTINGS {
        let value = values.iter().find(|(name, _)| name.eq_ignore_ascii_case(setting.name));
        let Some((_, value)) = value.filter(|(_, value)| !value.is_empty()) else { continue };
        let problem = |what: String| {
            let keys = [setting.section, setting.key];
            Problem { place: place(key, &keys), key: shown(&keys), setting: Vec::new(), what }
        };
        let taken = json(setting.kind, value).and_then(|value| {
            if setting.key == "host" {
                host = Some(value.clone());
            }
            one(setting, host.as_ref(), value)
        });
        match taken {
            Ok(one) => config.merge(one),
            Err(what) => problems.push(problem(what)),
        }
    }
    (config, problems)
}

/// One problem for each value that stands beside the settings and is none of them.
pub(super) fn unknown(key: &str, values: &[(String, RegistryValue)]) -> Vec<Problem> {
    let is_known = |name: &str| SETTINGS.iter().any(|setting| setting.name.eq_ignore_ascii_case(name));
    let unknown = values.iter().map(|(name, _)| name).filter(|name| !name.is_empty() && !is_known(name));
    unknown
        .map(|name| Problem {
            place: place(key, &[]),
            key: name.escape_debug().to_string(),
            setting: Vec::new(),
            what: "this version knows no such setting".to_owned(),
        })
        .collect()
}

/// A configuration that holds this value alone.
fn one(setting: &Setting, host: Option<&Value>, value: Value) -> Result<Config, String> {
    let section = match (setting.section, host) {
        (SERVER, Some(host)) => json!([{ "host": host, setting.key: value }]),
        (SERVER, None) => {
            return Err("it counts for the server that ServerHost names, and that is not set".to_owned());
        }
        (_, _) => json!({ setting.key: value }),
    };
    serde_json::from_value(json!({ setting.section: section })).map_err(|error| error.to_string())
}

fn json(kind: Kind, value: &RegistryValue) -> Result<Value, String> {
    match (kind, value) {
        (Kind::Text, RegistryValue::Text(text)) => Ok(text.trim().into()),
        (Kind::List, RegistryValue::Text(text)) => {
            let words = text.split([' ', ',', ';']).filter(|word| !word.is_empty());
            Ok(words.collect::<Vec<_>>().into())
        }
        (Kind::Number, RegistryValue::Number(number)) => Ok((*number).into()),
        (Kind::Number, RegistryValue::Text(text)) => {
            text.trim().parse::<u32>().map(Value::from).map_err(|_| "must be a number".to_owned())
        }
        (Kind::Switch, RegistryValue::Number(number @ (0 | 1))) => Ok((*number == 1).into()),
        (Kind::Switch, RegistryValue::Text(text)) => match text.trim() {
            "1" | "true" => Ok(true.into()),
            "0" | "false" => Ok(false.into()),
            _ => Err("must be 1 or 0".to_owned()),
        },
        (Kind::Switch, _) => Err("must be 1 or 0 (REG_DWORD)".to_owned()),
        (Kind::Number, _) => Err("must be a number (REG_DWORD) or a text (REG_SZ)".to_owned()),
        (Kind::Text | Kind::List, _) => Err("must be a text (REG_SZ)".to_owned()),
    }
}
