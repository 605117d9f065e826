//! Opening the file: ours alone, of a form that this version knows, and as durable as SQLite can
//! be.

use std::fs::File;
use std::path::Path;

use convene_sqlite_file::{Kind, OpenError, SqliteFile};
use rusqlite::Connection;

use crate::carry;
use crate::engine::Options;

/// The files of logs. Tables and columns that earlier versions may pass over need no number; a
/// later form gets the next number and a step that leads to it.
pub(crate) const KIND: Kind = Kind {
    // `Cnvl`
    application_id: 0x436e_766c,
    form: 2,
    name: "an event log of convene-server",
    holder: "server",
};

/// KiB of the file that each connection keeps in memory: what is appended and followed. The system
/// keeps the pages of the past, and takes them back where it needs the room.
const CACHE_KIB: i32 = 512;

/// The parts of an open log.
pub(crate) struct Opened {
    pub(crate) writer: Connection,
    pub(crate) reader: Connection,
    /// Held as long as the log is open.
    pub(crate) lock: File,
}

pub(crate) fn open(path: &Path, options: &Options) -> Result<Opened, OpenError> {
    let file = file(path, options);
    let lock = file.lock(&path.with_extension("lock"))?;
    let form = file.form()?;
    file.make()?;
    let mut writer = file.writer().map_err(|error| file.fault(&error))?;
    file.verify_log(&writer)?;
    carry::over(&mut writer, form, options.first_form).map_err(|error| file.fault(&error))?;
    let reader = file.reader().map_err(|error| file.fault(&error))?;
    for connection in [&writer, &reader] {
        let cached = connection.pragma_update(None, "cache_size", -CACHE_KIB);
        cached.map_err(|error| file.fault(&error))?;
    }
    Ok(Opened { writer, reader, lock })
}

/// The form of the log that is there, which this version can carry on; 0 where there is none yet.
pub(crate) fn look(path: &Path, options: &Options) -> Result<i32, OpenError> {
    file(path, options).form()
}

pub(crate) fn file(path: &Path, options: &Options) -> SqliteFile {
    SqliteFile::new(path.to_owned(), KIND, options.vfs.as_deref())
}
