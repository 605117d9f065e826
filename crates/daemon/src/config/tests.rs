use super::*;

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

    fn load(&self) -> Result<Config, String> {
        let load = Config::load(&self.0.path().join("convened.toml"), true);
        load.map_err(|error| error.to_string().replace(&*self.0.path().to_string_lossy(), "DIR"))
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
    ]);
    let config = files.load().unwrap();
    let server = config.server("conference.example.org").unwrap();
    assert_eq!(server.ca_file.as_deref(), Some(files.0.path().join("company-ca.pem").as_path()));
    let proxies = config.proxies(&BTreeMap::new(), Vec::new()).unwrap();
    let candidates = proxies.settings.candidates("conference.example.org", 443);
    let [(address, Some(login))] = candidates.as_slice() else { panic!("one proxy with a login") };
    assert_eq!((address.to_string().as_str(), login.user.as_str()), ("proxy.example.org:3128", "anna"));
    let script = Script::At("http://proxy.example.org/proxy.pac".to_owned());
    assert_eq!(proxies.scripts, BTreeSet::from([script]));
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
    let config = files.load().unwrap();
    let server = config.server("a.example.org").unwrap();
    assert_eq!((server.https_port, server.contact.as_deref()), (Some(3), Some("first")));
    assert!(config.server("b.example.org").is_some());
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let error = |text: &str| Files::new(&[("convened.toml", text)]).load().err().unwrap_or_default();
    assert_eq!(
        error("[[server]]\nhost = \"a\"\ncontct = \"b\""),
        "DIR/convened.toml:3:1: unknown key `contct`; did you mean `contact`?"
    );
    assert!(error("[proxy\n").starts_with("DIR/convened.toml:1:"));
    assert!(error("[[server]]\nhost = \"a b\"").contains("[[server]] host: \"a b\" is no host name"));
    assert!(error("[proxy]\nmode = \"always\"").contains("convened.toml:2:"));
    let missing = Files::new(&[("convened.toml", "[proxy]\npassword_file = \"gone\"")]).load().unwrap();
    let refused = missing.proxies(&BTreeMap::new(), Vec::new()).err().unwrap().to_string();
    assert!(refused.starts_with("[proxy] password_file = ") && refused.contains("gone"), "{refused}");
}

#[test]
fn sections_of_one_host_in_one_file_are_one_server() {
    let text = "[[server]]\nhost = \"a.example.org\"\ncontact = \"first\"\n\
                [[server]]\nhost = \"A.example.org\"\nhttps_port = 2";
    let config = Files::new(&[("convened.toml", text)]).load().unwrap();
    let server = config.server("a.example.org").unwrap();
    assert_eq!((server.https_port, server.contact.as_deref()), (Some(2), Some("first")));
    assert_eq!(config.server.len(), 1);
}

#[test]
fn drop_ins_that_cannot_be_listed_are_no_defaults() {
    let files = Files::new(&[("convened.toml", ""), ("convened.d", "a file where the folder belongs")]);
    assert!(files.load().unwrap_err().starts_with("DIR/convened.d: "));
}

#[test]
fn secrets_are_in_no_error_and_no_debug() {
    let url = "http://anna:hunter2@proxy.example.org";
    for text in [
        format!("[proxy]\nurl = {url}"),
        format!("[proxy]\nurl = \"{url}"),
        format!("[proxy]\nurl = [\"{url}\"]"),
        format!("[proxy]\nurl = \"a\"\nurl = \"{url}\""),
        "[proxy]\npassword = \"hunter2\"".to_owned(),
    ] {
        let error = Files::new(&[("convened.toml", &text)]).load().unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
    let config = Files::new(&[("convened.toml", &format!("[proxy]\nurl = \"{url}\""))]).load().unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!format!("{:?}", config.proxies(&BTreeMap::new(), Vec::new())).contains("hunter2"));
}

#[test]
fn without_a_file_defaults_hold() {
    let config = Config::load(Path::new("/nonexistent/convened.toml"), false).unwrap();
    assert!(config.server.is_empty());
    assert!(Config::load(Path::new("/nonexistent/convened.toml"), true).is_err());
}
