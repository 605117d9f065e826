//! The store of the daemon. It keeps the seats with their keys, outboxes and drafts, the replicas
//! of their conferences, and what the ladder learned.
//!
//! One SQLite file, `seats.db`, in the daemon's private state directory. One thread writes it: it
//! takes everything that waits, makes it one transaction, and says what is durable only when that
//! is committed (group commit). Reading goes through a connection of its own and delays no commit.
//!
//! A seat's rows are the **fold** of its writes and no journal of them: a receipt deletes its
//! outbox row, a snapshot replaces what it voids. Only the events themselves grow, because they are
//! the conference's history. The state is the exception that proves it: rewriting it for every
//! event would cost more than the event, so it is kept as it stood at some entry, and the events
//! behind that are folded when it is loaded.
//!
//! When the disk is full or fails, nothing is lost and nothing is promised: the content of the
//! failed transaction, and all that came behind it, is let go, and [`Store::health`] says so. Then
//! each seat is read anew and goes on from what is stored: its server sends again what is not.
//! Until the disk takes something again, anyone who asks for something new is refused at once;
//! reading goes on.

mod apply;
mod carry;
mod columns;
mod drafts;
mod fault;
mod load;
mod notices;
mod open;
mod pages;
mod seats;
mod sizes;
mod states;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use convene_conference::State;
use convene_local_api::{Draft, DraftSetParams};
use convene_seat::{HistoryWish, Refold, Write, WriteId};
use convene_sqlite_file::detail;
use rusqlite::Connection;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub(crate) use self::drafts::{DraftChange, DraftRefusal};
pub(crate) use self::fault::{Fault, Health, ReadError, StoreError};
pub(crate) use self::load::LoadError;
pub(crate) use self::notices::{Notices, Stored};
pub(crate) use self::open::{FORM, OpenError};
pub(crate) use self::pages::{Beyond, Page};
pub(crate) use self::seats::{NewSeat, ServerAddress, StoredSeat};
pub(crate) use self::sizes::{Full, Quota};
use self::writer::{Answer, Job, Writer};

/// Jobs that wait for the writer: more than one commit ever needs to be worth its flush, and, at a
/// frame of events each, less than 64 MiB.
const QUEUE_MAX: usize = 256;
/// Drafts that were set and wait for one who follows: people do not type so quickly.
const DRAFTS_UNTOLD_MAX: usize = 256;

/// A seat in this store. A number is never given twice, so that a late write cannot reach another
/// seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeatId(pub(crate) i64);

/// One life of a seat in memory: from one reading of the store to the next. The number of a write
/// counts in its tenure, and a failure of the store ends all that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tenure(u64);

/// Absent while the file cannot be opened.
type Reader = Arc<Mutex<Option<Connection>>>;

/// The options for opening a store.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreOptions {
    /// The SQLite VFS to use; the operating system's own where absent.
    pub(crate) vfs: Option<String>,
    /// How much may be kept.
    pub(crate) quota: Quota,
    #[cfg(test)]
    pub(crate) disk: Option<Arc<Disk>>,
}

/// A disk that fails when a test wants it.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Disk {
    /// The size at which it is full, in pages.
    pub(crate) pages_max: std::sync::atomic::AtomicU32,
    /// Whether the next commit holds and is told as failed.
    pub(crate) doubts: std::sync::atomic::AtomicBool,
}

impl StoreOptions {
    /// On a registered file layer instead of the system's.
    #[cfg(feature = "lossy-vfs")]
    pub(crate) fn on_vfs(name: &str) -> Self {
        Self {
            vfs: Some(name.to_owned()),
            quota: Quota::default(),
            #[cfg(test)]
            disk: None,
        }
    }
}

