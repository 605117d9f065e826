//! Commands of which it is not certain that they are new: the log's index is asked.
//!
//! A seat whose command is being looked up waits with all that it sends behind it; other seats do
//! not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use convene_model::{CommandId, ParticipantId, SeatKey, TermId};

use super::commands::{First, Sent};
use super::{Decider, LOG_RETRY, Now};
use crate::entry::{Entry, EntryError, StoredReceipt};
use crate::messages::LinkNumber;

/// Commands that are looked up in one call.
const KEYS_MAX: usize = 512;

type Named = (ParticipantId, CommandId);

/// A question for the log's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The term of the decider that asks.
    pub term: TermId,
    /// The commands to look up: for each, the participant who sent it, and its id.
    pub keys: Vec<(ParticipantId, CommandId)>,
    /// The answer must cover all entries up to this number.
    pub through: u64,
}

/// The commands that wait for the log's index.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    seats: BTreeMap<SeatKey, VecDeque<Sent>>,
    waiting: usize,
    asked: Option<BTreeSet<Named>>,
    /// Commands that became durable while a question was under way: the index may not have seen
    /// them.
    since: BTreeMap<Named, First>,
    retry_at: Option<Instant>,
}

impl Lookups {
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    pub(super) fn is_waiting(&self, key: SeatKey) -> bool {
        self.seats.contains_key(&key)
    }

    pub(super) fn push(&mut self, sent: Sent) {
        self.waiting += 1;
        self.seats.entry(sent.key).or_default().push_back(sent);
    }

    pub(super) fn handle_durable(&mut self, number: u64, receipt: &StoredReceipt) {
        if self.asked.is_some() && !planted!(DecidedTwice) {
            let first = First { number, hash: receipt.hash, outcome: receipt.outcome };
            self.since.insert((receipt.participant, receipt.id), first);
        }
    }

    pub(super) fn remove_link(&mut self, link: LinkNumber) {
        self.seats.retain(|_, queue| {
            queue.retain(|sent| sent.place.link != link);
            !queue.is_empty()
        });
        self.waiting = self.seats.values().map(VecDeque::len).sum();
    }

    fn named(sent: &Sent) -> Named {
        (sent.participant, sent.command.id)
    }
}

impl Decider {
    /// The next question for the log's index; none while one is under way.
    pub fn poll_lookup(&mut self, now: Instant) -> Option<Lookup> {
        let is_early = self.lookups.retry_at.is_some_and(|due| due > now);
        if self.is_lost || is_early || self.lookups.asked.is_some() || self.lookups.seats.is_empty() {
            return None;
        }
        self.lookups.retry_at = None;
        self.lookups.since.clear();
        let waiting = self.lookups.seats.values().flatten().map(Lookups::named);
        // A command that is certainly new needs no question. The first command of each seat's queue
        // is not certainly new.
        let unsure = waiting.filter(|(participant, id)| !self.filter.is_new(*participant, *id));
        let asked: BTreeSet<Named> = unsure.take(KEYS_MAX).collect();
        let keys = asked.iter().copied().collect();
        self.lookups.asked = Some(asked);
        let begun = self.terms.last().map_or(0, |start| start.from);
        let through = if planted!(FoundUpToTerm) { begun } else { self.durable };
        Some(Lookup { term: self.term, keys, through })
    }

    /// The index has answered: the numbers and texts of the entries that hold receipts of these
    /// commands.
    ///
    /// # Errors
    /// When an entry cannot be read: the conference is damaged and must not be decided here.
    pub fn handle_found(&mut self, entries: &[(u64, Arc<str>)], now: Now) -> Result<(), EntryError> {
        let mut found = std::mem::take(&mut self.lookups.since);
        for (number, text) in entries {
            let receipt = Entry::parse(text)?.receipt.ok_or(EntryError)?;
            let first = First { number: *number, hash: receipt.hash, outcome: receipt.outcome };
            found.insert((receipt.participant, receipt.id), first);
        }
        let asked = self.lookups.asked.take().unwrap_or_default();
        for (key, queue) in std::mem::take(&mut self.lookups.seats) {
            self.lookups.waiting -= queue.len();
            self.settle_queue(key, queue, &asked, &found, now);
        }
        Ok(())
    }

    /// The index could not be asked: it is tried again.
    pub fn handle_lookup_failed(&mut self, now: Instant) {
        self.lookups.asked = None;
        self.lookups.retry_at = Some(now + LOG_RETRY);
    }

    /// Settles a seat's commands up to the first of which nothing is known yet.
    fn settle_queue(
        &mut self,
        key: SeatKey,
        mut queue: VecDeque<Sent>,
        asked: &BTreeSet<Named>,
        found: &BTreeMap<Named, First>,
        now: Now,
    ) {
        while let Some(sent) = queue.front() {
            let named = Lookups::named(sent);
            let is_known = asked.contains(&named)
                || found.contains_key(&named)
                || self.undurable.contains_key(&named)
                || self.filter.is_new(named.0, named.1);
            if !is_known {
                break;
            }
            if let Some(sent) = queue.pop_front() {
                self.settle_found(&sent, found.get(&named).cloned(), now);
            }
        }
        if !queue.is_empty() {
            self.lookups.waiting += queue.len();
            self.lookups.seats.insert(key, queue);
        }
    }
}
