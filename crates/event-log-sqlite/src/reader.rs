//! The thread that reads.

use std::sync::Arc;

use convene_event_log::first::{Head, ReadError, StorageError};
use convene_model::{ConferenceId, LogId};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::{mpsc, oneshot};

use crate::engine::{fault, number, stored};

type Answer<T> = oneshot::Sender<T>;
type Page = Vec<(u64, Arc<str>)>;

#[derive(Debug)]
pub(crate) enum Job {
    Heads {
        answer: Answer<Result<Vec<Head>, StorageError>>,
    },
    Read {
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
        answer: Answer<Result<Page, ReadError>>,
    },
}

/// Works until the log is dropped and nothing waits any more.
pub(crate) fn run(connection: &Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        let is_heard = match job {
            Job::Heads { answer } => answer.send(heads(connection).map_err(|error| fault(&error))).is_ok(),
            Job::Read { conference, after, limit, bytes, answer } => {
                answer.send(read(connection, conference, after, limit, bytes)).is_ok()
            }
        };
        if !is_heard {
            tracing::debug!("nobody waits for the page any more");
        }
    }
}

fn heads(connection: &Connection) -> rusqlite::Result<Vec<Head>> {
    let mut query = connection.prepare_cached("SELECT conference, log, last FROM log ORDER BY conference")?;
    let heads = query.query_map((), |row| {
        let conference: ConferenceId = row.get::<_, String>(0)?.parse().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
        })?;
        Ok(Head { conference, log: LogId(row.get(1)?), last: number(row.get(2)?) })
    })?;
    heads.collect()
}

fn read(
    connection: &Connection,
    conference: ConferenceId,
    after: u64,
    limit: usize,
    bytes: usize,
) -> Result<Page, ReadError> {
    let page = page(connection, conference, after, limit, bytes);
    page.map_err(|error| ReadError::Storage(fault(&error)))?.ok_or(ReadError::Unknown)
}

fn page(
    connection: &Connection,
    conference: ConferenceId,
    after: u64,
    limit: usize,
    bytes: usize,
) -> rusqlite::Result<Option<Page>> {
    let name = conference.to_string();
    let mut known = connection.prepare_cached("SELECT 1 FROM log WHERE conference = ?")?;
    if known.query_row((&name,), |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let mut query = connection.prepare_cached(
        "SELECT number, text FROM entry WHERE conference = ? AND number > ? ORDER BY number LIMIT ?",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = query.query((&name, stored(after), limit))?;
    let mut page = Page::new();
    let mut taken = 0;
    while taken < bytes.max(1)
        && let Some(row) = rows.next()?
    {
        let text: Arc<str> = row.get(1)?;
        taken += text.len();
        page.push((number(row.get(0)?), text));
    }
    Ok(Some(page))
}
