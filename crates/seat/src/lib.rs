//! One participant's place in one conference, as the daemon holds it.
//!
//! A [`Seat`] promises two things to the frontends that use it. A command that was told *queued* is decided in the end, in
//! the order in which commands were queued, whatever happens to the daemon, the network or the server; and the events that
//! it passes on are a gapless run of the conference's log, each told once.
//!
//! Both rest on one discipline: **a thing is stored before it is told.** Every change is a [`Write`]. The machine applies
//! the write to its own [`SeatRecord`] at once, hands it out by [`Seat::poll_write`], and holds back whatever depends on
//! it (commands to send, deltas to show) until [`Seat::handle_stored`] says that it is durable. So what a restart reads
//! back, the fold of the stored writes, is never behind what anyone was told.
//!
//! The outbox is cleared by a receipt and by nothing else: neither a link's acknowledgement nor an answered frame says that
//! a command was decided. After a fresh attachment everything without a receipt is sent again, in order; the server
//! answers a repeat with the first receipt.
//!
//! The machine knows frames of no kind: `convened`'s conversation carries what passes between it and the link.

mod history;
mod machine;
mod outbox;
mod record;
mod secret;
#[cfg(test)]
mod tests;

pub use history::Span;
pub use machine::{Delta, EventsOutcome, Opening, Resumption, Seat};
pub use outbox::{ActError, Acted, Outgoing};
pub use record::{
    Digest, EventText, JoinRequest, Membership, Phase, Queued, SeatRecord, Settled, Write, WriteId,
};
pub use secret::SeatSecret;
