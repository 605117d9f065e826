//! A log in memory, which fails as it is told to.

mod faults;
mod logs;

use std::future::{poll_fn, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use convene_model::{ConferenceId, LogId, TermId};

use self::faults::Storage;
pub use self::faults::{Fault, Snapshots};
use self::logs::Logs;
use crate::{
    AppendError, ClaimError, CreateError, Entry, EventLog, FindError, FollowError, NewEntry, PutError,
    ReadError, ReceiptKey, Snapshot, StorageError, Summary, WriteError,
};

/// Keeps every duty for as long as its process lives: what is durable survives nothing else.
///
/// It does nothing by chance. A test says with [`MemoryLog::next`] what the next write does, with
/// [`MemoryLog::fail_read`] that the next read fails, with [`MemoryLog::land`] when a late write
/// arrives, and with [`MemoryLog::backup`] and [`MemoryLog::restore`] that time is turned back. It
/// does no more than a duty asks: for example, receipts above `through` are not found.
///
/// Every operation but [`EventLog::follow`] is done when it is called; its future is ready.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<Storage>);

/// All logs as they once were.
#[derive(Debug, Clone)]
pub struct Backup(Logs);

impl MemoryLog {
    /// Plans what a write does: the first planned fault is the next write's, and so on. A write for
    /// which none is planned is done.
    pub fn next(&self, fault: Fault) {
        self.storage().plan(fault);
    }

    /// Plans that a read fails: the next one, or the one after those that were planned before.
    /// Following is reading.
    pub fn fail_read(&self, error: StorageError) {
        self.storage().plan_read(error);
    }

    /// While the disk is full, every write fails.
    pub fn set_full(&self, is_full: bool) {
        self.storage().is_full = is_full;
    }

    /// The number of writes that have not arrived yet.
    pub fn late(&self) -> usize {
        self.storage().late()
    }

    /// Lets the late write at this place arrive, of which 0 is the oldest; of a batch, this many
    /// entries and no more. It finds the logs as they are now, is subject to every duty, and nobody
    /// hears what became of it. Says whether there was one.
    pub fn land(&self, place: usize, entries: usize) -> bool {
        self.storage().land(place, entries)
    }

    /// Copies all logs.
    pub fn backup(&self) -> Backup {
        Backup(self.storage().logs.clone())
    }

    /// Makes all logs what they were. Late writes stay under way.
    pub fn restore(&self, backup: &Backup, snapshots: Snapshots) {
        self.storage().restore(backup.0.clone(), snapshots);
    }

    fn storage(&self) -> MutexGuard<'_, Storage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLog for MemoryLog {
    fn create(
        &self,
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
        summary: Arc<str>,
    ) -> impl Future<Output = Result<(), CreateError>> + Send {
        ready(self.storage().write(move |logs, _| logs.create(conference, log, first, summary)))
    }

    fn summaries(&self) -> impl Future<Output = Result<Vec<Summary>, StorageError>> + Send {
        ready(self.storage().look(|logs| Ok(logs.summaries())))
    }

    fn claim(
        &self,
        conference: ConferenceId,
        term: TermId,
        text: Arc<str>,
    ) -> impl Future<Output = Result<u64, ClaimError>> + Send {
        ready(self.storage().write(move |logs, _| logs.claim(conference, term, text)))
    }

    fn append(
        &self,
        conference: ConferenceId,
        term: TermId,
        after: u64,
        entries: Vec<NewEntry>,
        summary: Option<Arc<str>>,
    ) -> impl Future<Output = Result<(), AppendError>> + Send {
        ready(
            self.storage().write(move |logs, arriving| {
                logs.append(conference, term, after, entries, summary, arriving)
            }),
        )
    }

    fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> impl Future<Output = Result<Vec<Entry>, ReadError>> + Send {
        ready(self.storage().look(|logs| logs.read(conference, after, limit, bytes)))
    }

    fn follow(
        &self,
        conference: ConferenceId,
        after: u64,
        term: TermId,
    ) -> impl Future<Output = Result<Vec<Entry>, FollowError>> + Send {
        poll_fn(move |cx| {
            let mut storage = self.storage();
            let page = storage.look(|logs| logs.follow(conference, after, term));
            if page.as_ref().is_ok_and(Vec::is_empty) {
                storage.wake_later(cx.waker());
                return Poll::Pending;
            }
            Poll::Ready(page)
        })
    }

    fn find_receipts(
        &self,
        conference: ConferenceId,
        keys: Vec<ReceiptKey>,
        through: u64,
    ) -> impl Future<Output = Result<Vec<(ReceiptKey, Entry)>, FindError>> + Send {
        ready(self.storage().look(|logs| logs.find_receipts(conference, &keys, through)))
    }

    fn put_snapshot(
        &self,
        conference: ConferenceId,
        snapshot: Snapshot,
    ) -> impl Future<Output = Result<(), PutError>> + Send {
        ready(self.storage().write(move |logs, _| logs.put_snapshot(conference, snapshot)))
    }

    fn latest_snapshot(
        &self,
        conference: ConferenceId,
    ) -> impl Future<Output = Result<Option<Snapshot>, ReadError>> + Send {
        ready(self.storage().look(|logs| logs.latest_snapshot(conference)))
    }

    fn delete(&self, conference: ConferenceId) -> impl Future<Output = Result<(), WriteError>> + Send {
        ready(self.storage().write(move |logs, _| {
            logs.delete(conference);
            Ok(())
        }))
    }
}

#[cfg(test)]
mod tests;
