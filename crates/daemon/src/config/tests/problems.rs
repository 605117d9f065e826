//! Tests of the mistakes in a configuration, and of the way in which they are told.

use super::*;

const NO_LINES: [&str; 0] = [];

fn errors(text: &str) -> Vec<String> {
    Files::new(&[("convened.toml", text)]).told().0
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_what_is_allowed() {
    for (text, told) in [
        (
            "[[server]]\nhost = \"a\"\ncontct = \"b\"",
            "DIR/convened.toml:3:1: unknown key `contct`; did you mean `contact`?",
        ),
        ("[server]\nhost = \"a\"", "DIR/convened.toml:1:1: "),
        ("[proxy\n", "DIR/convened.toml:1:"),
        ("[[server]]\nhost = \"a b\"", "DIR/convened.toml:2:1: [[server]] host: \"a b\" is no host name"),
        (
            "[[server]]\nhost = \"a\"\nhttps_port = 0",
            "DIR/convened.toml:3:1: [[server]] https_port: must be a port from 1 to 65535",
        ),
        (
            "[[server]]\nhost = \"a\"\ndirect_ports = \"4500-4600\"",
            "DIR/convened.toml:3:16: must be a port or a range of at most 16, such as 4500-4506",
        ),
        (
            "[[server]]\nhost = \"a\"\n[[server]]\nhost = \"b\"\nca_file = \"gone.pem\"",
            "DIR/convened.toml:5:1: [[server]] ca_file: DIR/gone.pem: ",
        ),
        ("[proxy]\nmode = \"always\"", "DIR/convened.toml:2:8: "),
        (
            "[proxy]\nmode = \"manual\"",
            "DIR/convened.toml:2:1: [proxy] mode: manual wants the proxy, as url = ",
        ),
        (
            "[proxy]\nurl = \"ftp://a\"",
            "DIR/convened.toml:2:1: [proxy] url: a proxy is http://, https://, socks5:// or socks4a://",
        ),
        (
            "[proxy]\nurl = \"http://a:0\"",
            "DIR/convened.toml:2:1: [proxy] url: the proxy's port is not a number",
        ),
        (
            "[proxy]\npac_url = \"/etc/proxy.pac\"",
            "DIR/convened.toml:2:1: [proxy] pac_url: must be the address of a script: http:// or https://",
        ),
        (
            "[proxy]\nuser = \"a:b\"\nurl = \"http://a\"",
            "DIR/convened.toml:2:1: [proxy] user: must hold no colon",
        ),
        ("[proxy]\npassword_file = \"gone\"", "DIR/convened.toml:2:1: [proxy] password_file: DIR/gone: "),
    ] {
        let errors = errors(text);
        assert!(matches!(errors.as_slice(), [error] if error.starts_with(told)), "{text}: {errors:?}");
    }
    assert!(errors("[server]\nhost = \"a\"")[0].contains("[[server]]"));
}

#[test]
fn every_file_that_is_wrong_is_told_at_once() {
    let files = Files::new(&[
        ("convened.toml", "[[server]]\nhost = \"a b\"\nhttps_port = 0"),
        ("convened.d/10.toml", "nonsense"),
        ("policy.toml", "[proxy]\nurl = \"http://anna:hunter2@a.test\""),
    ]);
    let (errors, _) = files.told();
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert_eq!(
        errors[3],
        "DIR/policy.toml:2:1: [proxy] url: everyone can read it here; name a password_file instead"
    );
}

#[test]
fn drop_ins_that_cannot_be_listed_are_no_defaults() {
    let files = Files::new(&[("convened.toml", ""), ("convened.d", "a file where the folder belongs")]);
    assert!(matches!(files.told().0.as_slice(), [error] if error.starts_with("DIR/convened.d: ")));
}

#[test]
fn a_file_of_certificates_holds_one() {
    use base64::Engine as _;
    let base64: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(base64).unwrap();
    let files = Files::new(&[
        ("convened.toml", "[[server]]\nhost = \"a\"\nca_file = \"ca\""),
        ("ca", "no certificate"),
    ]);
    let told = "DIR/convened.toml:3:1: [[server]] ca_file: DIR/ca: it is no certificate; it must hold";
    assert!(matches!(files.told().0.as_slice(), [error] if error.starts_with(told)), "{:?}", files.told());
    for certificates in [PEM.as_bytes(), &der] {
        std::fs::write(files.path("ca"), certificates).unwrap();
        assert_eq!(files.told().0, NO_LINES);
    }
    std::fs::write(files.path("ca"), &der[..200]).unwrap();
    assert_eq!(files.told().0.len(), 1);
}

#[test]
fn a_later_layer_mends_what_an_earlier_one_says() {
    let files = Files::new(&[
        ("convened.toml", "[proxy]\nmode = \"manual\"\n[[server]]\nhost = \"a\"\nca_file = \"gone\""),
        (
            "convened.d/10.toml",
            "[proxy]\nurl = \"http://a.test\"\n[[server]]\nhost = \"a\"\nca_file = \"../ca.pem\"",
        ),
        ("ca.pem", PEM),
    ]);
    assert_eq!(files.told(), (Vec::new(), Vec::new()));
}

#[test]
fn what_has_no_effect_is_warned_of() {
    let files = Files::new(&[("convened.toml", "[proxy]\nmode = \"off\"\npac_url = \"http://a.test/\"")]);
    assert_eq!(
        files.told(),
        (
            Vec::new(),
            vec![
                "DIR/convened.toml:3:1: [proxy] pac_url: it has no effect: scripts count in mode auto alone"
                    .to_owned()
            ]
        )
    );
}

#[cfg(unix)]
mod rights {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    fn mode(files: &Files, name: &str, mode: u32) {
        std::fs::set_permissions(files.path(name), Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_password_that_everyone_can_read_is_warned_of() {
        let files = Files::new(&[
            ("convened.toml", "[proxy]\npassword_file = \"password\"\nurl = \"http://a:b@a.test\""),
            ("password", "secret\n"),
        ]);
        mode(&files, "password", 0o600);
        mode(&files, "convened.toml", 0o600);
        assert_eq!(files.told(), (Vec::new(), Vec::new()));
        mode(&files, "password", 0o644);
        mode(&files, "convened.toml", 0o644);
        let (errors, warnings) = files.told();
        assert_eq!(errors, NO_LINES);
        assert_eq!(
            warnings,
            [
                "DIR/convened.toml:3:1: [proxy] url: it holds a password, and everyone on this machine can read this file",
                "DIR/convened.toml:2:1: [proxy] password_file: DIR/password: everyone on this machine can read it"
            ]
        );
    }

    #[test]
    fn files_that_others_can_write_are_refused() {
        let files = Files::new(&[
            (
                "convened.toml",
                "[[server]]\nhost = \"a\"\nca_file = \"ca.pem\"\n[proxy]\npassword_file = \"password\"",
            ),
            ("convened.d/10.toml", ""),
            ("policy.toml", ""),
            ("state/settings.toml", ""),
            ("ca.pem", PEM),
            ("password", "secret"),
            ("proxy.pac", "function FindProxyForURL() { return 'DIRECT' }"),
        ]);
        let script = format!("[proxy]\npac_url = \"file://{}\"", files.path("proxy.pac").display());
        std::fs::write(files.path("convened.d/10.toml"), script).unwrap();
        mode(&files, "password", 0o600);
        assert_eq!(files.told(), (Vec::new(), Vec::new()));
        for name in [
            "convened.toml",
            "convened.d",
            "convened.d/10.toml",
            "policy.toml",
            "state/settings.toml",
            "ca.pem",
            "password",
            "proxy.pac",
        ] {
            let before = std::fs::metadata(files.path(name)).unwrap().permissions();
            mode(&files, name, before.mode() | 0o002);
            let (errors, _) = files.told();
            assert!(
                !errors.is_empty() && errors.iter().all(|error| error.contains("(chmod ")),
                "{name}: {errors:?}"
            );
            std::fs::set_permissions(files.path(name), before).unwrap();
        }
        // The daemon's own group may write, as its members may change settings.
        mode(&files, "policy.toml", 0o664);
        assert_eq!(files.told().0, NO_LINES);
    }

    #[test]
    fn files_of_strangers_are_refused() {
        if !nix::unistd::geteuid().is_root() {
            return eprintln!("skipped: only root can give a file away");
        }
        let files = Files::new(&[("convened.toml", ""), ("convened.d/10.toml", "")]);
        for name in ["convened.toml", "convened.d/10.toml"] {
            chown(files.path(name), Some(12_345), None).unwrap();
            let (errors, _) = files.told();
            assert!(matches!(errors.as_slice(), [error] if error.contains("uid:12345")), "{errors:?}");
            chown(files.path(name), Some(0), None).unwrap();
        }
        mode(&files, "convened.d/10.toml", 0o660);
        chown(files.path("convened.d/10.toml"), None, Some(12_345)).unwrap();
        assert!(matches!(files.told().0.as_slice(), [error] if error.contains("(chmod ")));
    }
}
