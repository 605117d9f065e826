//! A backup that is made while people write, and a server that goes on from it.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use convene_tests_system::{PATIENCE, Place, Program, program, run, until};
use serde_json::{Value, json};

use crate::hand::{Hand, say};

/// The number of messages that a writer says at least before and after the backup, so that it is
/// made in between.
const SAID_MIN: usize = 20;

async fn started(server: &Program, times: usize) {
    until("the server", || (server.logged().matches("listening").count() >= 2 * times).then_some(())).await;
}

async fn daemon(place: &Place, name: &str) -> Program {
    let daemon = place.daemon(name);
    until("the daemon", || UnixStream::connect(place.socket(name)).ok()).await;
    daemon
}

/// `convene-server backup FILE` or `restore FILE`.
fn server_command(place: &Place, verb: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program("convene-server"));
    let file = place.path("convene.backup");
    run(command.arg(verb).arg(file).args(arguments).arg("--state-dir").arg(place.path("server")))
}

fn join(place: &Place, daemon: &str, link: &str, name: &str) {
    let joined = place.convene(daemon, &["join", link, "--name", name]);
    assert!(joined.status.success(), "{joined:?}");
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// All texts that a daemon has, in order.
fn texts(place: &Place, daemon: &str, conference: &str) -> Vec<String> {
    let tail = place.convene(daemon, &["tail", conference, "--json"]);
    lines(&tail).iter().filter_map(|event| event["text"].as_str().map(str::to_owned)).collect()
}

/// Somebody who talks without a pause.
struct Writer {
    said: mpsc::Receiver<String>,
    stop: mpsc::SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Writer {
    fn start(mut hand: Hand, conference: String) -> Self {
        let ((tell, said), (stop, stopped)) = (mpsc::channel(), mpsc::sync_channel(1));
        let thread = thread::spawn(move || {
            let mut number = 0;
            while stopped.try_recv().is_err() {
                let text = format!("number {number}");
                assert_eq!(hand.call("conference.act", &say(&conference, &text))["state"], "accepted");
                tell.send(text).expect("the test reads");
                number += 1;
            }
        });
        Self { said, stop, thread }
    }

    /// The next texts that were accepted.
    fn next(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.said.recv_timeout(PATIENCE).expect("accepted in time")).collect()
    }

    /// Lets it end, and gives what else was accepted.
    fn end(self) -> Vec<String> {
        self.stop.send(()).expect("it writes");
        self.thread.join().expect("all was accepted");
        self.said.iter().collect()
    }
}

/// Makes a backup while somebody writes: what was accepted before it, and from its beginning on.
fn back_up_while_ben_writes(place: &Place, conference: &str) -> (Vec<String>, Vec<String>) {
    let writer = Writer::start(Hand::attach(place, "two"), conference.to_owned());
    let before = writer.next(SAID_MIN);
    let made = server_command(place, "backup", &[]);
    assert!(made.status.success(), "{made:?}");
    let since = [writer.next(SAID_MIN), writer.end()].concat();
    let about = fs::metadata(place.path("convene.backup")).expect("the backup");
    assert_eq!(about.permissions().mode() & 0o777, 0o600, "it holds the server's key");
    let again = server_command(place, "backup", &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--overwrite"), "{again:?}");
    (before, since)
}

/// As the administrator's page says.
fn restore(place: &Place) {
    let refused = server_command(place, "restore", &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not empty"), "{refused:?}");
    fs::rename(place.path("server"), place.path("server.before")).expect("moved away");
    let restored = server_command(place, "restore", &[]);
    assert!(restored.status.success(), "{restored:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_server_is_the_same_and_every_accepted_text_is_there_or_given_back() {
    let place = Place::new();
    let mut server = place.server();
    started(&server, 1).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let _daemons = [daemon(&place, "one").await, daemon(&place, "two").await, daemon(&place, "late").await];
    join(&place, "one", &link, "Anna");
    join(&place, "two", &link, "Ben");
    let [mut anna, mut ben, mut cleo] = ["one", "two", "late"].map(|daemon| Hand::attach(&place, daemon));
    assert_eq!(anna.call("conference.act", &say(&conference, "kept"))["state"], "accepted");
    let (before, since) = back_up_while_ben_writes(&place, &conference);

    // After it: a text that is accepted, somebody who joins, and a text that is not decided.
    for hand in [&mut anna, &mut ben] {
        hand.call("conference.watch", &json!({ "conference": conference, "after": 0 }));
    }
    let lost = say(&conference, "said after the backup");
    assert_eq!(anna.call("conference.act", &lost)["state"], "accepted");
    join(&place, "late", &link, "Cleo");
    server.stop();
    let mut waiting = say(&conference, "said while the server was down");
    waiting["wait_ms"] = json!(0);
    assert_eq!(anna.call("conference.act", &waiting)["state"], "queued");
    restore(&place);
    let server = place.server();
    started(&server, 2).await;
    for hand in [&mut anna, &mut ben, &mut cleo] {
        hand.call("connection.retry", &json!({}));
    }

    assert!(anna.hear("conference.reset", |_| true)["cursor"].as_u64().is_some_and(|cursor| cursor > 0));
    let back = anna.hear("conference.lost", |params| params["command"] == lost["id"]);
    assert_eq!(back["body"], lost["body"]);
    let receipt = anna.hear("conference.receipt", |params| params["command"] == waiting["id"]);
    assert_eq!(receipt["state"], "accepted");
    assert_eq!(anna.call("conference.act", &lost)["state"], "accepted", "the same id, sent again");
    // The seat of who joined after the backup has become a participant's again.
    assert_eq!(cleo.call("conference.act", &say(&conference, "here too"))["state"], "accepted");

    let kept = texts(&place, "one", &conference);
    let said = [before.clone(), since].concat();
    let (in_it, gone) = said.split_at(kept.iter().filter(|text| text.starts_with("number")).count());
    assert!(in_it.starts_with(&before), "what was accepted before the backup is in it: {kept:?}");
    let others = ["said while the server was down", "said after the backup", "here too"];
    assert_eq!(kept, [&["kept".to_owned()], in_it, &others.map(str::to_owned)].concat());
    assert!(!gone.is_empty());
    for text in gone {
        ben.hear("conference.lost", |params| params["body"]["text"] == **text);
    }
    for name in ["one", "two", "late"] {
        until("the others", || (texts(&place, name, &conference) == kept).then_some(())).await;
        let listed = lines(&place.convene(name, &["list", "--json"]));
        let [seat] = &listed[..] else { panic!("{listed:?}") };
        assert_eq!((&seat["state"], &seat["conference"]), (&"joined".into(), &conference.clone().into()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_runs_with_another_log_for_a_while_costs_nothing() {
    let place = Place::new();
    let mut server = place.server();
    started(&server, 1).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let _daemon = daemon(&place, "one").await;
    join(&place, "one", &link, "Anna");
    let mut anna = Hand::attach(&place, "one");
    assert_eq!(anna.call("conference.act", &say(&conference, "first"))["state"], "accepted");
    server.stop();
    let mut waiting = say(&conference, "said meanwhile");
    waiting["wait_ms"] = json!(0);
    assert_eq!(anna.call("conference.act", &waiting)["state"], "queued");
    anna.call("conference.watch", &json!({ "conference": conference }));

    // The same key, and no conference.
    let [right, used] = ["right", "server"].map(|name| place.path(name));
    fs::rename(&used, &right).unwrap();
    fs::DirBuilder::new().mode(0o700).create(&used).unwrap();
    for name in ["key.pem", "certificate.pem"] {
        fs::copy(right.join(name), used.join(name)).unwrap();
    }
    let mut server = place.server();
    started(&server, 2).await;
    anna.call("connection.retry", &json!({}));
    let told = anna.hear("conference.seat", |params| params["seat"] != "joined");
    assert_eq!(told["seat"], "not_here_now", "nothing final: {told}");
    let again = place.convene("one", &["join", &link, "--name", "Anna", "--json"]);
    assert_eq!(lines(&again)[0]["state"], "not_here_now", "the same seat: {again:?}");
    server.stop();
    fs::remove_dir_all(&used).unwrap();
    fs::rename(&right, &used).unwrap();
    let server = place.server();
    started(&server, 3).await;
    anna.call("connection.retry", &json!({}));
    let receipt = anna.hear("conference.receipt", |params| params["command"] == waiting["id"]);
    assert_eq!(receipt["state"], "accepted");
    assert_eq!(texts(&place, "one", &conference), ["first", "said meanwhile"]);
    let listed = lines(&place.convene("one", &["list", "--json"]));
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &"joined".into()));
    assert_eq!(listed[0]["participant"], "p1", "whose key it always was");
}
