//! Who holds which seat, and what became of the seat's commands.

use std::collections::BTreeMap;

use convene_conference::{Outcome, Right};
use convene_model::{CommandId, ParticipantId, SeatKey};

use super::entry::{BodyHash, StoredReceipt};

/// The first decision on a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decided {
    /// The entry that says so.
    pub(super) entry: u64,
    pub(super) hash: BodyHash,
    pub(super) outcome: Outcome,
}

/// A seat that is a participant's.
#[derive(Debug)]
pub(super) struct Enrolled {
    pub(super) participant: ParticipantId,
    pub(super) right: Right,
    /// The entry that says so.
    pub(super) entry: u64,
    /// The highest number of a decided command.
    pub(super) last_number: u64,
    /// Kept as long as the conference: however late a command is repeated, it has its first receipt.
    commands: BTreeMap<CommandId, Decided>,
}

#[derive(Debug, Default)]
pub(super) struct Roll {
    seats: BTreeMap<SeatKey, Enrolled>,
}

impl Roll {
    pub(super) fn enrol(&mut self, key: SeatKey, participant: ParticipantId, right: Right, entry: u64) {
        let enrolled = Enrolled { participant, right, entry, last_number: 0, commands: BTreeMap::new() };
        self.seats.insert(key, enrolled);
    }

    pub(super) fn remember(&mut self, receipt: &StoredReceipt, entry: u64) {
        if let Some(seat) = self.seats.get_mut(&receipt.seat) {
            seat.last_number = seat.last_number.max(receipt.number);
            let decided = Decided { entry, hash: receipt.hash, outcome: receipt.outcome };
            seat.commands.insert(receipt.id, decided);
        }
    }

    pub(super) fn seat(&self, key: SeatKey) -> Option<&Enrolled> {
        self.seats.get(&key)
    }

    pub(super) fn decided(&self, key: SeatKey, id: CommandId) -> Option<Decided> {
        self.seats.get(&key)?.commands.get(&id).copied()
    }

    /// Undoes what entries above this number said. A number that was decided stays used.
    pub(super) fn forget_after(&mut self, entry: u64) {
        self.seats.retain(|_, seat| seat.entry <= entry);
        for seat in self.seats.values_mut() {
            seat.commands.retain(|_, decided| decided.entry <= entry);
        }
    }
}
