//! The one thread that writes.

use convene_event_log::{StorageError, WriteError};
use convene_model::ConferenceId;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::engine::QUEUE_MAX;
use crate::rows::fault;
use crate::tidings::Tidings;

/// Something to be written. It answers whether it was.
pub(crate) struct Job {
    pub(crate) conference: ConferenceId,
    pub(crate) work: Box<Work>,
}

/// The part of a job that runs inside a transaction, or hears why there is none.
type Work = dyn FnOnce(Result<&Connection, &StorageError>) -> Outcome + Send;

/// The outcome of a job inside a transaction that is not durable yet.
pub(crate) struct Outcome {
    /// SQLite could not do it.
    fault: Option<StorageError>,
    /// Answers, once it is known what became of the transaction.
    tell: Box<dyn FnOnce(Result<(), WriteError>)>,
}

impl Job {
    /// A job that does this and answers there. A refusal must not have written anything.
    pub(crate) fn new<T: Send + 'static, E: From<WriteError> + Send + 'static>(
        conference: ConferenceId,
        answer: oneshot::Sender<Result<T, E>>,
        run: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    ) -> Self {
        let work = Box::new(move |begun: Result<&Connection, &StorageError>| {
            let done = begun
                .map_err(StorageError::clone)
                .and_then(|connection| whole(connection, run).map_err(|error| fault(&error)));
            let fault = done.as_ref().err().cloned();
            // Even a refusal rests on what the transaction wrote before: where that failed, it is
            // no answer.
            let tell = Box::new(move |kept: Result<(), WriteError>| {
                let done = kept
                    .map_err(E::from)
                    .and_then(|()| done.unwrap_or_else(|error| Err(WriteError::Failed(error).into())));
                if answer.send(done).is_err() {
                    tracing::debug!("nobody waits for the answer any more");
                }
            });
            Outcome { fault, tell }
        });
        Self { conference, work }
    }
}

/// Works until the log is dropped and nothing waits any more.
pub(crate) fn run(connection: Connection, mut jobs: mpsc::Receiver<Job>, tidings: &Tidings) {
    while let Some(first) = jobs.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < QUEUE_MAX
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        commit(&connection, batch, tidings);
    }
    if let Err((_, error)) = connection.close() {
        tracing::error!(%error, "the event log was not closed well; nothing is lost");
    }
}

/// Writes all of these jobs, in one transaction where SQLite lets it live. A job that cannot be
/// done spoils no other.
pub(crate) fn commit(connection: &Connection, batch: Vec<Job>, tidings: &Tidings) {
    let mut jobs = batch.into_iter();
    while !jobs.as_slice().is_empty() {
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| fault(&error));
        let mut conferences = Vec::with_capacity(jobs.as_slice().len());
        let mut told = Vec::with_capacity(jobs.as_slice().len());
        let mut undone = begun.as_ref().err().cloned();
        for Job { conference, work } in jobs.by_ref() {
            let done = work(begun.as_ref().map(|()| connection));
            conferences.push(conference);
            told.push(done.tell);
            // After some errors, such as a full disk, SQLite itself undoes the whole transaction:
            // the jobs before this one are undone, and the next one must not run outside of one.
            if begun.is_ok() && connection.is_autocommit() {
                undone = Some(done.fault.unwrap_or(StorageError::Closed));
                break;
            }
        }
        let outcome = undone.map_or_else(|| end(connection), |error| Err(WriteError::Failed(error)));
        tidings.tell(conferences.into_iter());
        for tell in told {
            tell(outcome.clone());
        }
    }
}

/// Commits. A commit that fails may stand after all when the machine stops at the wrong moment: its
/// last page may have reached the disk before the error was reported.
fn end(connection: &Connection) -> Result<(), WriteError> {
    connection.execute_batch("COMMIT").map_err(|error| {
        if !connection.is_autocommit() {
            drop(connection.execute_batch("ROLLBACK"));
        }
        WriteError::Unknown(fault(&error))
    })
}

/// All of a job or nothing of it.
fn whole<T>(
    connection: &Connection,
    run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.execute_batch("SAVEPOINT job")?;
    let done = run(connection).and_then(|done| {
        connection.execute_batch("RELEASE job")?;
        Ok(done)
    });
    if done.is_err()
        && !connection.is_autocommit()
        && connection.execute_batch("ROLLBACK TO job; RELEASE job").is_err()
        && !connection.is_autocommit()
    {
        // A part of the job would stay: rather nothing of the transaction.
        drop(connection.execute_batch("ROLLBACK"));
    }
    done
}
