//! Seats that are of no more use: how they are named, left and forgotten.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, until};
use serde_json::Value;

/// More than one connection carries.
const CONFERENCES: usize = 66;

fn listed(place: &Place) -> Vec<Value> {
    let output = place.convene("one", &["list", "--json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn people(place: &Place, arguments: &[&str]) -> String {
    String::from_utf8_lossy(&place.convene("one", arguments).stdout).into_owned()
}

#[tokio::test]
async fn what_was_never_reached_has_a_name_and_is_given_up() {
    let place = Place::new();
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let link = format!("https://localhost:{}/j/{}", place.port(), "A".repeat(22));
    let joining = place.convene("one", &["join", &link, "--name", "Anna", "--wait", "1"]);
    assert_eq!(joining.status.code(), Some(4), "{joining:?}");
    let name = listed(&place)[0]["seat"].as_str().unwrap().to_owned();
    assert!(people(&place, &["list"]).contains("you are not in yet"));
    assert!(people(&place, &["leave", &name]).starts_with("left"));
    assert_eq!(listed(&place), [] as [Value; 0]);
    // Nothing tries to reach that server any more.
    assert_eq!(people(&place, &["status", "--json"]), "");
    let unknown = place.convene("one", &["forget", &name]);
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
}

#[tokio::test]
async fn who_leaves_may_join_as_many_others() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let mut last = String::new();
    for number in 1..=CONFERENCES {
        let (conference, link) = place.create();
        let joined = place.convene("one", &["join", &link, "--name", "Anna"]);
        assert!(joined.status.success(), "{number}: {joined:?}\n{}", daemon.logged());
        last = conference.to_string();
        if number == CONFERENCES {
            let kept = place.convene("one", &["forget", &last]);
            assert!(String::from_utf8_lossy(&kept.stderr).contains("leave it first"), "{kept:?}");
        }
        assert!(people(&place, &["leave", &last]).starts_with("left"));
    }
    until("all to be left", || listed(&place).iter().all(|seat| seat["state"] == "left").then_some(())).await;
    assert!(people(&place, &["forget", &last]).starts_with("forgotten"));
    assert_eq!(listed(&place).len(), CONFERENCES - 1);
}
