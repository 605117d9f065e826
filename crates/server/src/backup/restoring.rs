//! The other side: a state directory is made of a backup, as a whole or not at all.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use convene_event_log_sqlite::{OpenError, Options, SqliteLog};

use super::file::{BackupFile, DamageError, Made, UnpackError};
use crate::state_dir::{EVENT_LOG, Fresh, StateDirError};

/// Why nothing was restored. The state directory is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreError {
    /// The backup cannot be used.
    #[error(transparent)]
    Backup(#[from] DamageError),
    /// The state directory cannot be filled.
    #[error(transparent)]
    StateDir(#[from] StateDirError),
    /// A later version wrote the log that is in it.
    #[error(
        "the event log in {} was made by a later version (form {found}); restore it with that version",
        .path.display()
    )]
    LaterLog {
        /// The backup.
        path: PathBuf,
        /// The form of its log.
        found: i32,
    },
    /// The log in it cannot be used.
    #[error("the event log in {} is damaged ({detail}); use another backup", .path.display())]
    Log {
        /// The backup.
        path: PathBuf,
        /// In which way.
        detail: String,
    },
    /// The disk is full.
    #[error("there is no room in {} for {bytes} bytes; make room and try again", .dir.display())]
    Full {
        /// The state directory.
        dir: PathBuf,
        /// Bytes that are needed.
        bytes: u64,
    },
    /// The operating system refuses.
    #[error("{} cannot be filled: {source}", .dir.display())]
    Io {
        /// The state directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes the state directory out of this backup: it must be empty, or not there. `progress` is told
/// how many bytes of the backup are there, and how many there will be. Blocks.
///
/// # Errors
/// See [`RestoreError`].
pub(crate) fn restore(
    backup: &Path,
    state_dir: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<Made, RestoreError> {
    let file = BackupFile::open(backup)?;
    let made = file.made().clone();
    let bytes = made.bytes();
    let fresh = Fresh::take(state_dir)?;
    let failed = |source: io::Error| {
        let dir = state_dir.to_owned();
        if source.kind() == io::ErrorKind::StorageFull {
            RestoreError::Full { dir, bytes }
        } else {
            RestoreError::Io { dir, source }
        }
    };
    let unpacked = file.unpack(|name| fresh.create(name), |done| progress(done, bytes));
    unpacked.map_err(|error| match error {
        UnpackError::Damage(damage) => damage.into(),
        UnpackError::Write(source) => failed(source),
    })?;
    for part in &made.parts {
        File::open(fresh.path(&part.name)).and_then(|part| part.sync_all()).map_err(failed)?;
    }
    SqliteLog::verify(&fresh.path(EVENT_LOG), &Options::default()).map_err(|error| match error {
        OpenError::Newer { found, .. } => RestoreError::LaterLog { path: backup.to_owned(), found },
        OpenError::Sqlite { detail, .. } => RestoreError::Log { path: backup.to_owned(), detail },
        OpenError::Io { source, .. } => failed(source),
        OpenError::InUse { .. } | OpenError::Foreign { .. } => RestoreError::Log {
            path: backup.to_owned(),
            detail: "it is not an event log of convene-server".to_owned(),
        },
    })?;
    let names: Vec<_> = made.parts.iter().map(|part| part.name.as_str()).collect();
    fresh.keep(&names).map_err(failed)?;
    Ok(made)
}
