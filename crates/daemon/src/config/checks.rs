//! Checks of values: first the values of one layer by themselves, then those of all layers
//! together.

use std::path::Path;

use convene_dial::{Authorities, ProxyList};
use convene_model::Secret;
use convene_toml_file::read_plain;

use super::layers::{Layer, Layers, Origin};
use super::login::holds_password;
use super::{ConfigError, Mode, Problem, Proxy, Server};
use crate::os::{self, paths};
use crate::proxies::script_file;

/// Bytes of a password file: a password and a line's end.
const PASSWORD_BYTES_MAX: u64 = 4 * 1024;
/// Whether a script may lie in a file: where the system itself evaluates scripts, it fetches them
/// too, and reads no files.
const FILES_ARE_SCRIPTS: bool = os::EVALUATE_SCRIPT.is_none();
/// Bytes of a file of certificates: the bundles of systems have a quarter of it.
const CERTIFICATES_BYTES_MAX: u64 = 1024 * 1024;

impl Layer {
    /// Brings hosts and files into the form in which they are compared and opened, and says what
    /// cannot be meant.
    pub(super) fn normalize(&mut self, base: &Path) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (number, server) in self.config.server.iter().enumerate() {
            let number = number.to_string();
            if convene_model::normal_host(&server.host).is_none() {
                let what =
                    format!("{:?} is no host name or address, such as conference.example.org", server.host);
                problems.push(self.problem(&["server", &number, "host"], what));
            }
            if server.https_port == Some(0) {
                let what = "must be a port from 1 to 65535, such as 443";
                problems.push(self.problem(&["server", &number, "https_port"], what));
            }
        }
        for server in &mut self.config.server {
            if let Some(host) = convene_model::normal_host(&server.host) {
                server.host = host;
            }
            server.ca_file = server.ca_file.take().map(|file| base.join(file));
        }
        let Proxy { url, pac_url, password_file, .. } = &mut self.config.proxy;
        *password_file = password_file.take().map(|file| base.join(file));
        let (url, pac_url) = (url.clone(), pac_url.clone());
        if let Some(Err(error)) = url.as_ref().map(|url| ProxyList::new(std::slice::from_ref(url), &[])) {
            problems.push(self.problem(&["proxy", "url"], error.to_string()));
        }
        if url.is_some_and(|url| holds_password(&url)) && self.is_for_everyone() {
            let what = "everyone can read it here; name a password_file instead";
            problems.push(self.problem(&["proxy", "url"], what));
        }
        if pac_url.is_some_and(|url| !is_address(&url)) {
            let file = if FILES_ARE_SCRIPTS { ", or file:/// and its path" } else { "" };
            let what = format!("must be the address of a script: http:// or https://{file}");
            problems.push(self.problem(&["proxy", "pac_url"], what));
        }
        problems
    }

    /// Policies are there for all to see, and the registry can be read by every user.
    fn is_for_everyone(&self) -> bool {
        self.is_policy() || matches!(self.origin, Origin::Registry(_))
    }
}

