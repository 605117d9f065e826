//! The promises that every world has to keep.

use std::fmt;

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// A command that was told to be accepted stands in the log once, or was told later to be lost
    /// by a restored backup. Nothing else is told to be lost.
    Accepted,
    /// A replica is what its key may see of the log: all, in order and once. So are the state that
    /// was folded of it and the terms that it knows, also after a restart.
    Replica,
    /// A command that was told not to be accepted, or to be refused, is not accepted in the log.
    Nothing,
    /// Nothing comes to a device that its key may not read.
    Secrets,
    /// In the end every outbox is empty, every seat is open, and each frontend knows what became of
    /// its commands.
    Rest,
    /// The commands of a device stand in the log in the order in which it took them.
    Order,
    /// An entry bears the term that was begun last before it.
    Terms,
    /// A command says where its own author saw the conference, in a log that was so.
    Seen,
    /// A refusal without an entry rests on what is in the log when it is told.
    Refusals,
    /// A frontend is told each event once, or that something was passed over or is to be forgotten.
    Frontends,
    /// Nobody writes behind an entry that they cannot fold.
    Levels,
    /// No participant is two people.
    People,
    /// An event is for those whom the state before it names: a table's talk for those who sit
    /// there, a vote for its voter, what is public for everyone.
    Audiences,
    /// What was planned happens at its time, in order, before any command that comes later.
    Plans,
    /// A link carries each counted frame once and in order, and ends say what ends may say.
    Links,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub promise: Promise,
    /// By what.
    pub what: String,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Accepted,
        Self::Replica,
        Self::Nothing,
        Self::Secrets,
        Self::Rest,
        Self::Order,
        Self::Terms,
        Self::Seen,
        Self::Refusals,
        Self::Frontends,
        Self::Levels,
        Self::People,
        Self::Audiences,
        Self::Plans,
        Self::Links,
    ];

    pub(crate) fn broken(self, what: impl Into<String>) -> Violation {
        Violation { promise: self, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.what)
    }
}
