//! The changes of what is durable.

use std::sync::Arc;

use convene_conference::{Outcome, Refusal, State};
use convene_model::{CommandId, ConferenceId, Json, LogId, Name, ParticipantId, TermStart};

use crate::outbox::Queued;
use crate::span::{Missing, Span};

/// The order of one seat's writes, from 1. They are stored in this order, each whole or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteId(pub u64);

/// One change of what is durable, and one transaction. Everything in it is about the replica in
/// use, not about those that were put aside, unless it says otherwise.
///
/// [`crate::SeatRecord::apply`] says what each does to a record, and [`crate::Disk`] what it does
/// to the texts of events.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// The server opened the seat: whose it is, in which conference and log. Where the seat had no
    /// replica yet, an empty one of that log begins.
    Opened {
        /// The conference.
        conference: ConferenceId,
        /// The log.
        log: LogId,
        /// The participant who owns the seat.
        participant: ParticipantId,
    },
    /// The server refused the seat for good.
    Refused {
        /// Why.
        code: Refusal,
    },
    /// A command goes into the outbox. A text with the same id that had come back goes out of the
    /// returned ones.
    Queued(Queued),
    /// Receipts came, and terms with them.
    Receipts {
        /// The receipts, in order.
        list: Vec<DecidedCommand>,
        /// Terms that were not known.
        terms: Vec<TermStart>,
    },
    /// Somebody has read a text that came back.
    Dismissed {
        /// The command.
        id: CommandId,
    },
    /// Events came: they and the new cursor are stored together.
    Events {
        /// In order, all above the old cursor.
        items: Arc<[EventText]>,
        /// The new cursor.
        through: u64,
        /// Terms that were not known.
        terms: Vec<TermStart>,
    },
    /// A snapshot came. Where it lies above the cursor, what lies between is missing from now on.
    /// Otherwise the replica goes back to it: texts above it are dropped, and come again.
    Snapshot {
        /// The new cursor. It is also the new base: what is folded anew later begins here.
        number: u64,
        /// The conference as this seat may see it, after that entry.
        state: Box<State>,
        /// The level with which the state was read.
        level: u32,
        /// Terms that were not known.
        terms: Vec<TermStart>,
        /// All that is missing now.
        missing: Missing,
    },
    /// Events of the past came.
    History {
        /// In order, each of which was missing.
        items: Vec<EventText>,
        /// All that is missing now.
        missing: Missing,
    },
    /// A restored backup made a part of the replica void.
    Voided {
        /// The last number that the replica and the log have in common. Receipts above it are
        /// dropped, and accepted commands among them come back as lost.
        common: u64,
        /// The new cursor: at most `common`, and below it where the state at `common` cannot be
        /// made. Events above it are dropped.
        cursor: u64,
        /// The new base; 0 where the state is folded from the first event on.
        base: u64,
        /// All that is missing now.
        missing: Missing,
    },
    /// The state was folded anew from what is stored.
    Folded {
        /// The state at the cursor.
        state: Box<State>,
        /// The level with which it was folded.
        level: u32,
        /// The participant who owns the seat; absent where the joining was void.
        participant: Option<ParticipantId>,
    },
    /// The seat turns to another log. The replica in use is put aside, or dropped where it holds
    /// nothing. One of the other log that was put aside is taken up, or an empty one begins. Of
    /// those that are aside the one that was put there first is dropped where there are more than
    /// four.
    OtherLog {
        /// The log.
        log: LogId,
        /// The name under which the seat asks to join from now on.
        name: Name,
    },
}

/// A command with its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedCommand {
    /// The frontend's name for it.
    pub id: CommandId,
    /// The number of the entry that holds the decision.
    pub number: u64,
    /// The outcome; never [`Outcome::Other`].
    pub outcome: Outcome,
    /// Its body.
    pub body: Json,
}

/// An event as the server wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventText {
    /// The number of its entry.
    pub seq: u64,
    /// Its place in the entry, from 1. Gaps mean nothing.
    pub step: u32,
    /// Its JSON, passed on unchanged.
    pub text: Json,
}

/// A wish to have the state folded anew from what is stored: from the state of the snapshot with
/// number `base`, or from nothing where that is 0, over the texts above it up to `through`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refold {
    /// Of the replica of this log.
    pub log: LogId,
    /// The number at which to begin.
    pub base: u64,
    /// The number at which to end.
    pub through: u64,
}

/// A stretch of the past to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryWish {
    /// Which.
    pub span: Span,
    /// Whether the page is to hold the end of it; otherwise it holds its beginning.
    pub newest: bool,
}
