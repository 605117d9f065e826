//! Seeded worlds: daemons and a server as the pure machines that they are, on a clock that the world turns.
//!
//! A seed decides everything: who joins and speaks when, what the network loses, repeats, delays and forbids, which carriers it
//! refuses, swallows and cuts, what a daemon remembers of it, which side is killed with only what was durable, and when the log does not answer. In the end all obstacles go, and the oracle looks at what
//! each frontend was given: every message that was told accepted once, in one order, within a bound.
//!
//! That the oracle can find things is shown by [`Defect`]s planted in the glue around the machines.

mod daemon;
mod network;
mod oracle;
mod plan;
mod server;
mod world;

pub use oracle::Violation;
pub use world::{Outcome, play};

/// A mistake planted in the glue, to show that the oracle finds such a one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// The server tells what is not durable yet.
    ReceiptBeforeCommit,
    /// The daemon stores events without the cursor behind them.
    CursorNotStored,
    /// The server's log does not keep receipts, so a repeat is decided again.
    RepeatDecidedTwice,
    /// The server takes frames of a pipe that a newer epoch has replaced.
    OldEpochAccepted,
    /// The daemon gives a frontend two deltas in the wrong order.
    Reordering,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ReceiptBeforeCommit,
        Self::CursorNotStored,
        Self::RepeatDecidedTwice,
        Self::OldEpochAccepted,
        Self::Reordering,
    ];
}
