//! Opening the file: ours alone, of a form that this version knows, and as durable as SQLite can be.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::engine::Options;
use crate::{carry, form};

/// By which a log of ours is known (`Cnvl`).
pub(crate) const APPLICATION_ID: i32 = 0x436e_766c;
/// The form of the tables. A later form gets the next number and a step that leads to it.
///
/// Tables and columns that earlier versions may pass over need no number.
pub(crate) const SCHEMA: i32 = 2;

/// Why the log does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another server; stop that one, or choose another --state-dir", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not an event log of convene-server; move it away", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version made it.
    #[error("{} was made by a later version (form {found}, this one knows {SCHEMA}); install that version", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form of its tables.
        found: i32,
    },
    /// SQLite cannot use it.
    #[error("{} cannot be opened: {detail}", .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The operating system refuses.
    #[error("{} cannot be opened: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What an open log consists of.
pub(crate) struct Opened {
    pub(crate) writer: Connection,
    pub(crate) reader: Connection,
    /// Held as long as the log is open.
    pub(crate) lock: File,
}

pub(crate) fn open(path: &Path, options: &Options) -> Result<Opened, OpenError> {
    let vfs = options.vfs.as_deref();
    let failed = |source| OpenError::Io { path: path.to_owned(), source };
    let lock = private_file(&path.with_extension("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let form = form::look(path, vfs)?;
    // SQLite gives the files beside it the same rights.
    private_file(path).map_err(failed)?;
    let failed = |error| unusable(path, &error);
    let mut writer = connect(path, vfs, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let mode: String = writer.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        let detail = "it cannot have a log of changes (WAL) where it is; is that a network drive?".to_owned();
        return Err(OpenError::Sqlite { path: path.to_owned(), detail });
    }
    writer.execute_batch("PRAGMA synchronous = FULL").map_err(failed)?;
    carry::over(&mut writer, form, options.first_form).map_err(failed)?;
    let reader = connect(path, vfs, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    Ok(Opened { writer, reader, lock })
}

/// SQLite's fault as ours.
pub(crate) fn unusable(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path: path.to_owned() },
        Some(_) | None => OpenError::Sqlite { path: path.to_owned(), detail: error.to_string() },
    }
}

pub(crate) fn connect(path: &Path, vfs: Option<&str>, access: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Opens the file, or makes it so that nobody else can read it.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
