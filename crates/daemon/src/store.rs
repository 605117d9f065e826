//! What the daemon keeps: seats with their keys and outboxes, the replicas of their conferences, and what the ladder learned.
//!
//! One SQLite file, `seats.db`, in the daemon's private state directory. One thread writes it: it takes everything that waits,
//! makes it one transaction, and says what is durable only when that is committed (group commit). Reading goes through a
//! connection of its own and delays no commit.
//!
//! A seat's rows are the **fold** of its writes and no journal of them: a receipt deletes its outbox row, a snapshot replaces
//! what it voids. Only the events themselves grow, because they are the conference's history. The state is the exception that
//! proves it: rewriting it for every event would cost more than the event, so it is kept as it stood at some entry, and the
//! events behind that are folded when it is loaded.
//!
//! When the disk is full or fails, nothing is lost and nothing is promised: the transaction that failed is tried again, whole and
//! before anything that came later, until it holds. Meanwhile [`Store::health`] says so, the queue fills, and who asks for
//! something new is refused at once.

mod apply;
mod columns;
mod fault;
mod form;
mod load;
mod notices;
mod open;
mod seats;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use convene_seat::{EventText, Write, WriteId};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use self::fault::detail;
pub(crate) use self::fault::{Fault, ReadError, StoreError};
pub(crate) use self::load::LoadError;
pub(crate) use self::notices::{Notices, Stored};
pub(crate) use self::open::{OpenError, SCHEMA as FORM};
pub(crate) use self::seats::{NewSeat, ServerAddress, StoredSeat};
use self::writer::{Answer, Job, Writer};

/// Jobs that wait for the writer: more than one commit ever needs to be worth its flush, and, at a frame of events each, less
/// than 64 MiB.
const QUEUE_MAX: usize = 256;

/// A seat in this store. A number is never given twice, so that a late write cannot reach another seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeatId(pub(crate) i64);

/// How a store is opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreOptions {
    /// The SQLite VFS to use; the operating system's own where absent.
    pub(crate) vfs: Option<String>,
    /// The size at which the disk is full, in pages.
    #[cfg(test)]
    pages_max: Option<Arc<std::sync::atomic::AtomicU32>>,
}

impl StoreOptions {
    /// On a registered file layer instead of the system's.
    #[cfg(feature = "lossy-vfs")]
    pub(crate) fn on_vfs(name: &str) -> Self {
        Self {
            vfs: Some(name.to_owned()),
            #[cfg(test)]
            pages_max: None,
        }
    }
}

/// The open store. Dropping it stores what still waits, which takes one commit, and closes the file; while the disk fails it gives up
/// at once what was not durable yet, and nobody was told that it was.
#[derive(Debug)]
pub(crate) struct Store {
    queue: Option<mpsc::Sender<Job>>,
    health: watch::Receiver<Option<Fault>>,
    reader: Arc<Mutex<Connection>>,
    /// Dropped to end a wait between two attempts.
    running: Option<std::sync::mpsc::Sender<()>>,
    writer: Option<JoinHandle<()>>,
    /// Held as long as this process has the store.
    _lock: File,
}

/// Room for one write. Dropping it gives the room back.
#[derive(Debug)]
pub(crate) struct Room<'a>(mpsc::Permit<'a, Job>);

