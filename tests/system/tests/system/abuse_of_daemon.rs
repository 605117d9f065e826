//! A local user who wants to take from the others what the daemon has, and files that somebody
//! else put there. What is measured has a bound in bytes, in lines or in time.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Write as _};
use std::iter::repeat_n;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use convene_model::JoinLink;
use convene_tests_attackers::{ENDLESS_SCRIPT, dear_lines, fat_lines, join, link};
use convene_tests_system::{Place, Program, program, run, until};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::hand::Hand;
use crate::pretended::pretended_server;
use crate::resident::resident;

/// Frontends that one user may have.
const FRONTENDS: usize = 64;
/// Bytes by which a daemon may grow, whatever one user's frontends send.
const GROWTH_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// Bytes by which it may grow, however many servers of one user say nothing.
const JOINING_BYTES_MAX: u64 = 48 * 1024 * 1024;
/// Watches that each of them begins beside, with parameters as long as they may be.
const HELD: usize = 4;
/// How long a write may find no room before it counts as not taken.
const NOT_TAKEN: Duration = Duration::from_millis(300);

/// Within which a frontend that is refused is told so.
const AT_ONCE: Duration = Duration::from_millis(50);
/// How soon others are served while somebody abuses the daemon, in builds that are not optimised.
const SOON: Duration = Duration::from_secs(10);
/// Servers that one user may have, and some more.
const SERVERS: usize = 64;
const WANTED: usize = SERVERS + 16;
/// Joins in flight: fewer than one user's requests may be.
const IN_FLIGHT: usize = 200;
/// Servers that one user wins, one after the other: more than what helps is kept of.
const WON: u16 = 270;
/// Rows of what only helps that one user has of each of the two kinds, and those that are needed.
const ROWS_MAX: i64 = 2 * 256 + 8;
/// Scripts of one user that may run at the same time.
const SCRIPTS: usize = 2;
/// Servers whose scripts want to run.
const SCRIPTED: usize = 6;
/// Looks at the daemon's children, 5 ms apart, in which one must be found to count: one that has
/// been killed takes a moment to go.
const LOOKS: usize = 10;

fn attach(place: &Place) -> UnixStream {
    let stream = UnixStream::connect(place.socket("one")).expect("the daemon");
    stream.set_write_timeout(Some(NOT_TAKEN)).expect("a time limit");
    stream
}

/// The next line; `None` where the daemon has closed.
fn heard(stream: &UnixStream) -> Option<String> {
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    read.ok().filter(|count| *count > 0).map(|_| line)
}

/// Whether a new frontend is greeted.
fn is_greeted(place: &Place) -> Option<()> {
    let mut stream = attach(place);
    stream.set_read_timeout(Some(NOT_TAKEN)).ok()?;
    stream.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}\n").ok()?;
    heard(&stream).filter(|line| line.contains("\"result\"")).map(drop)
}

#[tokio::test]
async fn l1_what_requests_and_answers_hold_is_bounded_and_given_back() {
    let place = Place::new();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    until("a greeting", || is_greeted(&place)).await;
    let before = resident(&daemon);
    let mut streams: Vec<_> = (0..FRONTENDS / 4).map(|_| attach(&place)).collect();
    let mut refused = 0;
    let lines = fat_lines();
    for stream in &mut streams {
        // Nothing is read of what the daemon says.
        let mut wanted = lines.iter().chain(repeat_n(&lines[lines.len() - 1], HELD));
        refused += usize::from(wanted.any(|line| stream.write_all(line.as_bytes()).is_err()));
    }
    assert!(refused > 0, "at some point no more is taken");
    let grown = resident(&daemon).saturating_sub(before);
    assert!(grown < GROWTH_BYTES_MAX, "it grew by {grown} bytes");
    drop(streams);
    until("a greeting after they have gone", || is_greeted(&place)).await;
}

