//! Opening the file: ours alone, of a form that this version knows, and as durable as SQLite can
//! be.

use std::fs::File;
use std::path::Path;

use convene_sqlite_file::{Kind, SqliteFile};
use rusqlite::Connection;

use super::sizes::Sizes;
use super::{StoreOptions, carry, detail, load};
use crate::os::{RightsError, paths};

/// The store.
const FILE: &str = "seats.db";
/// The process that holds this file's lock has the store.
const LOCK_FILE: &str = "seats.lock";
/// The form of the tables. A later form gets the next number and a step that leads to it.
pub(crate) const FORM: i32 = 2;
/// The files of stores.
pub(super) const KIND: Kind = Kind {
    // `Cnvd`
    application_id: 0x436e_7664,
    form: FORM,
    name: "a store of convened",
    holder: "daemon",
};
/// More than there are statements here.
const STATEMENTS_MAX: usize = 64;

/// KiB of the file that the writer keeps in memory: the rows of a few seats. The system keeps the
/// rest of what is read often.
const CACHE_KIB: i32 = 256;
/// The same of a reader: it reads a page of rows now and then. (SQLite's own limit is 2,000.)
const READER_CACHE_KIB: i32 = 32;

/// Why the store does not open. The file was not changed, unless SQLite itself failed half-way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Others could read or change it.
    #[error(transparent)]
    Rights(#[from] RightsError),
    /// It cannot be had, or is not what it is to be.
    #[error(transparent)]
    File(#[from] convene_sqlite_file::OpenError),
}

/// Opens connections to the file.
#[derive(Debug)]
pub(super) struct Files(SqliteFile);

impl Files {
    /// A connection that writes.
    pub(super) fn writer(&self) -> rusqlite::Result<Connection> {
        let writer = self.0.writer()?;
        make_careful(&writer)?;
        Ok(with_statements(writer))
    }

    /// The only connection, for reading: it keeps the index of the log of changes in memory.
    pub(super) fn alone(&self) -> rusqlite::Result<Connection> {
        let alone = self.0.alone()?;
        // Opening reads nothing yet.
        alone.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        Ok(with_statements(alone))
    }

    /// A connection that only reads.
    pub(super) fn reader(&self) -> rusqlite::Result<Connection> {
        let reader = self.0.reader()?;
        reader.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        Ok(with_statements(reader))
    }
}

/// The parts of an open store.
pub(super) struct Opened {
    /// Opens them again.
    pub(super) files: Files,
    /// The one that writes.
    pub(super) writer: Connection,
    /// The one that only reads.
    pub(super) reader: Connection,
    /// How much each seat keeps.
    pub(super) sizes: Sizes,
    /// Held as long as the store is open.
    pub(super) lock: File,
}

/// Opens or makes the store.
pub(super) fn open(dir: &Path, options: &StoreOptions) -> Result<Opened, OpenError> {
    paths::create_private_dir(dir)?;
    let path = dir.join(FILE);
    let file = SqliteFile::new(path.clone(), KIND, options.vfs.as_deref());
    let lock = file.lock(&dir.join(LOCK_FILE))?;
    file.make()?;
    paths::verify_private(&path)?;
    let form = file.form()?;
    let files = Files(file.clone());
    let failed = |error| file.fault(&error);
    let mut writer = files.writer().map_err(failed)?;
    file.verify_log(&writer)?;
    if form < FORM {
        carry::over(&mut writer, form).map_err(failed)?;
        // A connection that has changed tables keeps memory for that.
        writer = files.writer().map_err(failed)?;
    }
    if let Err(error) = load::checkpoint(&writer) {
        tracing::warn!(error = detail(&error), "what was folded could not be stored; the next start does it");
    }
    let sizes = Sizes::load(&writer, options.quota).map_err(failed)?;
    let reader = files.reader().map_err(failed)?;
    Ok(Opened { files, writer, reader, sizes, lock })
}

fn with_statements(connection: Connection) -> Connection {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection
}

/// The log of changes goes back into the file at 4 MiB and never keeps more than 16. Deleted data
/// is overwritten: a seat that is gone leaves no key behind.
fn make_careful(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.execute_batch(
        "PRAGMA wal_autocheckpoint = 1000;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;",
    )
}
