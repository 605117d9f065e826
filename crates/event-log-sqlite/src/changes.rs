//! The changes that the writer makes, each inside a transaction. A refusal has written nothing.

use std::sync::Arc;

use convene_event_log::{AppendError, ClaimError, CreateError, NewEntry, NoLog, PutError, Snapshot};
use convene_model::{ConferenceId, LogId, TermId};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::rows::{self, Head, INSERT_RECEIPT, number, stored};

const INSERT_ENTRY: &str = "INSERT INTO entry VALUES (?, ?, ?)";

pub(crate) fn create(
    tables: &Connection,
    conference: ConferenceId,
    log: LogId,
    first: &str,
    summary: &str,
) -> rusqlite::Result<Result<(), CreateError>> {
    let name = conference.to_string();
    Ok(match rows::head(tables, &name)? {
        Ok(head) if head.log == log => Ok(()),
        Ok(_) => Err(CreateError::Taken),
        Err(NoLog::Deleted) => Err(CreateError::Deleted),
        Err(NoLog::NeverBegun) => {
            tables.execute("INSERT INTO log VALUES (?, ?, 1, ?)", (&name, log.0, summary))?;
            tables.execute(INSERT_ENTRY, (&name, 1, first))?;
            Ok(())
        }
    })
}

pub(crate) fn claim(
    tables: &Connection,
    conference: ConferenceId,
    term: TermId,
    text: &str,
) -> rusqlite::Result<Result<u64, ClaimError>> {
    rows::on_log(tables, conference, |name, head| {
        if newest_term(tables, name)?.is_some_and(|(_, newest)| newest == term) {
            return Ok(Ok(head.last));
        }
        let mut begun = tables.prepare_cached("SELECT 1 FROM term WHERE conference = ? AND term = ?")?;
        let is_over = begun.query_row((name, term.0), |_| Ok(())).optional()?.is_some();
        if is_over || term == TermId::of_log(head.log) {
            return Ok(Err(ClaimError::NotOwner));
        }
        let last = head.last + 1;
        tables.execute("INSERT INTO term VALUES (?, ?, ?)", (name, stored(last), term.0))?;
        tables.execute(INSERT_ENTRY, (name, stored(last), text))?;
        stand_at(tables, name, last, None)?;
        Ok(Ok(last))
    })
}

pub(crate) fn append(
    tables: &Connection,
    conference: ConferenceId,
    term: TermId,
    after: u64,
    entries: &[NewEntry],
    summary: Option<&str>,
) -> rusqlite::Result<Result<(), AppendError>> {
    rows::on_log(tables, conference, |name, head| {
        let newest = newest_term(tables, name)?.filter(|(_, newest)| *newest == term);
        let Some((began, _)) = newest else { return Ok(Err(AppendError::NotOwner)) };
        // Behind the term's own entry all entries are of this term.
        let standing = head.last.checked_sub(after).filter(|_| after >= began);
        let standing = standing.and_then(|standing| usize::try_from(standing).ok());
        let Some(missing) = standing.and_then(|standing| entries.get(standing..)) else {
            return Ok(Err(AppendError::Position { last: head.last }));
        };
        let mut insert = tables.prepare_cached(INSERT_ENTRY)?;
        let mut keep = tables.prepare_cached(INSERT_RECEIPT)?;
        let mut last = head.last;
        for NewEntry { text, receipt } in missing {
            last += 1;
            insert.execute((name, stored(last), Arc::as_ref(text)))?;
            if let Some(key) = receipt {
                keep.execute(params![name, key.participant.0, key.command.0.as_bytes(), stored(last)])?;
            }
        }
        stand_at(tables, name, last, summary).map(Ok)
    })
}

pub(crate) fn put_snapshot(
    tables: &Connection,
    conference: ConferenceId,
    snapshot: &Snapshot,
) -> rusqlite::Result<Result<(), PutError>> {
    rows::on_log(tables, conference, |name, head| {
        let Head { log, .. } = *head;
        let mut query = tables.prepare_cached("SELECT number, term FROM snapshot WHERE conference = ?")?;
        let kept = query.query_row((name,), |row| Ok((number(row.get(0)?), TermId(row.get(1)?))));
        let replaces = match kept.optional()? {
            Some((kept, term)) => kept < snapshot.number || !rows::holds(tables, name, log, kept, term)?,
            None => true,
        };
        if replaces && rows::holds(tables, name, log, snapshot.number, snapshot.term)? {
            let Snapshot { number, term, text } = snapshot;
            let row = (name, stored(*number), term.0, Arc::as_ref(text));
            tables.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?)", row)?;
        }
        Ok(Ok(()))
    })
}

pub(crate) fn delete(tables: &Connection, conference: ConferenceId) -> rusqlite::Result<()> {
    let name = conference.to_string();
    for table in ["entry", "term", "receipt", "snapshot", "log"] {
        tables.execute(&format!("DELETE FROM {table} WHERE conference = ?"), (&name,))?;
    }
    tables.execute("INSERT OR IGNORE INTO tombstone VALUES (?)", (&name,))?;
    Ok(())
}

/// The term that was begun last, and the number of its first entry.
fn newest_term(tables: &Connection, conference: &str) -> rusqlite::Result<Option<(u64, TermId)>> {
    let mut query = tables
        .prepare_cached("SELECT number, term FROM term WHERE conference = ? ORDER BY number DESC LIMIT 1")?;
    query.query_row((conference,), |row| Ok((number(row.get(0)?), TermId(row.get(1)?)))).optional()
}

fn stand_at(tables: &Connection, conference: &str, last: u64, summary: Option<&str>) -> rusqlite::Result<()> {
    let mut update = tables
        .prepare_cached("UPDATE log SET last = ?, summary = coalesce(?, summary) WHERE conference = ?")?;
    update.execute((stored(last), summary, conference))?;
    Ok(())
}
