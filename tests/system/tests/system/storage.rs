//! A daemon whose files may not grow: what it tells, and that it goes on by itself.

use std::process::Output;
use std::time::{Duration, Instant};

use convene_local_api::{Watch, WatchParams};
use convene_local_client::Introduction;
use convene_tests_system::{Frontend, Place, until};
use serde_json::Value;
use tokio::task::JoinSet;

/// More than a daemon's store has after joining, and less than what is said then.
const FILE_BYTES_MAX: u64 = 300_000;
const MESSAGES: usize = 150;
/// A local answer comes within 5 s; a busy machine may take some more to start a program.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// The output of a command, which must not take long.
#[track_caller]
fn soon(place: &Place, daemon: &str, arguments: &[&str]) -> (Output, Vec<Value>) {
    let began = Instant::now();
    let output = place.convene(daemon, arguments);
    assert!(began.elapsed() < ANSWER_MAX, "{arguments:?} took {:?}", began.elapsed());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    (output, lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_takes_nothing_tells_so_and_goes_on_by_itself() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let (one, _two) = (place.limited_daemon("one"), place.daemon("two"));
    let follower = Frontend::join(place.socket("one"), &link, "One").await;
    let other = Frontend::join(place.socket("two"), &link, "Two").await;
    let mut following = JoinSet::new();
    for frontend in [follower.clone(), other.clone()] {
        following.spawn(async move { frontend.follow().await });
    }
    let (_, before) = soon(&place, "one", &["status", "--json"]);
    assert!(before[0].get("storage").is_none(), "{before:?}");

    one.limit_files(Some(FILE_BYTES_MAX));
    let text = "x".repeat(3_500);
    for _ in 0..MESSAGES {
        assert!(place.convene("two", &["say", &conference, &text]).status.success());
    }
    let (_, full) = until("a disk that is full", || {
        let (output, lines) = soon(&place, "one", &["status", "--json"]);
        (lines[0]["storage"] == "failed").then_some((output, lines))
    })
    .await;
    assert_eq!(full[0]["state"], "connected");
    let (people, _) = soon(&place, "one", &["status"]);
    assert!(String::from_utf8_lossy(&people.stdout).contains("the disk fails"), "{people:?}");
    let (said, _) = soon(&place, "one", &["say", &conference, "never", "--wait", "1"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("nothing was accepted"), "{said:?}");
    let (_, listed) = soon(&place, "one", &["list", "--json"]);
    let (_, told) = soon(&place, "one", &["tail", &conference, "--json"]);
    let stored = told.last().map(|event| event["seq"].clone());
    assert_eq!(Some(&listed[0]["cursor"]), stored.as_ref(), "no cursor is shown that is not stored");
    let (client, _) = Introduction::new(vec![place.socket("one")], "test").connect().await.unwrap();
    let params = WatchParams { conference: conference.parse().unwrap(), after: None, state: false };
    let watch = client.call::<Watch>(&params).await.unwrap();
    assert_eq!(Some(watch.cursor), stored.as_ref().and_then(Value::as_u64));
    assert!(follower.deltas().len() < MESSAGES, "the follower has what is stored");

    one.limit_files(None);
    until("everything to be there", || (follower.deltas().len() > MESSAGES).then_some(())).await;
    until("the same everywhere", || (follower.deltas() == other.deltas()).then_some(())).await;
    let last = follower.deltas().last().map(|(seq, _)| seq.to_string()).unwrap_or_default();
    let (said, lines) = soon(&place, "one", &["say", &conference, "again", "--json"]);
    assert_eq!((said.status.code(), &lines[0]["state"]), (Some(0), &"accepted".into()), "{said:?}");
    let (_, after) = soon(&place, "one", &["status", "--json"]);
    assert!(after[0].get("storage").is_none(), "{after:?}");
    assert_eq!(after[0]["since"], before[0]["since"], "the link outlived it");
    let (_, spoken) = soon(&place, "two", &["tail", &conference, "--after", &last, "--json"]);
    assert!(spoken.iter().any(|event| event["text"] == "again"));
    assert!(!spoken.iter().any(|event| event["text"] == "never"), "it was told as not accepted");
}
