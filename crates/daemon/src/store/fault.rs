//! The faults of the store, told without any value that was to be stored or read.

use convene_sqlite_file::detail;

/// Why nothing can be made durable. It names no value that was to be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// There is no room on the disk.
    #[error("the disk is full")]
    Full,
    /// The file cannot be written.
    #[error("the store cannot be written: {detail}")]
    Failed {
        /// The error, as SQLite describes it.
        detail: String,
    },
}

/// The health of the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Health {
    /// The number of its failures since its start. Each failure ends every
    /// [`Tenure`](super::Tenure) that began before.
    pub(crate) failures: u64,
    /// Why nothing can be made durable now; absent while all is well.
    pub(crate) fault: Option<Fault>,
}

/// Why the store does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    /// Nothing was stored, and nothing of it can appear later; it may be tried again.
    #[error(transparent)]
    Failing(#[from] Fault),
    /// It may be stored: the disk failed when most of it was done.
    #[error("it is not known whether it was stored")]
    Unsure,
    /// The writer has ended.
    #[error("the store is closed")]
    Closed,
}

/// The data that was asked for cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be read: {detail}")]
pub(crate) struct ReadError {
    /// The error, as SQLite describes it.
    pub(crate) detail: String,
}

impl Fault {
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(_) | None => Self::Failed { detail: detail(error) },
        }
    }
}