impl Layers {
    /// The setting by which a policy forbids users to name proxies.
    pub(super) fn fixed(&self) -> Option<&'static str> {
        let fixed = |proxy: &Proxy| match proxy {
            Proxy { url: Some(_), .. } => Some("[proxy] url"),
            Proxy { pac_url: Some(_), .. } => Some("[proxy] pac_url"),
            Proxy { mode: Some(_), .. } => Some("[proxy] mode"),
            _ => None,
        };
        self.layers.iter().filter(|layer| layer.is_policy()).find_map(|layer| fixed(&layer.config.proxy))
    }

    /// Checks what only all layers together can tell, and reads the password: where a user is named
    /// and no file, that of the service's `credential`.
    pub(super) fn check(&mut self, credential: Option<&Path>) -> Option<Secret> {
        let merged = self.merged();
        let mut found = Findings::default();
        for server in &merged.server {
            self.check_certificates(server, &mut found);
        }
        let proxy = &merged.proxy;
        if proxy.mode == Some(Mode::Manual) && proxy.url.is_none() {
            let what = "manual wants the proxy, as url = \"http://proxy.example.org:3128\"; off uses none";
            found.errors.extend(self.of_proxy("mode", |proxy| proxy.mode.is_some(), what));
        }
        if proxy.pac_url.is_some() && !matches!(proxy.mode, None | Some(Mode::Auto)) {
            let what = "it has no effect: scripts count in mode auto alone";
            found.warnings.extend(self.of_proxy("pac_url", |proxy| proxy.pac_url.is_some(), what));
        }
        if let Some(file) = proxy.pac_url.as_deref().and_then(script_file)
            && file.exists()
            && let Err(error) = paths::verify_configuration(&file)
        {
            let what = error.to_string();
            found.errors.extend(self.of_proxy("pac_url", |proxy| proxy.pac_url.is_some(), &what));
        }
        if proxy.user.as_ref().is_some_and(|user| user.contains(':')) {
            let what = "must hold no colon: logins at proxies (Basic) cannot carry it";
            found.errors.extend(self.of_proxy("user", |proxy| proxy.user.is_some(), what));
        }
        self.check_exposed(&mut found);
        let password = match (&proxy.password_file, &proxy.user, credential) {
            (Some(file), ..) => self.password(file, "password_file", &mut found),
            (None, Some(_), Some(file)) => self.password(file, "user", &mut found),
            _ => None,
        };
        self.errors.extend(found.errors.into_iter().map(ConfigError::Value));
        self.warnings.extend(found.warnings);
        password
    }

    /// A password in a file that everyone can read.
    fn check_exposed(&self, found: &mut Findings) {
        for layer in &self.layers {
            let Origin::File(file) = &layer.origin else { continue };
            let Proxy { url, pac_url, .. } = &layer.config.proxy;
            for (key, url) in [("url", url), ("pac_url", pac_url)] {
                let holds = url.as_deref().is_some_and(holds_password);
                if holds && paths::is_open_to_all(file.path()) {
                    let what = "it holds a password, and everyone on this machine can read this file";
                    found.warnings.push(layer.problem(&["proxy", key], what));
                }
            }
        }
    }

    fn check_certificates(&self, server: &Server, found: &mut Findings) {
        let Some(file) = &server.ca_file else { return };
        let shown = file.display();
        let what = match read_certificates(file) {
            Err(error) => {
                format!("{shown}: {error}; it must hold one or more certificates (PEM), or one (DER)")
            }
            Ok(bytes) => match (Authorities::read(&bytes), paths::verify_configuration(file)) {
                (Ok(_), Ok(())) => return,
                (Err(error), _) => format!("{shown}: {error}"),
                (_, Err(error)) => error.to_string(),
            },
        };
        let sets = |layer: &&Layer| self.number(layer, &server.host).is_some();
        let Some(layer) = self.layers.iter().rfind(sets) else { return };
        let number = self.number(layer, &server.host).unwrap_or_default().to_string();
        found.errors.push(layer.problem(&["server", &number, "ca_file"], what));
    }

    /// Which of a layer's servers names certificates for this host.
    fn number(&self, layer: &Layer, host: &str) -> Option<usize> {
        layer.config.server.iter().rposition(|server| server.host == host && server.ca_file.is_some())
    }

    /// Something about a key of `[proxy]`, where the layer stands whose value counts.
    fn of_proxy(&self, key: &str, is_set: impl Fn(&Proxy) -> bool, what: &str) -> Option<Problem> {
        let layer = self.layers.iter().rfind(|layer| is_set(&layer.config.proxy))?;
        Some(layer.problem(&["proxy", key], what))
    }

    /// The first line of the file, which others should not be able to read. `key` is by which it is
    /// asked for.
    fn password(&self, file: &Path, key: &str, found: &mut Findings) -> Option<Secret> {
        let of_file = |what: &str| {
            let is_set = |proxy: &Proxy| match key {
                "user" => proxy.user.is_some(),
                _ => proxy.password_file.is_some(),
            };
            self.of_proxy(key, is_set, &format!("{}: {what}", file.display()))
        };
        let bytes = match read(file, PASSWORD_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => {
                found.errors.extend(of_file(&error.to_string()));
                return None;
            }
        };
        let is_kept = file.parent() == Some(&*self.state);
        let verified = if is_kept { paths::verify_kept(file) } else { paths::verify_configuration(file) };
        if let Err(error) = verified {
            found.errors.extend(of_file(&error.reason.to_string()));
        }
        if paths::is_open_to_all(file) {
            found.warnings.extend(of_file("everyone on this machine can read it"));
        }
        match first_line(bytes) {
            Ok(password) => Some(Secret::new(password)),
            Err(what) => {
                found.errors.extend(of_file(what));
                None
            }
        }
    }
}

#[derive(Debug, Default)]
struct Findings {
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// Reads a file of certificates.
///
/// # Errors
/// When it cannot be read, or is longer than any.
pub(crate) fn read_certificates(path: &Path) -> std::io::Result<Vec<u8>> {
    read(path, CERTIFICATES_BYTES_MAX)
}

fn read(path: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    read_plain(path, bytes_max).map_err(|error| {
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            return std::io::Error::other(format!(
                "{error}; the account of this service has to be able to read it"
            ));
        }
        error
    })
}

/// The first line of a text, without the mark of its encoding that some editors put in front; or
/// what is wrong with it. Text in UTF-16 has zeros, with a mark or without.
fn first_line(bytes: Vec<u8>) -> Result<String, &'static str> {
    const UTF_16: &str = "it is text in UTF-16; save it in UTF-8";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(UTF_16);
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn is_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.trim().split_once("://") else { return false };
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => !rest.is_empty(),
        "file" => FILES_ARE_SCRIPTS && script_file(url).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_of_the_encoding_is_no_part_of_a_password() {
        let read = |bytes: &[u8]| first_line(bytes.to_vec());
        assert_eq!(read(b"secret\r\nmore").as_deref(), Ok("secret"));
        assert_eq!(read(b"\xef\xbb\xbfsecret\n").as_deref(), Ok("secret"));
        assert_eq!(read(b"\xef\xbb\xbf").as_deref(), Ok(""));
        for utf_16 in [&b"\xff\xfes\0e\0"[..], b"\xfe\xff\0s\0e", b"s\0e\0", b"\0s\0e"] {
            assert!(read(utf_16).is_err_and(|what| what.contains("UTF-16")), "{utf_16:?}");
        }
        assert!(read(b"caf\xe9").is_err_and(|what| what.contains("UTF-8")));
    }
}
