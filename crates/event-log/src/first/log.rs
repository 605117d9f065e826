//! The trait, with its duties.

use std::sync::Arc;

use convene_model::{ConferenceId, LogId};

use super::errors::{AppendError, CreateError, ReadError, StorageError};

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
