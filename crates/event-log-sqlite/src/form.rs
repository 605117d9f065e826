//! Finds out what a file is without a change to it or beside it: a log of a later version must be
//! as that version left it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;

use crate::open::{APPLICATION_ID, OpenError, SCHEMA, connect, unusable};

/// Bytes of the head of a database file; where in it the numbers stand
/// (<https://sqlite.org/fileformat2.html>, section 1.3).
const HEAD_BYTES: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const FORM_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// The form of the log of ours that is there, which this version can carry on; 0 where there is
/// none yet. The caller holds the log's lock, or that of its directory.
///
/// # Errors
/// [`OpenError::Newer`], [`OpenError::Foreign`], and where the file cannot be read.
pub(crate) fn look(path: &Path, vfs: Option<&str>) -> Result<i32, OpenError> {
    let failed = |source| OpenError::Io { path: path.to_owned(), source };
    let head = head(path).map_err(failed)?;
    if head.is_empty() {
        return Ok(0);
    }
    if !head.starts_with(MAGIC) {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    // The last write may stand in the WAL alone, if its process was killed.
    let (id, form) = if has_wal(path).map_err(failed)? {
        through_wal(path, vfs).map_err(|error| unusable(path, &error))?
    } else {
        (number(&head, APPLICATION_ID_AT), number(&head, FORM_AT))
    };
    match (id, form) {
        (APPLICATION_ID, form @ 1..=SCHEMA) => Ok(form),
        (APPLICATION_ID, found) if found > SCHEMA => Err(OpenError::Newer { path: path.to_owned(), found }),
        // A first start that was killed before its tables stood.
        (0, 0) if is_without_tables(path, vfs).map_err(|error| unusable(path, &error))? => Ok(0),
        _ => Err(OpenError::Foreign { path: path.to_owned() }),
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

fn through_wal(path: &Path, vfs: Option<&str>) -> rusqlite::Result<(i32, i32)> {
    let log = untouched(path, vfs)?;
    let number = |pragma| log.query_row(&format!("PRAGMA {pragma}"), (), |row| row.get(0));
    Ok((number("application_id")?, number("user_version")?))
}

fn is_without_tables(path: &Path, vfs: Option<&str>) -> rusqlite::Result<bool> {
    untouched(path, vfs)?.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))
}

/// Reads without a file for the index of the WAL, as nobody else may have it meanwhile, and leaves
/// the WAL as it is. (A connection that is read-only makes that file.)
fn untouched(path: &Path, vfs: Option<&str>) -> rusqlite::Result<rusqlite::Connection> {
    let log = connect(path, vfs, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    log.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    log.query_row("PRAGMA locking_mode = EXCLUSIVE", (), |row| row.get::<_, String>(0))?;
    Ok(log)
}
