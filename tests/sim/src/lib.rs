//! Seeded worlds: daemons and a server as the pure machines that they are, on a clock that the
//! world turns.
//!
//! A seed decides everything: who takes part and speaks when, what the network loses, repeats,
//! delays and forbids, which side is killed with only what was stored, how disks and the log fail,
//! and when a backup is restored. In the end all obstacles go, and the oracle compares what every
//! daemon stored and every frontend was given with the log itself.
//!
//! The world carries bytes, time and failures. Everything else is done by the machines that the
//! programs run: `uplink` with its seats on one side, `hosting` on the other, and the log in memory
//! between servers. That the oracle finds mistakes is shown by those that `convene-tests-planted`
//! plants in the machines.

mod books;
mod daemon;
mod frontend;
mod network;
mod oracle;
mod plan;
mod promise;
mod server;
mod world;

pub use convene_tests_planted::Planted;
pub use plan::{Part, Parts};
pub use promise::{Promise, Violation};
pub use world::Outcome;
pub use world::scenes::{Scene, play_scene};

/// Plays the world of a seed, with these parts or those that the seed draws. With `story`,
/// everything that happens is told in words.
pub fn play(seed: u64, parts: Option<Parts>, planted: Option<Planted>, story: bool) -> Outcome {
    convene_tests_planted::plant(planted);
    let outcome = world::World::new(plan::Plan::new(seed, parts), story).play();
    convene_tests_planted::plant(None);
    outcome
}
