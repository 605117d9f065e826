//! Kinds of reports from the field, each named by its number.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::process::Output;
use std::sync::mpsc;
use std::thread;

use convene_tests_system::{PATIENCE, Place, Program, until};

/// All that a program wrote.
fn written(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
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
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.extend(byte);
            }
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
