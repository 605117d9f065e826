//! `convene-server` as a service: what it says of its configuration, how it takes a new one, and
//! what it does without a port.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Command, Output};
use std::time::SystemTime;

use convene_tests_system::{PATIENCE, Place, Program, Signal, run, until};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// A company's authority.
struct Authority(Issuer<'static, KeyPair>);

impl Authority {
    /// Its certificate lies in the place as `ca.pem`.
    fn new(place: &Place) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate can be signed");
        place.write("ca.pem", &certificate.pem());
        Self(Issuer::new(params, key))
    }

    /// A new certificate with a new key, in `chain.pem` and `key.pem`.
    fn certify(&self, place: &Place, name: &str) {
        let key = KeyPair::generate().expect("a key can be made");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let leaf = params.signed_by(&key, &self.0).expect("a certificate can be signed");
        place.write("chain.pem", &leaf.pem());
        let path = place.write("key.pem", &key.serialize_pem());
        fs::set_permissions(path, fs::Permissions::from_mode(0o640)).expect("rights can be set");
    }
}

const TLS: &str = "[tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\n";

/// A configuration that listens on the ranges and ports that are given as offsets from the place's
/// first port.
fn listening(place: &Place, ports: &[&[u16]]) -> String {
    let entry = |ports: &&[u16]| {
        let ports: Vec<_> = ports.iter().map(|port| (place.port() + port).to_string()).collect();
        format!("\"127.0.0.1:{}\"", ports.join("-"))
    };
    let entries: Vec<_> = ports.iter().map(entry).collect();
    format!("name = \"localhost\"\nlisten = [{}]\n", entries.join(", "))
}

