//! The knowledge that each key may have, by the log alone.

use std::collections::BTreeMap;

use convene_conference::{Audience, Body, Outcome, State, reads_alike};
use convene_model::{CommandId, Json, Name, ParticipantId, Point, SeatKey};

use super::Kept;

/// The entries that one key may read.
#[derive(Debug, Clone, Copy)]
struct Right {
    participant: ParticipantId,
    /// Private things from this entry on.
    private_from: u64,
    /// Up to this entry, where it was ended.
    until: Option<u64>,
}

/// Entries of a log, and whose each key is by them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    entries: Vec<Kept>,
    keys: BTreeMap<SeatKey, Right>,
    left: BTreeMap<ParticipantId, u64>,
}

impl Truth {
    /// Takes the next entry.
    pub(crate) fn push(&mut self, kept: Kept) {
        if let Some(stored) = kept.entry.key {
            if stored.replaces {
                for right in self.keys.values_mut().filter(|right| right.participant == stored.participant) {
                    right.until.get_or_insert(kept.number);
                }
            }
            let private_from = if stored.replaces { kept.number } else { 0 };
            let participant = stored.participant;
            self.keys.entry(stored.key).or_insert(Right { participant, private_from, until: None });
        }
        for event in &kept.events {
            if let Body::Left(left) = &event.body {
                self.left.insert(left.participant, kept.number);
            } else if let Body::Joined(joined) = &event.body {
                self.left.remove(&joined.participant);
            }
        }
        self.entries.push(kept);
    }

    pub(crate) fn entries(&self) -> &[Kept] {
        &self.entries
    }

    /// The same up to this number.
    pub(crate) fn up_to(&self, last: usize) -> Self {
        let mut truth = Self::default();
        self.entries.iter().take(last).cloned().for_each(|kept| truth.push(kept));
        truth
    }

    /// The participant who owns the key.
    pub(crate) fn participant(&self, key: SeatKey) -> Option<ParticipantId> {
        self.keys.get(&key).map(|right| right.participant)
    }

    /// The last entry that a key may read.
    pub(crate) fn end(&self, key: SeatKey) -> u64 {
        let last = self.entries.len() as u64;
        let Some(right) = self.keys.get(&key) else { return 0 };
        let left = self.left.get(&right.participant).copied();
        [right.until, left].into_iter().flatten().fold(last, u64::min)
    }

    fn may_read(&self, key: SeatKey, number: u64, audience: &Audience) -> bool {
        let Some(right) = self.keys.get(&key) else { return false };
        let is_meant = match audience {
            Audience::Everyone => true,
            Audience::Only(_) => number >= right.private_from && audience.includes(right.participant),
        };
        is_meant && number <= self.end(key)
    }

    /// Whether this event is in the log, and the key may read it.
    pub(crate) fn allows(&self, key: SeatKey, number: u64, text: &Json) -> bool {
        let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let events = self.entries.get(place).map(|kept| kept.entry.events.as_slice()).unwrap_or_default();
        events.iter().any(|event| event.text == *text && self.may_read(key, number, &event.audience))
    }

    /// Whether it holds this entry.
    pub(crate) fn holds(&self, point: Point) -> bool {
        let place = usize::try_from(point.number.saturating_sub(1)).unwrap_or(usize::MAX);
        self.entries.get(place).is_some_and(|kept| kept.term == point.term)
    }

    /// Whether both hold the same entry at this number.
    pub(crate) fn shares(&self, other: &Self, number: u64) -> bool {
        let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let term = |truth: &Self| truth.entries.get(place).map(|kept| kept.term);
        number == 0 || term(self).is_some() && term(self) == term(other)
    }

    /// Whether this entry holds this receipt, of a command of the key's participant.
    pub(crate) fn holds_receipt(&self, key: SeatKey, number: u64, id: CommandId, outcome: Outcome) -> bool {
        let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let receipt = self.entries.get(place).and_then(|kept| kept.entry.receipt.as_ref());
        receipt.is_some_and(|receipt| {
            let theirs = self.participant(key) == Some(receipt.participant);
            theirs && receipt.id == id && receipt.outcome == outcome
        })
    }

    /// Whether a key may be told the receipt in this entry: it holds then, or its own device sent
    /// the command. `None` where the entry holds no such receipt.
    pub(crate) fn may_hear(&self, key: SeatKey, number: u64, id: CommandId) -> Option<bool> {
        let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let receipt = self.entries.get(place).and_then(|kept| kept.entry.receipt.as_ref());
        let until = self.keys.get(&key).and_then(|right| right.until);
        let receipt = receipt.filter(|receipt| receipt.id == id)?;
        Some(receipt.key == key || until.is_none_or(|end| number <= end))
    }

    /// All that a key may read: numbers and texts, in order.
    pub(crate) fn visible(&self, key: SeatKey) -> Vec<(u64, Json)> {
        self.visible_behind(key, 0)
    }

    /// The same behind a number.
    pub(crate) fn visible_behind(&self, key: SeatKey, after: u64) -> Vec<(u64, Json)> {
        let start = usize::try_from(after).unwrap_or(usize::MAX);
        let mut visible = Vec::new();
        for kept in self.entries.iter().skip(start) {
            let events = kept.entry.events.iter();
            let may = events.filter(|event| self.may_read(key, kept.number, &event.audience));
            visible.extend(may.map(|event| (kept.number, event.text.clone())));
        }
        visible
    }

    /// The conference after an entry, as everyone sees it.
    pub(crate) fn public_state(&self, number: u64) -> State {
        let mut state = State::default();
        for kept in self.entries.iter().take_while(|kept| kept.number <= number) {
            for (event, stored) in kept.events.iter().zip(&kept.entry.events) {
                if stored.audience.is_everyone() {
                    state.evolve(event);
                }
            }
        }
        state
    }

    /// Whether somebody joined under this name.
    pub(crate) fn has_name(&self, name: &Name) -> bool {
        self.entries.iter().flat_map(|kept| &kept.events).any(|event| {
            let taken = if let Body::Joined(joined) = &event.body {
                &joined.name
            } else if let Body::Renamed(renamed) = &event.body {
                &renamed.name
            } else {
                return false;
            };
            reads_alike(taken, name.as_str())
        })
    }
}
