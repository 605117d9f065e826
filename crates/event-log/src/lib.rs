//! The log of every conference: numbered entries, in one order, never lost once taken.
//!
//! [`EventLog`] states the duties; an engine is right when it passes the [`contract`]. [`MemoryLog`] keeps everything in memory,
//! for tests.
//!
//! An entry is a text that the log does not read. Numbers begin at 1 and have no gaps.

pub mod contract;
mod memory;

use std::sync::Arc;

use convene_model::{ConferenceId, LogId};

pub use memory::MemoryLog;

/// Where a conference's log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Which conference.
    pub conference: ConferenceId,
    /// Which incarnation of its log.
    pub log: LogId,
    /// The number of its last entry.
    pub last: u64,
}

/// Why a log was not begun. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// The conference has a log.
    #[error("the conference has a log already")]
    Taken,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why entries were not appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The conference has no log.
    #[error("the conference has no log")]
    Unknown,
    /// The log goes on from another number: someone else has written. Nothing was written.
    #[error("the log's last entry is {last}")]
    Position {
        /// The number of its last entry.
        last: u64,
    },
    /// The storage failed. All of the batch was written or nothing; only reading tells which.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The conference has no log.
    #[error("the conference has no log")]
    Unknown,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The storage's own fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is no room left. Later attempts may find some.
    #[error("the disk is full")]
    Full,
    /// The engine was closed.
    #[error("the event log is closed")]
    Closed,
    /// Anything else, as the engine says it.
    #[error("the event log's storage failed: {detail}")]
    Failed {
        /// The engine's words; they hold no entry.
        detail: String,
    },
}

/// A log with its duties.
///
/// * **Durable**: what was answered by `Ok` survives the end of the process and of the machine.
/// * **Whole**: a batch is in the log entirely or not at all, whatever is killed when.
/// * **One order**: numbers are consecutive; `append` says behind which number it writes, so of two writers one fails.
/// * **Read your writes**: what was answered is in every later `read` and `heads`.
/// * **Going on**: a failed operation leaves a log that works once its cause is gone.
///
/// Dropping a future leaves it undecided whether its operation happens, and nothing in between.
pub trait EventLog: Send + Sync + 'static {
    /// Begins the log of a conference with its entry 1.
    fn create(
        &self,
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
    ) -> impl Future<Output = Result<(), CreateError>> + Send;

    /// All conferences that have a log, by id.
    fn heads(&self) -> impl Future<Output = Result<Vec<Head>, StorageError>> + Send;

    /// Appends at least one entry behind number `after`; gives the number of the last.
    fn append(
        &self,
        conference: ConferenceId,
        after: u64,
        entries: Vec<Arc<str>>,
    ) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// The entries above `after` with their numbers, in order: at most `limit`, and no more once they have `bytes`; one at
    /// least, where there is one.
    fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> impl Future<Output = Result<Vec<(u64, Arc<str>)>, ReadError>> + Send;

    /// Deletes the log of a conference; a conference without one is no error.
    fn delete(&self, conference: ConferenceId) -> impl Future<Output = Result<(), StorageError>> + Send;
}
