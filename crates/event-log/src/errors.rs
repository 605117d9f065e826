//! The errors, one enum per operation.

/// Why a conference has no log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoLog {
    /// It was never begun.
    #[error("the conference has no log")]
    NeverBegun,
    /// It was deleted. Nothing brings it back.
    #[error("the conference was deleted")]
    Deleted,
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

/// A write that failed. The same operation again finds out or makes up for either kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Nothing was written, and nothing will be.
    #[error("nothing was written: {0}")]
    Failed(StorageError),
    /// All, a beginning or nothing was written, or will still be written later.
    #[error("whether it was written is not known: {0}")]
    Unknown(StorageError),
}

/// Why a log was not begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// The conference has another log. Nothing was written.
    #[error("the conference has a log already")]
    Taken,
    /// The conference was deleted. Nothing was written.
    #[error("the conference was deleted")]
    Deleted,
    /// The storage failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why a term did not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The term began before, and another one has begun since: it is over. Nothing was written.
    #[error("another process has taken the conference over")]
    NotOwner,
    /// The conference has no log. Nothing was written.
    #[error(transparent)]
    NoLog(#[from] NoLog),
    /// The storage failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why entries were not appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The term is not the log's newest. Nothing was written.
    #[error("another process has taken the conference over")]
    NotOwner,
    /// The log goes on from another number, and the batch is not what stands there. Nothing was
    /// written.
    #[error("the log's last entry is {last}")]
    Position {
        /// The number of its last entry.
        last: u64,
    },
    /// The conference has no log. Nothing was written.
    #[error(transparent)]
    NoLog(#[from] NoLog),
    /// The storage failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why a snapshot was not kept. Whether it was is of no concern: a newer one is put soon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    /// The conference has no log.
    #[error(transparent)]
    NoLog(#[from] NoLog),
    /// The storage failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The conference has no log.
    #[error(transparent)]
    NoLog(#[from] NoLog),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a log is not followed from there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The log does not hold the entry from which on it was to be followed: it is another log from
    /// there, or ends before. A backup was restored.
    #[error("the log does not hold the entry from which it is followed")]
    AnotherLog,
    /// The conference has no log.
    #[error(transparent)]
    NoLog(#[from] NoLog),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why receipts were not looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// The log ends before the number up to which all receipts were wanted. A backup was restored.
    #[error("the log's last entry is {last}")]
    Short {
        /// The number of its last entry.
        last: u64,
    },
    /// The conference has no log.
    #[error(transparent)]
    NoLog(#[from] NoLog),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