/// The open store. Dropping it stores what still waits, which takes one commit, and closes the
/// file; while the disk fails it gives up at once what was not durable yet, and nobody was told
/// that it was.
#[derive(Debug)]
pub(crate) struct Store {
    queue: Option<mpsc::Sender<Job>>,
    health: watch::Receiver<Health>,
    full: watch::Receiver<Full>,
    drafts: broadcast::Sender<Arc<DraftChange>>,
    reader: Reader,
    /// One thread at a time reads; the others wait in their order, and keep none.
    reading: Arc<tokio::sync::Mutex<()>>,
    tenures: Arc<AtomicU64>,
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
    /// Opens the store in this directory, or makes a new one; the directory is created or closed to
    /// others where needed. The notices tell which writes were made durable.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was changed then.
    pub(crate) fn open(dir: &Path, options: &StoreOptions) -> Result<(Self, Notices), OpenError> {
        let open::Opened { files, writer, reader, sizes, lock } = open::open(dir, options)?;
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (healths, health) = watch::channel(Health::default());
        let (fulls, full) = watch::channel(sizes.full().clone());
        let drafts = broadcast::Sender::new(DRAFTS_UNTOLD_MAX);
        let (reader, tenures) = (Arc::new(Mutex::new(Some(reader))), Arc::<AtomicU64>::default());
        let (running, stopped) = std::sync::mpsc::channel();
        let (board, notices) = notices::channel();
        let writer = Writer {
            files,
            connection: Some(writer),
            reader: Arc::clone(&reader),
            jobs,
            health: healths,
            quota: options.quota,
            sizes,
            full: fulls,
            tenures: Arc::clone(&tenures),
            ended: Tenure(0),
            stopped,
            board,
            drafts: drafts.clone(),
            lasting: Vec::new(),
            #[cfg(test)]
            disk: options.disk.clone(),
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(|| writer.run());
        let thread =
            thread.map_err(|source| convene_sqlite_file::OpenError::Io { path: dir.to_owned(), source })?;
        let store = Self {
            queue: Some(queue),
            health,
            full,
            drafts,
            reader,
            reading: Arc::default(),
            tenures,
            running: Some(running),
            writer: Some(thread),
            _lock: lock,
        };
        Ok((store, notices))
    }

    /// All seats, in the order in which they were added. It blocks for as long as reading takes:
    /// for the start, before anything is served.
    ///
    /// # Errors
    /// When the file cannot be read or a row makes no sense.
    pub(crate) fn load(&self) -> Result<Vec<StoredSeat>, LoadError> {
        let reader = lock(&self.reader);
        load::seats(reader.as_ref().ok_or_else(LoadError::closed)?)
    }

    /// One seat as it is stored; `None` where it is not there any more.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub(crate) async fn load_seat(&self, seat: SeatId) -> Result<Option<StoredSeat>, LoadError> {
        let reader = Arc::clone(&self.reader);
        let turn = Arc::clone(&self.reading).lock_owned().await;
        let read = move || {
            let loaded = load::one(lock(&reader).as_ref().ok_or_else(LoadError::closed)?, seat);
            drop(turn);
            loaded
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| LoadError::closed())?
    }

    /// A new tenure. A seat's tenure must begin before the seat is read, and its writes bear it.
    pub(crate) fn begin_tenure(&self) -> Tenure {
        Tenure(self.tenures.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Waits until everything that was handed over is stored, or let go.
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        match self.ask(|answer| Job::Flush { answer }).await {
            Ok(()) | Err(StoreError::Failing(_) | StoreError::Unsure) => Ok(()),
            Err(StoreError::Closed) => Err(StoreError::Closed),
        }
    }

    /// Keeps a new seat; durable when this returns. Not cancel safe: a seat that nobody waits for
    /// any more may be kept.
    ///
    /// # Errors
    /// When it was not stored.
    pub(crate) async fn add(&self, seat: NewSeat) -> Result<SeatId, StoreError> {
        self.ask(|answer| Job::Add { seat: Box::new(seat), id: None, answer }).await
    }

    /// Forgets a seat, its key and its replica; durable when this returns. Writes of it that come
    /// later have no effect. Not cancel safe: it may be forgotten all the same.
    ///
    /// # Errors
    /// When it is still there.
    pub(crate) async fn remove(&self, seat: SeatId) -> Result<(), StoreError> {
        self.ask(|answer| Job::Remove { seat, answer }).await
    }

    /// Keeps a draft of a seat, and gives it as it is now: durable when this returns, and told to
    /// those who follow. `by` is the number of the frontend that sets it. Not cancel safe: it may
    /// be kept all the same.
    ///
    /// # Errors
    /// When it was not stored.
    pub(crate) async fn set_draft(
        &self,
        seat: SeatId,
        by: u64,
        wanted: DraftSetParams,
    ) -> Result<Result<Draft, DraftRefusal>, StoreError> {
        self.ask(|answer| Job::Draft { seat, by, wanted: Box::new(wanted), made: None, answer }).await
    }

    /// The drafts of a seat that are not empty, in the order of their keys.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) async fn drafts(&self, seat: SeatId) -> Result<Vec<Draft>, ReadError> {
        self.read(move |connection| drafts::all(connection, seat)).await
    }

