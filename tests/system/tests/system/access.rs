//! Checks of the access, on loopback: every way is opened, and what came of each is told.

use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime};

use convene_model::Timestamp;
use convene_tests_system::{Place, Program, until};
use serde_json::{Value, json};

use crate::hand::Hand;

async fn start_server(place: &Place) -> Program {
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    server
}

async fn start_daemon(place: &Place, who: &str) -> Program {
    let daemon = place.daemon(who);
    until("the daemon", || UnixStream::connect(place.socket(who)).ok()).await;
    until("the start", || daemon.logged().contains("started").then_some(())).await;
    daemon
}

#[track_caller]
fn join(place: &Place, who: &str, link: &str, name: &str) {
    let joined = place.convene(who, &["join", link, "--name", name, "--wait", "30"]);
    assert!(joined.status.success(), "{who}: {joined:?}");
}

/// The next check that is over; it was begun for this reason, where one is given.
fn ended(hand: &mut Hand, reason: Option<&str>) -> Value {
    let is_over = |told: &Value| {
        let check = &told["check"];
        check["ended"].is_string() && reason.is_none_or(|reason| check["reason"] == reason)
    };
    hand.hear("access.changed", is_over)["check"].clone()
}

/// The states of the steps of this kind, in their order.
fn states(check: &Value, kind: &str) -> Vec<String> {
    let steps = check["steps"].as_array().into_iter().flatten().filter(|step| step["kind"] == kind);
    steps.filter_map(|step| step["state"].as_str()).map(str::to_owned).collect()
}

