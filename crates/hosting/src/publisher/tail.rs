//! The latest events, ready to be sent again.

use std::collections::VecDeque;

use convene_conference::Audience;
use convene_model::limits::REPLAY_BYTES_MAX;
use serde::{Deserialize, Serialize};

use crate::entry::EntryEvent;

/// Bytes of events that are kept: twice what a seat that comes back is sent event by event, so that
/// one which follows slowly seldom needs the log either.
const TAIL_BYTES_MAX: u64 = 2 * REPLAY_BYTES_MAX as u64;
/// Bytes of events that lie in one piece of memory, where they are more than one. By itself, each
/// of a thousand would keep its page of memory when what lay beside it is gone.
const BLOCK_BYTES_MAX: usize = 32 * 1024;

/// So many bytes of events lie above a number. It is kept in a stored snapshot, for those who
/// missed a little before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Backlog {
    above: u64,
    bytes: u64,
}

#[derive(Debug)]
pub(super) struct Tail {
    /// Each with an entry at least.
    blocks: VecDeque<Block>,
    /// All events above this number are here.
    from: u64,
    /// Bytes of all events since this tail began.
    total: u64,
    /// Bytes of those that were let go.
    gone: u64,
    /// The backlog before this tail.
    before: Backlog,
}

/// Entries that follow one another, with the texts of their events one behind the other.
#[derive(Debug, Default)]
struct Block {
    entries: Vec<EntryEnd>,
    /// Who may read each event, and where its text ends.
    events: Vec<(Audience, usize)>,
    texts: String,
}

/// Where an entry ends in its block.
#[derive(Debug, Clone, Copy)]
struct EntryEnd {
    number: u64,
    events_end: usize,
    /// Bytes of all events since the tail began, its own included.
    sum: u64,
}

/// The events of one entry.
pub(super) struct Item<'a> {
    pub(super) number: u64,
    /// Where the text of the first one begins.
    begin: usize,
    events: &'a [(Audience, usize)],
    texts: &'a str,
}

impl<'a> Item<'a> {
    /// Who may read each, and its JSON.
    pub(super) fn events(&self) -> impl Iterator<Item = (&'a Audience, &'a str)> {
        let (mut begin, texts) = (self.begin, self.texts);
        self.events.iter().map(move |(audience, end)| {
            let text = texts.get(begin..*end).unwrap_or_default();
            begin = *end;
            (audience, text)
        })
    }
}

impl Block {
    fn push(&mut self, number: u64, events: &[EntryEvent], sum: u64) {
        for event in events {
            self.texts.push_str(event.text.get());
            self.events.push((event.audience.clone(), self.texts.len()));
        }
        self.entries.push(EntryEnd { number, events_end: self.events.len(), sum });
    }

    /// The place of its last entry.
    fn last(&self) -> Option<EntryEnd> {
        self.entries.last().copied()
    }

    /// The entry at this place among its entries.
    fn item(&self, at: usize) -> Option<Item<'_>> {
        let entry = self.entries.get(at)?;
        let first = at
            .checked_sub(1)
            .and_then(|before| self.entries.get(before))
            .map_or(0, |before| before.events_end);
        let begin =
            first.checked_sub(1).and_then(|before| self.events.get(before)).map_or(0, |(_, end)| *end);
        let events = self.events.get(first..entry.events_end)?;
        Some(Item { number: entry.number, begin, events, texts: &self.texts })
    }

    /// The entries above this number.
    fn above(&self, after: u64) -> impl DoubleEndedIterator<Item = Item<'_>> {
        let first = self.entries.partition_point(|entry| entry.number <= after);
        (first..self.entries.len()).filter_map(|at| self.item(at))
    }
}

impl Tail {
    /// Of a log that is read from `number` on, with what lies just before.
    pub(super) fn new(number: u64, before: Backlog) -> Self {
        Self { blocks: VecDeque::new(), from: number, total: 0, gone: 0, before }
    }

    /// Takes the events of the next entry; gives their bytes.
    pub(super) fn push(&mut self, number: u64, events: &[EntryEvent]) -> usize {
        let bytes = events.iter().map(|event| event.text.get().len()).sum();
        if events.is_empty() {
            return bytes;
        }
        self.total += bytes as u64;
        let sum = self.total;
        match self.blocks.back_mut().filter(|last| last.texts.len() + bytes <= BLOCK_BYTES_MAX) {
            Some(last) => last.push(number, events, sum),
            None => {
                let mut block = Block::default();
                block.push(number, events, sum);
                self.blocks.push_back(block);
            }
        }
        while self.total - self.gone > TAIL_BYTES_MAX
            && let Some(oldest) = self.blocks.pop_front()
            && let Some(last) = oldest.last()
        {
            self.gone = last.sum;
            self.from = last.number;
        }
        bytes
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
    pub(super) fn above(&self, after: u64) -> Option<impl DoubleEndedIterator<Item = Item<'_>>> {
        let first =
            self.blocks.partition_point(|block| block.last().is_some_and(|last| last.number <= after));
        (after >= self.from).then(|| self.blocks.range(first..).flat_map(move |block| block.above(after)))
    }

