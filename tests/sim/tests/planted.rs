//! Each mistake that can be planted in the machines is found by a seed.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use convene_tests_sim::{Parts, Planted, Promise, play};

/// Worlds in which a mistake is looked for.
const WORLDS: u64 = 1_000;
/// Promises that no mistake breaks first: tests of the oracle break them by hand.
const BY_HAND: [Promise; 2] = [Promise::Terms, Promise::People];

#[test]
fn each_planted_mistake_is_found_and_each_promise_broken_by_one() {
    let next = AtomicUsize::new(0);
    let lost = Mutex::new(Vec::new());
    let broken = Mutex::new(BTreeSet::from(BY_HAND));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(planted) = Planted::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let parts = Parts::for_mistake(*planted);
                    let find = |seed, planted| play(seed, Some(parts.clone()), planted, false).violation;
                    match (0..WORLDS).find_map(|seed| Some((seed, find(seed, Some(*planted))?))) {
                        Some((seed, violation)) => {
                            println!("{planted:?} is found by seed {seed}: {violation}");
                            assert_eq!(find(seed, None), None, "{planted:?} is not to blame for seed {seed}");
                            broken.lock().unwrap().insert(violation.promise);
                        }
                        None => lost.lock().unwrap().push(*planted),
                    }
                }
            });
        }
    });
    let lost = lost.into_inner().unwrap();
    assert!(lost.is_empty(), "not found: {lost:?}");
    assert_eq!(broken.into_inner().unwrap(), BTreeSet::from(Promise::ALL), "no mistake breaks the others");
}
