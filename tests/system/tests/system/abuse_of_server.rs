//! Strangers who want the server to hold more than is theirs. Each test is one example of its kind.

use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use convene_model::{Carrier, CommandId, JoinCode, JoinLink, SeatKey};
use convene_protocol::proof::Signature;
use convene_protocol::{ClientFrame, Join, OpenSeats, Resume};
use convene_tests_attackers::{
    attach, attach_and_go, greeted, half_batch, heard, is_cut, part_of_a_frame, sessions,
};
use convene_tests_system::{Place, Program, until};
use ed25519_dalek::SigningKey;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::hand::{Hand, say};
use crate::resident::resident;

/// How soon others are served while somebody abuses the server, in builds that are not optimised.
const SOON: Duration = Duration::from_secs(10);
/// Batches, and frames, that are left half done.
const HALVES: u8 = 200;
/// Bytes by which the server may grow with as many connections: 200 parts of frames are 40 MB.
const HALVES_GROWTH_MAX: u64 = 32 * 1024 * 1024;
/// Parts of frames, of 192 KiB each, that fit into what a network may have.
const FRAMES_KEPT_MAX: usize = 4 * 1024 / 192;
/// How long a connection may take to show that it is cut.
const AT_ONCE: Duration = Duration::from_millis(100);
/// Sessions that may begin on one connection.
const SESSIONS_MAX: usize = 8;

/// A server with these limits, and a link to a conference on it.
async fn limited(place: &Place, limits: &str) -> (Program, JoinLink) {
    let server = limited_server(place, limits).await;
    let link = place.create().1.parse().expect("it is a link");
    (server, link)
}

/// A server with these limits.
pub(crate) async fn limited_server(place: &Place, limits: &str) -> Program {
    let first = place.port();
    let (last, check, https) = (first + 2, first + 3, first + 4);
    let server = place.configured_server(&format!(
        "name = \"localhost\"\nlisten = [\"127.0.0.1:{first}-{last}\", \"127.0.0.1:{https}\"]\n\
         check_listen = \"127.0.0.1:{check}\"\n[limits]\n{limits}\n"
    ));
    until("the server", || server.logged().contains("listening").then_some(())).await;
    server
}

/// Somebody else is greeted soon.
async fn is_served(link: &JoinLink, carrier: Carrier) {
    let greeted = timeout(SOON, greeted(link, carrier)).await;
    drop(greeted.expect("others are served soon").expect("others are served"));
}

fn id() -> CommandId {
    format!("{:032x}", 1).parse().expect("an id")
}

#[tokio::test]
async fn n1_links_without_a_seat_take_no_place_once_their_pipe_is_gone() {
    let place = Place::new();
    let (_server, link) = limited(&place, "connections = 64").await;
    for number in 0..200 {
        let own = SigningKey::from_bytes(&[number; 32]);
        timeout(SOON, attach_and_go(&link, &own)).await.expect("there is a place").expect("attached");
    }
}

#[tokio::test]
async fn n2_connections_that_say_nothing_keep_nobody_waiting() {
    let place = Place::new();
    let (_server, link) = limited(&place, "handshakes = 64\nhandshakes_per_network = 32").await;
    let mut silent = Vec::new();
    for number in 0..300 {
        let port = place.port() + number % 3;
        silent.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    is_served(&link, Carrier::Websocket).await;
    drop(silent);
}

#[tokio::test]
async fn n3_halves_of_what_a_stranger_sends_are_not_waited_for_or_have_a_limit() {
    let place = Place::new();
    let limits = "unfinished_bytes = 8388608\nunfinished_bytes_per_network = 4194304";
    let (server, link) = limited(&place, limits).await;
    let address = (Ipv4Addr::LOCALHOST, place.port()).into();
    is_served(&link, Carrier::Websocket).await;
    let before = resident(&server);
    let mut batches = Vec::new();
    for number in 0..HALVES {
        let (stream, status) = half_batch(address, [number; 16]).expect("an answer");
        assert_eq!(status, 410, "nobody waits for what comes behind the head");
        batches.push(stream);
    }
    let mut frames = Vec::new();
    for _ in 0..HALVES {
        frames.push(part_of_a_frame(address).expect("an upgrade"));
    }
    is_served(&link, Carrier::Websocket).await;
    is_served(&link, Carrier::Poll).await;
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < HALVES_GROWTH_MAX, "it grew by {grown} bytes");
    let cut = frames.iter_mut().filter_map(|stream| is_cut(stream, AT_ONCE).ok());
    let kept = cut.filter(|cut| !cut).count();
    assert!(kept <= FRAMES_KEPT_MAX, "{kept} parts of frames are kept");
    drop(batches);
}

#[tokio::test]
async fn n4_sessions_that_begin_in_one_breath_are_few_and_others_begin_theirs() {
    let place = Place::new();
    let (_server, link) = limited(&place, "").await;
    let address = (Ipv4Addr::LOCALHOST, place.port()).into();
    for _ in 0..50 {
        let statuses = sessions(address, 40).expect("answers");
        assert_eq!(statuses.len(), 40, "{statuses:?}");
        let begun = statuses.iter().filter(|status| **status == 200).count();
        assert!((1..=SESSIONS_MAX).contains(&begun), "{begun} of {statuses:?}");
        assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    }
    for _ in 0..5 {
        is_served(&link, Carrier::Poll).await;
    }
}

