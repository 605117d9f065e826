//! The kind and form of a file, found out without a change to it or beside it: one of a later
//! version must be as that version left it. Opening a file in WAL mode makes files beside it, and
//! closing it moves what a killed process left in the log of changes.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rusqlite::config::DbConfig;

use crate::{OpenError, SqliteFile};

/// Bytes of the head of a database file; where in it the numbers stand
/// (<https://sqlite.org/fileformat2.html>, section 1.3).
const HEAD_BYTES: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const FORM_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

impl SqliteFile {
    /// The form of the tables that are there, which this version can carry on; 0 where there are
    /// none yet. The caller holds the file's lock, or that of its directory.
    ///
    /// # Errors
    /// [`OpenError::Newer`], [`OpenError::Foreign`], and where the file cannot be read.
    pub fn form(&self) -> Result<i32, OpenError> {
        let unread = |source| OpenError::Io { path: self.path.clone(), source };
        let head = head(&self.path).map_err(unread)?;
        if head.is_empty() {
            return Ok(0);
        }
        if !head.starts_with(MAGIC) {
            return Err(self.foreign());
        }
        // The last writes may stand in the WAL alone, if the process that made them was killed.
        let (id, form) = if has_wal(&self.path).map_err(unread)? {
            self.through_wal().map_err(|error| self.fault(&error))?
        } else {
            (number(&head, APPLICATION_ID_AT), number(&head, FORM_AT))
        };
        let known = self.kind.form;
        if id == self.kind.application_id && (1..=known).contains(&form) {
            Ok(form)
        } else if id == self.kind.application_id && form > known {
            Err(OpenError::Newer { path: self.path.clone(), found: form, known })
        } else if (id, form) == (0, 0) && self.is_without_tables().map_err(|error| self.fault(&error))? {
            // A first start was killed before its tables stood.
            Ok(0)
        } else {
            Err(self.foreign())
        }
    }

    fn through_wal(&self) -> rusqlite::Result<(i32, i32)> {
        let file = self.untouched()?;
        let number = |pragma| file.pragma_query_value(None, pragma, |row| row.get(0));
        Ok((number("application_id")?, number("user_version")?))
    }

    fn is_without_tables(&self) -> rusqlite::Result<bool> {
        self.untouched()?.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))
    }

    /// A connection for looking only. It leaves the WAL as it is, and makes no file beside it. (One
    /// that is read-only would make the index of the WAL.) The caller holds the file's lock, or
    /// that of its directory.
    ///
    /// # Errors
    /// SQLite's; [`SqliteFile::fault`] tells it as ours.
    pub fn untouched(&self) -> rusqlite::Result<rusqlite::Connection> {
        let file = self.alone()?;
        file.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok(file)
    }
}

/// Nothing where there is no file.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    match File::open(path) {
        Ok(file) => file.take(HEAD_BYTES as u64).read_to_end(&mut head)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(head)
}

fn number(head: &[u8], at: usize) -> i32 {
    head.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| i32::from_be_bytes(*bytes))
}

fn has_wal(path: &Path) -> io::Result<bool> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    match Path::new(&wal).metadata() {
        Ok(about) => Ok(about.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
