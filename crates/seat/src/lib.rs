//! One participant's place in one conference, on one device, as the daemon holds it.
//!
//! A [`Seat`] promises two things to the frontends that use it. A command that was told *queued* is
//! decided in the end, in the order in which this device accepted commands, whatever happens to the
//! daemon, the network or the server. And the events that it passes on are a gapless run of what
//! this seat may see of the conference's log, each told once.
//!
//! Both rest on one discipline: **a thing is stored before it is told.** Every change is a
//! [`Write`]. The machine applies it to its own [`SeatRecord`] at once, hands it out by
//! [`Seat::poll_write`], and holds back whatever depends on it (commands to send, deltas to show)
//! until [`Seat::handle_stored`] says that it is durable. So what a restart reads back, the fold of
//! the stored writes, is never behind what anyone was told. Where the store cannot say whether a
//! write holds, the seat is read anew before it takes or sends anything: [`Seat::needs_reread`].
//!
//! Only a receipt clears the outbox: neither a link's acknowledgement nor an answered frame says
//! that a command was decided. Whenever the seat is opened, everything without a receipt is sent
//! again, in order; the server answers a repeat with the first receipt.
//!
//! The server may come back from a backup. Then a part of the [`Replica`] is *void*, and the seat
//! goes back to what it and the log have in common; commands that were accepted in that part come
//! back as *lost*, with their texts. Or the server may show another log for a while. Then nothing
//! is touched, and a person may turn to that log.
//!
//! The machine knows no frames: `uplink` carries what passes between it and the link.

#[macro_use]
mod planted;

mod acting;
mod delta;
mod disk;
mod intake;
mod machine;
mod opening;
mod outbox;
mod past;
mod receipts;
mod record;
mod replica;
mod secret;
mod snapshot;
mod span;
mod terms;
#[cfg(test)]
mod tests;
mod trouble;
mod write;

pub use acting::{Acceptance, ActError, Outgoing};
pub use delta::{Delta, Standing};
pub use disk::Disk;
pub use intake::NewEvents;
pub use machine::Seat;
pub use opening::{Answer, Asked, AskedReplica, Resumption};
pub use outbox::{Outbox, Queued};
pub use past::Wanted;
pub use receipts::{Digest, KeptReceipt, Receipts};
pub use record::{JoinRequest, Returned, SeatRecord, WhyReturned};
pub use replica::Replica;
pub use secret::SeatSecret;
pub use snapshot::{NoSnapshot, SnapshotParts, SnapshotText};
pub use span::{Missing, Span};
pub use terms::Terms;
pub use write::{DecidedCommand, EventText, HistoryWish, Refold, Write, WriteId};
