//! The one thread that writes.

use std::sync::Arc;

use convene_event_log::first::{AppendError, CreateError, StorageError};
use convene_model::{ConferenceId, LogId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::engine::{QUEUE_MAX, fault, number, stored};

type Answer<T> = oneshot::Sender<T>;

#[derive(Debug)]
pub(crate) enum Job {
    Create {
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
        answer: Answer<Result<(), CreateError>>,
    },
    Append {
        conference: ConferenceId,
        after: u64,
        entries: Vec<Arc<str>>,
        answer: Answer<Result<u64, AppendError>>,
    },
    Delete {
        conference: ConferenceId,
        answer: Answer<Result<(), StorageError>>,
    },
}

/// An answer that is given once the transaction is durable.
type Told = Box<dyn FnOnce(Result<(), StorageError>)>;

/// Works until the log is dropped and nothing waits any more.
pub(crate) fn run(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < QUEUE_MAX
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        commit(&mut connection, batch);
    }
    if let Err((_, error)) = connection.close() {
        tracing::error!(%error, "the event log was not closed well; nothing is lost");
    }
}

/// One transaction for the batch. A job that cannot be done spoils no other.
fn commit(connection: &mut Connection, batch: Vec<Job>) {
    let mut told: Vec<Told> = Vec::with_capacity(batch.len());
    let outcome = (|| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in batch {
            carry_out(&transaction, job, &mut told);
        }
        transaction.commit()
    })();
    let outcome = outcome.map_err(|error| fault(&error));
    for tell in told {
        tell(outcome.clone());
    }
}

fn carry_out(transaction: &Transaction<'_>, job: Job, told: &mut Vec<Told>) {
    match job {
        Job::Create { conference, log, first, answer } => {
            let done = whole(transaction, || create(transaction, conference, log, &first));
            told.push(Box::new(move |kept| reply(answer, done.and_then(|()| kept.map_err(Into::into)))));
        }
        Job::Append { conference, after, entries, answer } => {
            let done = whole(transaction, || append(transaction, conference, after, &entries));
            told.push(Box::new(move |kept| {
                reply(answer, done.and_then(|last| kept.map(|()| last).map_err(Into::into)));
            }));
        }
        Job::Delete { conference, answer } => {
            let done = whole(transaction, || delete(transaction, conference).map_err(|error| fault(&error)));
            told.push(Box::new(move |kept| reply(answer, done.and(kept))));
        }
    }
}

/// All of a job or nothing of it.
fn whole<T, E: From<StorageError>>(
    transaction: &Transaction<'_>,
    run: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let step = |sql| transaction.execute_batch(sql).map_err(|error| E::from(fault(&error)));
    step("SAVEPOINT job")?;
    let done = run()
        // Where that fails, SQLite has undone the whole transaction, and its commit will say so.
        .inspect_err(|_| drop(transaction.execute_batch("ROLLBACK TO job")))?;
    step("RELEASE job")?;
    Ok(done)
}

fn create(
    transaction: &Transaction<'_>,
    conference: ConferenceId,
    log: LogId,
    first: &str,
) -> Result<(), CreateError> {
    let failed = |error: rusqlite::Error| CreateError::Storage(fault(&error));
    if last(transaction, conference).map_err(failed)?.is_some() {
        return Err(CreateError::Taken);
    }
    let name = conference.to_string();
    transaction.execute("INSERT INTO log VALUES (?, ?, 1)", (&name, log.0)).map_err(failed)?;
    transaction.execute("INSERT INTO entry VALUES (?, 1, ?)", (&name, first)).map_err(failed)?;
    Ok(())
}

fn append(
    transaction: &Transaction<'_>,
    conference: ConferenceId,
    after: u64,
    entries: &[Arc<str>],
) -> Result<u64, AppendError> {
    let failed = |error: rusqlite::Error| AppendError::Storage(fault(&error));
    let mut last = last(transaction, conference).map_err(failed)?.ok_or(AppendError::Unknown)?;
    if last != after {
        return Err(AppendError::Position { last });
    }
    let name = conference.to_string();
    let mut insert = transaction.prepare_cached("INSERT INTO entry VALUES (?, ?, ?)").map_err(failed)?;
    for entry in entries {
        last += 1;
        insert.execute((&name, stored(last), entry)).map_err(failed)?;
    }
    let mut update =
        transaction.prepare_cached("UPDATE log SET last = ? WHERE conference = ?").map_err(failed)?;
    update.execute((stored(last), &name)).map_err(failed)?;
    Ok(last)
}

fn delete(transaction: &Transaction<'_>, conference: ConferenceId) -> rusqlite::Result<()> {
    let name = conference.to_string();
    transaction.execute("DELETE FROM entry WHERE conference = ?", (&name,))?;
    transaction.execute("DELETE FROM log WHERE conference = ?", (&name,))?;
    Ok(())
}

fn last(transaction: &Transaction<'_>, conference: ConferenceId) -> rusqlite::Result<Option<u64>> {
    let mut query = transaction.prepare_cached("SELECT last FROM log WHERE conference = ?")?;
    query.query_row((conference.to_string(),), |row| row.get(0).map(number)).optional()
}

/// Answers; who asked may have gone.
fn reply<T>(answer: Answer<T>, what: T) {
    if answer.send(what).is_err() {
        tracing::debug!("nobody waits for the answer any more");
    }
}
