//! Everybody at once. The figures are of a machine that carries the server and all clients, in
//! builds that are not optimised.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use convene_local_api::CommandState;
use convene_model::limits::PARTICIPANTS_MAX;
use convene_model::{CommandId, JoinLink};
use convene_tests_system::{Crowd, Frontend, Place, Program, until};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Participants of one conference, where many conferences are held.
const OF_ONE: usize = 100;
/// Participants of the largest conference that is tested.
const OF_THE_LARGEST: usize = 2_000;
/// A conference lets more people in than it is made for; that it lets in no more than that is
/// tested where it is decided, without a connection for each.
const _: () = assert!(OF_THE_LARGEST < PARTICIPANTS_MAX);
/// Within which all are back.
const BACK_MAX: Duration = Duration::from_secs(60);
/// One crowd at a time: each alone has a machine of two cores busy.
pub(crate) static TURN: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r91_two_thousand_are_back_within_a_minute_of_a_restart_and_miss_nothing() {
    let back = come_back(2_000, Program::restart).await;
    assert!(back <= BACK_MAX, "{back:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r91_five_hundred_are_back_within_a_minute_of_a_crash_and_miss_nothing() {
    let back = come_back(500, Program::kill_and_restart).await;
    assert!(back <= BACK_MAX, "{back:?}");
}

/// Each member folds the whole conference for itself, as a daemon does, in about a gigabyte.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_in_one_conference_know_one_another_and_hear_each_message_once() {
    let _turn = TURN.lock().await;
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let began = Instant::now();
    let leads: JoinLink = link.parse().expect("it is a link");
    let crowd = Crowd::gather(&[leads], OF_THE_LARGEST).await;
    until("everyone to know everyone", || (crowd.known() == OF_THE_LARGEST).then_some(())).await;
    tell_how_soon("know one another", began);
    say_everywhere(&crowd, 1).await;
    tell_how_soon("have heard a message", began);

    // One more comes with the real programs, and has missed more than is told event by event.
    let _daemon = place.daemon("late");
    until("the daemon", || UnixStream::connect(place.socket("late")).ok()).await;
    let late = Frontend::join(place.socket("late"), &link, "Late").await;
    until("everyone to know who is late", || (crowd.known() == OF_THE_LARGEST + 1).then_some(())).await;
    until("everyone to be shown to who is late", || {
        let who = place.convene("late", &["who", &conference.to_string()]);
        let lines = String::from_utf8_lossy(&who.stdout).lines().count();
        (lines == OF_THE_LARGEST + 1).then_some(())
    })
    .await;
    let mut following = JoinSet::new();
    let listener = late.clone();
    following.spawn(async move { listener.follow().await });
    let id = CommandId(Uuid::new_v4());
    let said = late.want(id, &json!({ "kind": "say", "text": "I am late" })).await;
    assert_eq!(said.state, CommandState::Accepted);
    until("a message that everybody hears", || crowd.heard(id, |_| true)).await;
    until("the same at who said it", || late.has(id).then_some(())).await;
    let told = late.deltas();
    assert!(told.is_sorted_by(|a, b| a.0 < b.0), "events out of order, or twice");
    assert_eq!(told.len(), 1 + (OF_THE_LARGEST + 1) + 2, "the creation, all who came, and two messages");
    tell_how_soon("have heard who is late, who has read all that was missed", began);
}

#[expect(clippy::print_stderr, reason = "how soon they are there is a result of the test")]
fn tell_how_soon(what: &str, began: Instant) {
    eprintln!("{OF_THE_LARGEST} {what} after {:?}", began.elapsed());
}

/// So many participants say something and hear it, the server ends in that way and is started
/// again, and they hear what is said while they come back. Gives when the last is back.
#[expect(clippy::print_stderr, reason = "how soon they are back is a result of the test")]
async fn come_back(size: usize, end: fn(&mut Program)) -> Duration {
    let _turn = TURN.lock().await;
    let place = Place::new();
    let mut server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let links: Vec<JoinLink> =
        (0..size / OF_ONE).map(|_| place.create().1.parse().expect("it is a link")).collect();
    let crowd = Crowd::gather(&links, size).await;
    say_everywhere(&crowd, links.len()).await;
    let before = crowd.attempts();
    let ended = Instant::now();
    end(&mut server);
    let mut times = say_everywhere(&crowd, links.len()).await;
    times.sort_unstable();
    let after = |at: usize| times[at].saturating_duration_since(ended);
    assert_eq!(times.len(), size);
    let all = after(size - 1);
    // About one pipe for each, where each finds the server at leisure in its turn; more on a busy
    // machine, where they try other ways beside it.
    let pipes = crowd.attempts() - before;
    eprintln!("{size}: half are back after {:?}, all after {all:?}, by {pipes} pipes", after(size / 2));
    all
}

/// One in each conference says something; everybody hears it once. Gives when each has.
async fn say_everywhere(crowd: &Crowd, conferences: usize) -> Vec<Instant> {
    let ids: Vec<_> = (0..conferences).map(|_| CommandId(Uuid::new_v4())).collect();
    for (conference, id) in ids.iter().enumerate() {
        crowd.say(conference, *id);
    }
    let mut times = Vec::new();
    for (conference, id) in ids.iter().enumerate() {
        let members = |member: usize| member % conferences == conference;
        times.extend(until("a message that everybody hears", || crowd.heard(*id, members)).await);
    }
    times
}
