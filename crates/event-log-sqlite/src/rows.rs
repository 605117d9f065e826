//! Queries that both the writer and the reader make.

use convene_event_log::{Entry, NoLog, StorageError};
use convene_model::{ConferenceId, LogId, TermId};
use rusqlite::{Connection, OptionalExtension as _, Row};

pub(crate) const INSERT_RECEIPT: &str = "INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?)";

/// An entry as [`entry`] reads it; of no term where it stands before the first one.
pub(crate) const SELECT_ENTRY: &str = "SELECT number, text, (
        SELECT term FROM term
        WHERE term.conference = entry.conference AND term.number <= entry.number
        ORDER BY term.number DESC LIMIT 1
    ) FROM entry WHERE conference = ?1";

/// The id of a log, and the number of its last entry.
pub(crate) struct Head {
    pub(crate) log: LogId,
    pub(crate) last: u64,
}

/// The log of a conference, or why there is none.
pub(crate) fn head(connection: &Connection, conference: &str) -> rusqlite::Result<Result<Head, NoLog>> {
    let mut query = connection.prepare_cached("SELECT log, last FROM log WHERE conference = ?")?;
    let head = query
        .query_row((conference,), |row| Ok(Head { log: LogId(row.get(0)?), last: number(row.get(1)?) }))
        .optional()?;
    if let Some(head) = head {
        return Ok(Ok(head));
    }
    let mut query = connection.prepare_cached("SELECT 1 FROM tombstone WHERE conference = ?")?;
    let is_deleted = query.query_row((conference,), |_| Ok(())).optional()?.is_some();
    Ok(Err(if is_deleted { NoLog::Deleted } else { NoLog::NeverBegun }))
}

/// Does something with the log of a conference, which is given by its name in the tables.
pub(crate) fn on_log<T, E: From<NoLog>>(
    connection: &Connection,
    conference: ConferenceId,
    run: impl FnOnce(&str, &Head) -> rusqlite::Result<Result<T, E>>,
) -> rusqlite::Result<Result<T, E>> {
    let name = conference.to_string();
    match head(connection, &name)? {
        Ok(head) => run(&name, &head),
        Err(missing) => Ok(Err(missing.into())),
    }
}

/// Whether the log holds this entry.
pub(crate) fn holds(
    connection: &Connection,
    conference: &str,
    log: LogId,
    number: u64,
    term: TermId,
) -> rusqlite::Result<bool> {
    let mut query = connection.prepare_cached(&format!("{SELECT_ENTRY} AND number = ?2"))?;
    let held = query.query_row((conference, stored(number)), |row| entry(row, log)).optional()?;
    Ok(held.is_some_and(|held| held.term == term))
}

pub(crate) fn entry(row: &Row<'_>, log: LogId) -> rusqlite::Result<Entry> {
    let term = row.get::<_, Option<[u8; 16]>>(2)?.map_or_else(|| TermId::of_log(log), TermId);
    Ok(Entry { number: number(row.get(0)?), text: row.get(1)?, term })
}

/// A conference's id as the tables have it, read back.
pub(crate) fn conference(row: &Row<'_>, column: usize) -> rusqlite::Result<ConferenceId> {
    row.get::<_, String>(column)?.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// SQLite's fault in the log's words.
pub(crate) fn fault(error: &rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => StorageError::Full,
        Some(_) | None => StorageError::Failed { detail: convene_sqlite_file::detail(error) },
    }
}

/// A number of ours as SQLite keeps it: far below its limit.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
