//! Which seats are meant by a frame to all who follow.

use std::collections::{BTreeMap, BTreeSet};

use convene_model::ConferenceId;

use super::SeatIndex;

/// The seats that were told that they follow, by conference. A seat that asks to be opened follows
/// no more until it is told so again.
#[derive(Debug, Default)]
pub(super) struct Following {
    by_conference: BTreeMap<ConferenceId, BTreeSet<SeatIndex>>,
    conference_of: BTreeMap<SeatIndex, ConferenceId>,
}

impl Following {
    pub(super) fn insert(&mut self, seat: SeatIndex, conference: ConferenceId) {
        self.remove(seat);
        self.by_conference.entry(conference).or_default().insert(seat);
        self.conference_of.insert(seat, conference);
    }

    pub(super) fn remove(&mut self, seat: SeatIndex) {
        let Some(conference) = self.conference_of.remove(&seat) else { return };
        if let Some(seats) = self.by_conference.get_mut(&conference) {
            seats.remove(&seat);
            if seats.is_empty() {
                self.by_conference.remove(&conference);
            }
        }
    }

    pub(super) fn of(&self, conference: ConferenceId) -> Vec<SeatIndex> {
        self.by_conference.get(&conference).into_iter().flatten().copied().collect()
    }
}
