//! Receipts: each reaches a seat after everything up to its number that the seat may read.

use std::collections::BTreeSet;

use convene_conference::Receipt;
use convene_model::limits::OUTBOX_COMMANDS_MAX;
use convene_model::{CommandId, ParticipantId, SeatKey};
use convene_protocol::{Receipts, ServerFrame};

use super::Publisher;
use super::places::{Progress, Seat};
use super::telling::FreshEntry;
use crate::messages::{Note, Place};

/// Receipts in one frame: at most 150 bytes each, so that a frame stays under one batch.
const RECEIPTS_MAX: usize = 400;

impl<L: Clone> Publisher<L> {
    /// Gives out the receipts in these entries.
    pub(super) fn give_receipts(&mut self, batch: &[FreshEntry]) {
        let mut given = BTreeSet::new();
        for fresh in batch {
            let Some(stored) = &fresh.receipt else { continue };
            let receipt = Receipt { id: stored.id, number: fresh.number, outcome: stored.outcome };
            for place in self.entitled(stored.participant, Some(stored.key)) {
                given.insert(place);
                self.hold(place, receipt);
            }
        }
        for place in given {
            self.release(place);
        }
    }

    /// The open seats that are told of a participant's command: those whose key still holds, and
    /// those of the device that sent it.
    pub(super) fn entitled(&self, participant: ParticipantId, sender: Option<SeatKey>) -> Vec<Place> {
        let holds = |key: SeatKey| self.roll.key(key).is_some_and(|right| right.until.is_none());
        let told = |place: &Place| {
            let entitled = |key: SeatKey| Some(key) == sender || holds(key) || planted!(ReceiptsAfterEnd);
            self.places.get(*place).is_some_and(|seat| entitled(seat.key))
        };
        self.places.of(participant).filter(told).collect()
    }

    /// Keeps a receipt for an open seat. A seat for which too many are kept must be opened again:
    /// its daemon sends again what has no receipt.
    pub(super) fn hold(&mut self, place: Place, receipt: Receipt) {
        let is_full = |seat: &Seat| seat.held.len() >= OUTBOX_COMMANDS_MAX;
        if self.places.get(place).is_some_and(is_full) {
            self.release(place);
        }
        if self.places.get(place).is_some_and(is_full) {
            return self.reopen(vec![place]);
        }
        if let Some(seat) = self.places.get_mut(place) {
            seat.held.push_back(receipt);
        }
    }

    /// Sends the receipts of a seat that has what lies up to their numbers.
    pub(super) fn release(&mut self, place: Place) {
        let Some(link) = self.places.link(place.link) else { return };
        loop {
            let told = self.told;
            let Some(seat) = self.places.get_mut(place) else { return };
            let following = seat.progress == Progress::Following;
            let until = self.roll.reads_until(seat.key);
            // One that follows was told all that it may read of everything that was read here.
            let sent = if following { self.last } else { seat.sent };
            let may_go = |receipt: &Receipt| {
                until.map_or(receipt.number, |end| end.min(receipt.number)) <= sent || planted!(ReceiptFirst)
            };
            let count = seat.held.iter().take(RECEIPTS_MAX).take_while(|receipt| may_go(receipt)).count();
            let list: Vec<Receipt> = seat.held.drain(..count).collect();
            let Some(highest) = list.iter().map(|receipt| receipt.number).max() else { return };
            let known = if following { seat.sent.max(told) } else { seat.sent };
            let terms = self.terms.latest(known, highest).to_vec();
            let ids: Vec<CommandId> = list.iter().map(|receipt| receipt.id).collect();
            let index = place.index;
            let frame = ServerFrame::Receipts(Receipts { index, terms, list });
            self.tell(link.clone(), &frame, Note::Receipts { index, ids });
        }
    }
}
