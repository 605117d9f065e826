//! A log in memory.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_model::{ConferenceId, LogId};

use super::{AppendError, CreateError, EventLog, Head, ReadError, StorageError};

type Page = Vec<(u64, Arc<str>)>;

#[derive(Debug)]
struct Kept {
    log: LogId,
    entries: Vec<Arc<str>>,
}

/// Keeps every duty but durability: it lives as long as its process.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<BTreeMap<ConferenceId, Kept>>);

impl MemoryLog {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<ConferenceId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryLog {
    fn begin(&self, conference: ConferenceId, log: LogId, first: Arc<str>) -> Result<(), CreateError> {
        let mut kept = self.kept();
        if kept.contains_key(&conference) {
            return Err(CreateError::Taken);
        }
        kept.insert(conference, Kept { log, entries: vec![first] });
        Ok(())
    }

    fn all_heads(&self) -> Vec<Head> {
        let kept = self.kept();
        let head = |(conference, kept): (&ConferenceId, &Kept)| Head {
            conference: *conference,
            log: kept.log,
            last: kept.entries.len() as u64,
        };
        kept.iter().map(head).collect()
    }

    fn extend(
        &self,
        conference: ConferenceId,
        after: u64,
        entries: Vec<Arc<str>>,
    ) -> Result<u64, AppendError> {
        let mut all = self.kept();
        let kept = all.get_mut(&conference).ok_or(AppendError::Unknown)?;
        let last = kept.entries.len() as u64;
        if after != last {
            return Err(AppendError::Position { last });
        }
        kept.entries.extend(entries);
        Ok(kept.entries.len() as u64)
    }

    fn page(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> Result<Page, ReadError> {
        let all = self.kept();
        let kept = all.get(&conference).ok_or(ReadError::Unknown)?;
        let start = usize::try_from(after).unwrap_or(usize::MAX);
        let mut taken = 0;
        let behind = (after..).map(|number| number + 1).zip(kept.entries.iter().skip(start));
        let page = behind.take(limit).take_while(|(_, text)| {
            let room = taken < bytes.max(1);
            taken += text.len();
            room
        });
        Ok(page.map(|(number, text)| (number, Arc::clone(text))).collect())
    }
}

impl EventLog for MemoryLog {
    fn create(
        &self,
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
    ) -> impl Future<Output = Result<(), CreateError>> + Send {
        ready(self.begin(conference, log, first))
    }

    fn heads(&self) -> impl Future<Output = Result<Vec<Head>, StorageError>> + Send {
        ready(Ok(self.all_heads()))
    }

    fn append(
        &self,
        conference: ConferenceId,
        after: u64,
        entries: Vec<Arc<str>>,
    ) -> impl Future<Output = Result<u64, AppendError>> + Send {
        ready(self.extend(conference, after, entries))
    }

    fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> impl Future<Output = Result<Page, ReadError>> + Send {
        ready(self.page(conference, after, limit, bytes))
    }

    fn delete(&self, conference: ConferenceId) -> impl Future<Output = Result<(), StorageError>> + Send {
        self.kept().remove(&conference);
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn the_memory_log_keeps_the_contract() {
        let log = MemoryLog::default();
        let suite = pin!(super::super::contract::suite(&log));
        // Nothing in it waits.
        assert_eq!(suite.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    }
}
