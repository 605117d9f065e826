//! The daemon as a service manager and an administrator see it: what it tells, what it logs, and
//! what a reload changes.

use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use convene_tests_system::{Place, Program, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::hand::{Hand, say};

fn signal(id: u32, signal: Signal) {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("it runs");
}

/// The daemon, with what a service manager or an administrator says to it.
fn start(place: &Place, environment: &[(&str, &str)]) -> Child {
    let command = place.daemon_command("one");
    let log = std::fs::File::create(place.path("one.log")).expect("a log");
    let mut starting = Command::new(&command[0]);
    starting.args(&command[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    starting.envs(environment.iter().copied()).spawn().expect("started")
}

/// The server, the conference, and the link by which it was joined.
async fn joined(place: &Place) -> (Program, String, String) {
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let output = place.convene("one", &["join", &link, "--name", "Kanarienvogel"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    (server, conference.to_string(), link)
}

fn status(place: &Place) -> Value {
    serde_json::from_slice(&place.convene("one", &["status", "--json"]).stdout).unwrap_or_default()
}

#[tokio::test]
async fn the_service_manager_is_told_how_the_daemon_stands_and_that_it_lives() {
    let place = Place::new();
    let manager = UnixDatagram::bind(place.path("notify")).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let told = || {
        let mut bytes = [0; 256];
        let length = manager.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let until_told = |word: &str| while !told().lines().any(|line| line == word) {};
    let socket = place.path("notify").to_string_lossy().into_owned();
    let mut daemon = start(&place, &[("NOTIFY_SOCKET", &socket), ("WATCHDOG_USEC", "100000")]);
    until_told("READY=1");
    until_told("WATCHDOG=1");
    signal(daemon.id(), Signal::HUP);
    until_told("RELOADING=1");
    until_told("READY=1");
    until_told("WATCHDOG=1");
    signal(daemon.id(), Signal::TERM);
    until_told("STOPPING=1");
    assert!(daemon.wait().unwrap().success());
}

#[tokio::test]
async fn the_log_says_what_an_administrator_wants_to_know_and_nothing_that_people_say() {
    let place = Place::new();
    let mut daemon = start(&place, &[("CONVENE_LOG", "trace")]);
    let (_server, conference, link) = joined(&place).await;
    let output = place.convene("one", &["say", &conference, "Zwitschern im Baum"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let draft = serde_json::json!({
        "conference": conference, "key": "room:plenary", "revision": 0, "text": "Entwurf im Nest",
    });
    assert_eq!(Hand::attach(&place, "one").call("draft.set", &draft)["draft"]["revision"], 1);
    assert_eq!(place.convene("one", &["leave", &conference]).status.code(), Some(0));
    let logged = || std::fs::read_to_string(place.path("one.log")).unwrap_or_default();
    until("the end of the seat", || logged().contains("a seat has left").then_some(())).await;
    signal(daemon.id(), Signal::TERM);
    assert!(daemon.wait().unwrap().success());
    let logged = logged();
    let line = |words: &[&str]| logged.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(line(&["started", "version=", "convened.toml", "one.sock", "state="]), "{logged}");
    assert!(line(&["INFO", "connected", "localhost", "rung=Direct", "carrier=Websocket"]), "{logged}");
    assert!(line(&["a seat has joined", &conference]), "{logged}");
    assert!(line(&["a seat has left", &conference]), "{logged}");
    assert!(line(&["stopping"]), "{logged}");
    let code = link.rsplit('/').next().unwrap().split('#').next().unwrap();
    for secret in ["Kanarienvogel", "Zwitschern", "Entwurf", "A test", code] {
        assert!(!logged.contains(secret), "{secret} is logged:\n{logged}");
    }
}

#[tokio::test]
async fn programs_that_end_leave_one_file_of_all_that_they_keep_though_others_are_attached() {
    let place = Place::new();
    let mut daemon = start(&place, &[]);
    let (mut server, conference, _) = joined(&place).await;
    let mut watcher = Hand::attach(&place, "one");
    watcher.call("conference.watch", &serde_json::json!({ "conference": conference }));
    for _ in 0..20 {
        watcher.call("conference.act", &say(&conference, &"x".repeat(3_900)));
    }
    let logs = [place.path("one").join("seats.db-wal"), place.path("server").join("events.db-wal")];
    assert!(logs.iter().all(|log| log.exists()), "{logs:?}");
    signal(daemon.id(), Signal::TERM);
    assert!(daemon.wait().unwrap().success());
    server.stop();
    assert!(!logs.iter().any(|log| log.exists()), "{logs:?}");
}

#[tokio::test]
async fn a_mistyped_level_is_told_and_silences_nothing() {
    let place = Place::new();
    let mut daemon = start(&place, &[("CONVENE_LOG", "debgu")]);
    let logged = || std::fs::read_to_string(place.path("one.log")).unwrap_or_default();
    until("the start", || logged().contains("started").then_some(())).await;
    assert!(logged().contains("\"debgu\" is no level"), "{}", logged());
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[tokio::test]
async fn what_is_changed_about_a_server_counts_at_once_and_a_mistake_changes_nothing() {
    let place = Place::new();
    let mut daemon = start(&place, &[]);
    let (_server, conference, _) = joined(&place).await;
    let before = status(&place);
    assert_eq!(before["route"]["rung"], "direct");
    place.write("convened.toml", "[[server]]\nhost = \"localhost\"\ncontact = \"help@example.org\"\n");
    until("the contact", || (status(&place)["contact"] == "help@example.org").then_some(())).await;
    assert_eq!(status(&place)["since"], before["since"], "a contact cuts no connection");
    // Ports on which nobody listens: the other way is found.
    place.write("convened.toml", "[[server]]\nhost = \"localhost\"\ndirect_ports = \"1-2\"\n");
    signal(daemon.id(), Signal::HUP);
    until("the other way", || (status(&place)["route"]["rung"] == "https").then_some(())).await;
    let output = place.convene("one", &["say", &conference, "nothing is lost"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    place.write("convened.toml", "[[server]]\nhots = \"localhost\"\n");
    signal(daemon.id(), Signal::HUP);
    let logged = || std::fs::read_to_string(place.path("one.log")).unwrap_or_default();
    until("the error", || logged().contains("did you mean `host`?").then_some(())).await;
    assert_eq!(status(&place)["ports"], "1-2", "what counted before goes on");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[tokio::test]
async fn administrators_see_the_service_and_others_are_told_what_would_work() {
    let place = Place::new();
    let mut daemon = start(&place, &[]);
    let (server, conference, _) = joined(&place).await;
    let system = || {
        let output = place.convene("one", &["status", "--system", "--json"]);
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default())
    };
    let (code, shown) = system();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(shown["configuration"][0], place.path("convened.toml").to_string_lossy().as_ref());
    assert_eq!(shown["state_directory"], place.path("one").to_string_lossy().as_ref());
    assert_eq!(shown["formats"], serde_json::json!({"store": 2, "protocol": 2, "api": 4}));
    assert_eq!((&shown["users"], &shown["frontends"]), (&1.into(), &1.into()));
    let connection = &shown["connections"][0];
    assert_eq!((&connection["seats"], &connection["waiting"]), (&1.into(), &0.into()));
    assert_eq!(connection["route"]["rung"], "direct");
    let text = shown.to_string();
    assert!(!text.contains("Kanarienvogel") && !text.contains(&conference) && !text.contains("A test"));
    drop(server);
    until("the loss", || (system().0 == Some(4)).then_some(())).await;
    assert_eq!(place.convene("one", &["say", &conference, "x", "--wait", "0"]).status.code(), Some(0));
    let (_, shown) = system();
    assert_eq!(shown["connections"][0]["waiting"], 1, "{shown}");
    if let Some(mut nobody) = Hand::of_nobody(&place, "one") {
        let refused = nobody.refused("system.status", &serde_json::json!({}));
        assert_eq!(refused["command"], "sudo convene status --system");
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(system().0, Some(3));
}
