//! Drafts: the frontends of a user share them, no kill takes them, and they go with the seat.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, Program, search, until};
use serde_json::{Value, json};

use crate::hand::Hand;

const KEY: &str = "room:plenary";

async fn joined() -> (Place, Program, Program, String) {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    assert_eq!(place.convene("one", &["join", &link, "--name", "Blue"]).status.code(), Some(0));
    (place, server, daemon, conference.to_string())
}

#[tokio::test]
async fn two_frontends_share_drafts_and_neither_text_is_lost() {
    let (place, _server, mut daemon, conference) = joined().await;
    let (mut one, mut two) = (Hand::attach(&place, "one"), Hand::attach(&place, "one"));
    let all = json!({ "conference": conference });
    let set = |revision: u64, text: &str| json!({ "conference": conference, "key": KEY, "revision": revision, "text": text });
    for hand in [&mut one, &mut two] {
        assert_eq!(hand.call("draft.get", &all), json!({ "drafts": [] }));
    }
    let first = one.call("draft.set", &set(0, "Guten"));
    assert_eq!(first["draft"], json!({ "key": KEY, "revision": 1, "text": "Guten" }));
    let told = two.hear("draft.changed", |_| true);
    assert_eq!(told, json!({ "conference": conference, "draft": first["draft"] }));
    let second = two.call("draft.set", &set(1, "Guten Tag"));
    one.hear("draft.changed", |told| told["draft"] == second["draft"]);
    let both = one.call("draft.set", &set(1, "Gute Nacht"));
    let kept = json!({ "key": KEY, "revision": 3, "text": "Gute Nacht", "other": "Guten Tag" });
    assert_eq!(both["draft"], kept);
    two.hear("draft.changed", |told| told["draft"] == kept);
    one.call("hello", &json!({}));
    assert!(one.said.is_empty(), "a frontend is told what it set itself: {:?}", one.said);

    daemon.kill_and_restart();
    let (mut again, found) = until("the drafts", || {
        let mut hand = Hand::over(UnixStream::connect(place.socket("one")).ok()?);
        let found = hand.call("draft.get", &all);
        found["drafts"].is_array().then_some((hand, found))
    })
    .await;
    assert_eq!(found["drafts"], json!([kept]));
    let settled = again.call("draft.set", &set(3, "Guten Tag"));
    assert_eq!(settled["draft"], json!({ "key": KEY, "revision": 4, "text": "Guten Tag" }));
    let other = json!({ "conference": conference, "key": "page:view" });
    assert_eq!(again.call("draft.get", &other), json!({ "drafts": [] }));
    assert_eq!(again.call("draft.set", &set(4, ""))["draft"]["text"], "");
    assert_eq!(again.call("draft.get", &all), json!({ "drafts": [] }));
}

#[tokio::test]
async fn drafts_have_limits_belong_to_one_user_and_go_with_the_seat() {
    let (place, _server, mut daemon, conference) = joined().await;
    let mut hand = Hand::attach(&place, "one");
    let all = json!({ "conference": conference });
    let set =
        |key: &str, text: &str| json!({ "conference": conference, "key": key, "revision": 0, "text": text });
    let (long_key, long_text) = ("k".repeat(65), "x".repeat(16 * 1024 + 1));
    for (key, text, reason) in [(long_key.as_str(), "x", "key"), (KEY, long_text.as_str(), "text")] {
        let refused = hand.refused("draft.set", &set(key, text));
        assert_eq!(refused, json!({ "code": "draft_too_large", "reason": reason }));
    }
    assert_eq!(hand.refused("draft.set", &set("r\u{e4}um", "x"))["code"], "invalid_params");
    for number in 0..64 {
        let kept = hand.call("draft.set", &set(&format!("room:r{number}"), "sesame"));
        assert_eq!(kept["draft"]["revision"], 1);
    }
    assert_eq!(hand.refused("draft.set", &set("one more", "x"))["reason"], "drafts");
    assert_eq!(hand.call("draft.get", &all)["drafts"].as_array().map(Vec::len), Some(64));

    let is_unknown = |hand: &mut Hand| {
        let refused = [hand.refused("draft.get", &all), hand.refused("draft.set", &set("room:r0", "x"))];
        refused.iter().all(|refused: &Value| refused["code"] == "conference_unknown")
    };
    if let Some(mut nobody) = Hand::of_nobody(&place, "one") {
        assert!(is_unknown(&mut nobody), "another user reads drafts");
    }
    assert!(place.convene("one", &["leave", &conference]).status.success());
    until("the seat to be forgotten", || {
        place.convene("one", &["forget", &conference]).status.success().then_some(())
    })
    .await;
    assert!(is_unknown(&mut hand));
    daemon.stop();
    assert!(search(&[place.path("one.log")], "sesame").is_empty(), "a draft is logged");
}
