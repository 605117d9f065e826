//! The one thread that writes.
//!
//! A transaction that failed is not tried again, because nobody could say meanwhile whether it will
//! hold: its writes are let go. The files are closed and opened anew, as a restart would, so that
//! they show what is in them; only what they do not show is told as undone. Everyone who had handed
//! over a write reads the store anew before anything else is taken.
//!
//! While the store fails there is one connection, for reading: alone it needs no file for the index
//! of the log of changes, for which a full disk may have no room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver as Stopped, RecvTimeoutError};
use std::time::Duration;

use convene_local_api::{Draft, DraftSetParams};
use convene_seat::{SeatSecret, Write, WriteId};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::notices::Board;
use super::open::Files;
use super::sizes::Sizes;
use super::{
    DraftChange, DraftRefusal, Fault, Full, Health, NewSeat, QUEUE_MAX, Quota, Reader, SeatId, StoreError,
    Stored, Tenure, apply, drafts, lock, sizes,
};

/// The wait after a first failure: a disk that was full for a moment is hardly noticed.
const RETRY_FIRST: Duration = Duration::from_millis(100);
/// The longest wait between two attempts: how long a person who made room waits at most.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Bytes that must fit before the store counts as well again: room for some frames of events, so
/// that a disk with room for a single one does not make seats come and go.
const ROOM_BYTES: usize = 256 * 1024;
/// Under which key these bytes are tried.
const ROOM_KEY: &str = "room";
/// Things to be remembered that wait while the store fails.
const LASTING_MAX: usize = 8_192;
/// And of one user: the others' have room beside them.
const LASTING_PER_USER_MAX: usize = 512;

/// By which an asker is answered.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to be made durable.
#[derive(Debug)]
pub(super) enum Job {
    /// A seat's next write. It is let go when it fails.
    Write { tenure: Tenure, seat: SeatId, id: WriteId, write: Write },
    /// A help for later. It is tried until it holds.
    Remember { key: String, value: Vec<u8> },
    /// Takes back a seat that nobody heard of. It is tried until it holds.
    Disown { secret: SeatSecret },
    /// A new seat; its number once the attempt gave it one. It is tried once.
    Add { seat: Box<NewSeat>, id: Option<SeatId>, answer: Answer<SeatId> },
    /// A seat less. It is tried once.
    Remove { seat: SeatId, answer: Answer<()> },
    /// A draft that a frontend sets; what came of it once the attempt has made it so. It is tried
    /// once, whether somebody waits for it still or not: it is what a person typed.
    Draft {
        seat: SeatId,
        by: u64,
        wanted: Box<DraftSetParams>,
        made: Option<Result<Draft, DraftRefusal>>,
        answer: Answer<Result<Draft, DraftRefusal>>,
    },
    /// Tells when everything before it is stored, or let go.
    Flush { answer: Answer<()> },
}

/// The thread's own.
pub(super) struct Writer {
    pub(super) files: Files,
    /// Absent while the store fails.
    pub(super) connection: Option<Connection>,
    pub(super) reader: Reader,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) health: watch::Sender<Health>,
    pub(super) quota: Quota,
    /// How much each seat keeps. After a failure it may be too much, until the store is well again.
    pub(super) sizes: Sizes,
    /// Tells for whom no more is kept.
    pub(super) full: watch::Sender<Full>,
    /// Counts the tenures that were given.
    pub(super) tenures: Arc<AtomicU64>,
    /// Writes of this tenure and of those before are let go.
    pub(super) ended: Tenure,
    /// Ends when the store is dropped.
    pub(super) stopped: Stopped<()>,
    pub(super) board: Board,
    /// Tells of drafts that are durable.
    pub(super) drafts: broadcast::Sender<Arc<DraftChange>>,
    /// The jobs that are tried until they succeed.
    pub(super) lasting: Vec<Job>,
    #[cfg(test)]
    pub(super) disk: Option<Arc<super::Disk>>,
}

/// The store is being closed while its disk fails.
struct GaveUp;

