//! A patch as a frontend sends it, taken apart.

use std::collections::BTreeMap;
use std::path::Path;

use convene_model::Secret;
use serde_json::{Map, Value};

use super::PatchError;
use super::own::OwnPatch;
use crate::config::{HTTPS_PORT, MachineSettings, check_setting, named_server, split_login};

/// The sections of the machine, and the one of the user.
const PROXY: &str = "proxy";
const POLICY: &str = "policy";
const SERVER: &str = "server";
const OWN: &str = "own";

/// Bytes of a password: more than anybody types.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// A change, taken apart.
#[derive(Default)]
pub(super) struct Patch {
    /// Of the machine: `proxy`, `policy` and `server`, the last by host. No password stands in it.
    pub(super) machine: Map<String, Value>,
    pub(super) password: PasswordPatch,
    pub(super) own: OwnPatch,
    /// By host, how the patch names its servers.
    names: BTreeMap<String, String>,
}

/// The change of the password at the proxy.
#[derive(Default)]
pub(super) enum PasswordPatch {
    #[default]
    Leave,
    TakeBack,
    Set(Secret),
}

/// A setting that is to change, and its value; null takes it back.
struct Leaf<'a> {
    section: &'a str,
    host: Option<&'a str>,
    key: &'a str,
    value: &'a Value,
}

impl Patch {
    /// Takes a patch apart, for settings that are as `known`.
    pub(super) fn read(patch: &Value, known: &MachineSettings) -> Result<Self, PatchError> {
        let sections = patch.as_object().ok_or(PatchError::Malformed("a patch is an object"))?;
        let mut read = Self::default();
        for (section, value) in sections {
            match section.as_str() {
                PROXY => read.proxy(value)?,
                POLICY => read.insert(POLICY, value.clone())?,
                SERVER => read.servers(value, known)?,
                OWN => read.own = OwnPatch::read(value)?,
                _ => return Err(PatchError::invalid(section, "there are: proxy, policy, server, own")),
            }
        }
        Ok(read)
    }

    /// Whether something is to change that counts for the machine.
    pub(super) fn is_for_machine(&self) -> bool {
        !self.machine.is_empty() || !matches!(self.password, PasswordPatch::Leave)
    }

    /// Checks each value by itself: whether there is such a setting, whether a policy fixes it, and
    /// whether it can have that value.
    pub(super) fn check(&self, known: &MachineSettings, state: &Path) -> Result<(), PatchError> {
        for Leaf { section, host, key, value } in self.leaves() {
            let setting = self.name(section, host, key, known);
            // A value that is hidden anyway may be taken back.
            if !value.is_null() && is_managed(known, section, host, key) {
                return Err(PatchError::Fixed { setting });
            }
            check_setting(state, section, key, value)
                .map_err(|reason| PatchError::Invalid { setting, reason })?;
        }
        if matches!(self.password, PasswordPatch::Set(_)) && is_managed(known, PROXY, None, "password") {
            return Err(PatchError::Fixed { setting: "proxy.password".to_owned() });
        }
        Ok(())
    }

    /// A setting as frontends name it, by its section, its host where it is a server's, and its
    /// key.
    pub(super) fn name_of(&self, setting: &[String], known: &MachineSettings) -> String {
        match setting {
            [section, host, key] => self.name(section, Some(host), key, known),
            others => others.join("."),
        }
    }

    /// The settings that are to change, without their values.
    pub(super) fn names(&self, known: &MachineSettings) -> Vec<String> {
        let name = |leaf: &Leaf<'_>| self.name(leaf.section, leaf.host, leaf.key, known);
        let password = (!matches!(self.password, PasswordPatch::Leave)).then(|| "proxy.password".to_owned());
        self.leaves().iter().map(name).chain(password).collect()
    }

    fn name(&self, section: &str, host: Option<&str>, key: &str, known: &MachineSettings) -> String {
        let Some(host) = host else { return format!("{section}.{key}") };
        let named = self.names.get(host).map(String::as_str);
        let named = named.or_else(|| known.server(host).map(|(name, _)| name));
        format!("{section}.{}.{key}", named.unwrap_or(host))
    }

    fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        for (section, values) in &self.machine {
            for (name, value) in values.as_object().into_iter().flatten() {
                if section == SERVER {
                    let values = value.as_object().into_iter().flatten();
                    leaves.extend(values.map(|(key, value)| Leaf { section, host: Some(name), key, value }));
                } else {
                    leaves.push(Leaf { section, host: None, key: name, value });
                }
            }
        }
        leaves
    }

    fn insert(&mut self, section: &str, value: Value) -> Result<(), PatchError> {
        if !value.is_object() && !value.is_null() {
            return Err(PatchError::invalid(section, "must be an object, or null"));
        }
        self.machine.insert(section.to_owned(), value);
        Ok(())
    }

    /// A password that is given, by itself or in the address, goes a way of its own.
    fn proxy(&mut self, value: &Value) -> Result<(), PatchError> {
        let mut value = value.clone();
        if let Some(proxy) = value.as_object_mut() {
            match proxy.remove("password") {
                None => {}
                Some(Value::Null) => self.password = PasswordPatch::TakeBack,
                Some(Value::String(password)) => self.set_password(Secret::new(password))?,
                Some(_) => return Err(PatchError::invalid("proxy.password", "must be a text")),
            }
            let url = proxy.get("url").and_then(Value::as_str).map(str::trim).map(str::to_owned);
            let malformed = |error: convene_dial::ProxyUrlError| PatchError::Proxy {
                setting: "proxy.url".to_owned(),
                reason: error.to_string(),
            };
            let split = url.map(|url| split_login(&url)).transpose().map_err(malformed)?.flatten();
            if let Some((address, login)) = split {
                proxy.insert("url".to_owned(), address.into());
                proxy.entry("user").or_insert_with(|| login.user.into());
                if matches!(self.password, PasswordPatch::Leave) {
                    self.set_password(login.password)?;
                }
            }
            let names_file = proxy.get("password_file").is_some_and(Value::is_string);
            if names_file && matches!(self.password, PasswordPatch::Set(_)) {
                let reason = "a password is given, too, which is kept in a file of its own";
                return Err(PatchError::invalid("proxy.password_file", reason));
            }
            if proxy.is_empty() {
                return Ok(());
            }
        }
        self.insert(PROXY, value)
    }

    fn set_password(&mut self, password: Secret) -> Result<(), PatchError> {
        let is_line = !password.reveal().contains(['\n', '\r', '\0']);
        if !is_line || password.reveal().len() > PASSWORD_BYTES_MAX {
            let reason = format!("must be one line of at most {PASSWORD_BYTES_MAX} bytes");
            return Err(PatchError::Invalid { setting: "proxy.password".to_owned(), reason });
        }
        self.password = PasswordPatch::Set(password);
        Ok(())
    }

    /// Servers are named `HOST:PORT`, and kept by their host.
    fn servers(&mut self, value: &Value, known: &MachineSettings) -> Result<(), PatchError> {
        let Some(servers) = value.as_object() else { return self.insert(SERVER, value.clone()) };
        let mut by_host = Map::new();
        for (name, value) in servers {
            let setting = format!("{SERVER}.{name}");
            let Some((host, port)) = named_server(name) else {
                let reason = "a server is named HOST:PORT, such as conference.example.org:443";
                return Err(PatchError::invalid(&setting, reason));
            };
            let before = known.server(&host);
            if let Some((before, _)) = before
                && named_server(before).is_some_and(|(_, other)| other != port)
            {
                let reason = format!("the server of this host is {before}");
                return Err(PatchError::Invalid { setting, reason });
            }
            let mut value = value.clone();
            if !value.is_null() {
                let Some(section) = value.as_object_mut() else {
                    return Err(PatchError::invalid(&setting, "must be an object, or null"));
                };
                if section.contains_key("host") {
                    let reason = "the name of its server says it";
                    return Err(PatchError::invalid(&format!("{setting}.host"), reason));
                }
                if before.is_none() && port != HTTPS_PORT {
                    section.entry("https_port").or_insert_with(|| port.into());
                }
            }
            self.names.insert(host.clone(), name.clone());
            if by_host.insert(host, value).is_some() {
                return Err(PatchError::invalid(&setting, "this server is named twice"));
            }
        }
        self.insert(SERVER, Value::Object(by_host))
    }
}

/// Whether a policy fixes it.
fn is_managed(known: &MachineSettings, section: &str, host: Option<&str>, key: &str) -> bool {
    let section = match (section, host) {
        (POLICY, _) => Some(&known.policy),
        (SERVER, Some(host)) => known.server(host).map(|(_, section)| section),
        _ => Some(&known.proxy),
    };
    section.and_then(|section| section.get(key)).is_some_and(|setting| setting.managed)
}
