//! SIGKILLs under load, and what every frontend holds afterwards.

use std::collections::BTreeMap;

use convene_model::CommandId;
use convene_tests_system::{Frontend, Place, Talker, until};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Kills that meet a command that waits for its receipt, spread over the server and both daemons.
const KILLS: usize = 50;
/// Disks that lose what was not synced: a seed, and what each keeps or brings back of it.
const DISKS: [&str; 4] = ["1", "2,keep,forget", "3,tear,forget", "4,tear,reorder,forget"];
/// Kills on each of them.
const LOSSY_KILLS: usize = 6;
/// Of so many ends, one is orderly: a program closes its files then, and deletes some.
const ORDERLY: usize = 5;
/// Files that tell how far a first start has come, in their order.
const SERVER_MARKS: [&str; 4] =
    ["server/server.lock", "server/key.pem", "server/events.db", "server/events.db-wal"];
const DAEMON_MARKS: [&str; 4] = ["one/seats.lock", "one/seats.db", "one/seats.db-wal", "one.sock"];
/// Commands of one talker that wait for their receipt.
const WAITING_MAX: usize = 20;

/// Checks that each frontend holds what it must: every message that was told, once, in one order
/// with everyone else.
fn check(frontends: &[(&str, &Frontend)], talkers: &[&Talker]) {
    let (_, first) = frontends[0];
    let expected = first.deltas();
    for (name, frontend) in frontends {
        let deltas = frontend.deltas();
        let mut counts = BTreeMap::new();
        for (_, command) in &deltas {
            *counts.entry(*command).or_insert(0) += 1;
        }
        for id in talkers.iter().flat_map(|talker| talker.told().clone()) {
            assert_eq!(counts.get(&Some(id)), Some(&1), "{name}: how often message {id} came");
        }
        assert!(deltas.is_sorted_by(|a, b| a.0 < b.0), "{name}: events out of order, or twice");
        assert_eq!(deltas, expected, "{name} holds another sequence");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_lose_and_double_nothing() {
    kill_under_load(Place::new(), KILLS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_that_was_told_even_where_what_was_not_synced_is_gone() {
    for disk in DISKS {
        kill_under_load(Place::new().lossy(disk), LOSSY_KILLS).await;
    }
}

/// Each start goes on with what a cut-off one left, and is cut off a little later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_that_is_cut_off_is_made_up_for_by_the_next() {
    for disk in DISKS {
        let place = Place::new().lossy(disk);
        let mut server = place.server();
        let mut daemon = place.daemon("one");
        for (program, marks) in [(&mut server, SERVER_MARKS), (&mut daemon, DAEMON_MARKS)] {
            for mark in marks {
                until(mark, || place.path(mark).exists().then_some(())).await;
                program.kill_and_restart();
            }
        }
        until("the server", || place.operator(&["list"]).status.success().then_some(())).await;
        let (_, link) = place.create();
        let frontend = Frontend::join(place.socket("one"), &link, "One").await;
        let talker = Talker::new(&frontend);
        talker.say(CommandId(Uuid::new_v4())).await;
        assert_eq!(talker.told().len(), 1);
    }
}

/// Three frontends, two of them talking, and so many kills that meet a command that waits for its
/// receipt.
#[expect(clippy::print_stderr, reason = "how many kills met a waiting command is a result of the test")]
async fn kill_under_load(place: Place, wanted: usize) {
    let mut server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (_, link) = place.create();
    let mut daemons = [place.daemon("one"), place.daemon("two")];
    let first = Frontend::join(place.socket("one"), &link, "One").await;
    let other = Frontend::join(place.socket("two"), &link, "Two").await;
    let second = first.beside();
    let (talker, other_talker) = (Talker::new(&first), Talker::new(&other));
    let mut following = JoinSet::new();
    for frontend in [first.clone(), second.clone(), other.clone()] {
        following.spawn(async move { frontend.follow().await });
    }
    let mut talking = JoinSet::new();
    for talker in [talker.clone(), other_talker.clone()] {
        talking.spawn(async move { talker.talk(WAITING_MAX).await });
    }
    let (mut kills, mut met) = (0, 0);
    while met < wanted {
        // In a few the receipt comes between the look and the kill.
        assert!(kills < 2 * wanted, "only {met} of {kills} kills met a command that waited");
        let who = kills % 4;
        let told = talker.told().len() + other_talker.told().len();
        until("talk after the last kill", || {
            (talker.told().len() + other_talker.told().len() > told + 3).then_some(())
        })
        .await;
        let own = if who == 3 { &other_talker } else { &talker };
        let victim = match who {
            0 | 2 => &mut server,
            1 => &mut daemons[0],
            _ => &mut daemons[1],
        };
        // The moment of the kill: a command is told queued, and its receipt has not come.
        let waiting = until("a command that waits for its receipt", || {
            Some(own.waiting()).filter(|waiting| !waiting.is_empty())
        })
        .await;
        if kills % ORDERLY == ORDERLY - 1 {
            // A program that has just been started cannot be asked to end yet.
            until("its receipt", || waiting.iter().all(|id| !own.waiting().contains(id)).then_some(())).await;
            victim.restart();
        } else {
            victim.kill_and_restart();
        }
        kills += 1;
        met += usize::from(!own.waiting().is_empty());
    }
    eprintln!("{met} of {kills} kills met a command that waited for its receipt");
    talking.shutdown().await;
    let everyone = [("first", &first), ("second", &second), ("other", &other)];
    let all: Vec<_> = [&talker, &other_talker].iter().flat_map(|talker| talker.told().clone()).collect();
    for (name, frontend) in everyone {
        until(&format!("all messages at {name}"), || all.iter().all(|id| frontend.has(*id)).then_some(()))
            .await;
    }
    let last = until("the same end everywhere", || {
        let last = first.deltas().last().map(|(seq, _)| *seq);
        everyone.iter().all(|(_, one)| one.deltas().last().map(|(seq, _)| *seq) == last).then_some(last)
    });
    eprintln!("{} messages, the last event is {:?}", all.len(), last.await);
    check(&everyone, &[&talker, &other_talker]);
}
