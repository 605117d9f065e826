//! The event log in one SQLite file: the default engine.
//!
//! WAL with `synchronous = FULL`: what is answered has reached the disk. One thread writes; it
//! takes everything that waits and commits it together, so that many conferences share one sync.
//! Reads have a thread and a connection of their own and never wait for a commit.

mod carry;
mod changes;
mod copy;
mod engine;
mod open;
mod reader;
mod rows;
#[cfg(test)]
mod tests;
mod tidings;
mod writer;

pub use carry::{CarriedEntry, FirstForm};
pub use convene_sqlite_file::OpenError;
pub use engine::{Options, SqliteLog};