    /// Tells of every draft that is set from now on, of all seats, in that order.
    pub(crate) fn draft_changes(&self) -> broadcast::Receiver<Arc<DraftChange>> {
        self.drafts.subscribe()
    }

    /// Room for one write, if there is some now.
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) fn try_reserve(&self) -> Result<Option<Room<'_>>, StoreError> {
        match self.queue.as_ref().ok_or(StoreError::Closed)?.try_reserve() {
            Ok(permit) => Ok(Some(Room(permit))),
            Err(mpsc::error::TrySendError::Full(())) => Ok(None),
            Err(mpsc::error::TrySendError::Closed(())) => Err(StoreError::Closed),
        }
    }

    /// Waits until there is room. Cancel safe.
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) async fn wait_for_room(&self) -> Result<(), StoreError> {
        self.reserve().await.map(drop)
    }

    async fn reserve(&self) -> Result<Room<'_>, StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.reserve().await.map(Room).map_err(|_| StoreError::Closed)
    }

    /// The health of the store.
    pub(crate) fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// For whom no more of conferences is kept: their seats are to ask for nothing.
    pub(crate) fn full(&self) -> watch::Receiver<Full> {
        self.full.clone()
    }

    /// A page of a seat's durable events, in order: of the replica in use, and never a part of an
    /// entry.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) async fn read_page(
        &self,
        seat: SeatId,
        wish: HistoryWish,
        count: usize,
        bytes: usize,
    ) -> Result<Page, ReadError> {
        self.read(move |connection| pages::page(connection, seat, wish, count, bytes)).await
    }

    /// A seat's state, folded anew from what is stored; `None` where its replica has changed
    /// meanwhile.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) async fn fold(&self, seat: SeatId, wish: Refold) -> Result<Option<State>, ReadError> {
        self.read(move |connection| load::fold(connection, seat, wish)).await
    }

    /// Keeps something small that helps and is not needed, such as the route that won. It is let go
    /// where the queue is full.
    pub(crate) fn remember(&self, key: &str, value: Vec<u8>) {
        let job = Job::Remember { key: key.to_owned(), value };
        if let Some(queue) = &self.queue
            && queue.try_send(job).is_err()
        {
            tracing::debug!("the store is busy: something that would have helped was not remembered");
        }
    }

    /// Keeps something small that is needed, as soon as there is room; it is durable a moment
    /// later.
    ///
    /// # Errors
    /// When the writer has ended.
    pub(crate) async fn keep(&self, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        self.reserve().await?.0.send(Job::Remember { key: key.to_owned(), value });
        Ok(())
    }

    /// The value that was last remembered or kept under this key.
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
        let ended = || ReadError { detail: "the store cannot be opened".to_owned() };
        let turn = Arc::clone(&self.reading).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let done = lock(&reader).as_ref().map(read);
            drop(turn);
            done
        });
        let done = done.await;
        let done = done.ok().flatten().ok_or_else(ended)?;
        done.map_err(|error| ReadError { detail: detail(&error) })
    }

    /// Asks nothing of a store that fails: who asks is a person who wants an answer.
    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, StoreError> {
        if let Some(fault) = &self.health.borrow().fault {
            return Err(StoreError::Failing(fault.clone()));
        }
        let (answer, answered) = oneshot::channel();
        self.reserve().await?.0.send(job(answer));
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // The connection that is closed last folds the log of changes into the file, which one that
        // only reads cannot do.
        *lock(&self.reader) = None;
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
    /// Hands over a seat's next write; the notices say when it is durable. A seat's writes must
    /// come in its order.
    pub(crate) fn write(self, tenure: Tenure, seat: SeatId, id: WriteId, write: Write) {
        self.0.send(Job::Write { tenure, seat, id, write });
    }
}

/// Reading leaves no half-changed connection behind, so one that a panic let go is as good as any.
fn lock(connection: &Mutex<Option<Connection>>) -> std::sync::MutexGuard<'_, Option<Connection>> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
