//! Kinds of reports from the field, each named by its number.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Output;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use convene_tests_system::{PATIENCE, Place, Program, until};
use native_tls::{Identity, TlsAcceptor};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair,
};

/// How long nothing may come before it counts as over, of a program that has ended.
const SETTLED: Duration = Duration::from_millis(500);

/// All that a program wrote.
fn written(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// The head of a request.
fn head_of(stream: &mut TcpStream) -> Vec<u8> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.extend(byte);
    }
    head
}

/// The link to a server that does not run.
fn dead_link(place: &Place) -> String {
    let port = place.port();
    format!("https://localhost:{port}/j/{}#ports={port}", "A".repeat(22))
}

async fn daemon(place: &Place) -> Program {
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    daemon
}

#[tokio::test]
async fn f21_a_server_that_died_and_a_link_that_is_old_are_not_the_networks_fault() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (_, link) = place.create();
    let _daemon = daemon(&place).await;
    let joined = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "30"]);
    assert_eq!(joined.status.code(), Some(0), "{joined:?}");
    drop(server);
    until("the verdict", || {
        let shown = written(&place.convene("one", &["status"]));
        shown.contains("those who run the server have to look").then_some(())
    })
    .await;
    let letter = written(&place.convene("one", &["check", "--letter", "--wait", "30"]));
    assert!(!letter.contains("Dear administrator"), "{letter}");

    let other = Place::new();
    let server = other.server();
    until("the other server", || server.logged().contains("listening").then_some(())).await;
    let (_, link) = other.create();
    let key = link.split(['#', ',']).find(|part| part.starts_with("fp=")).expect("a key");
    let old = link.replace(key, &format!("fp={}", "A".repeat(43)));
    let _daemon = daemon(&other).await;
    let refused = other.convene("one", &["join", &old, "--name", "Anna", "--wait", "30"]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    let status = written(&other.convene("one", &["status"]));
    assert!(status.contains("Ask those who sent it for a new one"), "{status}");
    let letter = written(&other.convene("one", &["check", "--letter", "--wait", "30"]));
    assert!(!letter.contains("Dear administrator"), "{letter}");
}

#[tokio::test]
async fn f22_f23_the_letter_can_be_sent_and_tells_many_ports_in_one_line() {
    let place = Place::new();
    let first = place.port();
    let config = "[[server]]\nhost = \"localhost\"\ncontact = \"it@example.org\"\n";
    place.write("convened.toml", config);
    let _daemon = daemon(&place).await;
    let link = format!("https://localhost:{}/j/{}#ports={first}-{}", first + 4, "A".repeat(22), first + 3);
    let joined = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "10"]);
    assert_eq!(joined.status.code(), Some(4), "{joined:?}");
    let letter = written(&place.convene("one", &["check", "--letter", "--wait", "60"]));
    let ports = format!("localhost:{first}-{}: the connection was refused", first + 4);
    for words in [
        "To: it@example.org",
        "Subject: Access to the conference server localhost",
        "Dear administrators",
        "This was tried from this machine, last on 20",
        "Machine: ",
        "Program: Convene ",
        "Kind regards",
        &ports,
    ] {
        assert!(letter.contains(words), "{words} is missing in {letter}");
    }
    for words in ["tcp/refused", "allow_server", "Anna", "AAAAAA"] {
        assert!(!letter.contains(words), "{words} stands in {letter}");
    }
    let status = written(&place.convene("one", &["status"]));
    assert_eq!(status.matches("the connection was refused").count(), 1, "{status}");
}

/// A place for scripts that has none, and the heads of the requests for them.
fn scripts() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (heard, requests) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = head_of(&mut stream);
            drop(stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
            if heard.send(String::from_utf8_lossy(&head).into_owned()).is_err() {
                return;
            }
        }
    });
    (port, requests)
}

#[tokio::test]
async fn f15_a_login_in_a_scripts_address_is_used_and_shown_nowhere() {
    let place = Place::new();
    let (port, requests) = scripts();
    let script = format!("http://anna:geheim@localhost:{port}/proxy.pac?key=geheim");
    let config =
        format!("[proxy]\nmode = \"auto\"\npac_url = \"{script}\"\n[[server]]\nhost = \"localhost\"\n");
    place.write("convened.toml", &config);
    let daemon = daemon(&place).await;
    let link = dead_link(&place);
    let said = [
        place.convene("one", &["join", &link, "--name", "Anna", "--wait", "10"]),
        place.convene("one", &["status"]),
        place.convene("one", &["status", "--json"]),
        place.convene("one", &["check", "--json"]),
        place.convene("one", &["check", "--letter"]),
        place.convene("one", &["settings", "get"]),
    ];
    let request = requests.recv_timeout(PATIENCE).expect("the script is asked for");
    let shown = request.to_ascii_lowercase().contains("authorization: basic ");
    assert!(shown && request.contains("YW5uYTpnZWhlaW0="), "{request}");
    let of_others = said.get(..5).expect("five").iter().map(written).collect::<String>();
    assert!(of_others.contains("/proxy.pac"), "the script is named: {of_others}");
    assert!(!of_others.contains("geheim"), "{of_others}");
    let of_administrator = written(&said[5]);
    assert!(!of_administrator.contains("anna:geheim"), "{of_administrator}");
    assert!(!daemon.logged().contains("geheim"), "{}", daemon.logged());
}

