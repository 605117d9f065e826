//! Participants who abuse a conference: they are removed, and what they may write has an end. Each
//! test is one example of its kind.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, Program, until};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::abuse_of_server::limited_server;
use crate::hand::{Hand, say};

/// A machine of its own.
struct Machine {
    name: String,
    hand: Hand,
    _daemon: Program,
}

impl Machine {
    async fn start(place: &Place, name: &str) -> Self {
        let daemon = place.daemon(name);
        until("the daemon", || UnixStream::connect(place.socket(name)).ok()).await;
        until("the start", || daemon.logged().contains("started").then_some(())).await;
        Self { name: name.to_owned(), hand: Hand::attach(place, name), _daemon: daemon }
    }

    /// One that takes part, as its name.
    async fn joined(place: &Place, name: &str, link: &str) -> Self {
        let mut machine = Self::start(place, name).await;
        let joined = machine.join(link);
        assert_eq!(joined["state"], "joined", "{joined}");
        machine
    }

    /// What becomes of a join by this link.
    fn join(&mut self, link: &str) -> Value {
        let wanted = json!({ "link": link, "name": self.name, "wait_ms": 30_000 });
        self.hand.call("conference.join", &wanted)
    }

    /// What becomes of a command.
    fn act(&mut self, conference: &str, body: &Value) -> Value {
        let id = Uuid::new_v4();
        let wanted = json!({ "conference": conference, "id": id, "body": body, "wait_ms": 30_000 });
        self.hand.call("conference.act", &wanted)
    }

    /// What `convene` prints last, as JSON.
    fn convene(&self, place: &Place, words: &[&str]) -> Value {
        let output = place.convene(&self.name, &[words, &["--json"]].concat());
        assert!(output.status.success(), "{}: {words:?}: {output:?}", self.name);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(text.lines().last().expect("a line")).expect("JSON")
    }

    fn own_link(&self, place: &Place) -> String {
        self.convene(place, &["link"])["link"].as_str().expect("a link").to_owned()
    }

    /// Waits until the first seat of this machine takes part.
    async fn comes_in(&mut self) -> Value {
        let hand = &mut self.hand;
        let listed = || {
            let seat = hand.call("conference.list", &json!({}))["conferences"][0].take();
            (seat["state"] == "joined").then_some(seat)
        };
        until("to be in", listed).await
    }
}

#[tokio::test]
async fn p1_who_was_removed_comes_in_by_nothing_that_they_know() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let created = place.create_from("title = \"A test\"\n");
    let (conference, shared) = (created.conference.to_string(), created.participant_link.as_str());
    let mut olga = Machine::joined(&place, "Olga", &created.organizer_link).await;
    let mut bernd = Machine::joined(&place, "Bernd", shared).await;
    let mut clara = Machine::joined(&place, "Clara", shared).await;
    let (bernds, claras) = (bernd.own_link(&place), clara.own_link(&place));
    let mut second = Machine::joined(&place, "Bernds-second", &bernds).await;
    assert_eq!(bernd.act(&conference, &json!({ "kind": "say", "text": "before" }))["state"], "accepted");
    for machine in [&mut bernd, &mut second] {
        machine.hand.call("conference.watch", &json!({ "conference": conference }));
    }

    olga.convene(&place, &["remove", "Bernd"]);
    for machine in [&mut bernd, &mut second] {
        machine.hand.hear("conference.seat", |told| told["seat"] == "left" && told["code"] == "removed");
    }
    let refused = bernd.act(&conference, &json!({ "kind": "say", "text": "behind" }));
    assert_eq!((&refused["state"], &refused["code"]), (&json!("refused"), &json!("removed")));
    let kept = bernd.hand.call("conference.history", &json!({ "conference": conference }));
    assert!(kept.to_string().contains("before"), "they keep what they have: {kept}");
    let again = json!({ "link": shared, "name": "Bernd", "wait_ms": 30_000 });
    assert_eq!(bernd.hand.refused("conference.join", &again)["refusal"], "removed");

    // Ten machines that were never there, and all that Bernd knows.
    for number in 0..10 {
        let mut other = Machine::start(&place, &format!("other-{number}")).await;
        let (link, code) = if number < 8 { (shared, "code_replaced") } else { (bernds.as_str(), "removed") };
        let joined = other.join(link);
        assert_eq!((&joined["state"], &joined["code"]), (&json!("not_here_now"), &json!(code)), "{joined}");
    }

    let mut claras_second = Machine::start(&place, "Claras-second").await;
    let joined = claras_second.join(&claras);
    assert_eq!(joined["state"], "joined", "the links of others go on: {joined}");
    assert_eq!(joined["participant"], clara.comes_in().await["participant"]);

    let doors = olga.convene(&place, &["doors"]);
    assert_eq!(doors["locked"], true);
    assert_eq!(doors["organizer_link"], json!(created.organizer_link), "Bernd never knew it");
    let fresh = doors["participant_link"].as_str().expect("a link").to_owned();
    assert_ne!(fresh, shared);
    let mut emil = Machine::start(&place, "Emil").await;
    assert_eq!(emil.join(&fresh)["code"], "doors_locked");
    olga.convene(&place, &["doors", "open"]);
    emil.comes_in().await;
    assert_eq!(emil.act(&conference, &json!({ "kind": "say", "text": "hello" }))["state"], "accepted");
    assert_eq!(olga.act(&conference, &json!({ "kind": "say", "text": "hello" }))["state"], "accepted");
}

