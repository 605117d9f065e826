//! Tests of the place that each value comes from, and of the values that it hides.

use convene_local_api::{Setting, SettingSourceKind as Kind};

use super::*;

impl Files {
    fn settings(&self) -> MachineSettings {
        self.read().unwrap().settings
    }

    /// `DIR/…`, as a place in one of the files.
    fn told_place(&self, place: Option<&str>) -> String {
        let folder = self.0.path().join("");
        place.unwrap_or_default().replace(&*folder.to_string_lossy(), "DIR/").replace('\\', "/")
    }

    /// The value, its place, and what it hides.
    fn told_setting(&self, setting: &Setting) -> (String, Vec<String>) {
        let told = |value: &serde_json::Value, kind: Kind, place: Option<&str>| {
            format!("{value} {kind:?} {}", self.told_place(place)).trim_end().to_owned()
        };
        let hidden = setting.hidden.iter();
        (
            told(&setting.value, setting.from.kind, setting.from.place.as_deref()),
            hidden.map(|one| told(&one.value, one.from.kind, one.from.place.as_deref())).collect(),
        )
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn without_a_file_there_are_defaults_and_what_the_environment_says() {
    let files = Files::new(&[("convened.toml", "")]);
    let settings = files.settings();
    for (key, value) in [
        ("mode", "\"auto\" Default"),
        ("url", "\"http://environment.test:1\" System environment"),
        ("user", "null Default"),
        ("password_file", "null Default"),
        ("password", "null Default"),
        ("pac_url", "null Default"),
        ("wpad", "false Default"),
    ] {
        assert_eq!(files.told_setting(&settings.proxy[key]), (value.to_owned(), Vec::new()), "{key}");
    }
    assert_eq!(settings.proxy.len(), 7);
    assert_eq!(files.told_setting(&settings.policy["tls_inspection"]).0, "\"notify\" Default");
    assert!(settings.server.is_empty());
}

#[test]
fn a_value_hides_those_of_lower_places_and_names_its_line() {
    let files = |policy| {
        Files::new(&[
            ("convened.toml", "[proxy]\nmode = \"auto\"\nurl = \"http://a.test:1\""),
            ("convened.d/10.toml", "[proxy]\nmode = \"off\""),
            ("convened.d/20.toml", "[proxy]\n\nmode = \"auto\""),
            ("state/settings.toml", "[proxy]\nmode = \"manual\""),
            ("policy.toml", policy),
        ])
    };
    let free = files("");
    let settings = free.settings();
    let hidden = [
        "\"auto\" DropIn DIR/convened.d/20.toml:3:1",
        "\"off\" DropIn DIR/convened.d/10.toml:2:1",
        "\"auto\" File DIR/convened.toml:2:1",
    ];
    assert_eq!(
        free.told_setting(&settings.proxy["mode"]),
        ("\"manual\" Api DIR/state/settings.toml:2:1".to_owned(), texts(&hidden))
    );
    assert!(!settings.proxy["mode"].managed);
    assert_eq!(
        free.told_setting(&settings.proxy["url"]),
        (
            "\"http://a.test:1\" File DIR/convened.toml:3:1".to_owned(),
            texts(&["\"http://environment.test:1\" System environment"])
        ),
        "in this mode the environment does not count"
    );
    let fixed = files("[proxy]\nmode = \"off\"");
    let settings = fixed.settings();
    assert!(settings.proxy["mode"].managed && !settings.proxy["url"].managed);
    let (value, below) = fixed.told_setting(&settings.proxy["mode"]);
    assert_eq!(value, "\"off\" Policy DIR/policy.toml:2:1");
    assert_eq!(below.len(), 4);
}

#[test]
fn servers_are_named_by_host_and_port_and_each_key_has_its_own_place() {
    let files = Files::new(&[
        (
            "convened.toml",
            "[[server]]\nhost = \"b.test\"\n\
             [[server]]\nhost = \"A.test\"\nhttps_port = 8443\ncontact = \"x\"",
        ),
        (
            "state/settings.toml",
            "[[server]]\nhost = \"::1\"\n\
             [[server]]\nhost = \"a.test\"\ncontact = \"y\"\naddresses = [\"192.0.2.7\"]",
        ),
    ]);
    let settings = files.settings();
    let names: Vec<&str> = settings.server.keys().map(String::as_str).collect();
    assert_eq!(names, ["[::1]:443", "a.test:8443", "b.test:443"]);
    let server = &settings.server["a.test:8443"];
    assert_eq!(
        files.told_setting(&server["contact"]),
        ("\"y\" Api DIR/state/settings.toml:5:1".to_owned(), texts(&["\"x\" File DIR/convened.toml:6:1"]))
    );
    assert_eq!(files.told_setting(&server["https_port"]).0, "8443 File DIR/convened.toml:5:1");
    assert_eq!(files.told_setting(&server["addresses"]).0, "[\"192.0.2.7\"] Api DIR/state/settings.toml:6:1");
    assert_eq!(files.told_setting(&server["ca_file"]).0, "null Default");
    assert_eq!(server.len(), 6);
    assert_eq!(settings.server("::1").map(|(name, _)| name), Some("[::1]:443"));
}

#[test]
fn a_password_is_told_of_and_not_told() {
    let inline = Files::new(&[("convened.toml", "[proxy]\nurl = \"http://anna:hunter2@a.test:1\"")]);
    let settings = inline.settings();
    assert_eq!(
        inline.told_setting(&settings.proxy["url"]).0,
        "\"http://anna@a.test:1\" File DIR/convened.toml:2:1"
    );
    assert_eq!(
        inline.told_setting(&settings.proxy["password"]),
        ("true File DIR/convened.toml:2:1".to_owned(), Vec::new())
    );
    let both = Files::new(&[
        ("convened.toml", "[proxy]\nurl = \"http://anna:hunter2@a.test:1\""),
        ("policy.toml", "[proxy]\npassword_file = \"kept\""),
        ("kept", "hunter3"),
    ]);
    let settings = both.settings();
    let password = &settings.proxy["password"];
    assert!(password.managed && password.secret);
    assert_eq!(
        both.told_setting(password),
        ("true Policy DIR/policy.toml:2:1".to_owned(), texts(&["true File DIR/convened.toml:2:1"]))
    );
    assert!(!format!("{settings:?}").contains("hunter"));
}

#[test]
fn everyone_is_shown_where_a_script_is_and_administrators_all_but_its_login() {
    let files = Files::new(&[
        ("convened.toml", "[proxy]\npac_url = \"http://anna:hunter2@a.test/proxy.pac?key=1\""),
        ("convened.d/10.toml", "[proxy]\npac_url = \"http://anna:hun/ter3@b.test/proxy.pac\""),
        ("convened.d/20.toml", "[proxy]\npac_url = \"http://c.test/proxy.pac?key=2\""),
    ]);
    let settings = files.settings();
    let told = |settings: &MachineSettings| {
        let (value, hidden) = files.told_setting(&settings.proxy["pac_url"]);
        let url = |told: String| told.split_once(' ').map_or_else(String::new, |(url, _)| url.to_owned());
        std::iter::once(value).chain(hidden).map(url).collect::<Vec<_>>()
    };
    let login = ["\"script\"", "\"http://a.test/proxy.pac\""];
    assert_eq!(told(&settings), [&["\"http://c.test/proxy.pac?key=2\""][..], &login[..]].concat());
    assert!(!settings.proxy["pac_url"].secret);
    let settings = settings.for_everyone();
    assert_eq!(told(&settings), [&["\"http://c.test/proxy.pac\""][..], &login[..]].concat());
}

#[test]
fn names_of_servers_are_read() {
    for (name, read) in [
        ("a.test:443", Some(("a.test", 443))),
        ("A.Test:8443", Some(("a.test", 8443))),
        ("[::1]:443", Some(("::1", 443))),
        ("192.0.2.7:1", Some(("192.0.2.7", 1))),
        ("a.test", None),
        ("a.test:0", None),
        ("a.test:65536", None),
        ("::1:443", None),
        ("a b:443", None),
        (":443", None),
    ] {
        let read = read.map(|(host, port)| (host.to_owned(), port));
        assert_eq!(named_server(name), read, "{name}");
    }
}
