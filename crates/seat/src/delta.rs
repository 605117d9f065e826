//! The changes of a seat, as frontends are told them.

use std::sync::Arc;

use convene_conference::{Receipt, Refusal};
use convene_model::{CommandId, Json, LogId};

use crate::span::Span;
use crate::write::EventText;

/// The standing of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The server has not opened it yet.
    Joining,
    /// It is a participant's.
    Joined,
    /// The participant left; the replica stays readable.
    Left,
    /// An organizer removed the participant, who cannot come back; the replica stays readable.
    Removed,
    /// The server refused it.
    Refused {
        /// Why.
        code: Refusal,
        /// Whether that is the end. Otherwise the seat goes on asking.
        is_final: bool,
    },
    /// The server does not open it now. Key, outbox and replica stay, and the seat goes on asking.
    NotHereNow {
        /// Why.
        code: Refusal,
        /// The log that the server shows in place of the one that the seat knows. The person may
        /// turn to it: [`crate::Seat::join_other_log`].
        other_log: Option<LogId>,
    },
}

/// News of a seat. Each is given out only once what it tells is durable.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// The seat stands in another way.
    Seat(Standing),
    /// The next events.
    Events {
        /// The replica covered the log up to here.
        after: u64,
        /// And now covers it up to here.
        through: u64,
        /// In order.
        items: Arc<[EventText]>,
    },
    /// The replica went on from a snapshot: what lies in the span was passed over, and can be
    /// fetched. The state that was folded before is replaced.
    PassedOver(Span),
    /// The replica went back to this number, and goes on from there. The state that was folded
    /// before is replaced.
    Reset {
        /// The cursor.
        number: u64,
    },
    /// Somebody who watches has to begin again from the own cursor, as after a restart of the
    /// daemon: the seat was read anew from the store, or turned to another log.
    WatchAnew,
    /// The command is durable in the outbox.
    Queued {
        /// Which.
        id: CommandId,
    },
    /// The command is not in the outbox.
    NotQueued {
        /// Which.
        id: CommandId,
        /// Whether it may come to be there nevertheless: the store cannot say. The same command may
        /// be given again with the same id. Otherwise nothing was accepted.
        unsure: bool,
    },
    /// A command has its receipt. The text of a refused one is among the returned texts.
    Receipt(Receipt),
    /// A command that was accepted is in the conference no more: a restored backup does not hold
    /// it. The text is among the returned texts.
    Lost {
        /// Which.
        id: CommandId,
        /// Its text.
        body: Json,
    },
    /// A returned text was dismissed.
    Dismissed {
        /// Of which command.
        id: CommandId,
    },
    /// A wish for history came to its end.
    History {
        /// The span that was asked for.
        asked: Span,
        /// The part of it that is stored now; `None` where there is nothing to be had.
        came: Option<Span>,
    },
}
