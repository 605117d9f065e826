//! The thread that reads.

use convene_event_log::{
    Entry, FOLLOW_BYTES, FOLLOW_ENTRIES, FindError, FollowError, ReadError, ReceiptKey, Snapshot,
    StorageError, Summary,
};
use convene_model::{ConferenceId, LogId, TermId};
use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::{mpsc, oneshot};

use crate::rows::{self, SELECT_ENTRY, fault, number, stored};

type Answer<T> = oneshot::Sender<T>;
type Receipts = Vec<(ReceiptKey, Entry)>;

#[derive(Debug)]
pub(crate) enum Job {
    Summaries {
        answer: Answer<Result<Vec<Summary>, StorageError>>,
    },
    Read {
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
        answer: Answer<Result<Vec<Entry>, ReadError>>,
    },
    /// Answered with an empty page where nothing stands there yet.
    Follow {
        conference: ConferenceId,
        after: u64,
        term: TermId,
        answer: Answer<Result<Vec<Entry>, FollowError>>,
    },
    FindReceipts {
        conference: ConferenceId,
        keys: Vec<ReceiptKey>,
        through: u64,
        answer: Answer<Result<Receipts, FindError>>,
    },
    LatestSnapshot {
        conference: ConferenceId,
        answer: Answer<Result<Option<Snapshot>, ReadError>>,
    },
}

/// Works until the log is dropped and nothing waits any more.
pub(crate) fn run(connection: &Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        let is_heard = match job {
            Job::Summaries { answer } => answer.send(view(connection, || summaries(connection))).is_ok(),
            Job::Read { conference, after, limit, bytes, answer } => {
                let read = || read(connection, conference, after, limit, bytes);
                answer.send(view(connection, read)).is_ok()
            }
            Job::Follow { conference, after, term, answer } => {
                answer.send(view(connection, || follow(connection, conference, after, term))).is_ok()
            }
            Job::FindReceipts { conference, keys, through, answer } => {
                let find = || find_receipts(connection, conference, &keys, through);
                answer.send(view(connection, find)).is_ok()
            }
            Job::LatestSnapshot { conference, answer } => {
                answer.send(view(connection, || latest_snapshot(connection, conference))).is_ok()
            }
        };
        if !is_heard {
            tracing::debug!("nobody waits for the page any more");
        }
    }
}

/// Reads the log as it is at one moment.
fn view<T, E: From<StorageError>>(
    connection: &Connection,
    read: impl FnOnce() -> rusqlite::Result<Result<T, E>>,
) -> Result<T, E> {
    let read = connection.unchecked_transaction().and_then(|moment| {
        let read = read()?;
        moment.finish()?;
        Ok(read)
    });
    read.unwrap_or_else(|error| Err(fault(&error).into()))
}

fn summaries(connection: &Connection) -> rusqlite::Result<Result<Vec<Summary>, StorageError>> {
    let mut query =
        connection.prepare_cached("SELECT conference, log, last, summary FROM log ORDER BY conference")?;
    let summaries = query.query_map((), |row| {
        Ok(Summary {
            conference: rows::conference(row, 0)?,
            log: LogId(row.get(1)?),
            last: number(row.get(2)?),
            text: row.get(3)?,
        })
    })?;
    summaries.collect::<Result<_, _>>().map(Ok)
}

fn read(
    connection: &Connection,
    conference: ConferenceId,
    after: u64,
    limit: usize,
    bytes: usize,
) -> rusqlite::Result<Result<Vec<Entry>, ReadError>> {
    rows::on_log(connection, conference, |name, head| {
        page(connection, name, head.log, after, limit, bytes).map(Ok)
    })
}

fn follow(
    connection: &Connection,
    conference: ConferenceId,
    after: u64,
    term: TermId,
) -> rusqlite::Result<Result<Vec<Entry>, FollowError>> {
    rows::on_log(connection, conference, |name, head| {
        let is_beginning = after == 0 && term == TermId::of_log(head.log);
        if !is_beginning && !rows::holds(connection, name, head.log, after, term)? {
            return Ok(Err(FollowError::AnotherLog));
        }
        page(connection, name, head.log, after, FOLLOW_ENTRIES, FOLLOW_BYTES).map(Ok)
    })
}

fn page(
    connection: &Connection,
    conference: &str,
    log: LogId,
    after: u64,
    limit: usize,
    bytes: usize,
) -> rusqlite::Result<Vec<Entry>> {
    let select = format!("{SELECT_ENTRY} AND number > ?2 ORDER BY number LIMIT ?3");
    let mut query = connection.prepare_cached(&select)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = query.query((conference, stored(after), limit))?;
    let mut page = Vec::new();
    let mut taken = 0;
    while taken < bytes.max(1)
        && let Some(row) = rows.next()?
    {
        let entry = rows::entry(row, log)?;
        taken += entry.text.len();
        page.push(entry);
    }
    Ok(page)
}

fn find_receipts(
    connection: &Connection,
    conference: ConferenceId,
    keys: &[ReceiptKey],
    through: u64,
) -> rusqlite::Result<Result<Receipts, FindError>> {
    rows::on_log(connection, conference, |name, head| {
        if head.last < through {
            return Ok(Err(FindError::Short { last: head.last }));
        }
        let of_key = "SELECT number FROM receipt WHERE conference = ?1 AND participant = ?2 AND command = ?3";
        let mut query = connection.prepare_cached(&format!("{SELECT_ENTRY} AND number = ({of_key})"))?;
        let mut found = Receipts::new();
        for key in keys {
            let key_of_row = params![name, key.participant.0, key.command.0.as_bytes()];
            let entry = query.query_row(key_of_row, |row| rows::entry(row, head.log)).optional()?;
            found.extend(entry.map(|entry| (*key, entry)));
        }
        Ok(Ok(found))
    })
}

fn latest_snapshot(
    connection: &Connection,
    conference: ConferenceId,
) -> rusqlite::Result<Result<Option<Snapshot>, ReadError>> {
    rows::on_log(connection, conference, |name, head| {
        let mut query =
            connection.prepare_cached("SELECT number, term, text FROM snapshot WHERE conference = ?")?;
        let kept = query.query_row((name,), |row| {
            Ok(Snapshot { number: number(row.get(0)?), term: TermId(row.get(1)?), text: row.get(2)? })
        });
        let Some(kept) = kept.optional()? else { return Ok(Ok(None)) };
        let counts = rows::holds(connection, name, head.log, kept.number, kept.term)?;
        Ok(Ok(counts.then_some(kept)))
    })
}
