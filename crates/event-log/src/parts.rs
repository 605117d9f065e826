//! The parts of a log.

use std::sync::Arc;

use convene_model::{CommandId, ConferenceId, LogId, ParticipantId, TermId};

/// An entry that is in a log. Its identity is its number and its term: two entries that agree in
/// both are the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub number: u64,
    /// The term in which it was appended. Those before the first term belong to
    /// [`TermId::of_log`].
    pub term: TermId,
    /// The text as it was given.
    pub text: Arc<str>,
}

/// An entry that is to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// A text that the log does not read.
    pub text: Arc<str>,
    /// The command whose receipt it holds, if it holds one.
    pub receipt: Option<ReceiptKey>,
}

/// By which the receipt of a command is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReceiptKey {
    /// The participant who gave the command.
    pub participant: ParticipantId,
    /// The id of the command, which no other command of that participant has.
    pub command: CommandId,
}

/// A state that was folded from the entries up to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of the last entry that was folded.
    pub number: u64,
    /// The term of that entry.
    pub term: TermId,
    /// A text that the log does not read.
    pub text: Arc<str>,
}

/// A log in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The conference whose log it is.
    pub conference: ConferenceId,
    /// The incarnation of the log.
    pub log: LogId,
    /// The number of its last entry.
    pub last: u64,
    /// A text that the log does not read: the latest that was written with an entry.
    pub text: Arc<str>,
}