/// The beginning of the answer to a browser, on a connection that begins with these bytes.
fn answered(port: u16, head: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(head).ok()?;
    let connector = native_tls::TlsConnector::builder().danger_accept_invalid_certs(true).build().ok()?;
    let mut stream = connector.connect("localhost", stream).ok()?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// The certificate that a new connection sees.
fn shown(port: u16) -> Option<Vec<u8>> {
    let connector = native_tls::TlsConnector::builder().danger_accept_invalid_certs(true).build().ok()?;
    let stream = connector.connect("localhost", TcpStream::connect(("127.0.0.1", port)).ok()?).ok()?;
    stream.peer_certificate().ok()??.to_der().ok()
}

fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

async fn logged(program: &Program, words: &str, times: usize) {
    until(words, || (program.logged().matches(words).count() >= times).then_some(())).await;
}

fn once(command: &[std::ffi::OsString], more: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = run(Command::new(&command[0]).args(&command[1..]).args(more));
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

/// Since when this daemon's connection stands.
fn connected_since(place: &Place, daemon: &str) -> Option<String> {
    let status = place.convene(daemon, &["status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).ok()?;
    (status["state"] == "connected").then(|| status["since"].as_str().map(str::to_owned))?
}

#[track_caller]
fn assert_said(place: &Place, daemon: &str, conference: &str, text: &str) {
    let said = place.convene(daemon, &["say", conference, text, "--json"]);
    let shown = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(shown.contains("\"accepted\""), "{shown}{}", String::from_utf8_lossy(&said.stderr));
}

#[tokio::test]
async fn a_new_certificate_is_taken_while_daemons_are_connected() {
    let place = Place::new();
    let authority = Authority::new(&place);
    authority.certify(&place, "localhost");
    let server = place.configured_server(&format!("{}{TLS}", listening(&place, &[&[0, 3], &[4]])));
    logged(&server, "started", 1).await;
    let (conference, link) = place.create();
    assert!(!link.contains("fp="), "{link}");
    // Where TLS is inspected, as an end point that the server does not know looks, there would be
    // no connection.
    place.write(
        "convened.toml",
        "[[server]]\nhost = \"localhost\"\nca_file = \"ca.pem\"\n[policy]\ntls_inspection = \"refuse\"\n",
    );
    let conference = conference.to_string();
    let join = |daemon: &str| {
        let joined = place.convene(daemon, &["join", &link, "--name", daemon]);
        assert_eq!(joined.status.code(), Some(0), "{joined:?}");
    };
    let one = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    join("one");
    let since = until("the connection", || connected_since(&place, "one")).await;
    let before = shown(place.port()).unwrap();
    authority.certify(&place, "localhost");
    server.signal(Signal::HUP);
    logged(&server, "reloaded", 1).await;
    assert_ne!(shown(place.port()).unwrap(), before, "new connections see the new certificate");
    assert_said(&place, "one", &conference, "on the old connection");
    assert_eq!(connected_since(&place, "one"), Some(since.clone()), "{}", one.logged());
    let two = place.daemon("two");
    until("the other daemon", || UnixStream::connect(place.socket("two")).ok()).await;
    join("two");
    assert_said(&place, "two", &conference, "on a new connection");
    assert!(connected_since(&place, "two").is_some(), "{}", two.logged());
    // A file that cannot be used changes nothing.
    place.write("key.pem", "no key");
    server.signal(Signal::HUP);
    logged(&server, "not reloaded, everything stays as it was: ", 1).await;
    assert!(server.logged().contains("key.pem: no private key in PEM form"), "{}", server.logged());
    assert!(shown(place.port()).is_some_and(|shown| shown != before));
    assert_eq!(connected_since(&place, "one"), Some(since), "{}", one.logged());
}

#[tokio::test]
async fn a_reload_opens_and_closes_addresses_and_names_the_new_ones_in_links() {
    let place = Place::new();
    let server = place.configured_server(&listening(&place, &[&[0, 1], &[2]]));
    logged(&server, "started", 1).await;
    let (conference, link) = place.create();
    assert!(link.starts_with(&format!("https://localhost:{}/j/", place.port() + 2)), "{link}");
    place.write("convene-server.toml", &listening(&place, &[&[0, 1], &[3]]));
    server.signal(Signal::HUP);
    logged(&server, "reloaded", 1).await;
    until("the new port", || is_open(place.port() + 3).then_some(())).await;
    assert!(!is_open(place.port() + 2), "{}", server.logged());
    let invited = place.operator(&["invite", &conference.to_string(), "--json"]);
    let invited = String::from_utf8_lossy(&invited.stdout).into_owned();
    assert!(invited.contains(&format!("https://localhost:{}/j/", place.port() + 3)), "{invited}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_once_and_had_as_soon_as_it_is_free() {
    let place = Place::new();
    let taken = TcpListener::bind(("127.0.0.1", place.port() + 1)).unwrap();
    let server = place.configured_server(&listening(&place, &[&[0], &[1]]));
    logged(&server, "started", 1).await;
    assert!(is_open(place.port()));
    let log = server.logged();
    let error = log.lines().find(|line| line.contains("ERROR")).unwrap();
    let address = format!("127.0.0.1:{}", place.port() + 1);
    assert!(error.contains(&format!("{address} is in use")) && error.contains("(os error 98)"), "{error}");
    drop(taken);
    logged(&server, &format!("listening address={address}"), 1).await;
    assert_eq!(server.logged().matches("ERROR").count(), 1, "{}", server.logged());
    assert!(is_open(place.port() + 1));
}

#[test]
fn a_configuration_is_checked_without_a_start() {
    let place = Place::new();
    let good = listening(&place, &[&[0, 3], &[4]]).replace("localhost", "conference.example.org");
    let check = |config: &str| {
        let (code, text) = once(&place.configured_server_command(config), &["--check-config"]);
        let folder = format!("{}/", place.path("").display()).replace("//", "/");
        assert!(!place.path("server").exists(), "a check makes no state directory");
        (code, text.replace(&folder, ""))
    };
    assert_eq!(check(&good), (Some(0), String::new()));
    let authority = Authority::new(&place);
    authority.certify(&place, "conference.example.org");
    assert_eq!(check(&format!("{good}{TLS}")), (Some(0), String::new()));
    authority.certify(&place, "other.example.org");
    let (code, text) = check(&format!("{good}{TLS}"));
    let words = "warning: convene-server.toml:4:1: chain.pem is for other.example.org, and not for `conference.example.org`";
    assert!(code == Some(0) && text.starts_with(words) && text.lines().count() == 1, "{text}");
    fs::remove_file(place.path("key.pem")).unwrap();
    let (code, text) = check(&format!("{good}{TLS}"));
    assert!(
        code == Some(2) && text.starts_with("error: convene-server.toml:5:1: key.pem cannot be read"),
        "{text}"
    );
    let (code, text) = check("[[tls]]\ncertificate = \"a\"\n");
    assert!(code == Some(2) && text.contains("convene-server.toml:1:3: there is only one `tls`"), "{text}");
}

#[tokio::test]
async fn systemd_is_told_how_the_server_stands() {
    let place = Place::new();
    let path = place.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut text = [0; 256];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let place = place.with("NOTIFY_SOCKET", path).with("WATCHDOG_USEC", "200000");
    let server = place.configured_server(&listening(&place, &[&[0, 3], &[4]]));
    assert_eq!(told(), "READY=1\n");
    assert!((0..5).all(|port| is_open(place.port() + port)), "ready is said when all ports listen");
    for _ in 0..3 {
        assert_eq!(told(), "WATCHDOG=1\n");
    }
    server.signal(Signal::HUP);
    let mut rest = std::iter::repeat_with(told).filter(|told| told != "WATCHDOG=1\n");
    assert!(rest.next().unwrap().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    assert_eq!(rest.next().unwrap(), "READY=1\n");
    server.signal(Signal::TERM);
    assert_eq!(rest.next().unwrap(), "STOPPING=1\n");
}

#[tokio::test]
async fn the_log_tells_what_happened_and_no_code_name_or_text() {
    let place = Place::new().with("CONVENE_LOG", "debug");
    let mut server = place.configured_server(&listening(&place, &[&[0, 3], &[4]]));
    logged(&server, "started", 1).await;
    let (conference, link) = place.create();
    let _one = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let code = link.split_once("/j/").unwrap().1.split('#').next().unwrap();
    let other_code = "A".repeat(code.len());
    let refused = place.convene("one", &["join", &link.replace(code, &other_code), "--name", "Nightingale"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let joined = place.convene("one", &["join", &link, "--name", "Nightingale"]);
    assert_eq!(joined.status.code(), Some(0), "{joined:?}");
    let conference = conference.to_string();
    assert_said(&place, "one", &conference, "a secret melody");
    assert!(place.operator(&["end", &conference]).status.success());
    server.restart();
    let log = server.logged();
    let config = place.path("convene-server.toml").display().to_string();
    let (certificate, state) = (place.path("server/certificate.pem"), place.path("server"));
    for line in [
        format!("certificate file={} names=\"localhost\" sha256=", certificate.display()),
        format!(
            "started version=\"{}\" config={config} state_dir={}",
            env!("CARGO_PKG_VERSION"),
            state.display()
        ),
        format!("conference created conference={conference}"),
        "a seat was refused link=".to_owned(),
        "reason=\"code_unknown\"".to_owned(),
        format!("conference ended conference={conference}"),
        "stopping".to_owned(),
        "stopped".to_owned(),
    ] {
        assert!(log.contains(&line), "{line:?} is missing in {log}");
    }
    for secret in [code, &other_code, "Nightingale", "melody", "A test"] {
        assert!(!log.contains(secret), "{secret:?} stands in {log}");
    }
}

/// Every file of the state directory but the two locks: its name, its bytes, and when they were
/// written.
fn files(place: &Place) -> Vec<(std::ffi::OsString, Vec<u8>, SystemTime)> {
    let entries = fs::read_dir(place.path("server")).expect("a state directory").flatten();
    let unlocked = entries.filter(|entry| entry.path().extension().is_none_or(|end| end != "lock"));
    let mut files: Vec<_> = unlocked
        .map(|entry| {
            let written = entry.metadata().and_then(|about| about.modified()).expect("a file's time");
            (entry.file_name(), fs::read(entry.path()).unwrap_or_default(), written)
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_log_of_a_later_version_is_refused_by_name_and_nothing_is_touched() {
    let place = Place::new();
    let config = listening(&place, &[&[0, 3], &[4]]);
    let mut server = place.configured_server(&config);
    logged(&server, "started", 1).await;
    let (conference, _) = place.create();
    server.restart();
    logged(&server, "started", 2).await;
    assert!(place.operator(&["show", &conference.to_string()]).status.success(), "this version carries on");
    server.stop();
    // `PRAGMA user_version` is the number at byte 60 of the file.
    let mut log = fs::File::options().write(true).open(place.path("server/events.db")).unwrap();
    log.seek(SeekFrom::Start(60)).unwrap();
    log.write_all(&3_i32.to_be_bytes()).unwrap();
    drop(log);
    // Another name would have the own certificate made again.
    let renamed = config.replace("localhost", "127.0.0.1");
    let before = files(&place);
    let (code, text) = once(&place.configured_server_command(&renamed), &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("events.db was made by a later version (form 3, this one knows 2)"), "{text}");
    assert_eq!(files(&place), before);
}

#[tokio::test]
async fn a_log_without_its_key_is_not_given_a_new_one_and_the_old_one_restores_every_link() {
    let place = Place::new();
    let mut server = place.configured_server(&listening(&place, &[&[0, 3], &[4]]));
    logged(&server, "started", 1).await;
    let (conference, link) = place.create();
    server.stop();
    let key = fs::read(place.path("server/key.pem")).unwrap();
    fs::remove_file(place.path("server/key.pem")).unwrap();
    let command = place.configured_server_command(&listening(&place, &[&[0, 3], &[4]]));
    for more in [&[][..], &["--check-config"]] {
        let (code, text) = once(&command, more);
        assert_eq!(code, Some(2), "{text}");
        assert!(
            text.contains("key.pem is missing") && text.contains("put it back (a backup holds it"),
            "{text}"
        );
    }
    assert!(!place.path("server/key.pem").exists());
    // The contents of a backup are enough: log and key.
    for entry in fs::read_dir(place.path("server")).unwrap().map(Result::unwrap) {
        if entry.file_name() != "events.db" {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    fs::write(place.path("server/key.pem"), key).unwrap();
    let server = place.configured_server(&listening(&place, &[&[0, 3], &[4]]));
    logged(&server, "started", 2).await;
    let invited = place.operator(&["invite", &conference.to_string(), "--json"]);
    assert!(String::from_utf8_lossy(&invited.stdout).contains(&link), "{invited:?}");
}

#[tokio::test]
async fn a_trusted_proxy_has_to_name_the_other_end_and_nobody_else_may() {
    const HEAD: &[u8] = b"PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n";
    let place = Place::new();
    let config = listening(&place, &[&[0]]);
    let mut server = place.configured_server(&format!("{config}trusted_proxies = [\"127.0.0.1\"]\n"));
    until("the server", || server.logged().contains("listening").then_some(())).await;
    assert_eq!(answered(place.port(), HEAD).as_deref(), Some("HTTP/1.1 200"));
    assert_eq!(answered(place.port(), b""), None);
    server.stop();
    let server = place.configured_server(&config);
    // Both write to one log.
    let starts = || server.logged().matches("listening").count();
    until("the other server", || (starts() == 2).then_some(())).await;
    assert_eq!(answered(place.port(), HEAD), None);
    assert_eq!(answered(place.port(), b"").as_deref(), Some("HTTP/1.1 200"));
}
