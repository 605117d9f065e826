//! The one thread that writes.

use std::sync::mpsc::{Receiver as Stopped, RecvTimeoutError};
use std::time::Duration;

use convene_seat::{Write, WriteId};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::notices::Board;
use super::{Fault, NewSeat, QUEUE_MAX, SeatId, apply};

/// The wait after a first failure: a disk that was full for a moment is not noticed.
const RETRY_FIRST: Duration = Duration::from_millis(100);
/// The longest wait between two attempts: how long a person who made room waits at most.
const RETRY_MAX: Duration = Duration::from_secs(5);

/// By which an asker is answered.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Fault>>;

/// Something to be made durable.
#[derive(Debug)]
pub(super) enum Job {
    /// A seat's next write. It is tried until it holds.
    Write { seat: SeatId, id: WriteId, write: Write },
    /// A help for later. It is tried until it holds.
    Remember { key: String, value: Vec<u8> },
    /// Takes back a seat that nobody heard of. It is tried until it holds.
    Disown { seat: SeatId },
    /// A new seat; its number once the attempt gave it one. It is tried once.
    Add { seat: Box<NewSeat>, id: Option<SeatId>, answer: Answer<SeatId> },
    /// A seat less. It is tried once.
    Remove { seat: SeatId, answer: Answer<()> },
}

/// The thread's own.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) fault: watch::Sender<Option<Fault>>,
    /// Ends when the store is dropped.
    pub(super) stopped: Stopped<()>,
    pub(super) board: Board,
    #[cfg(test)]
    pub(super) pages_max: Option<std::sync::Arc<std::sync::atomic::AtomicU32>>,
}

/// The store is being closed while its disk fails: what waits stays undone.
struct GaveUp;

impl Writer {
    /// Works until the store is dropped and nothing waits any more.
    pub(super) fn run(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < QUEUE_MAX
                && let Ok(job) = self.jobs.try_recv()
            {
                batch.push(job);
            }
            if self.store(batch).is_err() {
                tracing::error!(
                    "the store was closed while its disk failed; what was not durable yet is gone"
                );
                return;
            }
        }
    }

    /// Makes a batch durable, whole, before anything that comes after it.
    fn store(&mut self, mut batch: Vec<Job>) -> Result<(), GaveUp> {
        let mut pause = RETRY_FIRST;
        while !batch.is_empty() {
            match self.attempt(&mut batch) {
                Ok(()) => {
                    self.fault.send_if_modified(|fault| fault.take().is_some());
                    batch = self.tell(batch);
                    pause = RETRY_FIRST;
                }
                Err(error) => {
                    let fault = Fault::of(&error);
                    let before = batch.len();
                    batch = batch.into_iter().filter_map(|job| refuse(job, &fault)).collect();
                    if batch.len() == before {
                        self.wait(fault, pause)?;
                        pause = RETRY_MAX.min(pause * 2);
                    }
                }
            }
        }
        Ok(())
    }

    fn attempt(&mut self, batch: &mut [Job]) -> rusqlite::Result<()> {
        #[cfg(test)]
        self.limit_size()?;
        // SQLite ends most failed transactions by itself, but not all; dropping one that failed cannot tell.
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        let transaction = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        for job in batch {
            match job {
                Job::Write { seat, write, .. } => apply::write(&transaction, *seat, write)?,
                Job::Remember { key, value } => apply::remember(&transaction, key, value)?,
                Job::Remove { seat, .. } | Job::Disown { seat } => apply::remove(&transaction, *seat)?,
                Job::Add { answer, .. } if answer.is_closed() => {}
                Job::Add { seat, id, .. } => *id = Some(apply::add(&transaction, seat)?),
            }
        }
        transaction.commit()
    }

    /// Tells what is durable, and gives back what is to be undone.
    fn tell(&self, batch: Vec<Job>) -> Vec<Job> {
        self.board.tell(batch.iter().filter_map(|job| match job {
            Job::Write { seat, id, .. } => Some((*seat, *id)),
            Job::Remember { .. } | Job::Disown { .. } | Job::Add { .. } | Job::Remove { .. } => None,
        }));
        batch.into_iter().filter_map(answer).collect()
    }

    fn wait(&self, fault: Fault, pause: Duration) -> Result<(), GaveUp> {
        self.fault.send_if_modified(|known| {
            let news = known.as_ref() != Some(&fault);
            if news {
                tracing::warn!(%fault, "nothing can be stored; it is tried until it can");
                *known = Some(fault);
            }
            news
        });
        match self.stopped.recv_timeout(pause) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(GaveUp),
        }
    }

    #[cfg(test)]
    fn limit_size(&self) -> rusqlite::Result<()> {
        let Some(pages) = &self.pages_max else { return Ok(()) };
        let pages = pages.load(std::sync::atomic::Ordering::SeqCst);
        self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
    }
}

/// Answers who asked for what is done now. A new seat that nobody listens for is not left behind.
fn answer(job: Job) -> Option<Job> {
    match job {
        Job::Write { .. } | Job::Remember { .. } | Job::Disown { .. } => None,
        Job::Add { id, answer, .. } => {
            let seat = id?;
            answer.send(Ok(seat)).is_err().then_some(Job::Disown { seat })
        }
        Job::Remove { answer, .. } => {
            // Whoever asked may be gone; the seat is, too.
            answer.send(Ok(())).ok();
            None
        }
    }
}

/// Gives back what must be tried again; who asks for anything else is told at once that it failed.
fn refuse(job: Job, fault: &Fault) -> Option<Job> {
    match job {
        Job::Write { .. } | Job::Remember { .. } | Job::Disown { .. } => return Some(job),
        Job::Add { answer, .. } => answer.send(Err(fault.clone())).ok(),
        Job::Remove { answer, .. } => answer.send(Err(fault.clone())).ok(),
    };
    None
}
