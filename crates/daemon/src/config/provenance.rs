//! The place that each value comes from, and the values that it hides.

use std::collections::BTreeMap;
use std::path::Path;

use convene_local_api::{HiddenSetting, ProxySource, Setting, SettingSource, SettingSourceKind};
use convene_model::bracketed;
use convene_uplink::Inspection;
use serde_json::{Value, json};

use super::layers::{Layer, SERVER};
use super::login::{holds_password, without_password};
use super::{Config, Mode, Policy, Proxy, Server};
use crate::proxies::{Script, script_address};

/// The port of a server that the configuration names without one.
pub(crate) const HTTPS_PORT: u16 = 443;

/// By key.
type Section = BTreeMap<String, Setting>;

/// Every setting of the machine, with its place and the values that it hides, as administrators see
/// them. It holds no password.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MachineSettings {
    pub(crate) proxy: Section,
    pub(crate) policy: Section,
    /// By `HOST:PORT`.
    pub(crate) server: BTreeMap<String, Section>,
}

/// The places that count beside the layers.
pub(super) struct Outside<'a> {
    /// The proxies of the environment and of the system, best first.
    pub(super) proxies: Vec<&'a ProxySource>,
    /// The password that the service manager hands over.
    pub(super) credential: Option<&'a Path>,
}

/// A value, and the place that names it.
struct Named {
    value: Value,
    from: SettingSource,
}

impl MachineSettings {
    /// Those that these layers make together, the highest of which stands last.
    pub(super) fn of(layers: &[Layer], merged: &Config, outside: &Outside<'_>) -> Self {
        Self {
            proxy: proxy(layers, merged, outside),
            policy: section(layers, "policy", |config| of_policy(&config.policy)),
            server: merged.server.iter().map(|known| (name(known), server(layers, &known.host))).collect(),
        }
    }

    /// As those see them who may not change them: the address of a script may hold a key that is
    /// meant for the machine alone.
    pub(crate) fn for_everyone(mut self) -> Self {
        if let Some(Setting { value, hidden, .. }) = self.proxy.get_mut("pac_url") {
            for value in std::iter::once(value).chain(hidden.iter_mut().map(|one| &mut one.value)) {
                if let Some(url) = value.as_str() {
                    *value = Script::At(url.to_owned()).shown().into();
                }
            }
        }
        self
    }

    /// The settings of a server by its host: its name, and its section.
    pub(crate) fn server(&self, host: &str) -> Option<(&str, &Section)> {
        let found = self.server.iter().find(|(name, _)| named_server(name).is_some_and(|(of, _)| of == host));
        found.map(|(name, section)| (name.as_str(), section))
    }
}

/// The host and the port of a server that is named `HOST:PORT`.
pub(crate) fn named_server(name: &str) -> Option<(String, u16)> {
    let (host, port) = name.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|port| *port > 0)?;
    // An address in brackets may hold colons; one without them has no port behind it.
    let is_clear = host.starts_with('[') || !host.contains(':');
    Some((convene_model::normal_host(host).filter(|_| is_clear)?, port))
}

/// The keys of a section, whether a place sets them or not; none of one that is not known.
pub(crate) fn keys(section: &str) -> Vec<&'static str> {
    match section {
        "proxy" => of_proxy(&Proxy::default()).map(|(key, _)| key).to_vec(),
        "policy" => of_policy(&Policy::default()).map(|(key, _)| key).to_vec(),
        SERVER => of_server(&Server::default()).map(|(key, _)| key).to_vec(),
        _ => Vec::new(),
    }
}

fn name(server: &Server) -> String {
    format!("{}:{}", bracketed(&server.host), server.https_port.unwrap_or(HTTPS_PORT))
}

/// Anyone who adds a field to the configuration has to add it here.
fn of_proxy(proxy: &Proxy) -> [(&'static str, Option<Value>); 6] {
    let Proxy { mode, url, user, password_file, pac_url, wpad } = proxy;
    [
        ("mode", mode.map(|mode| word_of_mode(mode).into())),
        ("url", url.as_deref().map(|url| without_password(url).into())),
        ("user", user.clone().map(Value::from)),
        ("password_file", password_file.as_deref().map(shown)),
        ("pac_url", pac_url.as_deref().map(script)),
        ("wpad", wpad.map(Value::from)),
    ]
}

fn of_policy(policy: &Policy) -> [(&'static str, Option<Value>); 1] {
    let Policy { tls_inspection } = policy;
    [("tls_inspection", tls_inspection.map(|inspection| word_of_inspection(inspection).into()))]
}

fn of_server(server: &Server) -> [(&'static str, Option<Value>); 6] {
    let Server { host, direct_ports, https_port, addresses, ca_file, contact } = server;
    [
        ("host", Some(host.clone().into())),
        ("direct_ports", direct_ports.map(|ports| ports.to_string().into())),
        ("https_port", https_port.map(Value::from)),
        ("addresses", (!addresses.is_empty()).then(|| json!(addresses))),
        ("ca_file", ca_file.as_deref().map(shown)),
        ("contact", contact.clone().map(Value::from)),
    ]
}

/// The value that holds where no place says anything.
fn default_of(section: &str, key: &str) -> Value {
    match (section, key) {
        ("proxy", "mode") => word_of_mode(Mode::default()).into(),
        ("proxy", "wpad") => false.into(),
        ("policy", "tls_inspection") => word_of_inspection(Inspection::Notify).into(),
        _ => Value::Null,
    }
}

const fn word_of_mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Auto => "auto",
        Mode::Off => "off",
        Mode::Manual => "manual",
    }
}

const fn word_of_inspection(inspection: Inspection) -> &'static str {
    match inspection {
        Inspection::Allow => "allow",
        Inspection::Notify => "notify",
        Inspection::Refuse => "refuse",
    }
}

