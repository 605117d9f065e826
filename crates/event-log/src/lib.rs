//! The log of every conference: numbered entries, in one order, never lost once taken.
//!
//! [`EventLog`] states the duties; an engine is right when it passes the [`contract`]. [`MemoryLog`] keeps everything in memory,
//! for tests.
//!
//! An entry is a text that the log does not read. Numbers begin at 1 and have no gaps.

pub mod contract;
mod errors;
mod log;
mod memory;

pub use errors::{AppendError, CreateError, ReadError, StorageError};
pub use log::{EventLog, Head};
pub use memory::MemoryLog;
