//! Whole logs: a copy of one that is in use, and the check of one that nobody uses.

use std::path::Path;

use convene_event_log::StorageError;
use convene_sqlite_file::OpenError;

use crate::engine::{Options, SqliteLog};
use crate::open::file;
use crate::rows::fault;

impl SqliteLog {
    /// Copies the log in the file `from`, as it is at one moment, into `to`: an empty file, which
    /// keeps its rights. Those who have the log open read and write on meanwhile. The copy is one
    /// file, and is not synced. Blocks.
    ///
    /// # Errors
    /// [`StorageError::Full`] where the disk of the copy has no room; nothing of it counts then.
    pub fn copy(from: &Path, to: &Path, options: &Options) -> Result<(), StorageError> {
        let copy = || {
            let log = file(from, options).reader()?;
            let to = to.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(to.to_owned()))?;
            log.execute("VACUUM INTO ?", (to,)).map(drop)
        };
        copy().map_err(|error| fault(&error))
    }

    /// Whether this file is a log that [`SqliteLog::open`] would carry on, and can be read to its
    /// end. Nothing is changed. The caller holds a lock on its directory. Blocks.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn verify(path: &Path, options: &Options) -> Result<(), OpenError> {
        let file = file(path, options);
        let unreadable = |error| file.fault(&error);
        if file.form()? == 0 {
            return Err(file.foreign());
        }
        let log = file.untouched().map_err(unreadable)?;
        let check = log.query_row("PRAGMA integrity_check(1)", (), |row| row.get::<_, String>(0));
        match check.map_err(unreadable)? {
            found if found == "ok" => Ok(()),
            detail => Err(OpenError::Sqlite { path: path.to_owned(), detail }),
        }
    }
}