fn shown(path: &Path) -> Value {
    path.display().to_string().into()
}

/// The address of a script; one that may hold a login as it is shown everywhere.
fn script(url: &str) -> Value {
    script_address(url).into()
}

/// A section that stands once in a file.
fn section<const N: usize>(
    layers: &[Layer],
    name: &str,
    values: impl Fn(&Config) -> [(&'static str, Option<Value>); N],
) -> Section {
    let setting = |key: &'static str| {
        let named = layers.iter().rev().filter_map(|layer| {
            let value = values(&layer.config).into_iter().find(|(known, _)| *known == key)?.1?;
            Some(Named { value, from: source(layer, &[name, key]) })
        });
        (key.to_owned(), ranked(named.collect(), default_of(name, key)))
    };
    values(&Config::default()).into_iter().map(|(key, _)| setting(key)).collect()
}

fn server(layers: &[Layer], host: &str) -> Section {
    let setting = |key: &'static str| {
        let named = layers.iter().rev().filter_map(|layer| {
            let sections = layer.config.server.iter().enumerate().rev();
            let (number, value) =
                sections.filter(|(_, server)| server.host == host).find_map(|(number, server)| {
                    let value = of_server(server).into_iter().find(|(known, _)| *known == key)?.1?;
                    Some((number, value))
                })?;
            Some(Named { value, from: source(layer, &[SERVER, &number.to_string(), key]) })
        });
        (key.to_owned(), ranked(named.collect(), default_of(SERVER, key)))
    };
    keys(SERVER).into_iter().map(setting).collect()
}

fn proxy(layers: &[Layer], merged: &Config, outside: &Outside<'_>) -> Section {
    let mut shown = section(layers, "proxy", |config| of_proxy(&config.proxy));
    let counts = merged.proxy.mode.unwrap_or_default() == Mode::Auto;
    for place in &outside.proxies {
        let url = place.proxies.first().map(|url| without_password(url).into());
        let pac_url = place.pac_url.as_deref().map(script);
        let wpad = place.wpad.then_some(Value::Bool(true));
        for (key, value) in [("url", url), ("pac_url", pac_url), ("wpad", wpad)] {
            if let (Some(setting), Some(value)) = (shown.get_mut(key), value) {
                let from = SettingSource { kind: SettingSourceKind::System, place: Some(place.name.clone()) };
                add_outside(setting, Named { value, from }, counts);
            }
        }
    }
    shown.insert("password".to_owned(), password(layers, merged, outside.credential));
    shown
}

/// The system's proxies come after a configured one and do not hide it, nor it them, unless the
/// mode keeps them out.
fn add_outside(setting: &mut Setting, Named { value, from }: Named, counts: bool) {
    if !counts {
        setting.hidden.push(HiddenSetting { value, from });
    } else if setting.from.kind == SettingSourceKind::Default {
        (setting.value, setting.from) = (value, from);
    }
}

/// Whether there is a password, from which of the places that may hold one: a file wins over what
/// the service manager hands over, and both over the address.
fn password(layers: &[Layer], merged: &Config, credential: Option<&Path>) -> Setting {
    let at = |layer: &Layer, key| Named { value: true.into(), from: source(layer, &["proxy", key]) };
    let files = layers.iter().rev().filter(|layer| layer.config.proxy.password_file.is_some());
    let mut named: Vec<Named> = files.map(|layer| at(layer, "password_file")).collect();
    let credential = credential.filter(|_| merged.proxy.user.is_some());
    named.extend(credential.map(|file| {
        let place = Some(file.display().to_string());
        Named { value: true.into(), from: SettingSource { kind: SettingSourceKind::System, place } }
    }));
    let url = layers.iter().rfind(|layer| layer.config.proxy.url.is_some());
    let holds = |layer: &&Layer| layer.config.proxy.url.as_deref().is_some_and(holds_password);
    named.extend(url.filter(holds).map(|layer| at(layer, "url")));
    Setting { secret: true, ..ranked(named, Value::Null) }
}

fn source(layer: &Layer, keys: &[&str]) -> SettingSource {
    SettingSource { kind: layer.kind, place: Some(layer.origin.place(keys)) }
}

/// Of these, the best first, the first one counts.
fn ranked(named: Vec<Named>, default: Value) -> Setting {
    let mut named = named.into_iter();
    let nothing = SettingSource { kind: SettingSourceKind::Default, place: None };
    let first = named.next().unwrap_or(Named { value: default, from: nothing });
    Setting {
        managed: first.from.kind == SettingSourceKind::Policy,
        value: first.value,
        from: first.from,
        secret: false,
        hidden: named.map(|Named { value, from }| HiddenSetting { value, from }).collect(),
    }
}