/// A daemon that has taken up its seats.
async fn started(place: &Place) -> Program {
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    until("the start", || daemon.logged().contains("started").then_some(())).await;
    daemon
}

/// Another user's frontend, or where this one cannot become another user one more of this one's.
fn another(place: &Place) -> Hand {
    Hand::of_nobody(place, "one").unwrap_or_else(|| Hand::attach(place, "one"))
}

/// Links that differ in the server's key alone, to a port of this machine.
fn links(port: u16) -> impl Iterator<Item = JoinLink> {
    (0..).map(move |key| link(port, port, key).expect("a port"))
}

#[tokio::test]
async fn l2_servers_that_differ_in_their_key_are_few_and_no_start_waits_for_them() {
    let place = Place::new();
    let mut daemon = started(&place).await;
    let mut hand = Hand::attach(&place, "one");
    let before = resident(&daemon);
    let mut joins: Vec<Value> =
        links(place.port()).take(WANTED).map(|link| hand.ask("conference.join", &join(&link, 0))).collect();
    let refused = joins.split_off(SERVERS);
    assert!(joins.iter().all(|answer| answer["result"]["state"] == "joining"), "{joins:?}");
    let codes: Vec<&Value> = refused.iter().map(|answer| &answer["error"]["data"]["code"]).collect();
    assert!(codes.iter().all(|code| **code == "too_many_seats"), "{codes:?}");
    let grown = resident(&daemon).saturating_sub(before);
    assert!(grown < GROWTH_BYTES_MAX, "it grew by {grown} bytes");
    let mut other = another(&place);
    assert!(other.call("conference.list", &json!({}))["conferences"].is_array());

    let began = Instant::now();
    daemon.kill_and_restart();
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let mut other = another(&place);
    let listed = || other.ask("conference.list", &json!({}))["result"].take().is_object().then_some(());
    until("an answer", listed).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    let mut hand = Hand::attach(&place, "one");
    let listed = until("the seats", || {
        let listed = hand.ask("conference.list", &json!({}))["result"].take();
        listed.is_object().then_some(listed)
    })
    .await;
    assert_eq!(listed["conferences"].as_array().map(Vec::len), Some(SERVERS), "{listed}");
}

#[tokio::test]
async fn l3_joins_that_nobody_answers_keep_no_other_join_waiting_and_take_little() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (_, real) = place.create();
    let daemon = started(&place).await;
    let before = resident(&daemon);
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = silent.local_addr().expect("an address").port();
    let mut hand = Hand::attach(&place, "one");
    let links: Vec<JoinLink> = links(port).take(SERVERS).collect();
    for link in links.iter().cycle().take(IN_FLIGHT) {
        hand.tell("conference.join", &join(link, 60_000));
    }
    let began = Instant::now();
    match Hand::of_nobody(&place, "one") {
        Some(mut other) => {
            let wanted = json!({ "link": real, "name": "Anna", "wait_ms": 60_000 });
            let joined = other.call("conference.join", &wanted);
            assert_eq!(joined["state"], "joined", "{joined}");
        }
        // This user has as many servers as one may have.
        None => assert!(another(&place).call("hello", &json!({}))["api"].is_u64()),
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    // By then everything was tried that there is to try.
    let tried = hand.call("conference.join", &join(&links[0], 60_000));
    assert_eq!(tried["state"], "joining", "{tried}");
    let grown = resident(&daemon).saturating_sub(before);
    assert!(grown < JOINING_BYTES_MAX, "it grew by {grown} bytes");
}

/// The answers of a server that attaches every link and opens no seat.
fn attaching() -> impl FnMut(&Value) -> Vec<Value> + Send + 'static {
    let (nonce, now) = ("AAAAAAAAAAAAAAAAAAAAAA", "2026-12-01T09:00:00.000Z");
    let hello = json!({ "hello": { "version": 2, "server": "localhost", "nonce": nonce, "now": now } });
    let attached = json!({ "attached": { "received": 0, "resumed": false } });
    move |frame: &Value| {
        let answer = [("hello", &hello), ("attach", &attached)].into_iter();
        answer.filter(|(kind, _)| frame[kind].is_object()).map(|(_, answer)| answer.clone()).collect()
    }
}

