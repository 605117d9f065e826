//! Opening the file: ours alone, of a form that this version knows, and as durable as SQLite can be.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::form::{self, APPLICATION_ID, Form};
use super::{detail, load};
use crate::os::{RightsError, paths};

/// The store.
const FILE: &str = "seats.db";
/// Who holds it has the store. It stays, because removing it would let two processes hold a lock of the same name.
const LOCK_FILE: &str = "seats.lock";
/// The form of the tables. A later form gets the next number and a step that leads to it.
pub(crate) const SCHEMA: i32 = 1;
/// The tables.
const TABLES: &str = include_str!("schema.sql");
/// More than there are statements here.
const STATEMENTS_MAX: usize = 64;

/// KiB of the file that the writer keeps in memory: the rows of a few seats. The system keeps the rest of what is read often.
const CACHE_KIB: i32 = 256;

/// Why the store does not open. The file was not changed, unless SQLite itself failed half-way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Others could read or change it.
    #[error(transparent)]
    Rights(#[from] RightsError),
    /// Another process has it.
    #[error("{} is in use by another daemon; stop that one, or choose another --state-dir", .path.display())]
    InUse {
        /// The state directory.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a store of convened; move it away", .path.display())]
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
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where the file is, and by which layer it is opened.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    vfs: Option<String>,
}

impl Files {
    /// A connection that writes, and whether the file can have a log of changes (WAL).
    pub(super) fn writer(&self) -> rusqlite::Result<(Connection, bool)> {
        let writer = connect(&self.path, self.vfs.as_deref(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let has_log = make_durable(&writer)?;
        Ok((writer, has_log))
    }

    /// The only connection, for reading: it keeps the index of the log of changes in memory.
    pub(super) fn alone(&self) -> rusqlite::Result<Connection> {
        let alone = connect(&self.path, self.vfs.as_deref(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        alone.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get::<_, String>(0))?;
        // Opening reads nothing yet.
        alone.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        Ok(alone)
    }

    /// A connection that only reads.
    pub(super) fn reader(&self) -> rusqlite::Result<Connection> {
        connect(&self.path, self.vfs.as_deref(), OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}

/// What an open store consists of.
pub(super) struct Opened {
    /// Opens them again.
    pub(super) files: Files,
    /// The one that writes.
    pub(super) writer: Connection,
    /// The one that only reads.
    pub(super) reader: Connection,
    /// Held as long as the store is open.
    pub(super) lock: File,
}

/// Opens or makes the store.
pub(super) fn open(dir: &Path, vfs: Option<&str>) -> Result<Opened, OpenError> {
    paths::create_private_dir(dir)?;
    let lock = take_lock(dir)?;
    let path = dir.join(FILE);
    // SQLite gives the files beside it the same rights.
    private_file(&path).map_err(|source| OpenError::Io { path: path.clone(), source })?;
    paths::verify_private(&path)?;
    let form = form::look(&path, vfs)?;
    match form {
        Form::Empty | Form::Ours(SCHEMA) => {}
        Form::Ours(found) if found > SCHEMA => return Err(OpenError::Newer { path, found }),
        Form::Ours(_) | Form::Foreign => return Err(OpenError::Foreign { path }),
    }
    let failed = |error| failed(&path, &error);
    let files = Files { path: path.clone(), vfs: vfs.map(str::to_owned) };
    let (mut writer, has_log) = files.writer().map_err(failed)?;
    if !has_log {
        let detail = "it cannot have a log of changes (WAL) where it is; is that a network drive?".to_owned();
        return Err(OpenError::Sqlite { path, detail });
    }
    if form == Form::Empty {
        create(&mut writer).map_err(failed)?;
    }
    if let Err(error) = load::checkpoint(&writer) {
        tracing::warn!(error = detail(&error), "what was folded could not be stored; the next start does it");
    }
    let reader = files.reader().map_err(failed)?;
    Ok(Opened { files, writer, reader, lock })
}

/// SQLite's fault as ours.
pub(super) fn failed(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path: path.to_owned() },
        Some(_) | None => OpenError::Sqlite { path: path.to_owned(), detail: detail(error) },
    }
}

pub(super) fn connect(path: &Path, vfs: Option<&str>, access: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection stays in one thread at a time, so SQLite's own locks would only cost.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// `FULL` flushes at every commit. The log of changes goes back into the file at 4 MiB and never keeps more than 16. What is
/// deleted is overwritten: a seat that is gone leaves no key behind.
/// Says whether the file can have such a log.
fn make_durable(connection: &Connection) -> rusqlite::Result<bool> {
    // SQLite passes over a mode that cannot be and answers with the one that is.
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 1000;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    Ok(mode == "wal")
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()
}

fn take_lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK_FILE);
    let file = private_file(&path).map_err(|source| OpenError::Io { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Opens a file, or creates it for this user alone. On Windows the directory's rights are inherited.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
