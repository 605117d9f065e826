//! The frames between a daemon and a server.
//!
//! A frame is one JSON object with one key, its kind: `{"ack":{"received":17}}`. Unknown fields are ignored, so fields may be
//! added; an unknown kind is answered by `unknown`. Every pipe begins with `hello` from either side, then one `attach`.
//!
//! *Data* frames (opening and closing seats, commands, receipts, events, snapshots, history) are counted by the link, in each
//! direction, from 1. The count is not written in them: the same bytes serve every recipient. *Control* frames (the rest)
//! are not counted, and losing one does no harm.
//!
//! What passes through unread, the body of a command and the text of an event, is a `RawValue`: it is written once, by its
//! author or by the server, and never parsed merely to be written again.

mod client;
mod control;
mod frame;
pub mod proof;
mod server;
mod shared;
#[cfg(test)]
mod tests;

pub use client::{
    Attach, ClientFrame, ClientHello, CloseSeat, Commands, Cursor, HistoryRequest, Join, OpenSeats,
    OutgoingCommand, Resume,
};
pub use control::{Ack, Ping, Pong, Unknown};
pub use frame::FrameError;
pub use server::{
    Attached, Bye, Events, HistoryPage, Opened, OpenedOutcome, Receipts, RefuseCode, Refused, ServerFrame,
    ServerHello, Snapshot, To,
};
pub use shared::{EventsHead, Resumption, events_text, history_text};

/// The versions of this protocol that this program speaks, best first.
pub const VERSIONS: &[u32] = &[1];
