//! Servers and links that claim to be others.

use std::os::unix::net::UnixStream;
use std::sync::mpsc;

use convene_model::{Carrier, JoinLink};
use convene_tests_attackers::{attach, greeted, heard};
use convene_tests_system::{Place, until};
use ed25519_dalek::SigningKey;
use serde_json::json;

use crate::pretended::claiming_server;

#[tokio::test]
async fn who_knows_a_link_and_has_not_its_key_gets_nothing_and_the_link_lives_on() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let link: JoinLink = place.create().1.parse().unwrap();
    let [own, others] = [[1; 32], [2; 32]].map(|secret| SigningKey::from_bytes(&secret));
    let (mut owner, nonce) = greeted(&link, Carrier::Websocket).await.unwrap();
    let attached = attach(&own, &own, 1, nonce);
    owner.sender.send([attached.clone()]).await.unwrap();
    assert_eq!(heard(&mut owner).await.unwrap()["attached"]["resumed"], false);

    let (mut thief, nonce) = greeted(&link, Carrier::Websocket).await.unwrap();
    thief.sender.send([attach(&own, &others, 2, nonce)]).await.unwrap();
    assert_eq!(heard(&mut thief).await.unwrap(), json!({ "refused": { "code": "proof_invalid" } }));
    // The thief repeats what the owner said on another pipe, word for word.
    let (mut thief, _) = greeted(&link, Carrier::Websocket).await.unwrap();
    thief.sender.send([attached]).await.unwrap();
    assert_eq!(heard(&mut thief).await.unwrap(), json!({ "refused": { "code": "proof_invalid" } }));

    owner.sender.send([json!({ "_ping": { "id": 7 } }).to_string()]).await.unwrap();
    while heard(&mut owner).await.unwrap()["_pong"]["id"] != 7 {}
    drop(owner);
    let (mut owner, nonce) = greeted(&link, Carrier::Websocket).await.unwrap();
    owner.sender.send([attach(&own, &own, 2, nonce)]).await.unwrap();
    assert!(heard(&mut owner).await.unwrap()["attached"].is_object(), "nobody took an epoch from it");
}

fn told(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let output = place.convene("one", arguments);
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[tokio::test]
async fn a_server_that_names_anothers_conference_gets_nothing_that_is_said_there() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    assert_eq!(told(&place, &["join", &link, "--name", "Anna"]).0, Some(0));

    let (heard, frames) = mpsc::channel();
    let hostile = Place::new().port();
    let hostile_link = claiming_server(hostile, &conference, heard, |_| Vec::new());
    let joined = told(&place, &["join", &hostile_link, "--name", "Anna", "--json"]);
    assert!(joined.1.contains(&conference), "it claims the conference: {joined:?}");

    let ambiguous = told(&place, &["say", &conference, "for whom?"]);
    assert_eq!(ambiguous.0, Some(1));
    assert!(ambiguous.1.contains("CONFERENCE@SERVER"), "{ambiguous:?}");
    let right = format!("{conference}@localhost:{}", place.port() + 4);
    let said = told(&place, &["say", &right, "for the right one", "--json"]);
    assert!(said.1.contains("accepted"), "{said:?}");
    let kept = told(&place, &["tail", &right, "--json"]).1;
    assert!(kept.contains("for the right one") && !kept.contains("for whom?"), "{kept}");
    assert!(frames.try_iter().all(|frame| frame["commands"].is_null()), "nothing went to the other one");
}