    /// Whether what lies above this number is little enough to be sent event by event.
    pub(super) fn may_replay(&self, after: u64) -> bool {
        let missed = if after >= self.from {
            let before = self.last_before(|entry| entry.number > after);
            self.total - before.map_or(self.gone, |entry| entry.sum)
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
        let entry = self.first(|entry| entry.sum >= enough);
        entry.map_or(Backlog { above: self.from, bytes: self.total - self.gone }, |entry| Backlog {
            above: entry.number,
            bytes: self.total - entry.sum,
        })
    }

    /// The first entry of which this holds, as it does of all behind it.
    fn first(&self, holds: impl Fn(EntryEnd) -> bool) -> Option<EntryEnd> {
        let block = self.blocks.partition_point(|block| !block.last().is_some_and(&holds));
        let entries = &self.blocks.get(block)?.entries;
        entries.get(entries.partition_point(|entry| !holds(*entry))).copied()
    }

    /// The entry before that.
    fn last_before(&self, holds: impl Fn(EntryEnd) -> bool) -> Option<EntryEnd> {
        let block = self.blocks.partition_point(|block| !block.last().is_some_and(&holds));
        let within = self.blocks.get(block).and_then(|block| {
            let before = block.entries.partition_point(|entry| !holds(*entry)).checked_sub(1)?;
            block.entries.get(before).copied()
        });
        within.or_else(|| self.blocks.get(block.checked_sub(1)?)?.last())
    }
}

#[cfg(test)]
mod tests {
    use convene_conference::People;
    use convene_model::{Json, ParticipantId};

    use super::*;

    fn event(number: u64, at: u64) -> EntryEvent {
        let bytes = usize::try_from((number * 7_919 + at * 104_729) % 9_000).unwrap();
        let text = Json::of(&format!("{number}/{at}{}", "x".repeat(bytes))).unwrap();
        let anna = || People::new([ParticipantId(1)].into()).unwrap();
        let audience = if at == 1 { Audience::Only(anna()) } else { Audience::Everyone };
        EntryEvent { audience, text }
    }

    /// The events of each entry, some of which have none.
    fn entries(count: u64) -> Vec<(u64, Vec<EntryEvent>)> {
        (1..=count).map(|number| (number, (0..number % 4).map(|at| event(number, at)).collect())).collect()
    }

    #[test]
    fn what_lies_above_a_number_is_there_in_order_or_said_to_be_missing() {
        let mut tail = Tail::new(0, Backlog::default());
        let entries = entries(400);
        for (number, events) in &entries {
            tail.push(*number, events);
        }
        assert!(tail.from() > 0 && tail.blocks.len() > 10);
        assert!(tail.above(tail.from() - 1).is_none());
        for after in tail.from()..=401 {
            let above = entries.iter().filter(|(number, events)| *number > after && !events.is_empty());
            let wanted = above.flat_map(|(number, events)| {
                events.iter().map(|event| (*number, event.audience.clone(), event.text.get().to_owned()))
            });
            let wanted: Vec<_> = wanted.collect();
            let told = |item: Item<'_>| {
                let number = item.number;
                let events: Vec<_> = item
                    .events()
                    .map(|(audience, text)| (number, audience.clone(), text.to_owned()))
                    .collect();
                events
            };
            let items: Vec<_> = tail.above(after).unwrap().map(told).collect();
            assert_eq!(items.concat(), wanted, "above {after}");
            let mut backwards: Vec<_> = tail.above(after).unwrap().rev().map(told).collect();
            backwards.reverse();
            assert_eq!(backwards, items, "above {after}, from the newest");
            let bytes: usize = wanted.iter().map(|(_, _, text)| text.len()).sum();
            assert_eq!(tail.may_replay(after), bytes <= REPLAY_BYTES_MAX, "above {after}");
        }
        let Backlog { above, bytes } = tail.missed();
        assert!(tail.may_replay(above) && !tail.may_replay(above - 4) && bytes <= REPLAY_BYTES_MAX as u64);
    }
}
