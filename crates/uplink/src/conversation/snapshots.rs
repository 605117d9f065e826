//! Snapshots on their way: one public part serves every seat that waits at its number.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use convene_model::ConferenceId;
use convene_protocol::{OwnPart, Snapshot};
use convene_seat::{NoSnapshot, SnapshotParts, SnapshotText};

use super::{Conversation, SeatIndex};

/// By conference and number. Invariant: a seat waits for each.
#[derive(Debug, Default)]
pub(super) struct Snapshots(BTreeMap<(ConferenceId, u64), Arrival>);

#[derive(Debug)]
enum Arrival {
    Parts(SnapshotParts),
    Whole(Arc<SnapshotText>),
}

impl Conversation {
    pub(super) fn handle_snapshot(&mut self, snapshot: Snapshot, now: Instant) {
        let waiting = self.waiting_for(&snapshot);
        if !waiting.is_empty() && self.snapshots.take(snapshot).is_err() {
            for index in waiting {
                if let Some(place) = self.places.get_mut(&index) {
                    place.seat.handle_no_snapshot(now);
                }
            }
            self.forget_snapshots();
        }
    }

    /// A seat's own part completes the snapshot.
    pub(super) fn handle_own(&mut self, own: &OwnPart, now: Instant) {
        let Some(place) = self.places.get_mut(&SeatIndex(own.index)) else { return };
        let Some(conference) = place.seat.record().conference else { return };
        match self.snapshots.0.get(&(conference, own.number)) {
            Some(Arrival::Whole(text)) => place.seat.handle_snapshot(text, own.state.get(), now),
            Some(Arrival::Parts(_)) | None => place.seat.handle_no_snapshot(now),
        }
        self.forget_snapshots();
    }

    /// Lets go what no seat waits for any more.
    pub(super) fn forget_snapshots(&mut self) {
        if self.snapshots.0.is_empty() {
            return;
        }
        let places = &self.places;
        self.snapshots.0.retain(|(conference, number), _| {
            places.values().any(|place| {
                place.seat.record().conference == Some(*conference)
                    && place.seat.awaited_snapshot() == Some(*number)
            })
        });
    }

    #[cfg(test)]
    pub(super) fn snapshots_are_empty(&self) -> bool {
        self.snapshots.0.is_empty()
    }

    fn waiting_for(&self, snapshot: &Snapshot) -> Vec<SeatIndex> {
        let waits = |place: &super::Place| {
            let record = place.seat.record();
            record.conference == Some(snapshot.conference)
                && record.replica.as_ref().is_some_and(|replica| replica.log == snapshot.log)
                && place.seat.awaited_snapshot() == Some(snapshot.number)
        };
        self.places.iter().filter(|(_, place)| waits(place)).map(|(index, _)| *index).collect()
    }
}

impl Snapshots {
    /// Takes the next part. The first one begins anew.
    fn take(&mut self, snapshot: Snapshot) -> Result<(), NoSnapshot> {
        let Snapshot { conference, number, level, terms, part, parts, data, .. } = snapshot;
        let key = (conference, number);
        let mut arriving = match self.0.remove(&key) {
            _ if part == 0 => SnapshotParts::new(number, level, terms, parts),
            Some(Arrival::Parts(arriving)) => arriving,
            Some(Arrival::Whole(_)) | None => return Err(NoSnapshot),
        };
        arriving.push(part, &data)?;
        let arrival = if arriving.is_whole() {
            Arrival::Whole(Arc::new(arriving.text()?))
        } else {
            Arrival::Parts(arriving)
        };
        self.0.insert(key, arrival);
        Ok(())
    }
}
