//! The logs without faults.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use convene_model::{ConferenceId, LogId, TermId};

use crate::log::{FOLLOW_BYTES, FOLLOW_ENTRIES};
use crate::{
    AppendError, ClaimError, CreateError, Entry, FindError, FollowError, NewEntry, NoLog, PutError,
    ReadError, ReceiptKey, Snapshot, Summary,
};

#[derive(Debug, Clone, Default)]
pub(super) struct Logs {
    logs: BTreeMap<ConferenceId, Log>,
    deleted: BTreeSet<ConferenceId>,
}

/// One log. Invariant: the entry with number n stands at index n - 1.
#[derive(Debug, Clone)]
struct Log {
    log: LogId,
    entries: Vec<Entry>,
    /// The terms that were begun, in order, each with the number of its first entry.
    terms: Vec<(TermId, u64)>,
    receipts: BTreeMap<ReceiptKey, u64>,
    snapshot: Option<Snapshot>,
    summary: Arc<str>,
}

impl Log {
    fn last(&self) -> u64 {
        self.entries.len() as u64
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    fn holds(&self, number: u64, term: TermId) -> bool {
        self.entry(number).is_some_and(|entry| entry.term == term)
    }

    fn push(&mut self, term: TermId, new: NewEntry) {
        let number = self.last() + 1;
        self.entries.push(Entry { number, term, text: new.text });
        if let Some(key) = new.receipt {
            self.receipts.entry(key).or_insert(number);
        }
    }

    fn page(&self, after: u64, limit: usize, bytes: usize) -> Vec<Entry> {
        let start = usize::try_from(after).unwrap_or(usize::MAX);
        let mut taken = 0;
        let page = self.entries.iter().skip(start).take(limit).take_while(|entry| {
            let room = taken < bytes.max(1);
            taken += entry.text.len();
            room
        });
        page.cloned().collect()
    }

    fn counting_snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref().filter(|snapshot| self.holds(snapshot.number, snapshot.term))
    }
}

impl Logs {
    fn log(&self, conference: ConferenceId) -> Result<&Log, NoLog> {
        let missing = if self.deleted.contains(&conference) { NoLog::Deleted } else { NoLog::NeverBegun };
        self.logs.get(&conference).ok_or(missing)
    }

    fn log_mut(&mut self, conference: ConferenceId) -> Result<&mut Log, NoLog> {
        self.log(conference)?;
        self.logs.get_mut(&conference).ok_or(NoLog::NeverBegun)
    }

    pub(super) fn create(
        &mut self,
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
        summary: Arc<str>,
    ) -> Result<(), CreateError> {
        match self.log(conference) {
            Ok(kept) if kept.log == log => Ok(()),
            Ok(_) => Err(CreateError::Taken),
            Err(NoLog::Deleted) => Err(CreateError::Deleted),
            Err(NoLog::NeverBegun) => {
                let entries = vec![Entry { number: 1, term: TermId::of_log(log), text: first }];
                let (terms, receipts) = (Vec::new(), BTreeMap::new());
                let kept = Log { log, entries, terms, receipts, snapshot: None, summary };
                self.logs.insert(conference, kept);
                Ok(())
            }
        }
    }

    pub(super) fn summaries(&self) -> Vec<Summary> {
        let summary = |(conference, kept): (&ConferenceId, &Log)| Summary {
            conference: *conference,
            log: kept.log,
            last: kept.last(),
            text: Arc::clone(&kept.summary),
        };
        self.logs.iter().map(summary).collect()
    }

    pub(super) fn claim(
        &mut self,
        conference: ConferenceId,
        term: TermId,
        text: Arc<str>,
    ) -> Result<u64, ClaimError> {
        let kept = self.log_mut(conference)?;
        let is_newest = kept.terms.last().is_some_and(|(newest, _)| *newest == term);
        if !is_newest {
            let is_over = kept.terms.iter().any(|(begun, _)| *begun == term);
            if is_over || term == TermId::of_log(kept.log) {
                return Err(ClaimError::NotOwner);
            }
            kept.push(term, NewEntry { text, receipt: None });
            kept.terms.push((term, kept.last()));
        }
        Ok(kept.last())
    }

    /// Appends what is missing of a batch, of which only a beginning of this length arrives.
    pub(super) fn append(
        &mut self,
        conference: ConferenceId,
        term: TermId,
        after: u64,
        entries: Vec<NewEntry>,
        summary: Option<Arc<str>>,
        arriving: usize,
    ) -> Result<(), AppendError> {
        let kept = self.log_mut(conference)?;
        let (newest, began) = kept.terms.last().copied().ok_or(AppendError::NotOwner)?;
        if newest != term {
            return Err(AppendError::NotOwner);
        }
        let (last, length) = (kept.last(), entries.len());
        let standing = last.checked_sub(after).and_then(|standing| usize::try_from(standing).ok());
        // Behind the term's own entry all entries are of this term.
        let standing = standing
            .filter(|standing| *standing <= length && after >= began)
            .ok_or(AppendError::Position { last })?;
        for new in entries.into_iter().take(arriving).skip(standing) {
            kept.push(term, new);
        }
        if let Some(summary) = summary.filter(|_| arriving >= length) {
            kept.summary = summary;
        }
        Ok(())
    }

    pub(super) fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        Ok(self.log(conference)?.page(after, limit, bytes))
    }

    /// An empty page where nothing stands there yet.
    pub(super) fn follow(
        &self,
        conference: ConferenceId,
        after: u64,
        term: TermId,
    ) -> Result<Vec<Entry>, FollowError> {
        let kept = self.log(conference)?;
        let is_beginning = after == 0 && term == TermId::of_log(kept.log);
        if !is_beginning && !kept.holds(after, term) {
            return Err(FollowError::AnotherLog);
        }
        Ok(kept.page(after, FOLLOW_ENTRIES, FOLLOW_BYTES))
    }

    pub(super) fn find_receipts(
        &self,
        conference: ConferenceId,
        keys: &[ReceiptKey],
        through: u64,
    ) -> Result<Vec<(ReceiptKey, Entry)>, FindError> {
        let kept = self.log(conference)?;
        let last = kept.last();
        if last < through {
            return Err(FindError::Short { last });
        }
        let find = |key: &ReceiptKey| {
            let number = kept.receipts.get(key).filter(|number| **number <= through)?;
            Some((*key, kept.entry(*number)?.clone()))
        };
        Ok(keys.iter().filter_map(find).collect())
    }

    pub(super) fn put_snapshot(
        &mut self,
        conference: ConferenceId,
        snapshot: Snapshot,
    ) -> Result<(), PutError> {
        let kept = self.log_mut(conference)?;
        let newest = kept.counting_snapshot().map(|snapshot| snapshot.number);
        if kept.holds(snapshot.number, snapshot.term) && newest.is_none_or(|newest| newest < snapshot.number)
        {
            kept.snapshot = Some(snapshot);
        }
        Ok(())
    }

    pub(super) fn latest_snapshot(&self, conference: ConferenceId) -> Result<Option<Snapshot>, ReadError> {
        Ok(self.log(conference)?.counting_snapshot().cloned())
    }

    pub(super) fn delete(&mut self, conference: ConferenceId) {
        self.logs.remove(&conference);
        self.deleted.insert(conference);
    }

    /// Takes the snapshots of other logs, as an engine does whose restored backup holds none.
    pub(super) fn take_snapshots(&mut self, other: Self) {
        for (conference, other) in other.logs {
            if let Some(kept) = self.logs.get_mut(&conference) {
                kept.snapshot = other.snapshot;
            }
        }
    }
}
