//! Everybody at once. The figures are of a machine that carries the server and all clients, in
//! builds that are not optimised.

use std::time::{Duration, Instant};

use convene_model::{CommandId, JoinLink};
use convene_tests_system::{Crowd, Place, Program, until};
use tokio::sync::Mutex;
use uuid::Uuid;

/// Participants of one conference.
const OF_ONE: usize = 100;
/// Within which all are back.
const BACK_MAX: Duration = Duration::from_secs(60);
/// One crowd at a time.
static TURN: Mutex<()> = Mutex::const_new(());

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
