//! A frontend's end of the local socket.
//!
//! * [`sockets`] says where the daemon listens, and an [`Introduction`] connects to it.
//! * A [`Client`] calls the daemon's methods over one connection, any number at once; its
//!   [`Notifications`] are what the daemon says by itself meanwhile. A task of its own drives the
//!   connection (`driver`) and has the daemon's questions answered beside it (`questions`).
//! * An [`Attachment`] outlives connections: for frontends that stay.
//! * A [`DaemonStream`] is the bare connection, for a program that only passes on what others say.
//! * An [`OwnSocket`] is a socket between programs of one user.
//! * `FakeDaemon` (feature `fake`) is a daemon for the tests of frontends.

mod attachment;
mod client;
mod driver;
mod errors;
#[cfg(any(test, feature = "fake"))]
mod fake;
mod introduction;
mod notifications;
mod os;
mod own;
mod questions;

pub use attachment::{Attachment, AttachmentError, News, Patience};
pub use client::Client;
pub use errors::{CallError, ConnectError};
#[cfg(any(test, feature = "fake"))]
pub use fake::FakeDaemon;
pub use introduction::{Introduction, sockets};
pub use notifications::Notifications;
pub use os::Stream as DaemonStream;
#[cfg(windows)]
pub use os::is_own_process;
pub use own::{OwnSocket, ask_own};
pub use questions::{AskLogin, AskToken};