#[tokio::test]
async fn l4_servers_that_one_user_wins_take_nothing_from_what_is_kept_of_another() {
    let place = Place::new();
    let mut daemon = started(&place).await;
    let offered = json!({ "sources": [{ "name": "gnome", "proxies": ["http://proxy.test:3128"] }] });
    let mut other = Hand::of_nobody(&place, "one");
    if let Some(other) = &mut other {
        assert_eq!(other.call("proxy.offer", &offered)["used"], true);
    }
    let led: JoinLink = pretended_server(place.port(), attaching()).parse().expect("a link");
    let mut hand = Hand::attach(&place, "one");
    hand.call("connection.watch", &json!({}));
    for known_by in 1..=WON {
        let wanted = JoinLink { https_port: known_by, ..led.clone() };
        assert_eq!(hand.call("conference.join", &join(&wanted, 0))["state"], "joining");
        hand.hear("connection.changed", |changed| {
            let connections = changed["connections"].as_array().expect("a list");
            connections.iter().any(|one| one["https_port"] == known_by && one["state"] == "connected")
        });
        hand.said.clear();
        let listed = hand.call("conference.list", &json!({}));
        hand.call("conference.forget", &json!({ "seat": listed["conferences"][0]["seat"] }));
    }
    daemon.stop();
    let kept = Connection::open(place.path("one/seats.db")).expect("a store");
    let count = |condition: &str| -> i64 {
        let question = format!("SELECT count(*) FROM memory WHERE {condition}");
        kept.query_row(&question, [], |row| row.get(0)).expect("a count")
    };
    let (rows, routes) = (count("true"), count("key LIKE 'routes %'"));
    assert!(rows <= ROWS_MAX, "{rows} rows");
    assert!((200..=256).contains(&routes), "{routes} rows of routes");
    if other.is_some() {
        assert_eq!(count("key = 'proxies of uid:65534'"), 1, "another user's are kept");
    }
}

#[tokio::test]
async fn l5_what_is_dear_to_answer_is_paced_and_others_are_answered() {
    let place = Place::new();
    let _daemon = started(&place).await;
    let enough = Arc::new(AtomicBool::new(false));
    let attack = |_| {
        let (socket, enough) = (place.socket("one"), Arc::clone(&enough));
        thread::spawn(move || {
            let mut answers = 0_usize;
            for line in dear_lines().iter().cycle() {
                let mut stream = UnixStream::connect(&socket).expect("the daemon");
                stream.set_read_timeout(Some(SOON)).expect("a time limit");
                stream.set_write_timeout(Some(SOON)).expect("a time limit");
                // A daemon that has other things to do need not take it.
                let is_taken = stream.write_all(line.as_bytes()).is_ok();
                answers += usize::from(is_taken && heard(&stream).is_some());
                if enough.load(Ordering::Relaxed) {
                    break;
                }
            }
            answers
        })
    };
    let attackers: Vec<_> = (0..8).map(attack).collect();
    let mut other = another(&place);
    let mut worst = Duration::ZERO;
    for _ in 0..50 {
        let asked = Instant::now();
        assert!(other.call("hello", &json!({}))["api"].is_u64());
        worst = worst.max(asked.elapsed());
    }
    enough.store(true, Ordering::Relaxed);
    let answers: usize = attackers.into_iter().map(|attacker| attacker.join().expect("it ends")).sum();
    assert!(worst < SOON, "{worst:?}");
    assert!(answers > 0, "they are answered too");
}