fn printed(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let output = place.convene("one", arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn where_nothing_is_in_the_way_each_way_is_opened_and_told_and_it_is_green() {
    let place = Place::new();
    let _server = start_server(&place).await;
    let (_, link) = place.create();
    let daemon = start_daemon(&place, "one").await;
    join(&place, "one", &link, "Anna");
    let (mut hand, mut other) = (Hand::attach(&place, "one"), Hand::attach(&place, "one"));
    assert_eq!(other.call("access.check", &json!({ "watch_only": true })), json!({ "checks": [] }));
    let begun = hand.call("access.check", &json!({ "server": "localhost" }));
    let begun = &begun["checks"][0];
    assert_eq!((&begun["reason"], begun.get("verdict")), (&json!("asked"), None), "{begun}");
    assert!(states(begun, "port").iter().all(|state| state == "waiting" || state == "running"), "{begun}");
    let check = ended(&mut hand, None);
    assert_eq!(check["verdict"], "green", "{check}");
    assert_eq!(states(&check, "port"), ["good"; 4]);
    for kind in ["name", "https", "portal", "inspection", "clock", "version"] {
        assert_eq!(states(&check, kind), ["good"], "{kind}: {check}");
    }
    assert_eq!(check["steps"][1]["carrier"], "websocket");
    assert_eq!(ended(&mut other, None), check, "whoever follows is told the same");
    let kept = hand.call("access.check", &json!({ "watch_only": true }));
    assert_eq!(kept["checks"], json!([check]));
    assert_eq!(hand.call("access.check", &json!({ "server": "elsewhere.test" })), json!({ "checks": [] }));

    let (exit, told) = printed(&place, &["check"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("green") && told.lines().count() > 8, "{told}");
    for port in place.port()..=place.port() + 4 {
        assert!(told.contains(&format!("localhost:{port}")), "{port} is not in {told}");
    }
    let (exit, told) = printed(&place, &["check", "--letter", "--json"]);
    let line: Value = serde_json::from_str(&told).expect("one line, for the one server");
    assert_eq!((exit, &line["state"], line.get("letter")), (Some(0), &json!("connected"), None));
    assert_eq!((&line["check"]["verdict"], line["route"].is_object()), (&json!("green"), true));
    assert!(!daemon.logged().contains("ERROR"), "{}", daemon.logged());
}

#[tokio::test]
async fn where_a_port_is_closed_it_is_yellow_and_the_port_is_named() {
    let place = Place::new();
    let _server = start_server(&place).await;
    let (_, link) = place.create();
    // The last of these ports is nobody's, or another server's.
    let (first, last) = (place.port(), place.port() + 5);
    place.write(
        "convened.toml",
        &format!("[[server]]\nhost = \"localhost\"\ndirect_ports = \"{first}-{last}\"\n"),
    );
    let _daemon = start_daemon(&place, "one").await;
    join(&place, "one", &link, "Anna");
    let mut hand = Hand::attach(&place, "one");
    hand.call("access.check", &json!({}));
    let check = ended(&mut hand, None);
    assert_eq!(check["verdict"], "yellow", "{check}");
    assert_eq!(states(&check, "port"), ["good", "good", "good", "good", "failed"]);
    let failed = check["steps"].as_array().into_iter().flatten().find(|step| step["state"] == "failed");
    let failed = failed.cloned().unwrap_or_default();
    assert_eq!(failed["target"], format!("localhost:{last}"));
    assert!(failed["attempt"]["remedy"].is_string() && failed["ms"].is_u64(), "{failed}");
    let (exit, told) = printed(&place, &["check", "--lang", "de"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("gelb") && told.contains(&format!("localhost:{last}")), "{told}");
}

/// Nobody asks for it.
#[tokio::test]
async fn a_check_begins_by_itself_when_joining_fails_and_again_when_the_seat_is_joined() {
    let place = Place::new();
    let server = start_server(&place).await;
    let (_, link) = place.create();
    drop(server);
    let _daemon = start_daemon(&place, "one").await;
    let mut hand = Hand::attach(&place, "one");
    hand.call("access.check", &json!({ "watch_only": true }));
    let joining = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "30"]);
    assert_eq!(joining.status.code(), Some(4), "{joining:?}");
    let check = ended(&mut hand, Some("seat_taken"));
    assert_eq!(check["verdict"], "red", "{check}");
    assert_eq!(states(&check, "port"), ["failed"; 4]);
    assert_eq!(states(&check, "version"), ["skipped"]);
    let (exit, letter) = printed(&place, &["check", "--letter"]);
    assert_eq!(exit, Some(4), "{letter}");
    for fact in ["Dear administrator", "localhost", "the connection was refused"] {
        assert!(letter.contains(fact), "{fact} is missing in {letter}");
    }
    let _server = start_server(&place).await;
    let check = ended(&mut hand, Some("seat_taken"));
    assert_eq!(check["verdict"], "green", "{check}");
}

#[tokio::test]
async fn a_check_begins_by_itself_on_the_day_before_a_conference_opens() {
    let place = Place::new();
    let _server = start_server(&place).await;
    let later = SystemTime::now() + Duration::from_secs(60 * 60);
    let start = Timestamp::from(later);
    let created = place.create_from(&format!("title = \"Tomorrow\"\nstart = {start}\n"));
    let _daemon = start_daemon(&place, "one").await;
    let mut hand = Hand::attach(&place, "one");
    hand.call("access.check", &json!({ "watch_only": true }));
    join(&place, "one", &created.participant_link, "Anna");
    assert_eq!(ended(&mut hand, Some("day_before"))["verdict"], "green");
}

/// What the participant's own part of the state says of access checks, by whose they are.
fn known(place: &Place, who: &str, conference: &str) -> Value {
    let mut hand = Hand::attach(place, who);
    let watch = hand.call("conference.watch", &json!({ "conference": conference, "state": true }));
    let accesses = watch["state"]["own"]["accesses"].as_object().cloned().unwrap_or_default();
    accesses.into_iter().map(|(whose, known)| (whose, known["verdict"].clone())).collect()
}

#[tokio::test]
async fn organizers_are_told_where_the_user_agreed_and_nobody_else_is() {
    let place = Place::new();
    let _server = start_server(&place).await;
    let created = place.create_from("title = \"A test\"\n");
    let id = created.conference.to_string();
    let _others = [start_daemon(&place, "olga").await, start_daemon(&place, "paul").await];
    join(&place, "olga", &created.organizer_link, "Olga");
    let mut daemon = start_daemon(&place, "one").await;
    join(&place, "one", &created.participant_link, "Anna");
    join(&place, "paul", &created.participant_link, "Paul");
    let check = || {
        let mut hand = Hand::attach(&place, "one");
        hand.call("access.check", &json!({}));
        ended(&mut hand, None)["verdict"].clone()
    };
    assert_eq!(check(), "green");
    assert_eq!(known(&place, "olga", &id), json!({}), "nothing is told before the user agreed");
    let agreed = place.convene("one", &["settings", "set", "own.tell_access", "true"]);
    assert!(agreed.status.success(), "{agreed:?}");
    // What the user says is on the disk a moment later.
    until("the organizer to know", || {
        assert_eq!(check(), "green");
        (known(&place, "olga", &id) == json!({ "p2": "green" })).then_some(())
    })
    .await;
    until("Anna's own part", || (known(&place, "one", &id) == json!({ "p2": "green" })).then_some(())).await;
    assert_eq!(known(&place, "paul", &id), json!({}));
    let public = place.operator(&["show", &id, "--events"]);
    assert!(!String::from_utf8_lossy(&public.stdout).contains("access_told"), "{public:?}");
    let told = String::from_utf8_lossy(&place.convene("olga", &["tail", &id]).stdout).into_owned();
    assert!(told.contains("Anna") && told.contains("green"), "{told}");
    daemon.stop();
    assert!(!daemon.logged().contains("ERROR"), "{}", daemon.logged());
}