impl Store {
    /// Opens the store in this directory, or makes a new one; the directory is created or closed to others where needed. What
    /// is made durable is told by the notices.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was changed then.
    pub(crate) fn open(dir: &Path, options: &StoreOptions) -> Result<(Self, Notices), OpenError> {
        let open::Opened { writer, reader, lock } = open::open(dir, options.vfs.as_deref())?;
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (fault, health) = watch::channel(None);
        let (running, stopped) = std::sync::mpsc::channel();
        let (board, notices) = notices::channel();
        let writer = Writer {
            connection: writer,
            jobs,
            fault,
            stopped,
            board,
            #[cfg(test)]
            pages_max: options.pages_max.clone(),
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(|| writer.run());
        let thread = thread.map_err(|source| OpenError::Io { path: dir.to_owned(), source })?;
        let store = Self {
            queue: Some(queue),
            health,
            reader: Arc::new(Mutex::new(reader)),
            running: Some(running),
            writer: Some(thread),
            _lock: lock,
        };
        Ok((store, notices))
    }

    /// All seats, in the order in which they were added. It blocks for as long as reading takes: for the start, before
    /// anything is served.
    ///
    /// # Errors
    /// When the file cannot be read or a row makes no sense.
    pub(crate) fn load(&self) -> Result<Vec<StoredSeat>, LoadError> {
        load::seats(&lock(&self.reader))
    }

    /// Keeps a new seat; durable when this returns. Not cancel safe: a seat that nobody waits for any more may be kept.
    ///
    /// # Errors
    /// When it was not stored.
    pub(crate) async fn add(&self, seat: NewSeat) -> Result<SeatId, StoreError> {
        self.ask(|answer| Job::Add { seat: Box::new(seat), id: None, answer }).await
    }

    /// Forgets a seat, its key and its replica; durable when this returns. Writes of it that come later have no effect. Not
    /// cancel safe: it may be forgotten all the same.
    ///
    /// # Errors
    /// When it is still there.
    pub(crate) async fn remove(&self, seat: SeatId) -> Result<(), StoreError> {
        self.ask(|answer| Job::Remove { seat, answer }).await
    }

    /// Waits for room in the queue. Cancel safe, so that a write is taken from its seat only when it can be handed over.
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) async fn reserve(&self) -> Result<Room<'_>, StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.reserve().await.map(Room).map_err(|_| StoreError::Closed)
    }

    /// Hands over a write as soon as there is room; the notices say when it is durable. A seat's writes must come in its order.
    /// Not cancel safe: see [`Store::reserve`].
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) async fn write(&self, seat: SeatId, id: WriteId, write: Write) -> Result<(), StoreError> {
        self.reserve().await?.write(seat, id, write);
        Ok(())
    }

    /// Why nothing is made durable at the moment; `None` while all is well. New commands are to be refused meanwhile.
    pub(crate) fn health(&self) -> watch::Receiver<Option<Fault>> {
        self.health.clone()
    }

    /// A seat's durable events numbered above `after`, in order: at most `count` and about `bytes`, but at least one where
    /// there is one and `count` is not 0.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) async fn read_events(
        &self,
        seat: SeatId,
        after: u64,
        count: usize,
        bytes: usize,
    ) -> Result<Vec<EventText>, ReadError> {
        self.read(move |connection| load::events(connection, seat, after, count, bytes)).await
    }

    /// Keeps something small that helps and is not needed, such as the route that won. It is let go where the queue is full.
    pub(crate) fn remember(&self, key: &str, value: Vec<u8>) {
        let job = Job::Remember { key: key.to_owned(), value };
        if let Some(queue) = &self.queue
            && queue.try_send(job).is_err()
        {
            tracing::debug!("the store is busy: something that would have helped was not remembered");
        }
    }

    /// Keeps something small that is needed, as soon as there is room; it is durable a moment later.
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) async fn keep(&self, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        self.reserve().await?.0.send(Job::Remember { key: key.to_owned(), value });
        Ok(())
    }

    /// What was last remembered or kept under this key.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) async fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let key = key.to_owned();
        self.read(move |connection| load::memory(connection, &key)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ReadError> {
        let reader = Arc::clone(&self.reader);
        let done = tokio::task::spawn_blocking(move || read(&lock(&reader))).await;
        let done = done.map_err(|_| ReadError { detail: "the reader ended".to_owned() })?;
        done.map_err(|error| ReadError { detail: detail(&error) })
    }

    /// Does not wait while the store fails: whoever asks is a person who wants an answer.
    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        let room = tokio::select! {
            biased;
            error = self.failing() => return Err(error),
            room = self.reserve() => room?,
        };
        room.0.send(job(answer));
        let answer = tokio::select! {
            biased;
            answer = &mut answered => answer.map_err(|_| StoreError::Closed)?,
            error = self.failing() => {
                // Either the writer has answered by now, or it finds that nobody listens and stores nothing.
                answered.close();
                answered.try_recv().map_err(|_| error)?
            }
        };
        Ok(answer?)
    }

    /// Waits until the store fails.
    async fn failing(&self) -> StoreError {
        match self.health().wait_for(Option::is_some).await.as_deref() {
            Ok(Some(fault)) => StoreError::Failing(fault.clone()),
            Ok(None) | Err(_) => StoreError::Closed,
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.queue = None;
        self.running = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer ended by a defect");
        }
    }
}

impl Room<'_> {
    /// Hands over a seat's next write.
    pub(crate) fn write(self, seat: SeatId, id: WriteId, write: Write) {
        self.0.send(Job::Write { seat, id, write });
    }
}

/// Reading leaves no half-changed connection behind, so one that a panic let go is as good as any.
fn lock(connection: &Mutex<Connection>) -> std::sync::MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
