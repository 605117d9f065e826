//! What a participant may do, as frontends are told it.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, until};
use serde_json::{Value, json};

use crate::hand::Hand;

#[track_caller]
fn does(place: &Place, who: &str, command: &[&str]) {
    let output = place.convene(who, command);
    assert!(output.status.success(), "{who}: {command:?}: {output:?}");
}

fn allowed() -> Value {
    json!({ "allowed": true })
}

fn refused(code: &str) -> Value {
    json!({ "allowed": false, "code": code })
}

#[tokio::test]
async fn what_one_may_do_is_told_with_the_state_and_again_when_it_changes() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let created = place.create_from("title = \"A test\"\n");
    let conference = created.conference.to_string();
    let _daemons = ["olga", "anna"].map(|who| place.daemon(who));
    for (who, link) in [("olga", &created.organizer_link), ("anna", &created.participant_link)] {
        until("the daemon", || UnixStream::connect(place.socket(who)).ok()).await;
        does(&place, who, &["join", link, "--name", who, "--wait", "30"]);
    }

    let (mut plain, mut watcher) = (Hand::attach(&place, "anna"), Hand::attach(&place, "anna"));
    let begun = plain.call("conference.watch", &json!({ "conference": conference }));
    assert!(begun["state"].is_object() && begun["may"].is_null(), "{begun}");
    let begun = watcher.call("conference.watch", &json!({ "conference": conference, "state": true }));
    let may = &begun["may"];
    assert_eq!(may["acts"]["end"], refused("not_organizer"));
    assert_eq!(may["acts"]["vote"], refused("no_ballot"));
    assert_eq!(may["acts"]["say"], allowed());
    assert_eq!(may["speak"]["organizers"], refused("room_closed"));
    assert_eq!(may["speak"]["plenary"], allowed());

    does(&place, "olga", &["ballot", "open", "Which?", "Trains", "Bicycles"]);
    let votes = |told: &Value| told["may"]["acts"]["vote"] == allowed();
    let told = watcher.hear("conference.may", votes);
    assert_eq!(
        (&told["conference"], &told["may"]["acts"]["end"]),
        (&json!(conference), &refused("not_organizer"))
    );
    does(&place, "olga", &["organizer", "add", "anna"]);
    let leads = |told: &Value| told["may"]["acts"]["end"] == allowed();
    let told = watcher.hear("conference.may", leads);
    assert_eq!(told["may"]["speak"]["organizers"], allowed());

    does(&place, "anna", &["leave", &conference]);
    watcher.hear("conference.may", |told| told["may"].is_null());
    plain.call("hello", &json!({}));
    let is_told = plain.said.iter().any(|line| line["method"] == "conference.may");
    assert!(!is_told, "a watch that does not want the state is told it");
}
