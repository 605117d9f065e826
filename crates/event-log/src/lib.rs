//! The log of every conference: numbered entries, in one order, never lost once taken.
//!
//! [`EventLog`] states the duties; an engine is right when it passes the [`contract`].
//! [`MemoryLog`] keeps everything in memory, and fails as it is told to: for tests and simulators.
//!
//! An entry is a text that the log does not read. Numbers begin at 1 and have no gaps. Every
//! entry belongs to a *term*: the time in which one process was the conference's only writer. The
//! log refuses what a process wants to append whose term is over.

pub mod contract;
mod errors;
mod log;
mod memory;
mod parts;

pub use errors::{
    AppendError, ClaimError, CreateError, FindError, FollowError, NoLog, PutError, ReadError, StorageError,
    WriteError,
};
pub use log::{EventLog, FOLLOW_BYTES, FOLLOW_ENTRIES};
pub use memory::{Backup, Fault, MemoryLog, Snapshots};
pub use parts::{Entry, NewEntry, ReceiptKey, Snapshot, Summary};
