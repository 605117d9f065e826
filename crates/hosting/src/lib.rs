//! One conference on a server, without a socket, a clock or a file.
//!
//! [`Host`] decides the commands of all seats of one conference, says what is to be appended to the
//! conference's log, and says who is told what once that is durable. The server runs it, and so
//! does the simulator.

mod host;

pub use host::{Append, Codes, EntryError, Host, Output, Read, ReadFor, event_of, opening_entry};