#[tokio::test]
async fn l6_refused_connections_are_no_lines_of_the_log() {
    let place = Place::new();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    until("a greeting", || is_greeted(&place)).await;
    let before = daemon.logged().lines().count();
    // Those that have just gone may count for a moment, so it is not known which is one too many.
    let mut held = Vec::new();
    until("a refusal", || {
        let stream = attach(&place);
        stream.set_read_timeout(Some(AT_ONCE)).ok()?;
        let refused = heard(&stream).filter(|line| line.contains("too_many_frontends"));
        held.push(stream);
        refused
    })
    .await;
    assert!(held.len() >= FRONTENDS, "{} frontends", held.len());
    for _ in 0..2_000 {
        drop(attach(&place));
    }
    let logged = daemon.logged().lines().count() - before;
    assert!(logged <= 4, "{logged} lines:\n{}", daemon.logged());
    drop(held);
    until("a greeting after they have gone", || is_greeted(&place)).await;
}

/// The children of this process that live.
fn children(program: &Program) -> BTreeSet<u32> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", program.id())).expect("it runs").flatten();
    let texts = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    let all: Vec<u32> = texts
        .flat_map(|text| text.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect();
    let lives = |id: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("State:") && !line.contains(['Z', 'X']))
    };
    all.into_iter().filter(lives).collect()
}

#[tokio::test]
async fn l7_scripts_of_one_user_run_two_at_a_time() {
    let place = Place::new();
    let script = place.write("proxy.pac", ENDLESS_SCRIPT);
    let pac = format!("[proxy]\nmode = \"auto\"\npac_url = \"file://{}\"\n", script.display());
    place.write("convened.toml", &format!("{pac}[[server]]\nhost = \"localhost\"\n"));
    let daemon = started(&place).await;
    let mut hand = Hand::attach(&place, "one");
    for link in links(place.port()).take(SCRIPTED) {
        assert_eq!(hand.call("conference.join", &join(&link, 0))["state"], "joining");
    }
    let (mut looks, mut seen, mut most) = (VecDeque::new(), BTreeSet::new(), 0_usize);
    until("each to have had its turn", || {
        let now = children(&daemon);
        seen.extend(now.iter().copied());
        looks.push_back(now);
        if looks.len() == LOOKS {
            let first = looks.pop_front().unwrap_or_default();
            let stayed = first.iter().filter(|id| looks.iter().all(|look| look.contains(*id)));
            most = most.max(stayed.count());
        }
        (seen.len() >= SCRIPTED).then_some(())
    })
    .await;
    assert_eq!(most, SCRIPTS, "{most} ran at the same time");
    let asked = Instant::now();
    assert!(another(&place).call("hello", &json!({}))["api"].is_u64());
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
}

#[test]
fn l8_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for() {
    let place = Place::new();
    let pipe = place.path("pipe");
    assert!(run(Command::new("mkfifo").arg(&pipe)).status.success());
    let text = "[proxy]\nurl = \"http://proxy.test:1\"\nuser = \"anna\"\npassword_file = \"pipe\"\n";
    let file = place.write("convened.toml", text);
    for config in [&file, &pipe] {
        let checked =
            run(Command::new(program("convened")).arg("--check-config").arg("--config").arg(config));
        let told = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert_eq!(checked.status.code(), Some(2), "{told}");
        assert!(told.contains("it is not a plain file"), "{told}");
    }
}

#[test]
fn l8_no_program_follows_a_link_that_lies_in_its_state_directory() {
    let place = Place::new();
    let victim = place.write("victim", "precious");
    for (state, lock) in [("one", "seats.lock"), ("server", "server.lock")] {
        std::fs::DirBuilder::new().mode(0o700).create(place.path(state)).unwrap();
        symlink(&victim, place.path(state).join(lock)).unwrap();
    }
    for command in [place.daemon_command("one"), place.server_command()] {
        let ended = run(Command::new(&command[0]).args(&command[1..]));
        assert!(!ended.status.success());
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    }
}
