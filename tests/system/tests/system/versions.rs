//! A daemon and a server of which one is too old for the other.

use std::os::unix::net::UnixStream;

use convene_model::{Carrier, JoinLink};
use convene_tests_attackers::{heard, pipe};
use convene_tests_system::{Place, until};
use serde_json::{Value, json};

use crate::pretended::pretended_server;

fn told(place: &Place, arguments: &[&str]) -> String {
    let output = place.convene("one", arguments);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// The remedies of all attempts that failed for their version.
fn remedies(text: &str) -> Vec<Value> {
    let shown: Value = serde_json::from_str(text).expect("JSON");
    let attempts = shown["attempts"].as_array().expect("a list");
    let of_version = attempts.iter().filter(|attempt| attempt["code"] == "version_unsupported");
    of_version.map(|attempt| attempt["remedy"].clone()).collect()
}

/// Checks what people and programs are told at a server that refuses our version with this answer.
async fn which_side(refused: Value, remedy: &str, words: [&str; 2]) {
    let place = Place::new();
    let link = pretended_server(place.port(), move |_| vec![refused.clone()]);
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let joining = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "5", "--json"]);
    assert_eq!(joining.status.code(), Some(4), "it may become good: {joining:?}");
    for command in ["status", "check"] {
        let wait: &[&str] = if command == "check" { &["--wait", "2"] } else { &[] };
        let shown = told(&place, &[&[command, "--json"], wait].concat());
        let named = remedies(&shown);
        assert!(!named.is_empty() && named.iter().all(|named| named == remedy), "{command}: {shown}");
        let shown = told(&place, &[&[command], wait].concat());
        assert!(shown.contains("version_unsupported") && shown.contains(words[0]), "{command}: {shown}");
    }
    let listed: Value = serde_json::from_str(&told(&place, &["list", "--json"])).expect("one seat");
    assert_eq!((&listed["remedy"], &listed["state"]), (&remedy.into(), &"joining".into()));
    assert!(told(&place, &["list"]).contains(words[0]), "{}", told(&place, &["list"]));
    let letter = told(&place, &["check", "--letter", "--wait", "2"]);
    assert!(letter.contains(words[1]), "{letter}");
}

#[tokio::test]
async fn at_an_earlier_server_the_server_is_to_be_updated() {
    // A server of version 1 names no versions.
    let words = ["has to be updated by whoever runs it", "Those who run it have to update it"];
    which_side(json!({ "refused": { "code": "version_unsupported" } }), "update_server", words).await;
}

#[tokio::test]
async fn at_a_later_server_this_machine_is_to_be_updated() {
    let words = ["update Convene as it was installed", "Please update Convene on this machine"];
    let refused = json!({ "refused": { "code": "version_unsupported", "versions": [3] } });
    which_side(refused, "update_program", words).await;
}

#[tokio::test]
async fn a_daemon_of_another_version_is_refused_with_the_versions_that_would_do() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let link: JoinLink = place.create().1.parse().unwrap();
    for (carrier, versions) in [(Carrier::Websocket, [1]), (Carrier::Poll, [3])] {
        let mut pipe = pipe(&link, carrier).await.unwrap();
        let hello = json!({ "hello": { "versions": versions, "program": "convened" } });
        pipe.sender.send([hello.to_string()]).await.unwrap();
        let refused = json!({ "refused": { "code": "version_unsupported", "versions": [2] } });
        assert_eq!(heard(&mut pipe).await.unwrap(), refused);
        assert!(pipe.receiver.next().await.is_none_or(|end| end.is_err()), "the pipe ends");
    }
}
