//! The latest events, ready to be sent again.

use std::collections::VecDeque;
use std::sync::Arc;

use convene_model::limits::REPLAY_BYTES_MAX;
use serde::{Deserialize, Serialize};

use crate::entry::EntryEvent;

/// Bytes of events that are kept: twice what a seat that comes back is sent event by event, so that
/// one which follows slowly seldom needs the log either.
const TAIL_BYTES_MAX: u64 = 2 * REPLAY_BYTES_MAX as u64;

/// The events of one entry.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) number: u64,
    pub(super) events: Arc<[EntryEvent]>,
    /// Bytes of all events since this tail began, these included.
    sum: u64,
}

/// So many bytes of events lie above a number. It is kept in a stored snapshot, for those who
/// missed a little before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Backlog {
    above: u64,
    bytes: u64,
}

#[derive(Debug)]
pub(super) struct Tail {
    items: VecDeque<Item>,
    /// All events above this number are here.
    from: u64,
    /// Bytes of all events since this tail began.
    total: u64,
    /// Bytes of those that were let go.
    gone: u64,
    /// The backlog before this tail.
    before: Backlog,
}

impl Tail {
    /// Of a log that is read from `number` on, with what lies just before.
    pub(super) fn new(number: u64, before: Backlog) -> Self {
        Self { items: VecDeque::new(), from: number, total: 0, gone: 0, before }
    }

    pub(super) fn push(&mut self, number: u64, events: Arc<[EntryEvent]>, bytes: usize) {
        if events.is_empty() {
            return;
        }
        self.total += bytes as u64;
        self.items.push_back(Item { number, events, sum: self.total });
        while self.total - self.gone > TAIL_BYTES_MAX
            && let Some(oldest) = self.items.pop_front()
        {
            self.gone = oldest.sum;
            self.from = oldest.number;
        }
    }

    /// Bytes of all events since this tail began: by their difference, bytes between two moments.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// All events above this number are here.
    pub(super) fn from(&self) -> u64 {
        self.from
    }

    /// The entries with events above `after`, from the oldest; `None` where they are not all here.
    pub(super) fn above(&self, after: u64) -> Option<impl DoubleEndedIterator<Item = &Item>> {
        (after >= self.from)
            .then(|| self.items.range(self.items.partition_point(|item| item.number <= after)..))
    }

    /// Whether what lies above this number is little enough to be sent event by event.
    pub(super) fn may_replay(&self, after: u64) -> bool {
        let missed = if after >= self.from {
            let next = self.items.partition_point(|item| item.number <= after);
            let before = next.checked_sub(1).and_then(|place| self.items.get(place));
            self.total - before.map_or(self.gone, |item| item.sum)
        } else if self.gone == 0 && after >= self.before.above {
            self.before.bytes + self.total
        } else {
            return false;
        };
        missed <= REPLAY_BYTES_MAX as u64
    }

    /// The lowest number above which little enough lies to be sent event by event, as far as is
    /// known.
    pub(super) fn missed(&self) -> Backlog {
        let Backlog { above, bytes } = self.before;
        if self.gone == 0 && bytes + self.total <= REPLAY_BYTES_MAX as u64 {
            return Backlog { above, bytes: bytes + self.total };
        }
        let enough = self.total.saturating_sub(REPLAY_BYTES_MAX as u64);
        let item = self.items.get(self.items.partition_point(|item| item.sum < enough));
        item.map_or(Backlog { above: self.from, bytes: self.total - self.gone }, |item| Backlog {
            above: item.number,
            bytes: self.total - item.sum,
        })
    }
}