impl Writer {
    /// Works until the store is dropped and nothing waits any more.
    pub(super) fn run(mut self) {
        let mut pause = RETRY_FIRST;
        while let Some(first) = self.jobs.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < QUEUE_MAX
                && let Ok(job) = self.jobs.try_recv()
            {
                batch.push(job);
            }
            if self.store(batch) {
                pause = RETRY_FIRST;
            } else if self.wait_until_well(&mut pause).is_err() {
                tracing::error!(
                    "the store was closed while its disk failed; nobody was told of what is not stored"
                );
                return;
            }
        }
    }

    /// Makes a batch durable, and what it leaves to be done; says whether that holds.
    fn store(&mut self, mut batch: Vec<Job>) -> bool {
        let ended = self.ended;
        batch.retain(|job| !matches!(job, Job::Write { tenure, .. } if *tenure <= ended));
        while !batch.is_empty() {
            if let Err(error) = self.attempt(&mut batch) {
                self.fail(batch, &error);
                return false;
            }
            self.tell(batch);
            batch = std::mem::take(&mut self.lasting);
        }
        true
    }

    fn attempt(&mut self, batch: &mut [Job]) -> rusqlite::Result<()> {
        #[cfg(test)]
        self.limit_size(self.connection.as_ref().ok_or_else(closed)?)?;
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
        for job in batch {
            match job {
                Job::Write { seat, write, .. } => {
                    apply::write(&transaction, *seat, write)?;
                    if sizes::are_changed_by(write) {
                        self.sizes.look(&transaction, *seat)?;
                    }
                }
                Job::Remember { key, value } => apply::remember(&transaction, key, value)?,
                Job::Disown { secret } => apply::disown(&transaction, secret)?,
                Job::Remove { seat, .. } => {
                    apply::remove(&transaction, *seat)?;
                    self.sizes.forget(*seat);
                }
                Job::Draft { seat, wanted, made, .. } => {
                    *made = Some(drafts::set(&transaction, *seat, wanted, &mut self.sizes)?);
                }
                Job::Add { answer, .. } if answer.is_closed() => {}
                Job::Add { seat, id, .. } => *id = Some(apply::add(&transaction, seat)?),
                Job::Flush { .. } => {}
            }
        }
        transaction.commit()?;
        #[cfg(test)]
        self.doubt()?;
        self.tell_full();
        Ok(())
    }

    /// Tells for whom no more is kept, where that has changed.
    fn tell_full(&self) {
        let full = self.sizes.full();
        self.full.send_if_modified(|told| {
            let changed = *told != *full;
            if changed {
                told.clone_from(full);
            }
            changed
        });
    }

    /// Tells what is durable. A new seat that nobody listens for is not left behind.
    fn tell(&mut self, batch: Vec<Job>) {
        self.board.tell(batch.iter().filter_map(|job| match job {
            Job::Write { tenure, seat, id, .. } => {
                Some(Stored { tenure: *tenure, seat: *seat, through: *id })
            }
            Job::Remember { .. }
            | Job::Disown { .. }
            | Job::Add { .. }
            | Job::Remove { .. }
            | Job::Draft { .. }
            | Job::Flush { .. } => None,
        }));
        for job in batch {
            match job {
                Job::Write { .. } | Job::Remember { .. } | Job::Disown { .. } => {}
                Job::Add { id: None, .. } | Job::Draft { made: None, .. } => {}
                Job::Add { seat, id: Some(id), answer } => {
                    if answer.send(Ok(id)).is_err() {
                        self.lasting.push(Job::Disown { secret: seat.secret });
                    }
                }
                // Nobody may listen; it is done all the same.
                Job::Draft { seat, by, made: Some(made), answer, .. } => {
                    if let Ok(draft) = made.clone() {
                        drop(self.drafts.send(Arc::new(DraftChange { seat, by, draft })));
                    }
                    drop(answer.send(Ok(made)));
                }
                Job::Remove { answer, .. } | Job::Flush { answer } => drop(answer.send(Ok(()))),
            }
        }
    }

    /// Ends all tenures, and tells who waits for an answer what became of it.
    fn fail(&mut self, batch: Vec<Job>, error: &rusqlite::Error) {
        let fault = Fault::of(error);
        tracing::warn!(number = convene_service_log::number::STORE_FAILS, %fault, "nothing can be stored; it is tried until it can");
        let shared = Arc::clone(&self.reader);
        self.open_to_read(&mut lock(&shared));
        for job in batch {
            self.refuse(job, &fault, true);
        }
        self.ended = Tenure(self.tenures.load(Ordering::SeqCst));
        self.health.send_modify(|health| {
            health.failures += 1;
            health.fault = Some(fault);
        });
    }

    /// Waits until the store is well again; who asks for something meanwhile is refused.
    fn wait_until_well(&mut self, pause: &mut Duration) -> Result<(), GaveUp> {
        loop {
            match self.stopped.recv_timeout(*pause) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(GaveUp),
            }
            *pause = RETRY_MAX.min(*pause * 2);
            let Some(fault) = self.health.borrow().fault.clone() else { return Ok(()) };
            while let Ok(job) = self.jobs.try_recv() {
                self.refuse(job, &fault, false);
            }
            let now = self.recover().err().map(|error| Fault::of(&error));
            if now.is_none() {
                tracing::info!(
                    number = convene_service_log::number::STORE_WORKS,
                    "there is room again: everything is stored as before"
                );
            }
            self.health.send_if_modified(|health| {
                let changed = health.fault != now;
                health.fault = now;
                changed
            });
        }
    }

    /// Gives back what must be tried until it holds; who asks for anything else is told that it
    /// failed.
    fn refuse(&mut self, job: Job, fault: &Fault, tried: bool) {
        let told =
            |undone: bool| if undone { StoreError::Failing(fault.clone()) } else { StoreError::Unsure };
        match job {
            Job::Write { .. } => {}
            Job::Remember { ref key, .. } => {
                self.lasting.retain(|one| !matches!(one, Job::Remember { key: known, .. } if known == key));
                let is_of_owner = |one: &&Job| match one {
                    Job::Remember { key: known, .. } => apply::owner(known) == apply::owner(key),
                    Job::Write { .. }
                    | Job::Disown { .. }
                    | Job::Add { .. }
                    | Job::Remove { .. }
                    | Job::Draft { .. }
                    | Job::Flush { .. } => false,
                };
                let of_owner = self.lasting.iter().filter(is_of_owner).count();
                if of_owner < LASTING_PER_USER_MAX && self.lasting.len() < LASTING_MAX {
                    self.lasting.push(job);
                }
            }
            Job::Disown { .. } => self.lasting.push(job),
            Job::Add { seat, answer, .. } => {
                let holds = |connection: &Connection| apply::holds_secret(connection, &seat.secret);
                let undone = !tried || self.sees(holds) == Some(false);
                if !undone {
                    self.lasting.push(Job::Disown { secret: seat.secret });
                }
                drop(answer.send(Err(told(undone))));
            }
            Job::Remove { seat, answer } => {
                let undone = !tried || self.sees(|connection| apply::holds(connection, seat)) == Some(true);
                drop(answer.send(Err(told(undone))));
            }
            Job::Draft { seat, made, answer, .. } => {
                let holds = |connection: &Connection| match &made {
                    Some(Ok(draft)) => drafts::holds(connection, seat, draft),
                    Some(Err(_)) | None => Ok(false),
                };
                let undone = !tried || self.sees(holds) == Some(false);
                drop(answer.send(Err(told(undone))));
            }
            Job::Flush { answer } => drop(answer.send(Ok(()))),
        }
    }

    /// The result of a look at the files; `None` where they cannot be read.
    fn sees(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<bool>) -> Option<bool> {
        look(lock(&self.reader).as_ref()?).ok()
    }

    /// Closes the files, and opens them for reading as a restart would. SQLite then looks itself
    /// which transactions are whole in its log of changes; one whose commit failed may be, and then
    /// it counts. Where they cannot be opened, nothing can be read, and nothing is known to be
    /// undone.
    fn open_to_read(&mut self, reader: &mut Option<Connection>) {
        // All connections must be gone before the first new one: they share what they know of that
        // log.
        (self.connection, *reader) = (None, None);
        match self.files.alone() {
            Ok(connection) => *reader = Some(connection),
            Err(error) => tracing::warn!(error = super::detail(&error), "the store cannot be read"),
        }
    }

    /// Finds out whether the disk takes something again.
    fn recover(&mut self) -> rusqlite::Result<()> {
        // Held until there is a connection again: who reads meanwhile waits, and finds one.
        let shared = Arc::clone(&self.reader);
        let mut reader = lock(&shared);
        let recovered = self.try_again(&mut reader);
        if recovered.is_err() {
            self.open_to_read(&mut reader);
        }
        recovered
    }

    fn try_again(&mut self, reader: &mut Option<Connection>) -> rusqlite::Result<()> {
        *reader = None;
        let mut connection = self.files.writer()?;
        #[cfg(test)]
        self.limit_size(&connection)?;
        // A commit whose flush failed may be in memory only, and a later flush would not say so:
        // everything is written once more, from the log of changes into the file.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let transaction = Transaction::new(&mut connection, TransactionBehavior::Immediate)?;
        for job in &self.lasting {
            match job {
                Job::Remember { key, value } => apply::remember(&transaction, key, value)?,
                Job::Disown { secret } => apply::disown(&transaction, secret)?,
                Job::Write { .. }
                | Job::Add { .. }
                | Job::Remove { .. }
                | Job::Draft { .. }
                | Job::Flush { .. } => {}
            }
        }
        // On the heap: as a constant it would be a part of the program that is kept in memory.
        apply::remember(&transaction, ROOM_KEY, &vec![0; ROOM_BYTES])?;
        transaction.commit()?;
        self.lasting.clear();
        apply::unremember(&connection, ROOM_KEY)?;
        self.sizes = Sizes::load(&connection, self.quota)?;
        *reader = Some(self.files.reader()?);
        self.connection = Some(connection);
        self.tell_full();
        Ok(())
    }
}

fn closed() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
    rusqlite::Error::SqliteFailure(code, None)
}

#[cfg(test)]
impl Writer {
    fn limit_size(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Some(disk) = &self.disk else { return Ok(()) };
        let pages = disk.pages_max.load(Ordering::SeqCst);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
    }

    /// A commit that holds, and of which the disk says that it failed.
    fn doubt(&self) -> rusqlite::Result<()> {
        let doubts = self.disk.as_ref().is_some_and(|disk| disk.doubts.swap(false, Ordering::SeqCst));
        if doubts { Err(closed()) } else { Ok(()) }
    }
}
