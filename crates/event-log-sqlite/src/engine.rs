//! The log with its two threads.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use convene_event_log::first::{AppendError, CreateError, EventLog, Head, ReadError, StorageError};
use convene_model::{ConferenceId, LogId};
use tokio::sync::{mpsc, oneshot};

use crate::open::{self, OpenError};
use crate::{form, reader, writer};

/// Operations that wait for either thread: beyond it callers wait, so memory stays bounded.
pub(crate) const QUEUE_MAX: usize = 1_024;

/// How to open a log.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The registered SQLite VFS to use; none for the system's.
    pub vfs: Option<String>,
}

/// An open log. Dropping it finishes what waits.
#[derive(Debug)]
pub struct SqliteLog {
    pub(crate) writes: Option<mpsc::Sender<writer::Job>>,
    pub(crate) reads: Option<mpsc::Sender<reader::Job>>,
    pub(crate) reader: Option<JoinHandle<()>>,
    pub(crate) writer: Option<JoinHandle<()>>,
}

impl SqliteLog {
    /// Opens or makes the log in this file, whose directory must be private. Blocks.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let opened = open::open(path, options.vfs.as_deref())?;
        let (writes, jobs) = mpsc::channel(QUEUE_MAX);
        let lock = opened.lock;
        let connection = opened.writer;
        let writer = thread("event log writer", move || {
            writer::run(connection, jobs);
            drop(lock);
        })?;
        let (reads, jobs) = mpsc::channel(QUEUE_MAX);
        let connection = opened.reader;
        let reader = thread("event log reader", move || reader::run(&connection, jobs))?;
        Ok(Self { writes: Some(writes), reads: Some(reads), reader: Some(reader), writer: Some(writer) })
    }

    /// Whether this file is a log that [`SqliteLog::open`] would carry on; `false` where there is
    /// none yet. Nothing is changed, in the file or beside it. For whoever holds a lock on its
    /// directory; blocks.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn look(path: &Path, options: &Options) -> Result<bool, OpenError> {
        form::look(path, options.vfs.as_deref())
    }

    async fn write<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> writer::Job) -> Result<T, StorageError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.writes.as_ref().ok_or(StorageError::Closed)?;
        queue.send(job(answer)).await.map_err(|_| StorageError::Closed)?;
        answered.await.map_err(|_| StorageError::Closed)
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> reader::Job) -> Result<T, StorageError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.reads.as_ref().ok_or(StorageError::Closed)?;
        queue.send(job(answer)).await.map_err(|_| StorageError::Closed)?;
        answered.await.map_err(|_| StorageError::Closed)
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // The writer last: who closes last folds the WAL into the file.
        self.reads = None;
        join(self.reader.take());
        self.writes = None;
        join(self.writer.take());
    }
}

impl EventLog for SqliteLog {
    async fn create(&self, conference: ConferenceId, log: LogId, first: Arc<str>) -> Result<(), CreateError> {
        self.write(|answer| writer::Job::Create { conference, log, first, answer }).await?
    }

    async fn heads(&self) -> Result<Vec<Head>, StorageError> {
        self.ask(|answer| reader::Job::Heads { answer }).await?
    }

    async fn append(
        &self,
        conference: ConferenceId,
        after: u64,
        entries: Vec<Arc<str>>,
    ) -> Result<u64, AppendError> {
        self.write(|answer| writer::Job::Append { conference, after, entries, answer }).await?
    }

    async fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<(u64, Arc<str>)>, ReadError> {
        self.ask(|answer| reader::Job::Read { conference, after, limit, bytes, answer }).await?
    }

    async fn delete(&self, conference: ConferenceId) -> Result<(), StorageError> {
        self.write(|answer| writer::Job::Delete { conference, answer }).await?
    }
}

pub(crate) fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|source| OpenError::Io { path: name.into(), source })
}

fn join(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("a thread of the event log has panicked");
    }
}

/// SQLite's fault in the log's words.
pub(crate) fn fault(error: &rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => StorageError::Full,
        Some(_) | None => StorageError::Failed { detail: error.to_string() },
    }
}

/// A number of ours as SQLite keeps it: far below its limit.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