/// Shows this certificate at a port of its own, and tells what those who trust it write.
fn tls_server(certificate: &str, key: &KeyPair) -> (u16, mpsc::Receiver<String>) {
    let identity = Identity::from_pkcs8(certificate.as_bytes(), key.serialize_pem().as_bytes());
    let acceptor = TlsAcceptor::new(identity.expect("they belong together")).expect("TLS");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (heard, words) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut stream) = acceptor.accept(stream) else { continue };
            let mut bytes = [0; 512];
            let Ok(count @ 1..) = stream.read(&mut bytes) else { continue };
            let said = String::from_utf8_lossy(bytes.get(..count).unwrap_or_default()).into_owned();
            if heard.send(said).is_err() {
                return;
            }
        }
    });
    (port, words)
}

/// Has a daemon that trusts this authority join at this port.
async fn joins_at(place: &Place, port: u16, authority: &str) -> (Program, Output) {
    let file = place.write("authority.pem", authority);
    let config = format!("[[server]]\nhost = \"localhost\"\nca_file = \"{}\"\n", file.display());
    place.write("convened.toml", &config);
    let daemon = daemon(place).await;
    let link = format!("https://localhost:{port}/j/{}#ports={port}", "A".repeat(22));
    let joined = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "15", "--json"]);
    (daemon, joined)
}

fn authority(name: &str) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new([]).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    (params, KeyPair::generate().expect("a key"))
}

/// The extension by which a certificate says where its issuer's lies (RFC 5280, section 4.2.2.1).
fn issuer_at(address: &str) -> CustomExtension {
    let method = der(6, &[0x2b, 6, 1, 5, 5, 7, 0x30, 2]);
    let location = der(0x86, address.as_bytes());
    let all = der(0x30, &der(0x30, &[method, location].concat()));
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], all)
}

/// A value of at most 127 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 128).expect("a short value");
    let mut value = vec![tag, length];
    value.extend_from_slice(content);
    value
}

#[tokio::test]
async fn f08_an_issuing_authority_alone_is_trusted() {
    let ((of_root, root_key), (of_middle, middle_key)) = (authority("root"), authority("middle"));
    let root = CertifiedIssuer::self_signed(of_root, root_key).expect("a root");
    let middle = CertifiedIssuer::signed_by(of_middle, middle_key, &root).expect("a link");
    let of_leaf = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let key = KeyPair::generate().expect("a key");
    let leaf = of_leaf.signed_by(&key, &middle).expect("a certificate").pem();
    let (port, words) = tls_server(&[leaf, middle.pem()].concat(), &key);
    let place = Place::new();
    let (_daemon, joined) = joins_at(&place, port, &middle.pem()).await;
    let said = words.recv_timeout(PATIENCE).expect("it is trusted");
    assert!(said.contains("HTTP/1.1"), "{said} {joined:?}");
}

#[tokio::test]
async fn f09_what_a_server_leaves_out_is_fetched_and_never_trusted() {
    let ((of_root, root_key), (of_middle, middle_key)) = (authority("root"), authority("middle"));
    let root = CertifiedIssuer::self_signed(of_root, root_key).expect("a root");
    let middle = CertifiedIssuer::signed_by(of_middle, middle_key, &root).expect("a link");
    let links = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = format!("http://{}/ca", links.local_addr().expect("an address"));
    let link = middle.der().to_vec();
    thread::spawn(move || {
        for mut stream in links.incoming().flatten() {
            head_of(&mut stream);
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", link.len());
            drop(stream.write_all(answer.as_bytes()).and_then(|()| stream.write_all(&link)));
        }
    });
    let mut of_leaf = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    of_leaf.custom_extensions = vec![issuer_at(&address)];
    let key = KeyPair::generate().expect("a key");
    let leaf = of_leaf.signed_by(&key, &middle).expect("a certificate").pem();
    let (port, words) = tls_server(&leaf, &key);

    let place = Place::new();
    let (daemon, joined) = joins_at(&place, port, &root.pem()).await;
    let said = words.recv_timeout(PATIENCE).expect("it is trusted");
    assert!(said.contains("HTTP/1.1"), "{said} {joined:?}");

    let (of_other, other_key) = authority("other");
    let other = CertifiedIssuer::self_signed(of_other, other_key).expect("another root").pem();
    drop(daemon);
    while words.recv_timeout(SETTLED).is_ok() {}
    let stranger = Place::new();
    let (_daemon, joined) = joins_at(&stranger, port, &other).await;
    assert!(written(&joined).contains("certificate_untrusted"), "{joined:?}");
    assert!(words.try_iter().next().is_none(), "nobody who does not trust it writes");
}

#[tokio::test]
async fn f11_a_certificate_that_is_not_for_servers_is_told_as_that() {
    let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.distinguished_name.push(DnType::CommonName, "A client's");
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate").pem();
    let (port, words) = tls_server(&certificate, &key);
    let place = Place::new();
    let (_daemon, joined) = joins_at(&place, port, &certificate).await;
    let told = written(&joined);
    assert!(told.contains("certificate_wrong_purpose") && told.contains("A client's"), "{told}");
    assert!(told.contains("ask_operator"), "{told}");
    assert!(words.try_iter().next().is_none(), "nothing is written to it");
}
