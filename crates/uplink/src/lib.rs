//! One connection of a daemon to one server: the ladder, the link and the seats together.
//!
//! * [`Conversation`] carries what passes between a link and the seats that use it.
//! * [`Connection`] lets the ladder find the way and the conversation use it.
//!
//! The daemon runs a connection per server, and so does the simulator.

#[macro_use]
mod planted;

mod connection;
mod conversation;

pub use connection::{Connection, ConnectionEvent, FarEnd, Inspection, PipeAction, code_of};
pub use conversation::{Conversation, ConversationEvent, SeatIndex, TooManySeats};