/// What is decided is kept: a server that starts again knows whom it keeps out.
#[tokio::test]
async fn p1_a_removal_outlives_the_server() {
    let place = Place::new();
    let mut server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let created = place.create_from("title = \"A test\"\n");
    let olga = Machine::joined(&place, "Olga", &created.organizer_link).await;
    let _bernd = Machine::joined(&place, "Bernd", &created.participant_link).await;
    olga.convene(&place, &["remove", "Bernd"]);
    let fresh = olga.convene(&place, &["doors"])["participant_link"].as_str().expect("a link").to_owned();
    server.kill_and_restart();
    let mut other = Machine::start(&place, "other").await;
    assert_eq!(other.join(&created.participant_link)["code"], "code_replaced");
    assert_eq!(other.join(&fresh)["code"], "doors_locked");
}

#[tokio::test]
async fn p4_who_wrote_as_much_as_one_may_writes_no_more_and_others_do() {
    let place = Place::new();
    let _server = limited_server(&place, "participant_bytes = 20000").await;
    let created = place.create_from("title = \"A test\"\n");
    let conference = created.conference.to_string();
    let mut hasty = Machine::joined(&place, "hasty", &created.participant_link).await;
    let mut other = Machine::joined(&place, "other", &created.participant_link).await;
    let long = "x".repeat(3_900);
    let codes: Vec<Value> =
        (0..7).map(|_| hasty.hand.call("conference.act", &say(&conference, &long))["code"].take()).collect();
    assert_eq!(codes.first(), Some(&Value::Null));
    assert_eq!(codes.last(), Some(&json!("participant_full_of_data")), "{codes:?}");
    assert_eq!(hasty.act(&conference, &json!({ "kind": "go", "room": "foyer" }))["state"], "accepted");
    assert_eq!(other.act(&conference, &json!({ "kind": "say", "text": "x" }))["state"], "accepted");
}

#[tokio::test]
async fn p2_a_conference_that_is_full_is_told_and_goes_on() {
    let place = Place::new();
    let mut server = limited_server(&place, "conference_bytes = 40000").await;
    let created = place.create_from("title = \"A test\"\n");
    let conference = created.conference.to_string();
    let mut olga = Machine::joined(&place, "Olga", &created.organizer_link).await;
    let mut anna = Machine::joined(&place, "Anna", &created.participant_link).await;
    olga.hand.call("conference.watch", &json!({ "conference": conference }));
    let ballot = json!({ "kind": "open_ballot", "question": "Shall we?", "options": ["yes", "no"] });
    assert_eq!(olga.act(&conference, &ballot)["state"], "accepted");
    let long = "x".repeat(3_900);
    let codes: Vec<Value> =
        (0..11).map(|_| anna.hand.call("conference.act", &say(&conference, &long))["code"].take()).collect();
    assert_eq!(codes.last(), Some(&json!("conference_full_of_data")), "{codes:?}");
    for percent in [80, 100] {
        let told = json!({ "kind": "filled", "percent": percent });
        let is_told = |events: &Value| {
            events["events"].as_array().into_iter().flatten().any(|event| event["body"] == told)
        };
        olga.hand.hear("conference.events", is_told);
    }
    for body in [
        json!({ "kind": "vote", "ballot": "b1", "option": "o1" }),
        json!({ "kind": "go", "room": "foyer" }),
        json!({ "kind": "leave" }),
    ] {
        assert_eq!(anna.act(&conference, &body)["state"], "accepted", "{body}");
    }
    let _late = Machine::joined(&place, "late", &created.participant_link).await;
    assert_eq!(olga.act(&conference, &json!({ "kind": "remove", "participant": "p2" }))["state"], "accepted");
    assert_eq!(
        olga.act(&conference, &json!({ "kind": "say", "text": "x" }))["code"],
        "conference_full_of_data"
    );
    // Those who run the server let it hold more.
    let config = std::fs::read_to_string(place.path("convene-server.toml")).expect("a configuration");
    place.write("convene-server.toml", &config.replace("40000", "4000000"));
    server.restart();
    let again = json!({ "kind": "say", "text": "again" });
    until("there to be room", || (olga.act(&conference, &again)["state"] == "accepted").then_some(())).await;
}
