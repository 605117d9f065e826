//! The log of a service: where its lines go, and the numbers by which monitoring knows them.
//!
//! [`start`] is called once, at the start of a program. A line that an administrator may wait for
//! bears a number of [`number`]: `tracing::info!(number = number::STARTED, version, "started")`.
//! The number is the event id on Windows and stands in the journal's `MESSAGE_ID`; on standard
//! error it is left out.

mod filter;
mod line;
pub mod number;
mod os;
mod start;

#[cfg(windows)]
pub use os::report_error;
pub use start::{Environment, start};
