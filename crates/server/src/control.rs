//! The control socket in the state directory, by which `convene-server conference …` talks to the running server.
//!
//! One JSON object per line in either direction, a request and its answer. Who may open the socket may do everything: it is
//! its owner's alone.

mod client;
mod language;
mod listener;
#[cfg(test)]
mod tests;

pub(crate) use client::{CallError, Client};
pub(crate) use language::{Answer, Created, Failure, Listed, Request, Shown};
pub(crate) use listener::{ControlError, LinkFacts, bind, serve};

/// The socket's name in the state directory.
pub(crate) const SOCKET: &str = "control.sock";
/// Bytes of one line: a page of events and room for its envelope.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;
