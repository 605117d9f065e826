//! Faults that a test plans.

use std::collections::VecDeque;
use std::fmt;
use std::task::Waker;

use super::logs::Logs;
use crate::{StorageError, WriteError};

/// The way in which a write goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is done and answered, as if no fault had been planned.
    None,
    /// Nothing is written, and the caller is told so.
    Failed(StorageError),
    /// The caller is told that the outcome is not known. Of a batch, this many entries are written
    /// now and the others never; any other write is done now if this is not 0, otherwise never.
    Unknown {
        /// The number of entries that are written.
        entries: usize,
    },
    /// The caller is told that the outcome is not known. Nothing is written before
    /// [`MemoryLog::land`](super::MemoryLog::land).
    Late,
}

/// The snapshots after a backup was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshots {
    /// Those of the backup are back, as in an engine that keeps them in the same file.
    Restored,
    /// The newer ones stay, as in an engine that keeps them apart.
    Kept,
}

/// The logs, the faults that are planned for them, and those who wait for more of them.
#[derive(Debug, Default)]
pub(super) struct Storage {
    pub(super) logs: Logs,
    pub(super) is_full: bool,
    faults: VecDeque<Fault>,
    read_faults: VecDeque<StorageError>,
    late: Vec<LateWrite>,
    followers: Vec<Waker>,
}

/// A write. It is told how many entries of a batch arrive.
type Write = dyn FnOnce(&mut Logs, usize) + Send;

/// A write that has not arrived.
struct LateWrite(Box<Write>);

impl fmt::Debug for LateWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LateWrite")
    }
}

impl Storage {
    pub(super) fn plan(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    pub(super) fn plan_read(&mut self, error: StorageError) {
        self.read_faults.push_back(error);
    }

    pub(super) fn late(&self) -> usize {
        self.late.len()
    }

    pub(super) fn land(&mut self, place: usize, entries: usize) -> bool {
        if place >= self.late.len() {
            return false;
        }
        let LateWrite(write) = self.late.remove(place);
        self.arrive(write, entries);
        true
    }

    pub(super) fn restore(&mut self, logs: Logs, snapshots: Snapshots) {
        let newer = std::mem::replace(&mut self.logs, logs);
        if snapshots == Snapshots::Kept {
            self.logs.take_snapshots(newer);
        }
        self.wake();
    }

    /// Carries a write out as it was planned. The write is told how many entries of a batch arrive.
    pub(super) fn write<T, E: From<WriteError>>(
        &mut self,
        write: impl FnOnce(&mut Logs, usize) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        if self.is_full {
            return Err(WriteError::Failed(StorageError::Full).into());
        }
        match self.faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => {
                let done = write(&mut self.logs, usize::MAX);
                self.wake();
                return done;
            }
            Fault::Failed(error) => return Err(WriteError::Failed(error).into()),
            Fault::Unknown { entries } => self.arrive(|logs, entries| drop(write(logs, entries)), entries),
            Fault::Late => {
                self.late.push(LateWrite(Box::new(move |logs, entries| drop(write(logs, entries)))));
            }
        }
        let detail = "a fault was planned".to_owned();
        Err(WriteError::Unknown(StorageError::Failed { detail }).into())
    }

    pub(super) fn look<T, E: From<StorageError>>(
        &mut self,
        look: impl FnOnce(&Logs) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_faults.pop_front().map_or_else(|| look(&self.logs), |error| Err(error.into()))
    }

    pub(super) fn wake_later(&mut self, waker: &Waker) {
        if !self.followers.iter().any(|known| known.will_wake(waker)) {
            self.followers.push(waker.clone());
        }
    }

    fn arrive(&mut self, write: impl FnOnce(&mut Logs, usize), entries: usize) {
        if entries > 0 {
            write(&mut self.logs, entries);
            self.wake();
        }
    }

    fn wake(&mut self) {
        self.followers.drain(..).for_each(Waker::wake);
    }
}
