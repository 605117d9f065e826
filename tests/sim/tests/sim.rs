//! The default run of the simulator.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use convene_model::Carrier;
use convene_tests_sim::{Parts, play};

/// Worlds of the default run.
const WORLDS: u64 = 1_000;
/// Things that happen in all of them, each ten times at the least: otherwise a kind of trouble has
/// gone from the worlds.
const HAPPENINGS: [&str; 16] = [
    "accepted",
    "refused",
    "commands lost",
    "daemons killed",
    "servers killed",
    "restores",
    "resets",
    "rereads",
    "writes undone",
    "log faults",
    "conferences let go",
    "snapshots",
    "passed over",
    "devices replaced",
    "turned to another log",
    "logs cut",
];
/// Frames that each carrier brings to daemons in all of them at the least: fewer show nothing.
const CARRIED_MIN: usize = 1_000;

#[test]
fn a_thousand_worlds_keep_every_promise_by_every_carrier() {
    let next = AtomicU64::new(0);
    let carried = Mutex::new(BTreeMap::<Carrier, usize>::new());
    let happened = Mutex::new(BTreeMap::<&str, usize>::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= WORLDS {
                        break;
                    }
                    let world = play(seed, None, None, false);
                    assert_eq!(world.violation, None, "seed {seed}: see `cargo xtask sim --seed {seed}`");
                    let mut happened = happened.lock().unwrap();
                    for (what, times) in world.counts {
                        *happened.entry(what).or_default() += times;
                    }
                    let mut carried = carried.lock().unwrap();
                    for (carrier, frames) in world.carried {
                        *carried.entry(carrier).or_default() += frames;
                    }
                }
            });
        }
    });
    let carried = carried.into_inner().unwrap();
    let happened = happened.into_inner().unwrap();
    println!("{carried:?} {happened:?}");
    for what in HAPPENINGS {
        assert!(happened.get(what).is_some_and(|times| *times >= 10), "{what}: {happened:?}");
    }
    for carrier in [Carrier::Websocket, Carrier::Stream, Carrier::Poll] {
        assert!(carried.get(&carrier).is_some_and(|frames| *frames >= CARRIED_MIN), "{carried:?}");
    }
}

#[test]
fn seeds_that_once_failed_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");
    let mut played = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(seed) = words.next() else { continue };
            let names: Option<Vec<String>> =
                words.next().map(|parts| parts.split(',').map(str::to_owned).collect());
            let parts = names.map(|names| Parts::named(&names));
            let outcome = play(seed.parse().unwrap(), parts, None, false);
            assert_eq!(outcome.violation, None, "{line} of {}", path.display());
            played += 1;
        }
    }
    assert!(played > 0, "no seed in {folder}");
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        assert_eq!(play(seed, None, None, true), play(seed, None, None, true), "seed {seed}");
    }
}
