//! A daemon and a server of which one is too old for the other.

use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use convene_dial::{Authorities, DialSettings, Dialer, Trust};
use convene_model::{Carrier, Fingerprint, JoinCode, JoinLink, PortRange, Rung};
use convene_reach::{Route, Target};
use convene_tests_system::{Place, until};
use native_tls::{Identity, TlsAcceptor};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio_tungstenite::tungstenite;

/// A server on this port that gives this answer to every hello; the link that leads to it.
fn server_that_answers(port: u16, answer: &'static str) -> String {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name").self_signed(&key);
    let certificate = certificate.expect("a certificate").pem();
    let identity = Identity::from_pkcs8(certificate.as_bytes(), key.serialize_pem().as_bytes());
    let acceptor = TlsAcceptor::new(identity.expect("they belong together")).expect("TLS");
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // What looks for another carrier, or goes away, is of no interest here.
            let Ok(stream) = acceptor.accept(stream) else { continue };
            let Ok(mut pipe) = tungstenite::accept(stream) else { continue };
            if pipe.read().is_ok_and(|hello| hello.is_text()) {
                drop(pipe.send(answer.into()));
                while pipe.read().is_ok() {}
            }
        }
    });
    let fingerprint = Fingerprint(Sha256::digest(key.subject_public_key_info()).into());
    let (host, code) = ("localhost".to_owned(), JoinCode([7; 16]));
    let ports = PortRange::new(port, port).expect("one port");
    let fingerprint = Some(fingerprint);
    JoinLink { host, https_port: port, code, fingerprint, ports }.to_string()
}

fn told(place: &Place, arguments: &[&str]) -> String {
    let output = place.convene("one", arguments);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// The remedies of all attempts that failed for their version.
fn remedies(text: &str) -> Vec<Value> {
    let shown: Value = serde_json::from_str(text).expect("JSON");
    let attempts = shown["attempts"].as_array().expect("a list");
    let of_version = attempts.iter().filter(|attempt| attempt["code"] == "version_unsupported");
    of_version.map(|attempt| attempt["remedy"].clone()).collect()
}

/// What people and programs are told at a server that refuses our version with this answer.
async fn which_side(answer: &'static str, remedy: &str, words: [&str; 2]) {
    let place = Place::new();
    let link = server_that_answers(place.port(), answer);
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let joining = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "5", "--json"]);
    assert_eq!(joining.status.code(), Some(4), "it may become good: {joining:?}");
    for command in ["status", "check"] {
        let wait: &[&str] = if command == "check" { &["--wait", "2"] } else { &[] };
        let shown = told(&place, &[&[command, "--json"], wait].concat());
        let named = remedies(&shown);
        assert!(!named.is_empty() && named.iter().all(|named| named == remedy), "{command}: {shown}");
        let shown = told(&place, &[&[command], wait].concat());
        assert!(shown.contains("version_unsupported") && shown.contains(words[0]), "{command}: {shown}");
    }
    let listed: Value = serde_json::from_str(&told(&place, &["list", "--json"])).expect("one seat");
    assert_eq!((&listed["remedy"], &listed["state"]), (&remedy.into(), &"joining".into()));
    assert!(told(&place, &["list"]).contains(words[0]), "{}", told(&place, &["list"]));
    let letter = told(&place, &["check", "--letter", "--wait", "2"]);
    assert!(letter.contains(words[1]), "{letter}");
}

#[tokio::test]
async fn at_an_earlier_server_the_server_is_to_be_updated() {
    // A server of version 1 names no versions.
    let words = ["has to be updated by whoever runs it", "The server has to be updated"];
    which_side(r#"{"refused":{"code":"version_unsupported"}}"#, "update_server", words).await;
}

#[tokio::test]
async fn at_a_later_server_this_machine_is_to_be_updated() {
    let words = ["update Convene as it was installed", "Please update Convene on this machine"];
    let answer = r#"{"refused":{"code":"version_unsupported","versions":[3]}}"#;
    which_side(answer, "update_program", words).await;
}

#[tokio::test]
async fn a_daemon_of_another_version_is_refused_with_the_versions_that_would_do() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let link: JoinLink = place.create().1.parse().unwrap();
    let settings = DialSettings {
        trust: Trust::Fingerprint(link.fingerprint.unwrap()),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: Arc::default(),
        whose: String::new(),
        tickets: None,
        allow_local: true,
    };
    let dialer = Dialer::new(settings).unwrap();
    let target = Target { host: link.host, port: link.https_port };
    for (carrier, versions) in [(Carrier::Websocket, "[1]"), (Carrier::Poll, "[3]")] {
        let route = Route { rung: Rung::Https, target: target.clone(), carrier, proxy: None };
        let mut pipe = dialer.open_watched(&route, &mut |_| {}).await.unwrap();
        let hello = format!(r#"{{"hello":{{"versions":{versions},"program":"convened"}}}}"#);
        pipe.sender.send([hello]).await.unwrap();
        let refused = pipe.receiver.next().await.unwrap().unwrap().to_string();
        assert_eq!(refused, r#"{"refused":{"code":"version_unsupported","versions":[2]}}"#);
        assert!(pipe.receiver.next().await.is_none_or(|end| end.is_err()), "the pipe ends");
    }
}
