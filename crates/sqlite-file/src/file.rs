//! The file, its lock, and connections to it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::OpenError;

/// The kind of a file.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// By which such files are known: SQLite's `application_id`.
    pub application_id: i32,
    /// The latest form of their tables that this version knows, counted from 1. It is kept as
    /// SQLite's `user_version`.
    pub form: i32,
    /// The words by which people call one: `a store of convened`.
    pub name: &'static str,
    /// The program that has such files: `daemon`.
    pub holder: &'static str,
}

/// A file of a kind, and the layer by which it is opened.
#[derive(Debug, Clone)]
pub struct SqliteFile {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    vfs: Option<String>,
}

impl SqliteFile {
    /// Names a file. `vfs` is a SQLite VFS that is registered; `None` stands for the system's.
    pub fn new(path: PathBuf, kind: Kind, vfs: Option<&str>) -> Self {
        Self { path, kind, vfs: vfs.map(str::to_owned) }
    }

    /// Locks the file for this process by another one, until that is dropped. The other file stays:
    /// removing it would let two processes hold a lock of the same name.
    ///
    /// # Errors
    /// [`OpenError::InUse`] and [`OpenError::Io`].
    pub fn lock(&self, by: &Path) -> Result<File, OpenError> {
        let failed = |source| OpenError::Io { path: by.to_owned(), source };
        let lock = private_file(by).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                Err(OpenError::InUse { path: self.path.clone(), holder: self.kind.holder })
            }
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Makes the file, where there is none, for this user alone. SQLite gives the files beside it
    /// the same rights.
    ///
    /// # Errors
    /// [`OpenError::Io`].
    pub fn make(&self) -> Result<(), OpenError> {
        private_file(&self.path).map(drop).map_err(|source| OpenError::Io { path: self.path.clone(), source })
    }

    /// The connection that writes. Its commits survive the end of the process, of the system and of
    /// its power.
    ///
    /// # Errors
    /// SQLite's; [`SqliteFile::fault`] tells it as ours.
    pub fn writer(&self) -> rusqlite::Result<Connection> {
        let writer = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        writer.query_row("PRAGMA journal_mode = WAL", (), |row| row.get::<_, String>(0))?;
        writer.execute_batch("PRAGMA synchronous = FULL")?;
        Ok(writer)
    }

    /// Makes sure that the file has a log of changes (WAL), by which reading never waits for
    /// writing. SQLite passes over that wish where such a log cannot be, as on a network drive.
    ///
    /// # Errors
    /// [`OpenError::Sqlite`].
    pub fn verify_log(&self, writer: &Connection) -> Result<(), OpenError> {
        let mode = writer.query_row("PRAGMA journal_mode", (), |row| row.get::<_, String>(0));
        if mode.map_err(|error| self.fault(&error))? == "wal" {
            return Ok(());
        }
        let detail = "it cannot have a log of changes (WAL) where it is; is that a network drive?";
        Err(OpenError::Sqlite { path: self.path.clone(), detail: detail.to_owned() })
    }

    /// A connection that only reads.
    ///
    /// # Errors
    /// SQLite's; [`SqliteFile::fault`] tells it as ours.
    pub fn reader(&self) -> rusqlite::Result<Connection> {
        self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// The only connection, where the caller knows that there is no other: it keeps the index of
    /// the log of changes in memory, and so makes no file for it.
    ///
    /// # Errors
    /// SQLite's; [`SqliteFile::fault`] tells it as ours.
    pub fn alone(&self) -> rusqlite::Result<Connection> {
        let alone = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        alone.query_row("PRAGMA locking_mode = EXCLUSIVE", (), |row| row.get::<_, String>(0))?;
        Ok(alone)
    }

    /// SQLite's fault as ours.
    pub fn fault(&self, error: &rusqlite::Error) -> OpenError {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => self.foreign(),
            Some(_) | None => OpenError::Sqlite { path: self.path.clone(), detail: detail(error) },
        }
    }

    /// That the file is something else.
    pub fn foreign(&self) -> OpenError {
        OpenError::Foreign { path: self.path.clone(), name: self.kind.name }
    }

    fn connect(&self, access: OpenFlags) -> rusqlite::Result<Connection> {
        // Each connection stays in one thread at a time, so SQLite's own locks would only cost.
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str()),
            None => Connection::open_with_flags(&self.path, flags),
        }
    }
}

/// SQLite's words about the file, without any value that was to go into it.
pub fn detail(error: &rusqlite::Error) -> String {
    let said = error.sqlite_error();
    said.map_or_else(|| "a value has another form than expected".to_owned(), ToString::to_string)
}

/// Opens a file for reading and writing, or makes it so that nobody else can read it. On Windows it
/// has its directory's rights. Elsewhere a link is not followed, as anything may lie behind it, and
/// what is no plain file is refused without a wait.
///
/// # Errors
/// When it cannot be had.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a plain file")) }
}
