//! What can go wrong, per operation.

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
