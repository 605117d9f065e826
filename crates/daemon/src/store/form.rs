//! Whose file it is, found out without a change to it or beside it: a store of a later version must
//! stay as that version left it. Opening a file in WAL mode makes files beside it, and closing it
//! moves what a killed daemon left in the log of changes.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::open::{OpenError, connect, failed};

/// By which a store of ours is known (`Cnvd`).
pub(super) const APPLICATION_ID: i32 = 0x436e_7664;
/// The head of a database file, and where in it the numbers stand
/// (<https://sqlite.org/fileformat2.html>, section 1.3).
const HEAD_BYTES: u64 = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const FORM_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nobody's yet.
    Empty,
    /// Ours, in this form.
    Ours(i32),
    /// Something else.
    Foreign,
}

/// Looks at a file that is there, whose lock the caller holds.
pub(super) fn look(path: &Path, vfs: Option<&str>) -> Result<Form, OpenError> {
    let unread = |source| OpenError::Io { path: path.to_owned(), source };
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head)).map_err(unread)?;
    if head.is_empty() {
        return Ok(Form::Empty);
    }
    if !head.starts_with(MAGIC) {
        return Ok(Form::Foreign);
    }
    // What was written last may stand in the log of changes alone, if whoever wrote it was killed.
    if number(&head, APPLICATION_ID_AT) == APPLICATION_ID && !has_changes(path).map_err(unread)? {
        return Ok(Form::Ours(number(&head, FORM_AT)));
    }
    ask(path, vfs).map_err(|error| failed(path, &error))
}

fn number(head: &[u8], at: usize) -> i32 {
    head.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| i32::from_be_bytes(*bytes))
}

fn has_changes(path: &Path) -> io::Result<bool> {
    match path.with_extension("db-wal").metadata() {
        Ok(about) => Ok(about.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Asks SQLite. It then makes no file for the index of the changes, as nobody else may have the
/// store meanwhile, and leaves the changes where they are. (A connection that is read-only would
/// make that file.)
fn ask(path: &Path, vfs: Option<&str>) -> rusqlite::Result<Form> {
    let store = connect(path, vfs, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    store.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    store.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get::<_, String>(0))?;
    form(&store)
}

fn form(store: &Connection) -> rusqlite::Result<Form> {
    let pragma = |name| store.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, form) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = store.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, form, tables) {
        (APPLICATION_ID, form, _) => Form::Ours(form),
        (0, 0, 0) => Form::Empty,
        _ => Form::Foreign,
    })
}
