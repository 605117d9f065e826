use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use convene_dial::candidates;
use convene_model::Secret;
use serde_json::json;

use super::*;
use crate::os::RegistryValue;
use crate::proxies::Script;

mod list;
mod naming;
mod problems;
mod provenance;

/// The certificate of an authority that nobody has the key of.
const PEM: &str = include_str!("tests/ca.pem");

struct Files(tempfile::TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self) -> Result<Reading, Unusable> {
        let path = self.path("convened.toml");
        let environment =
            BTreeMap::from([("https_proxy".to_owned(), "http://environment.test:1".to_owned())]);
        ConfigSource { path, named: true, state: self.path("state"), environment }.read()
    }

    fn config(&self) -> Config {
        self.read().unwrap().config
    }

    /// The errors and the warnings, one line for each, with `DIR/` in place of the folder.
    fn told(&self) -> (Vec<String>, Vec<String>) {
        let (errors, warnings) = match self.read() {
            Ok(Reading { warnings, .. }) => (Vec::new(), warnings),
            Err(Unusable { errors, warnings }) => {
                (errors.iter().map(ToString::to_string).collect(), warnings)
            }
        };
        let folder = self.0.path().join("");
        let short = |text: String| text.replace(&*folder.to_string_lossy(), "DIR/");
        let warnings = warnings.iter().map(|warning| short(warning.to_string())).collect();
        (errors.into_iter().map(short).collect(), warnings)
    }
}

#[test]
fn every_documented_key_is_taken() {
    let files = Files::new(&[
        (
            "convened.toml",
            r#"
            [[server]]
            host         = "Conference.example.org"
            direct_ports = "4500-4506"
            https_port   = 443
            addresses    = ["192.0.2.7"]
            ca_file      = "company-ca.pem"
            contact      = "help@example.org"
            [proxy]
            mode          = "auto"
            url           = "http://proxy.example.org:3128"
            user          = "anna"
            password_file = "proxy-password"
            pac_url       = "http://proxy.example.org/proxy.pac"
            wpad          = false
            [policy]
            tls_inspection = "notify"
            "#,
        ),
        ("proxy-password", "secret\n"),
        ("company-ca.pem", PEM),
    ]);
    let Reading { config, proxies, files: read, .. } = files.read().unwrap();
    let server = config.server("conference.example.org").unwrap();
    assert_eq!(server.ca_file.as_deref(), Some(files.path("company-ca.pem").as_path()));
    let found = candidates(&proxies.named, "conference.example.org", 443);
    let (address, login) = found.first().unwrap();
    let login = login.as_ref().unwrap();
    assert_eq!((address.to_string().as_str(), login.user.as_str()), ("proxy.example.org:3128", "anna"));
    assert_eq!(login.password, Secret::new("secret"));
    let script = Script::At("http://proxy.example.org/proxy.pac".to_owned());
    assert_eq!(proxies.scripts, BTreeSet::from([script]));
    assert_eq!(read, [files.path("convened.toml")]);
}

#[test]
fn drop_ins_win_by_the_order_of_their_names() {
    let files = Files::new(&[
        ("convened.toml", "[[server]]\nhost = \"a.example.org\"\nhttps_port = 1\ncontact = \"first\""),
        ("convened.d/20.toml", "[[server]]\nhost = \"a.example.org\"\nhttps_port = 3"),
        (
            "convened.d/10.toml",
            "[[server]]\nhost = \"a.example.org\"\nhttps_port = 2\n[[server]]\nhost = \"b.example.org\"",
        ),
        ("convened.d/notes.txt", "nothing"),
    ]);
    let Reading { config, files: read, .. } = files.read().unwrap();
    let server = config.server("a.example.org").unwrap();
    assert_eq!((server.https_port, server.contact.as_deref()), (Some(3), Some("first")));
    assert!(config.server("b.example.org").is_some());
    assert_eq!(
        read,
        ["convened.toml", "convened.d/10.toml", "convened.d/20.toml"].map(|name| files.path(name))
    );
}

#[test]
fn a_policy_wins_over_file_and_drop_ins_and_says_what_it_fixes() {
    let files = |policy| {
        Files::new(&[
            ("convened.toml", "[proxy]\nurl = \"http://a.test:1\"\n[policy]\ntls_inspection = \"allow\""),
            ("convened.d/99.toml", "[proxy]\nuser = \"anna\""),
            ("policy.toml", policy),
        ])
    };
    let rules = files("[policy]\ntls_inspection = \"refuse\"").read().unwrap();
    assert_eq!((rules.config.policy.tls_inspection, rules.proxies.fixed), (Some(Inspection::Refuse), None));
    for (policy, fixed, first) in [
        ("[proxy]\nurl = \"http://b.test:2\"", "[proxy] url", Some("b.test:2")),
        ("[proxy]\nmode = \"manual\"", "[proxy] mode", Some("a.test:1")),
        ("[proxy]\nmode = \"off\"", "[proxy] mode", None),
        ("[proxy]\npac_url = \"http://c.test/\"", "[proxy] pac_url", Some("a.test:1")),
    ] {
        let Reading { proxies, .. } = files(policy).read().unwrap();
        assert_eq!(proxies.fixed, Some(fixed), "{policy}");
        let found = candidates(&proxies.named, "conference.test", 443);
        assert_eq!(found.first().map(|(proxy, _)| proxy.to_string()).as_deref(), first, "{policy}");
    }
    assert_eq!(files("").read().unwrap().proxies.fixed, None);
}

