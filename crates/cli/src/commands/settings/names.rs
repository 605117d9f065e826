//! Names of settings as people type them, and their values.

use serde_json::{Map, Value};

/// The section in which each name holds a host and a port.
const SERVER: &str = "server";
/// All sections.
const SECTIONS: [&str; 4] = ["own", "policy", "proxy", SERVER];

/// The parts of a name, such as `server`, `conference.example.org:443` and `contact`; `None` where
/// there is no such section.
pub(super) fn path(name: &str) -> Option<Vec<&str>> {
    let (section, rest) = name.split_once('.').map_or((name, None), |(section, rest)| (section, Some(rest)));
    if !SECTIONS.contains(&section) {
        return None;
    }
    let Some(rest) = rest else { return Some(vec![section]) };
    // The name of a server holds dots, and ends with a port.
    Some(match rest.rsplit_once('.').filter(|(_, key)| section == SERVER && !key.contains(':')) {
        Some((server, key)) => vec![section, server, key],
        None => vec![section, rest],
    })
}

/// A merge patch that gives the setting at this path this value.
pub(super) fn patch(path: &[&str], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, part| Value::Object(Map::from_iter([((*part).to_owned(), inner)])))
}

/// A value as it is typed. One of another kind than the setting's is told by the daemon.
pub(super) fn value(name: &str, text: &str) -> Value {
    let words = || text.split([',', ' ']).filter(|word| !word.is_empty());
    match name.rsplit('.').next().unwrap_or(name) {
        "https_port" => text.parse::<u32>().map_or_else(|_| text.into(), Value::from),
        "wpad" | "tell_access" => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
        "addresses" | "proxies" | "exceptions" => words().collect(),
        "proxy" if text == "none" => Value::Null,
        "proxy" => patch(&["proxies"], words().collect()),
        _ => text.into(),
    }
}

/// Whether the value is an address, which may hold a login.
pub(super) fn is_address(name: &str) -> bool {
    let key = name.rsplit('.').next().unwrap_or(name);
    ["proxies", "proxy", "pac_url", "url"].contains(&key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_has_its_parts() {
        for (name, parts) in [
            ("proxy.mode", Some(vec!["proxy", "mode"])),
            ("proxy", Some(vec!["proxy"])),
            ("own.tell_access", Some(vec!["own", "tell_access"])),
            ("own.proxy.wpad", Some(vec!["own", "proxy.wpad"])),
            ("server.a.test:443.contact", Some(vec!["server", "a.test:443", "contact"])),
            ("server.a.test:443", Some(vec!["server", "a.test:443"])),
            ("server.[::1]:443.contact", Some(vec!["server", "[::1]:443", "contact"])),
            ("proxies.mode", None),
            ("", None),
        ] {
            assert_eq!(path(name), parts, "{name}");
        }
        let deep = patch(&["server", "a.test:443", "contact"], Value::Null);
        assert_eq!(deep, json!({ "server": { "a.test:443": { "contact": null } } }));
    }

    #[test]
    fn a_value_has_the_kind_of_its_setting() {
        for (name, text, read) in [
            ("proxy.mode", "off", json!("off")),
            ("proxy.wpad", "true", json!(true)),
            ("proxy.wpad", "yes", json!("yes")),
            ("own.tell_access", "false", json!(false)),
            ("server.a.test:443.https_port", "8443", json!(8443)),
            ("server.a.test:443.addresses", "192.0.2.7, ::1", json!(["192.0.2.7", "::1"])),
            ("server.a.test:443.contact", "443", json!("443")),
            ("own.proxy", "http://a.test:1", json!({ "proxies": ["http://a.test:1"] })),
            ("own.proxy", "none", json!(null)),
        ] {
            assert_eq!(value(name, text), read, "{name}");
        }
    }
}
