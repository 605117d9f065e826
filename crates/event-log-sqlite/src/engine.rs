//! The log with its two threads.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use convene_event_log::{
    AppendError, ClaimError, CreateError, Entry, EventLog, FindError, FollowError, NewEntry, PutError,
    ReadError, ReceiptKey, Snapshot, StorageError, Summary, WriteError,
};
use convene_model::{ConferenceId, LogId, TermId};
use convene_sqlite_file::OpenError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::carry::FirstForm;
use crate::open::{self, Opened};
use crate::tidings::Tidings;
use crate::{changes, reader, writer};

/// Operations that wait for either thread: beyond it callers wait, so memory stays bounded.
pub(crate) const QUEUE_MAX: usize = 1_024;

/// The way in which a log is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The registered SQLite VFS to use; none for the system's.
    pub vfs: Option<String>,
    /// Makes a reader for each conference of a log of form 1. Without one such a log is carried
    /// over with empty summaries (`{}`), and its receipts are not found.
    pub first_form: Option<fn() -> Box<dyn FirstForm>>,
}

/// An open log. Dropping it finishes what waits.
///
/// **Durable** here survives the end of the process, of the system and of its power, as far as the
/// disk keeps what it was told to sync: every commit is synced before it is answered or read. It
/// does not survive the loss of the disk: that is what backups are for.
#[derive(Debug)]
pub struct SqliteLog {
    writes: Option<mpsc::Sender<writer::Job>>,
    reads: Option<mpsc::Sender<reader::Job>>,
    reader: Option<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
    tidings: Arc<Tidings>,
}

impl SqliteLog {
    /// Opens or makes the log in this file, whose directory must be private. A log of an earlier
    /// form is carried over, in one transaction. Blocks.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        Self::of(open::open(path, options)?)
    }

    pub(crate) fn of(opened: Opened) -> Result<Self, OpenError> {
        let Opened { writer, reader, lock } = opened;
        let tidings = Arc::<Tidings>::default();
        let told = Arc::clone(&tidings);
        let (writes, jobs) = mpsc::channel(QUEUE_MAX);
        let writer = thread("event log writer", move || {
            writer::run(writer, jobs, &told);
            drop(lock);
        })?;
        let (reads, jobs) = mpsc::channel(QUEUE_MAX);
        let reader = thread("event log reader", move || reader::run(&reader, jobs))?;
        Ok(Self {
            writes: Some(writes),
            reads: Some(reads),
            reader: Some(reader),
            writer: Some(writer),
            tidings,
        })
    }

    /// Whether this file is a log that [`SqliteLog::open`] would carry on; `false` where there is
    /// none yet. Nothing is changed, in the file or beside it. The caller holds a lock on
    /// its directory. Blocks.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn look(path: &Path, options: &Options) -> Result<bool, OpenError> {
        open::look(path, options).map(|form| form > 0)
    }

    async fn write<T: Send + 'static, E: From<WriteError> + Send + 'static>(
        &self,
        conference: ConferenceId,
        run: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    ) -> Result<T, E> {
        let (answer, answered) = oneshot::channel();
        let job = writer::Job::new(conference, answer, run);
        let closed = || WriteError::Failed(StorageError::Closed);
        self.writes.as_ref().ok_or_else(closed)?.send(job).await.map_err(|_| closed())?;
        answered.await.map_err(|_| WriteError::Unknown(StorageError::Closed))?
    }

    async fn ask<T, E: From<StorageError>>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, E>>) -> reader::Job,
    ) -> Result<T, E> {
        let (answer, answered) = oneshot::channel();
        let queue = self.reads.as_ref().ok_or(StorageError::Closed)?;
        queue.send(job(answer)).await.map_err(|_| StorageError::Closed)?;
        answered.await.map_err(|_| StorageError::Closed)?
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // The writer is closed last: the connection that closes last folds the WAL into the file.
        self.reads = None;
        join(self.reader.take());
        self.writes = None;
        join(self.writer.take());
    }
}

impl EventLog for SqliteLog {
    async fn create(
        &self,
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
        summary: Arc<str>,
    ) -> Result<(), CreateError> {
        self.write(conference, move |tables| changes::create(tables, conference, log, &first, &summary)).await
    }

    async fn summaries(&self) -> Result<Vec<Summary>, StorageError> {
        self.ask(|answer| reader::Job::Summaries { answer }).await
    }

    async fn claim(&self, conference: ConferenceId, term: TermId, text: Arc<str>) -> Result<u64, ClaimError> {
        self.write(conference, move |tables| changes::claim(tables, conference, term, &text)).await
    }

    async fn append(
        &self,
        conference: ConferenceId,
        term: TermId,
        after: u64,
        entries: Vec<NewEntry>,
        summary: Option<Arc<str>>,
    ) -> Result<(), AppendError> {
        self.write(conference, move |tables| {
            changes::append(tables, conference, term, after, &entries, summary.as_deref())
        })
        .await
    }

    async fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        self.ask(|answer| reader::Job::Read { conference, after, limit, bytes, answer }).await
    }

    async fn follow(
        &self,
        conference: ConferenceId,
        after: u64,
        term: TermId,
    ) -> Result<Vec<Entry>, FollowError> {
        // It begins before the log is read, so that no change falls between.
        let mut follower = self.tidings.follow(conference);
        loop {
            let page = self.ask(|answer| reader::Job::Follow { conference, after, term, answer }).await?;
            if !page.is_empty() {
                return Ok(page);
            }
            follower.changed().await?;
        }
    }

    async fn find_receipts(
        &self,
        conference: ConferenceId,
        keys: Vec<ReceiptKey>,
        through: u64,
    ) -> Result<Vec<(ReceiptKey, Entry)>, FindError> {
        self.ask(|answer| reader::Job::FindReceipts { conference, keys, through, answer }).await
    }

    async fn put_snapshot(&self, conference: ConferenceId, snapshot: Snapshot) -> Result<(), PutError> {
        self.write(conference, move |tables| changes::put_snapshot(tables, conference, &snapshot)).await
    }

    async fn latest_snapshot(&self, conference: ConferenceId) -> Result<Option<Snapshot>, ReadError> {
        self.ask(|answer| reader::Job::LatestSnapshot { conference, answer }).await
    }

    async fn delete(&self, conference: ConferenceId) -> Result<(), WriteError> {
        self.write(conference, move |tables| changes::delete(tables, conference).map(Ok)).await
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
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