#[test]
fn what_was_set_through_the_api_wins_over_drop_ins_and_a_policy_over_it() {
    let files = |policy| {
        Files::new(&[
            ("convened.toml", "[[server]]\nhost = \"a.test\"\ncontact = \"first\"\nhttps_port = 1"),
            ("convened.d/99.toml", "[proxy]\nurl = \"http://drop-in.test:1\"\nuser = \"bob\""),
            (
                "state/settings.toml",
                "[proxy]\nurl = \"http://api.test:1\"\npassword_file = \"kept\"\n\
                 [[server]]\nhost = \"a.test\"\ncontact = \"second\"",
            ),
            ("state/kept", "of the state directory"),
            ("policy.toml", policy),
        ])
    };
    let first = |files: &Files| {
        let found = candidates(&files.read().unwrap().proxies.named, "conference.test", 443);
        let (proxy, login) = found.into_iter().next().unwrap();
        (proxy.to_string(), login.unwrap())
    };
    let set = files("");
    let (proxy, login) = first(&set);
    assert_eq!((proxy.as_str(), login.user.as_str()), ("api.test:1", "bob"));
    assert_eq!(login.password, Secret::new("of the state directory"), "its files lie beside it");
    let config = set.config();
    let server = config.server("a.test").unwrap();
    assert_eq!((server.contact.as_deref(), server.https_port), (Some("second"), Some(1)));
    assert!(set.read().unwrap().files.contains(&set.path("state/settings.toml")));
    assert_eq!(first(&files("[proxy]\nurl = \"http://policy.test:1\"")).0, "policy.test:1");
}

#[test]
fn sections_of_one_host_in_one_file_are_one_server() {
    let text = "[[server]]\nhost = \"a.example.org\"\ncontact = \"first\"\n\
                [[server]]\nhost = \"A.example.org\"\nhttps_port = 2";
    let config = Files::new(&[("convened.toml", text)]).config();
    let server = config.server("a.example.org").unwrap();
    assert_eq!((server.https_port, server.contact.as_deref()), (Some(2), Some("first")));
    assert_eq!(config.server.len(), 1);
}

#[test]
fn secrets_are_in_no_error_and_no_debug() {
    let url = "http://anna:hunter2@proxy.example.org";
    for text in [
        format!("[proxy]\nurl = {url}"),
        format!("[proxy]\nurl = \"{url}"),
        format!("[proxy]\nurl = [\"{url}\"]"),
        format!("[proxy]\nurl = \"a\"\nurl = \"{url}\""),
        format!("[proxy]\nurl = \"ftp{url}\""),
        "[proxy]\npassword = \"hunter2\"".to_owned(),
    ] {
        let error = Files::new(&[("convened.toml", &text)]).read().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let reading = Files::new(&[("convened.toml", &format!("[proxy]\nurl = \"{url}\""))]).read().unwrap();
    assert!(!format!("{reading:?}").contains("hunter2"));
}

#[test]
fn without_a_file_defaults_hold() {
    let path = PathBuf::from("/nonexistent/convened.toml");
    let state = PathBuf::from("/nonexistent/state");
    let source = |named| {
        let (path, state) = (path.clone(), state.clone());
        ConfigSource { path, named, state, environment: BTreeMap::new() }
    };
    assert!(source(false).read().unwrap().config.server.is_empty());
    assert!(source(true).read().is_err());
}

#[test]
fn the_service_managers_credential_is_the_password_where_a_user_and_no_file_is_named() {
    let password = |configuration: &str| {
        let files = Files::new(&[
            ("convened.toml", configuration),
            ("credentials/proxy-password", "of the manager\n"),
            ("password", "of the file\n"),
        ]);
        let folder = files.path("credentials").to_string_lossy().into_owned();
        let environment = BTreeMap::from([("CREDENTIALS_DIRECTORY".to_owned(), folder)]);
        let (path, state) = (files.path("convened.toml"), files.path("state"));
        let source = ConfigSource { path, named: true, state, environment };
        let proxies = source.read().unwrap().proxies;
        let login = candidates(&proxies.named, "a.test", 443).into_iter().next().and_then(|(_, login)| login);
        login.map(|login| login.password.reveal().to_owned())
    };
    let with = |rest: &str| password(&format!("[proxy]\nurl = \"http://proxy.test:1\"\n{rest}"));
    assert_eq!(with("user = \"anna\"").as_deref(), Some("of the manager"));
    assert_eq!(with("user = \"anna\"\npassword_file = \"password\"").as_deref(), Some("of the file"));
    assert_eq!(with(""), None);
}
