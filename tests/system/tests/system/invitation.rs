//! Join links: the page that a browser shows, the ports to which they lead, and what the operator
//! is told of them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use convene_model::JoinLink;
use convene_tests_system::{Place, Program, run, until};
use rcgen::{CertificateParams, KeyPair};

const CONFERENCE: &str = "title = \"Our <next> year\"\ntheme = \"What do we want to begin?\"\n\
                          hosts = \"The staff council\"\nstart = 2030-12-01T09:00:00+01:00\n";

/// A configuration that listens on these ranges, given as offsets from the place's first port.
fn listening(place: &Place, ranges: &[(u16, u16)]) -> String {
    let entry = |(first, last): &(u16, u16)| {
        let (first, last) = (place.port() + first, place.port() + last);
        if first == last { format!("\"127.0.0.1:{first}\"") } else { format!("\"127.0.0.1:{first}-{last}\"") }
    };
    let entries: Vec<_> = ranges.iter().map(entry).collect();
    format!("name = \"localhost\"\nlisten = [{}]\n", entries.join(", "))
}

async fn started(place: &Place, config: &str) -> Program {
    let server = place.configured_server(config);
    until("the server", || server.logged().contains("started version").then_some(())).await;
    server
}

/// The head and the body of the answer to a browser that trusts the server's own certificate, and
/// whose person reads this language.
fn fetch(place: &Place, port: u16, path: &str, language: &str) -> (String, String) {
    let own = fs::read(place.path("server/certificate.pem")).expect("the server's certificate");
    let own = native_tls::Certificate::from_pem(&own).expect("a certificate");
    let connector = native_tls::TlsConnector::builder().add_root_certificate(own).build();
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let mut stream = connector.expect("TLS").connect("localhost", stream).expect("TLS");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept-Language: {language}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

/// The files of its own server that a page names.
fn files(page: &str) -> Vec<&str> {
    let named = page.split('"').skip(1).step_by(2);
    named.filter(|address| address.starts_with('/')).collect()
}

#[tokio::test]
async fn a_join_link_shows_its_conference_and_changes_nothing() {
    let place = Place::new().with("CONVENE_LOG", "debug");
    let install = "[install]\nlinux = \"https://example.org/convene\"\n";
    let server = started(&place, &format!("{}{install}", listening(&place, &[(0, 3), (4, 4)]))).await;
    let created = place.create_from(CONFERENCE);
    let listed = || place.operator(&["list", "--json"]).stdout;
    let before = listed();
    for link in [&created.organizer_link, &created.participant_link] {
        let link: JoinLink = link.parse().unwrap();
        let path = format!("/j/{}", link.code);
        let (head, german) = fetch(&place, link.https_port, &path, "de-DE,de;q=0.9,en;q=0.8");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        for line in ["cache-control: no-store", "referrer-policy: no-referrer", "default-src 'none'"] {
            assert!(head.contains(line), "{line} in {head}");
        }
        assert!(!head.contains("unsafe") && !head.contains("set-cookie"), "{head}");
        for part in [
            "<bdi>Our &lt;next&gt; year</bdi>",
            "<bdi>What do we want to begin?</bdi>",
            "<bdi>The staff council</bdi>",
            "2030-12-01T08:00:00.000Z",
            "In Convene öffnen",
            "https://example.org/convene",
        ] {
            assert!(german.contains(part), "{part} in {german}");
        }
        let (_, english) = fetch(&place, link.ports.first(), &format!("{path}?lang=en"), "de");
        assert!(english.contains("Open in Convene") && english.contains("lang=\"en\""), "{english}");
        assert_eq!(files(&english), ["/invitation.css", "/invitation.js"]);
        for file in files(&english) {
            let (head, body) = fetch(&place, link.https_port, file, "en");
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && !body.is_empty(), "{file}: {head}");
        }
        let (head, wrong) = fetch(&place, link.https_port, &format!("/j/{}", "A".repeat(22)), "en");
        assert!(head.starts_with("HTTP/1.1 404 ") && wrong.contains("leads to no conference"), "{wrong}");
        assert!(!server.logged().contains(&link.code.to_string()), "{}", server.logged());
    }
    assert_eq!(listed(), before, "nobody has loaded the conference");
    assert!(place.operator(&["end", &created.conference.to_string()]).status.success());
    let link: JoinLink = created.participant_link.parse().unwrap();
    let (_, over) = fetch(&place, link.https_port, &format!("/j/{}", link.code), "en");
    assert!(over.contains("This conference is over") && !over.contains("Open in Convene"), "{over}");
}

#[tokio::test]
async fn every_port_that_a_link_names_shows_its_page() {
    for ranges in [&[(0, 3), (4, 4)][..], &[(2, 2)], &[(0, 3)], &[(1, 1), (3, 4)]] {
        let place = Place::new();
        let _server = started(&place, &listening(&place, ranges)).await;
        let link: JoinLink = place.create_from(CONFERENCE).participant_link.parse().unwrap();
        for port in link.ports.iter().chain([link.https_port]) {
            let (head, page) = fetch(&place, port, &format!("/j/{}", link.code), "en");
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{ranges:?}, port {port}: {head}");
            assert!(page.contains("The staff council"), "{page}");
        }
    }
}

#[tokio::test]
async fn a_link_survives_a_shell_in_which_nobody_has_quoted_it() {
    let place = Place::new();
    let _server = started(&place, &listening(&place, &[(0, 3), (4, 4)])).await;
    let created = place.create_from(CONFERENCE);
    for link in [created.organizer_link, created.participant_link] {
        assert!(link.contains("#fp=") && link.contains(",ports="), "{link}");
        let echoed = run(Command::new("sh").args(["-c", &format!("printf %s {link}")]));
        assert!(echoed.status.success(), "{echoed:?}");
        assert_eq!(String::from_utf8_lossy(&echoed.stdout), link);
    }
}

#[tokio::test]
async fn the_operator_is_told_whether_browsers_warn_and_how_to_get_another_certificate() {
    for has_given in [false, true] {
        let place = Place::new();
        let mut config = listening(&place, &[(0, 3), (4, 4)]);
        if has_given {
            let key = KeyPair::generate().unwrap();
            let certificate =
                CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
            place.write("chain.pem", &certificate.pem());
            let path = place.write("key.pem", &key.serialize_pem());
            fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap();
            config += "[tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\n";
        }
        let server = started(&place, &config).await;
        assert_eq!(server.logged().contains("browsers warn"), !has_given, "{}", server.logged());
        let file = place.write("conference.toml", CONFERENCE);
        let file = file.to_string_lossy();
        let created = place.operator(&["create", &file]);
        let told = String::from_utf8_lossy(&created.stderr).into_owned();
        assert!(created.status.success(), "{told}");
        assert_eq!(told.contains("browsers warn"), !has_given, "{told}");
        assert_eq!(told.contains("[tls]") && told.contains("Let's Encrypt"), !has_given, "{told}");
        let quiet = place.operator(&["create", &file, "--json"]);
        assert_eq!(String::from_utf8_lossy(&quiet.stderr), "", "programs read the link");
    }
}
