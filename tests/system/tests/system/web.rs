//! The page in a browser: who gets to the daemon by it, and who does not.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};
use std::thread;

use convene_tests_system::{PATIENCE, Place, Program, Signal, program, run, until};
use rustix::process::{Pid, Uid, geteuid, kill_process};
use rustix::thread::set_thread_uid;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::{IntoClientRequest as _, client};
use tokio_tungstenite::tungstenite::{Message, WebSocket};

/// The user of whom nobody expects anything.
const NOBODY: u32 = 65_534;

/// What `convene web` has started, which outlives it. Dropping it ends that.
struct Bridges<'a>(&'a Place);

impl Bridges<'_> {
    fn ids(&self) -> Vec<Pid> {
        let place = self.0.path("run").to_string_lossy().into_owned();
        let processes = fs::read_dir("/proc").expect("processes").flatten();
        let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse::<i32>().ok());
        let is_ours = |number: &i32| {
            let says = |file: &str, word: &str| {
                // It may have ended meanwhile.
                let bytes = fs::read(format!("/proc/{number}/{file}")).unwrap_or_default();
                String::from_utf8_lossy(&bytes).contains(word)
            };
            says("cmdline", "--serve") && says("environ", &place)
        };
        numbers.filter(is_ours).filter_map(Pid::from_raw).collect()
    }
}

impl Drop for Bridges<'_> {
    fn drop(&mut self) {
        for id in self.ids() {
            let _ended_already = kill_process(id, Signal::KILL).is_err();
        }
    }
}

/// A link that `convene web` printed.
struct Link {
    host: String,
    code: String,
}

fn web(place: &Place, arguments: &[&str]) -> Output {
    let mut command = Command::new(program("convene"));
    command.args(["web", "--no-open", "--json"]).args(arguments).env("LANG", "C");
    run(command.env("CONVENE_SOCKET", place.socket("one")).env("XDG_RUNTIME_DIR", place.path("run")))
}

