//! State directories as programs of an earlier format left them (`fixtures`): all of it is there,
//! and goes on.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use convene_local_api::{Dismiss, DismissParams};
use convene_local_client::Introduction;
use convene_tests_system::{Place, Program, until};
use rusqlite::Connection;
use serde_json::Value;

/// Seats whose servers are not part of the fixture.
const WITHOUT_SERVER: [&str; 2] = ["127.0.0.2", "127.0.0.3"];
const DAEMONS: [&str; 2] = ["anna", "bert"];

/// The state directories of a format, in a place where the programs of today run on them.
struct Fixture {
    place: Place,
    /// The statements about it by the programs that made it.
    expected: Value,
}

impl Fixture {
    fn lay(format: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format);
        let place = Place::new();
        for name in DAEMONS.iter().chain(&["server"]) {
            place.lay(&folder.join(name), name);
        }
        for name in DAEMONS {
            belong_to_this_user(&place.path(name).join("seats.db"));
        }
        let (first, https) = (place.port(), place.port() + 4);
        let here = format!("direct_ports = \"{first}-{}\"\nhttps_port = {https}\n", first + 3);
        let elsewhere = WITHOUT_SERVER.map(|host| format!("[[server]]\nhost = \"{host}\"\n")).concat();
        place.write("convened.toml", &format!("[[server]]\nhost = \"localhost\"\n{here}{elsewhere}"));
        let expected = std::fs::read(folder.join("expected.json")).unwrap_or_default();
        let expected = serde_json::from_slice(&expected).unwrap_or_default();
        Self { place, expected }
    }

    async fn daemon(&self, name: &str) -> Program {
        let daemon = self.place.daemon(name);
        until("the daemon", || UnixStream::connect(self.place.socket(name)).ok()).await;
        until("its seats", || (!self.seats(name).is_empty()).then_some(())).await;
        daemon
    }

    /// The lines that a command of `convene` prints.
    fn told(&self, daemon: &str, arguments: &[&str]) -> Vec<Value> {
        let output = self.place.convene(daemon, &[arguments, &["--json"]].concat());
        lines(&output.stdout)
    }

    fn seats(&self, daemon: &str) -> Vec<Seat> {
        self.told(daemon, &["list"]).iter().map(Seat::new).collect()
    }

    fn events(&self, daemon: &str, conference: &str) -> Vec<Value> {
        self.told(daemon, &["tail", conference])
    }

    /// Sends a command of the fixture again, under its old id: what became of it.
    fn again(&self, daemon: &str, command: &Value, wait: &str) -> (Value, Value) {
        let body = command["body"].to_string();
        let id = text(&command["id"]);
        let told =
            self.told(daemon, &["act", text(&command["conference"]), &body, "--id", id, "--wait", wait]);
        let told = told.first().unwrap_or(&Value::Null);
        (told["state"].clone(), told["code"].clone())
    }

    /// Lets the text of a refused command go; whether it was still there.
    async fn dismiss(&self, daemon: &str, command: &Value) -> Option<bool> {
        let introduction = Introduction::new(vec![self.place.socket(daemon)], "test");
        let (client, _) = introduction.connect().await.ok()?;
        let conference = text(&command["conference"]).parse().ok()?;
        let params = DismissParams { conference, id: text(&command["id"]).parse().ok()? };
        Some(client.call::<Dismiss>(&params).await.ok()?.dismissed)
    }

    /// The state of a seat of Anna's.
    fn state(&self, conference: &str) -> Option<String> {
        let conference = &self.expected["conferences"][conference];
        self.seats("anna").into_iter().find(|seat| seat.conference == *conference).map(|seat| seat.state)
    }

    /// The events of a conference that the server tells: those that everyone sees.
    fn log(&self, conference: &str) -> Vec<Value> {
        lines(&self.place.operator(&["show", conference, "--events", "--json"]).stdout)
    }
}

/// A seat as it is listed.
#[derive(Debug, PartialEq)]
struct Seat {
    conference: Value,
    server: Value,
    name: Value,
    state: String,
    code: Value,
    waiting: Value,
    cursor: Value,
}

impl Seat {
    fn new(listed: &Value) -> Self {
        let field = |name: &str| listed[name].clone();
        Self {
            conference: field("conference"),
            server: field("server"),
            name: field("name"),
            state: text(&listed["state"]).to_owned(),
            code: field("code"),
            waiting: field("waiting"),
            cursor: field("cursor"),
        }
    }
}

/// Root made the seats; a daemon shows people their own alone.
fn belong_to_this_user(store: &Path) {
    let user = rustix::process::geteuid();
    if !user.is_root() {
        let store = Connection::open(store);
        let changed = store.and_then(|store| {
            store.execute("UPDATE seats SET user = ?1", [format!("uid:{}", user.as_raw())])
        });
        assert!(changed.is_ok(), "{changed:?}");
    }
}

