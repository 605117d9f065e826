//! A frontend's end of the local socket.
//!
//! * [`sockets`] says where the daemon listens; [`Client`] connects to it, calls its methods and
//!   hears what it says by itself.
//! * `FakeDaemon` (feature `fake`) is a daemon for the tests of frontends.

mod client;
#[cfg(any(test, feature = "fake"))]
mod fake;
mod os;

pub use client::{AskLogin, AskToken, CallError, Client, ConnectError, sockets};
#[cfg(any(test, feature = "fake"))]
pub use fake::FakeDaemon;