fn link(place: &Place, arguments: &[&str]) -> Link {
    let output = web(place, arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let url = printed["url"].as_str().expect("a url");
    let (host, code) = url.strip_prefix("http://").and_then(|url| url.split_once("/#")).expect("its form");
    Link { host: host.to_owned(), code: code.to_owned() }
}

/// Asks with these headers alone, and gives the whole answer.
fn asked(host: &str, line: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("{line} HTTP/1.1\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

fn is_forbidden(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 403 ") && answer.ends_with("\r\n\r\n") && !answer.contains("onvene")
}

/// Does what the page does with its link.
fn admitted(link: &Link) -> Value {
    let origin = format!("http://{}", link.host);
    let own = [("Host", link.host.as_str()), ("Origin", &origin)];
    let answer = asked(&link.host, "POST /token", &own, &link.code);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

/// A page that is attached to the daemon.
struct Page(WebSocket<TcpStream>);

impl Page {
    fn open(link: &Link, token: &Value) -> Self {
        let mut request = format!("ws://{}/socket", link.host).into_client_request().expect("a request");
        let origin = format!("http://{}", link.host);
        let protocols = format!("convene, {}", token.as_str().expect("a token"));
        for (name, value) in [("Origin", origin), ("Sec-WebSocket-Protocol", protocols)] {
            request.headers_mut().insert(name, value.parse().expect("a header"));
        }
        let stream = TcpStream::connect(&link.host).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let (socket, response) = client(request, stream).expect("let in");
        assert_eq!(response.headers()["sec-websocket-protocol"], "convene");
        Self(socket)
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params });
        self.0.send(Message::text(call.to_string())).expect("sent");
        loop {
            let said = self.0.read().expect("in time");
            let said: Value = serde_json::from_str(said.to_text().expect("text")).expect("JSON");
            if said["id"] == method {
                return said["result"].clone();
            }
        }
    }
}

async fn daemon(place: &Place) -> Program {
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    daemon
}

#[tokio::test]
async fn a_page_attaches_to_the_daemon_by_a_link_that_is_good_once() {
    let place = Place::new();
    let bridges = Bridges(&place);
    let _daemon = daemon(&place).await;
    let first = link(&place, &[]);
    let second = link(&place, &[]);
    assert_eq!(first.host, second.host, "the running one is found");
    assert_ne!(first.code, second.code);
    assert_eq!(bridges.ids().len(), 1);

    let page = asked(&first.host, "GET /", &[("Host", &first.host)], "");
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("content-security-policy: "), "{page}");
    let admission = admitted(&first);
    let origin = format!("http://{}", first.host);
    let own = [("Host", first.host.as_str()), ("Origin", &origin)];
    assert!(is_forbidden(&asked(&first.host, "POST /token", &own, &first.code)), "it was used");
    let mut page = Page::open(&first, &admission["token"]);
    assert!(page.call("hello", &json!({ "client": "page" }))["daemon"].is_string());
    assert_eq!(page.call("conference.list", &json!({}))["conferences"], json!([]));
    // The token is good as long as the bridge is; a second page has its own.
    drop(page);
    Page::open(&first, &admission["token"]).call("hello", &json!({ "client": "page" }));
    assert_ne!(admitted(&second)["token"], admission["token"]);
}

#[tokio::test]
async fn other_pages_other_names_and_forms_get_nothing() {
    let place = Place::new();
    let _bridges = Bridges(&place);
    let _daemon = daemon(&place).await;
    let link = link(&place, &[]);
    let host = link.host.as_str();
    let hostile = [("Host", host), ("Origin", "http://127.0.0.1:1")];
    let rebound = [("Host", "evil.test"), ("Origin", "http://evil.test")];
    let form = [("Host", host), ("Origin", "null"), ("Content-Type", "application/x-www-form-urlencoded")];
    let silent = [("Host", host)];
    let other_name = [("Host", "localhost")];
    for headers in [&hostile[..], &rebound, &form, &silent] {
        let answer = asked(host, "POST /token", headers, &link.code);
        assert!(is_forbidden(&answer), "{headers:?}: {answer}");
    }
    for headers in [&hostile[..], &rebound, &form, &other_name, &[]] {
        let answer = asked(host, "GET /", headers, "");
        assert!(is_forbidden(&answer), "{headers:?}: {answer}");
    }
    let origin = format!("http://{host}");
    let token = admitted(&link)["token"].as_str().expect("a token").to_owned();
    let protocols = format!("convene, {token}");
    let upgrade = [
        ("Host", host),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for more in [
        &[("Origin", origin.as_str())][..],
        &[("Sec-WebSocket-Protocol", protocols.as_str())],
        &[("Origin", "http://127.0.0.1:1"), ("Sec-WebSocket-Protocol", protocols.as_str())],
        &[("Origin", origin.as_str()), ("Sec-WebSocket-Protocol", "convene, guessed")],
    ] {
        let answer = asked(host, "GET /socket", &[&upgrade[..], more].concat(), "");
        assert!(is_forbidden(&answer), "{more:?}: {answer}");
    }
}

#[tokio::test]
async fn another_user_of_the_machine_gets_nothing() {
    if !geteuid().is_root() {
        return;
    }
    let place = Place::new();
    let _bridges = Bridges(&place);
    let _daemon = daemon(&place).await;
    let link = link(&place, &[]);
    let (host, code) = (link.host.clone(), link.code.clone());
    // A thread has a user of its own.
    let stranger = thread::spawn(move || {
        set_thread_uid(Uid::from_raw(NOBODY)).expect("allowed");
        let origin = format!("http://{host}");
        let own = [("Host", host.as_str()), ("Origin", &origin)];
        [asked(&host, "GET /", &own, ""), asked(&host, "POST /token", &own, &code)]
    });
    for answer in stranger.join().expect("it ends") {
        assert!(is_forbidden(&answer), "{answer}");
    }
    assert!(admitted(&link)["token"].is_string(), "the stranger has used nothing up");
}

#[tokio::test]
async fn a_link_that_is_clicked_is_shown_and_joined_by_the_page_alone() {
    let place = Place::new();
    let _bridges = Bridges(&place);
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, invitation) = place.create();
    let daemon = daemon(&place).await;
    let clicked = format!("convene:{invitation}");
    let opened = link(&place, &["--join", &clicked]);
    let admission = admitted(&opened);
    assert_eq!(admission["join"], invitation.as_str());
    let mut page = Page::open(&opened, &admission["token"]);
    assert_eq!(page.call("conference.list", &json!({}))["conferences"], json!([]), "nobody has joined");
    let join = json!({ "link": invitation, "name": "Anna", "wait_ms": 60_000 });
    assert_eq!(page.call("conference.join", &join)["state"], "joined");
    let listed = page.call("conference.list", &json!({}));
    assert_eq!(listed["conferences"][0]["conference"], conference.to_string());
    let code = invitation.rsplit('/').next().and_then(|end| end.split('#').next()).expect("a code");
    assert!(!daemon.logged().contains(code), "{}", daemon.logged());

    let socket = place.socket("one").to_string_lossy().into_owned();
    let refused = web(&place, &["--join", &clicked, "--socket", &socket]);
    assert_eq!(refused.status.code(), Some(2), "a link names no daemon: {refused:?}");
}

#[tokio::test]
async fn a_daemon_that_is_not_there_is_told_and_found_once_it_is() {
    let place = Place::new();
    let _bridges = Bridges(&place);
    let link = link(&place, &[]);
    let token = admitted(&link)["token"].clone();
    let Page(mut alone) = Page::open(&link, &token);
    let told = alone.read().expect("a farewell");
    let Message::Close(Some(frame)) = told else { panic!("{told:?}") };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4000, "daemon_not_running"));
    let _daemon = daemon(&place).await;
    assert!(Page::open(&link, &token).call("hello", &json!({ "client": "page" }))["daemon"].is_string());
}
