//! The list of settings, packaging/policies/settings.toml, against what is read.

use super::*;

#[derive(Deserialize)]
struct List {
    section: Vec<ListedSection>,
}

#[derive(Deserialize)]
struct ListedSection {
    key: String,
    #[serde(default)]
    repeated: bool,
    setting: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    key: String,
    kind: String,
    registry: String,
    example: String,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    value: String,
}

fn list() -> List {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/policies/settings.toml");
    convene_toml_file::load(Path::new(path)).unwrap()
}

/// Every key that is set, with its value. Anyone who adds a field to the configuration has to add
/// it here.
fn set(config: &Config) -> BTreeMap<String, String> {
    let Config { server, proxy, policy } = config;
    let mut set = BTreeMap::new();
    let mut add = |key: &str, value: Option<String>| {
        set.extend(value.map(|value| (key.to_owned(), value)));
    };
    for Server { host, direct_ports, https_port, addresses, ca_file, contact } in server {
        add("server.host", Some(host.clone()));
        add("server.direct_ports", direct_ports.map(|ports| ports.to_string()));
        add("server.https_port", https_port.map(|port| port.to_string()));
        add("server.addresses", (!addresses.is_empty()).then(|| format!("{addresses:?}")));
        add("server.ca_file", ca_file.as_ref().map(|file| file.display().to_string()));
        add("server.contact", contact.clone());
    }
    let Proxy { mode, url, user, password_file, pac_url, wpad } = proxy;
    add("proxy.mode", mode.map(|mode| format!("{mode:?}")));
    add("proxy.url", url.clone());
    add("proxy.user", user.clone());
    add("proxy.password_file", password_file.as_ref().map(|file| file.display().to_string()));
    add("proxy.pac_url", pac_url.clone());
    add("proxy.wpad", wpad.map(|wpad| wpad.to_string()));
    let Policy { tls_inspection } = policy;
    add("policy.tls_inspection", tls_inspection.map(|inspection| format!("{inspection:?}")));
    set
}

/// The forms in which the registry may hold a value that stands in a file as `toml`.
fn in_registry(kind: &str, toml: &str) -> Vec<RegistryValue> {
    let text = |text: &str| RegistryValue::Text(text.to_owned());
    match kind {
        "text" | "choice" => vec![text(toml.trim_matches('"'))],
        "list" => vec![text(&toml.replace(['[', ']', '"'], ""))],
        "number" => vec![text(toml), RegistryValue::Number(toml.parse().unwrap())],
        "switch" => vec![text(toml), RegistryValue::Number(u32::from(toml == "true"))],
        other => panic!("{other} is no kind"),
    }
}

/// A file and the registry, each with the server's name and this value.
fn both(section: &ListedSection, setting: &Listed, toml: &str) -> Vec<BTreeMap<String, String>> {
    let host = "conference.example.org";
    let heading = if section.repeated {
        format!("[[{}]]\nhost = \"{host}\"", section.key)
    } else {
        format!("[{}]", section.key)
    };
    let line = if setting.key == "host" { String::new() } else { format!("{} = {toml}", setting.key) };
    let of_file: Config = convene_toml_file::parse(Path::new("x"), &format!("{heading}\n{line}")).unwrap();
    let mut read = vec![set(&of_file)];
    for value in in_registry(&setting.kind, toml) {
        let mut values = vec![(setting.registry.to_uppercase(), value)];
        if section.repeated && setting.key != "host" {
            values.push(("ServerHost".to_owned(), RegistryValue::Text(host.to_owned())));
        }
        let (config, problems) = registry::config("KEY", &values);
        assert_eq!(problems, []);
        read.push(set(&config));
    }
    read
}

#[test]
fn each_listed_setting_is_read_from_files_and_from_the_registry_and_no_other_is_there() {
    let mut read = BTreeSet::new();
    for section in &list().section {
        for setting in &section.setting {
            let choices = setting.choices.iter().map(|choice| format!("\"{}\"", choice.value));
            for toml in choices.chain([setting.example.clone()]) {
                let found = both(section, setting, &toml);
                let key = format!("{}.{}", section.key, setting.key);
                let value =
                    found[0].get(&key).unwrap_or_else(|| panic!("{key} = {toml} is not read")).clone();
                assert!(found.iter().all(|other| *other == found[0]), "{found:?}");
                read.insert((key, value));
            }
        }
    }
    let keys: BTreeSet<&str> = read.iter().map(|(key, _)| key.as_str()).collect();
    let known = Config {
        server: vec![Server {
            host: "a".to_owned(),
            direct_ports: Some(PortRange::DEFAULT),
            https_port: Some(1),
            addresses: vec![[127, 0, 0, 1].into()],
            ca_file: Some("a".into()),
            contact: Some("a".to_owned()),
        }],
        proxy: serde_json::from_value(json!({
            "mode": "off", "url": "a", "user": "a", "password_file": "a", "pac_url": "a", "wpad": true
        }))
        .unwrap(),
        policy: Policy { tls_inspection: Some(Inspection::Allow) },
    };
    assert_eq!(keys, set(&known).keys().map(String::as_str).collect());
}

#[test]
fn what_the_registry_holds_and_is_no_setting_is_told_with_its_place() {
    let text = |text: &str| RegistryValue::Text(text.to_owned());
    for (name, value, place, what) in [
        ("ProxyMode", text("always"), r"HKLM\KEY\ProxyMode", "unknown variant `always`"),
        ("ProxyMode", RegistryValue::Number(1), r"HKLM\KEY\ProxyMode", "must be a text (REG_SZ)"),
        ("ProxyWpad", RegistryValue::Number(2), r"HKLM\KEY\ProxyWpad", "must be 1 or 0"),
        ("ServerHttpsPort", text("443"), r"HKLM\KEY\ServerHttpsPort", "ServerHost"),
        ("ProxyUrl", RegistryValue::Other, r"HKLM\KEY\ProxyUrl", "must be a text"),
    ] {
        let (config, problems) = registry::config("KEY", &[(name.to_owned(), value)]);
        assert_eq!(set(&config), BTreeMap::new());
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.place == place && problem.what.contains(what), "{problem}");
    }
    let empty = [("ProxyUrl".to_owned(), text(" "))];
    assert_eq!(registry::config("KEY", &empty).1, []);
    let unknown =
        registry::unknown("KEY", &[("ProxyURI".to_owned(), text("a")), ("PROXYURL".to_owned(), text("a"))]);
    assert_eq!(
        unknown.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [r"HKLM\KEY: ProxyURI: this version knows no such setting"]
    );
}