#[tokio::test]
async fn n5_idle_connections_to_the_check_page_keep_nobody_waiting() {
    let place = Place::new();
    let (server, _link) = limited(&place, "checks = 64\nchecks_per_network = 32").await;
    until("the check page", || server.logged().contains("check page").then_some(())).await;
    let check = place.port() + 3;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(TcpStream::connect(("127.0.0.1", check)).await.unwrap());
    }
    let asked = async {
        let mut stream = TcpStream::connect(("127.0.0.1", check)).await.unwrap();
        stream.write_all(b"GET /v1/check HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = timeout(SOON, asked).await.expect("others are answered");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    drop(idle);
}

#[tokio::test]
async fn n6_a_link_that_forges_seats_is_cut() {
    let place = Place::new();
    let (_server, link) = limited(&place, "").await;
    let own = SigningKey::from_bytes(&[7; 32]);
    let (mut pipe, nonce) = greeted(&link, Carrier::Websocket).await.unwrap();
    pipe.sender.send([attach(&own, &own, 1, nonce)]).await.unwrap();
    assert!(heard(&mut pipe).await.unwrap()["attached"].is_object());
    let forged = |index| Resume {
        index,
        count: 1,
        key: SeatKey(own.verifying_key().to_bytes()),
        conference: None,
        replica: None,
        snapshot: false,
        join: Join { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id() },
        was_participant: false,
        signature: Signature([0; 64]),
    };
    let seats = OpenSeats { seats: (0..200).map(forged).collect() };
    pipe.sender.send([ClientFrame::Open(seats).to_string()]).await.unwrap();
    let bye = async {
        loop {
            let frame = heard(&mut pipe).await.unwrap();
            if frame["_bye"].is_object() {
                return frame;
            }
        }
    };
    assert_eq!(timeout(SOON, bye).await.expect("the end")["_bye"]["code"], "busy");
    is_served(&link, Carrier::Websocket).await;
}

/// A participant with a daemon of their own, and their conference.
async fn participant(place: &Place, link: &JoinLink, name: &str) -> (Program, Hand, String) {
    let daemon = place.daemon(name);
    until("the daemon", || UnixStream::connect(place.socket(name)).ok()).await;
    until("the start", || daemon.logged().contains("started").then_some(())).await;
    let mut hand = Hand::attach(place, name);
    let wanted = json!({ "link": link.to_string(), "name": name, "wait_ms": 30_000 });
    let joined = hand.call("conference.join", &wanted);
    assert_eq!(joined["state"], "joined", "{joined}");
    let conference = joined["conference"].as_str().expect("a conference").to_owned();
    (daemon, hand, conference)
}

#[tokio::test]
async fn p2_commands_that_come_too_fast_wait_and_none_is_refused() {
    let place = Place::new();
    let limits = "commands_per_second = 20\ncommands_at_once = 5";
    let (_server, link) = limited(&place, limits).await;
    let (_one, mut hasty, conference) = participant(&place, &link, "one").await;
    let (_two, mut other, _) = participant(&place, &link, "two").await;
    let began = Instant::now();
    for _ in 0..60 {
        assert_eq!(hasty.call("conference.act", &say(&conference, "x"))["state"], "accepted");
    }
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    let began = Instant::now();
    assert_eq!(other.call("conference.act", &say(&conference, "y"))["state"], "accepted");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn p4_long_messages_wait_by_their_bytes() {
    let place = Place::new();
    let commands = "commands_per_second = 20\ncommands_at_once = 5";
    let bytes = "command_bytes_per_second = 10000\ncommand_bytes_at_once = 2500";
    let (_server, link) = limited(&place, &format!("{commands}\n{bytes}")).await;
    let (_one, mut hasty, conference) = participant(&place, &link, "one").await;
    let began = Instant::now();
    for _ in 0..10 {
        let long = say(&conference, &"x".repeat(3_900));
        assert_eq!(hasty.call("conference.act", &long)["state"], "accepted");
    }
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn p4_long_messages_wait_for_those_who_are_told_and_short_ones_do_not() {
    let place = Place::new();
    let (_server, link) = limited(&place, "told_bytes_per_second = 1000").await;
    let (_one, mut hasty, conference) = participant(&place, &link, "one").await;
    let (_two, mut other, _) = participant(&place, &link, "two").await;
    let long = "x".repeat(3_900);
    let began = Instant::now();
    assert_eq!(hasty.call("conference.act", &say(&conference, &long))["state"], "accepted");
    // Of the first one 3.4 kB are told, beyond what is short: the next one waits for that.
    hasty.tell("conference.act", &say(&conference, &long));
    let ordinary = say(&conference, &"y".repeat(400));
    assert_eq!(other.call("conference.act", &ordinary)["state"], "accepted");
    let page = other.call("conference.history", &json!({ "conference": conference, "limit": 1_000 }));
    assert_eq!(page.to_string().matches(&long).count(), 1, "the short one waited");
    assert_eq!(hasty.call("conference.act", &say(&conference, "z"))["state"], "accepted");
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn p4_a_link_ends_where_too_much_waits_for_its_network_and_everything_comes_once() {
    let place = Place::new();
    let bytes = "command_bytes_per_second = 20000\ncommand_bytes_at_once = 5000";
    let (server, link) = limited(&place, &format!("{bytes}\npaced_bytes_per_network = 1000")).await;
    let (one, mut hasty, conference) = participant(&place, &link, "one").await;
    let texts: Vec<String> = ('a'..='e').map(|letter| letter.to_string().repeat(3_900)).collect();
    let (last, first) = texts.split_last().expect("texts");
    for text in first {
        hasty.tell("conference.act", &say(&conference, text));
    }
    let state = hasty.call("conference.act", &say(&conference, last));
    assert_eq!(state["state"], "accepted", "{} {}", one.logged(), server.logged());
    assert!(server.logged().contains("a link was refused"), "{}", server.logged());
    let page = hasty.call("conference.history", &json!({ "conference": conference, "limit": 1_000 }));
    let page = page.to_string();
    for text in &texts {
        assert_eq!(page.matches(text.as_str()).count(), 1, "{}", &text[..1]);
    }
}
