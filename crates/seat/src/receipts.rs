//! The receipts that a seat keeps.

use std::collections::{BTreeMap, BTreeSet};

use convene_conference::{Outcome, Receipt};
use convene_model::limits::ACCEPTED_BODIES_MAX;
use convene_model::{CommandId, Json};
use sha2::{Digest as _, Sha256};

/// Of each sort. A refused command needs no body any more, so it must not push out an accepted one.
const OF_EACH_MAX: usize = ACCEPTED_BODIES_MAX;

/// The latest receipts of one replica: up to 4,096 of accepted commands and as many of refused
/// ones. A command with an older receipt is sent again when it is repeated, and the server answers
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipts {
    by_id: BTreeMap<CommandId, KeptReceipt>,
    accepted: BTreeSet<(u64, CommandId)>,
    refused: BTreeSet<(u64, CommandId)>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// The number of the entry that holds the decision.
    pub number: u64,
    /// The outcome.
    pub outcome: Outcome,
    /// Of its body, so that the same id with another body is noticed.
    pub digest: Digest,
    /// The body of an accepted command: it is given back where a restored backup lost the command.
    pub body: Option<Json>,
}

/// The first half of a body's SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// Of this body.
    pub fn of(body: &Json) -> Self {
        let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            <[u8; 32]>::from(Sha256::digest(body.get()));
        Self(first)
    }
}

impl Receipts {
    /// The receipt of a command.
    pub fn get(&self, id: CommandId) -> Option<&KeptReceipt> {
        self.by_id.get(&id)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (CommandId, &KeptReceipt)> {
        self.by_id.iter().map(|(id, kept)| (*id, kept))
    }

    /// The highest number of an entry that one of them names; 0 where there is none.
    pub fn highest(&self) -> u64 {
        let last = |set: &BTreeSet<(u64, CommandId)>| set.last().map_or(0, |(number, _)| *number);
        last(&self.accepted).max(last(&self.refused))
    }

    /// Keeps one, and forgets the oldest of its sort where there are too many.
    pub fn insert(&mut self, id: CommandId, kept: KeptReceipt) {
        self.remove(id);
        let of_sort = if kept.body.is_some() { &mut self.accepted } else { &mut self.refused };
        of_sort.insert((kept.number, id));
        self.by_id.insert(id, kept);
        if of_sort.len() > OF_EACH_MAX
            && let Some((_, oldest)) = of_sort.pop_first()
        {
            self.by_id.remove(&oldest);
        }
    }

    /// The commands with a receipt above a number, in order.
    pub(crate) fn above(&self, number: u64) -> Vec<CommandId> {
        let above = |set: &BTreeSet<(u64, CommandId)>| -> Vec<(u64, CommandId)> {
            set.iter().rev().take_while(|(of, _)| *of > number).copied().collect()
        };
        let mut all = above(&self.accepted);
        all.extend(above(&self.refused));
        all.sort_unstable();
        all.into_iter().map(|(_, id)| id).collect()
    }

    pub(crate) fn remove(&mut self, id: CommandId) -> Option<KeptReceipt> {
        let kept = self.by_id.remove(&id)?;
        self.accepted.remove(&(kept.number, id));
        self.refused.remove(&(kept.number, id));
        Some(kept)
    }
}

impl KeptReceipt {
    /// As the server told it.
    pub fn receipt(&self, id: CommandId) -> Receipt {
        Receipt { id, number: self.number, outcome: self.outcome }
    }
}
