//! The past is read whole, and watches say what they tell.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, Program, until};
use serde_json::{Value, json};

use crate::hand::{Hand, say};

async fn joined() -> (Place, [Program; 2], String) {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    assert_eq!(place.convene("one", &["join", &link, "--name", "Blue"]).status.code(), Some(0));
    (place, [server, daemon], conference.to_string())
}

#[tokio::test]
async fn a_past_of_many_pages_is_printed_whole() {
    let (place, _programs, conference) = joined().await;
    let mut hand = Hand::attach(&place, "one");
    for _ in 0..300 {
        assert_eq!(hand.call("conference.act", &say(&conference, &"x".repeat(3_900)))["state"], "accepted");
    }
    let page = |hand: &mut Hand, after: u64| {
        let page = hand
            .call("conference.history", &json!({ "conference": conference, "after": after, "limit": 1_000 }));
        (
            page["events"].as_array().unwrap().len(),
            page["through"].as_u64().unwrap(),
            page["complete"] == true,
        )
    };
    let (first, through, complete) = page(&mut hand, 0);
    assert!(first < 302 && !complete, "it was cut by its bytes: {first} events, complete: {complete}");
    let (mut all, mut after) = (first, through);
    loop {
        let (count, through, complete) = page(&mut hand, after);
        (all, after) = (all + count, through);
        if complete {
            break;
        }
    }
    let end = after;
    assert_eq!(all, 302, "the creation, the join and what was said; other entries have no events");
    assert_eq!(page(&mut hand, 1_000_000), (0, 1_000_000, true), "beyond the end");
    let tail = place.convene("one", &["tail", &conference, "--json"]);
    assert_eq!((tail.status.code(), tail.stdout.split(|byte| *byte == b'\n').count() - 1), (Some(0), 302));
    assert_eq!(place.convene("one", &["leave", &conference]).status.code(), Some(0));
    assert_eq!(page(&mut hand, end), (1, end + 1, true), "of a seat that left");
}

#[tokio::test]
async fn a_watch_tells_the_seat_and_the_outbox_until_it_is_ended() {
    let (place, [server, _daemon], conference) = joined().await;
    let (mut watcher, mut actor) = (Hand::attach(&place, "one"), Hand::attach(&place, "one"));
    let named = json!({ "conference": conference });
    let begun = watcher.call("conference.watch", &json!({ "conference": conference, "after": 0 }));
    assert_eq!(begun["seat"], "joined");
    assert!(begun["clock_offset_ms"].as_i64().is_some_and(|ms| ms.abs() < 60_000), "{begun}");
    let refused = say(&conference, " ");
    assert_eq!(actor.call("conference.act", &refused)["state"], "refused");
    let id = &refused["id"];
    let is_it = |params: &Value| params["command"] == *id;
    assert_eq!(watcher.hear("conference.outbox", is_it)["body"], refused["body"]);
    assert_eq!(watcher.hear("conference.receipt", is_it)["body"], refused["body"]);
    assert_eq!(
        actor.call("conference.dismiss", &json!({ "conference": conference, "id": id }))["dismissed"],
        true
    );
    watcher.hear("conference.dismissed", is_it);

    drop(server);
    let waiting = json!({ "conference": conference, "id": uuid::Uuid::new_v4(), "body": { "kind": "say", "text": "later" } });
    assert_eq!(actor.call("conference.act", &waiting)["state"], "queued");
    let mut late = Hand::attach(&place, "one");
    late.call("conference.watch", &named);
    let waits = late.hear("conference.outbox", |params| params["command"] == waiting["id"]);
    assert_eq!(waits["body"], waiting["body"], "what waits is told where a watch begins");
    assert_eq!(late.call("conference.unwatch", &named), json!({ "ended": true }));
    assert_eq!(late.call("conference.unwatch", &named), json!({ "ended": false }));

    let _server = place.server();
    watcher.call("connection.retry", &json!({}));
    watcher.hear("conference.receipt", |params| params["command"] == waiting["id"]);
    assert_eq!(
        actor.call("conference.leave", &json!({ "conference": conference, "wait_ms": 30_000 }))["state"],
        "left"
    );
    watcher.hear("conference.seat", |params| params["seat"] == "left");
    late.call("hello", &json!({}));
    assert!(late.said.is_empty(), "nothing is told behind the end of a watch: {:?}", late.said);
}
