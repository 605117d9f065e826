//! The default run of the simulator.

use std::sync::atomic::{AtomicU64, Ordering};

use convene_tests_sim::{Defect, play};

/// Worlds of the default run.
const WORLDS: u64 = 1_000;

#[test]
fn a_thousand_worlds_keep_every_promise() {
    let next = AtomicU64::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= WORLDS {
                        break;
                    }
                    let violation = play(seed, None, false).violation;
                    assert_eq!(violation, None, "seed {seed}: see `cargo xtask sim --seed {seed}`");
                }
            });
        }
    });
}

#[test]
fn seeds_that_once_failed_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let seed = line.split('#').next().unwrap_or_default().trim();
            if !seed.is_empty() {
                assert_eq!(
                    play(seed.parse().unwrap(), None, false).violation,
                    None,
                    "seed {seed} of {path:?}"
                );
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        assert_eq!(play(seed, None, true), play(seed, None, true), "seed {seed}");
    }
}

#[test]
fn each_planted_defect_is_found() {
    for defect in Defect::ALL {
        let mut worlds = (0..WORLDS).map(|seed| (seed, play(seed, Some(defect), false).violation));
        let found = worlds.find_map(|(seed, violation)| Some((seed, violation?)));
        let (seed, violation) = found.unwrap_or_else(|| panic!("{defect:?} was not found"));
        println!("{defect:?} is found by seed {seed}: {violation}");
    }
}