fn lines(printed: &[u8]) -> Vec<Value> {
    let lines = printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap_or_default()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A list of the fixture's, none of which is empty.
#[track_caller]
fn list(value: &Value) -> &[Value] {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    assert!(!list.is_empty(), "the fixture says nothing of it");
    list
}

/// The statements of the fixture about each conference.
#[track_caller]
fn each(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    assert!(value.is_object(), "the fixture says nothing of it");
    value.as_object().into_iter().flatten()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_seat_command_text_and_event_of_format_1_is_there_and_goes_on() {
    let fixture = Fixture::lay("format-1");
    let daemons = [fixture.daemon("anna").await, fixture.daemon("bert").await];
    the_daemons_hold_everything(&fixture).await;
    let server = fixture.place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    what_waited_is_decided(&fixture).await;
    the_log_goes_on(&fixture);
    everybody_talks_and_hears(&fixture).await;
    for program in daemons.iter().chain([&server]) {
        assert!(!program.logged().contains("ERROR"), "{}", program.logged());
    }
}

/// Checks what the daemons hold by themselves: no server is there yet.
async fn the_daemons_hold_everything(fixture: &Fixture) {
    for name in DAEMONS {
        let expected = &fixture.expected["daemons"][name];
        let seats: Vec<Seat> = list(&expected["seats"]).iter().map(Seat::new).collect();
        assert_eq!(fixture.seats(name), seats, "the seats of {name}");
        for (conference, numbers) in each(&expected["events"]) {
            let held = fixture.events(name, conference);
            let held_numbers: Vec<_> = held.iter().map(|event| &event["seq"]).collect();
            let numbers: Vec<_> = numbers.as_array().into_iter().flatten().collect();
            assert_eq!(held_numbers, numbers, "the events of {name} in {conference}");
            // The log of a server that is gone is not in the fixture.
            let log = fixture.expected["server"][conference].as_array();
            for event in &held {
                assert!(log.is_none_or(|log| log.contains(event)), "{event}");
            }
        }
    }
    for refused in list(&fixture.expected["refused"]) {
        let daemon = text(&refused["seat"]);
        let told = fixture.again(daemon, refused, "0");
        assert_eq!(told, (refused["state"].clone(), refused["code"].clone()), "{refused}");
        let kept = refused["kept"].as_bool();
        assert_eq!(fixture.dismiss(daemon, refused).await, kept, "its text: {refused}");
    }
}

/// The outbox of Anna is emptied in its order; who had joined or left while no server was there
/// has.
async fn what_waited_is_decided(fixture: &Fixture) {
    let settled = || {
        fixture
            .seats("anna")
            .iter()
            .filter(|seat| !WITHOUT_SERVER.contains(&text(&seat.server)))
            .all(|seat| seat.waiting == 0 && seat.state != "joining")
    };
    until("an empty outbox", || settled().then_some(())).await;
    assert_eq!(fixture.state("leaving").as_deref(), Some("left"));
    assert_eq!(fixture.state("late").as_deref(), Some("joined"));
    let mut accepted: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for command in list(&fixture.expected["outbox"]) {
        let (state, code) = fixture.again("anna", command, "20");
        if text(&command["body"]["text"]).contains('\u{7}') {
            assert_eq!((text(&state), text(&code)), ("refused", "text_control"));
            assert_eq!(
                fixture.dismiss("anna", command).await,
                Some(true),
                "the text of what was refused is kept"
            );
        } else {
            assert_eq!(state, "accepted", "{command}");
            accepted.entry(text(&command["conference"])).or_default().push(&command["body"]["text"]);
        }
    }
    for (conference, texts) in accepted {
        let events = fixture.log(conference);
        let said: Vec<_> =
            events.iter().map(|event| &event["text"]).filter(|said| texts.contains(said)).collect();
        assert_eq!(said, texts, "once each, and in order");
    }
}

/// The server holds what it held, and what came since behind it.
fn the_log_goes_on(fixture: &Fixture) {
    for (conference, events) in each(&fixture.expected["server"]) {
        // The server of format 1 told what organizers say among themselves, too.
        let is_public = |event: &&Value| event["room"] != "organizers";
        let events: Vec<Value> = list(events).iter().filter(is_public).cloned().collect();
        let log = fixture.log(conference);
        assert!(log.starts_with(&events), "the log of {conference}: {log:?}");
    }
}

async fn everybody_talks_and_hears(fixture: &Fixture) {
    for name in ["talk", "back"] {
        let conference = text(&fixture.expected["conferences"][name]);
        for (speaker, hearer) in [("anna", "bert"), ("bert", "anna")] {
            let words = format!("{speaker} goes on");
            let said = fixture.told(speaker, &["say", conference, &words, "--wait", "20"]);
            assert!(said.iter().all(|said| said["state"] == "accepted"), "{said:?}");
            let heard =
                || fixture.events(hearer, conference).iter().any(|event| event["text"] == words.as_str());
            until(&format!("{words}, heard by {hearer}"), || heard().then_some(())).await;
        }
    }
}
