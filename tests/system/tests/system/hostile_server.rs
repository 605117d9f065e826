//! A server to which somebody was lured by a link, and scripts that lead to this machine. What is
//! measured has a bound in bytes or in time.

use std::net::{IpAddr, TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Output;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use convene_tests_system::{Place, Program, until};
use serde_json::{Value, json};

use crate::hand::Hand;
use crate::pretended::claiming_server;

/// A conference that nobody has.
const CONFERENCE: &str = "q7x2abcdef";
/// How soon others are served, in builds that are not optimised.
const SOON: Duration = Duration::from_secs(5);
/// Bytes of one event of the hostile server's, and how many of them it has to say.
const EVENT_BYTES: u64 = 200_000;
const EVENTS: u64 = 400;
/// Bytes that servers may send to a user at once, and then in a second: what the daemon allows.
const BURST_BYTES: u64 = 16 * 1024 * 1024;
const LIVELY_BYTES: u64 = 512 * 1024;
/// Bytes that are read and wait in the daemon: they are not allowed for.
const WAITING_BYTES: u64 = 2 * 1024 * 1024;
/// How long the hostile server is watched.
const WATCHED: Duration = Duration::from_secs(4);

fn told(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = place.convene("one", arguments);
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

async fn daemon(place: &Place) -> Program {
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    until("the start", || daemon.logged().contains("started").then_some(())).await;
    daemon
}

#[tokio::test]
async fn s1_links_that_differ_in_the_key_alone_lead_to_seats_that_are_told_apart() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let _daemon = daemon(&place).await;
    assert_eq!(told(&place, &["join", &link, "--name", "Anna"]).0, Some(0));
    // Somebody else has its name and its port now, and another key.
    drop(server);
    let (heard, frames) = mpsc::channel();
    let hostile_link = claiming_server(place.port() + 4, &conference, heard, |_| Vec::new());
    let joined = told(&place, &["join", &hostile_link, "--name", "Anna", "--wait", "30", "--json"]);
    assert!(joined.1.contains(&conference), "it claims the conference: {joined:?}");

    for name in [conference.clone(), format!("{conference}@localhost:{}", place.port() + 4)] {
        let said = told(&place, &["say", &name, "for whom?"]);
        assert_eq!(said.0, Some(1), "{said:?}");
        assert!(said.1.contains("different keys") && said.1.contains("s1, s2"), "{said:?}");
    }
    let listed = told(&place, &["list"]).1;
    assert_eq!(listed.matches("its join link names the server's key").count(), 2, "{listed}");
    let said = told(&place, &["say", "s1", "for the right one", "--wait", "0", "--json"]);
    assert_eq!(said.0, Some(0), "{said:?}");
    assert!(said.1.contains("queued"), "{said:?}");
    assert!(frames.try_iter().all(|frame| frame["commands"].is_null()), "nothing went to the other one");
    assert_eq!(told(&place, &["say", "s2", "to the other one", "--wait", "0"]).0, Some(0));
    let commands = until("it", || frames.try_iter().find(|frame| frame["commands"].is_object())).await;
    let commands = commands.to_string();
    assert!(commands.contains("to the other one") && !commands.contains("for the right one"), "{commands}");
}

/// The event of this number.
fn event(seq: u64) -> Value {
    let text = "x".repeat(usize::try_from(EVENT_BYTES).expect("it fits"));
    let body = json!({ "kind": "said", "room": "plenary", "text": text });
    json!({ "seq": seq, "at": "2026-12-01T09:00:00.000Z", "body": body })
}

/// Bytes of all files in this directory.
fn size_of(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).expect("a directory").flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

#[tokio::test]
async fn s2_a_server_that_sends_without_end_is_read_slowly_and_others_do_not_notice() {
    let place = Place::new();
    let (heard, _frames) = mpsc::channel();
    let link = claiming_server(place.port() + 4, CONFERENCE, heard, |seat| {
        let index = seat["index"].clone();
        let frame = move |seq| {
            let (after, list) = (seq - 1, vec![event(seq)]);
            json!({ "events": {
                "conference": CONFERENCE, "log": "AAAAAAAAAAA", "to": [index.clone()], "after": after,
                "through": seq, "list": list,
            }})
        };
        (1..=EVENTS).map(frame).collect()
    });
    let _daemon = daemon(&place).await;
    let mut hand = Hand::attach(&place, "one");
    let began = Instant::now();
    let joined = hand.call("conference.join", &json!({ "link": link, "name": "Anna", "wait_ms": 30_000 }));
    assert_eq!(joined["state"], "joined", "{joined}");
    let mut read = || -> u64 {
        let listed = hand.call("conference.list", &json!({}));
        listed["conferences"][0]["cursor"].as_u64().expect("a cursor") * EVENT_BYTES
    };
    until("what may come at once", || (read() > BURST_BYTES - WAITING_BYTES).then_some(())).await;
    let (watched, mut other) = (Instant::now(), Hand::attach(&place, "one"));
    while watched.elapsed() < WATCHED {
        let asked = Instant::now();
        assert!(other.call("conference.list", &json!({}))["conferences"].is_array());
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    }
    let allowed = BURST_BYTES + WAITING_BYTES + LIVELY_BYTES * (began.elapsed().as_secs() + 1);
    let all = read();
    assert!(all <= allowed, "{all} bytes of {allowed}");
    let size = size_of(&place.path("one"));
    assert!(size <= 3 * allowed, "{size} bytes on the disk");
}

/// A port of this machine at which nobody may come, on all of its addresses.
fn guarded() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
    listener.set_nonblocking(true).expect("it can be asked");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// An address of this machine that others see, where it has one.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    // Nothing is sent: the system only says from where it would be.
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|own| own.ip()).filter(|own| !own.is_unspecified())
}

#[tokio::test]
async fn s3_neither_a_link_nor_a_users_script_makes_the_daemon_ask_this_machine() {
    let place = Place::new();
    let (guard, port) = guarded();
    // Nothing is configured, so that no server here is known.
    place.write("convened.toml", "");
    let _daemon = daemon(&place).await;
    let own = own_address().map(|own| own.to_string());
    let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "127.1.2.3".to_owned()];
    hosts.extend(own);
    for host in &hosts {
        let link = format!("https://{host}:{port}/j/{}#ports={port}", "A".repeat(22));
        let joined = told(&place, &["join", &link, "--name", "Anna", "--wait", "20", "--json"]);
        assert_eq!(joined.0, Some(4), "{joined:?}");
        assert!(joined.1.contains("address_not_allowed"), "{joined:?}");
    }
    assert!(guard.accept().is_err(), "nobody came by a link");

    let scripts = Place::new();
    let _daemon = daemon(&scripts).await;
    let mut hand = Hand::attach(&scripts, "one");
    for host in &hosts {
        let source = json!({ "name": "user", "pac_url": format!("http://{host}:{port}/proxy.pac") });
        let offered = hand.call("proxy.offer", &json!({ "sources": [source] }));
        assert_eq!(offered["used"], true, "{offered}");
        let dead = scripts.port();
        let link = format!("https://localhost:{dead}/j/{}#ports={dead}", "A".repeat(22));
        let wanted = json!({ "link": link, "name": "Anna", "wait_ms": 20_000 });
        until("what became of the script", || {
            let attempts = hand.call("conference.join", &wanted)["attempts"].to_string();
            (attempts.contains("pac_unreachable") && attempts.contains(host.as_str())).then_some(())
        })
        .await;
    }
    assert!(guard.accept().is_err(), "nobody came by a script");
}
