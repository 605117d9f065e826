//! The frames between a daemon and a server.
//!
//! A frame is one JSON object with one key, its kind: `{"ack":{"received":17}}`. Unknown fields are
//! ignored, so fields may be added; an unknown kind is answered by `unknown`. Every pipe begins
//! with `hello` from either side, then one `attach`.
//!
//! After `attached`, frames are counted by the link, in each direction, from 1. The count is not
//! written in them, so the same bytes serve every recipient. Frames whose kind begins with `_` are
//! not counted, and losing one does no harm. A counted frame of an unknown kind counts and is
//! passed over, so a later version can add kinds without a new version of the protocol.
//!
//! An unknown word in any closed list (an outcome, a code, an audience) reads as "other" and ends
//! nothing.
//!
//! The body of a command and the text of an event are [`convene_model::Json`]: written once, by
//! their author or by the server, and never parsed merely to be written again.

mod client;
mod control;
mod frame;
pub mod proof;
mod server;
mod shared;
#[cfg(test)]
mod tests;

pub use client::{
    Attach, ClientFrame, ClientHello, CloseSeat, Commands, HistoryRequest, Join, OpenSeats, OutgoingCommand,
    Replica, Resume,
};
pub use control::{Ack, Ping, Pong, Unknown};
pub use frame::FrameError;
pub use server::{
    Attached, Bye, Events, Follow, HistoryPage, Opened, OpenedOutcome, OwnPart, Presence, Receipts,
    RefuseCode, Refused, Reopen, Resumption, ServerFrame, ServerHello, Snapshot, To,
};
pub use shared::{EventsHead, events_text, history_text};

pub use convene_model::{Point, TermStart};

/// The versions of this protocol that this program speaks, best first.
pub const VERSIONS: &[u32] = &[2];
