//! Opening seats on the link, with its attach or later, and closing them.

use std::collections::BTreeMap;
use std::time::Instant;

use convene_link::PipeId;
use convene_model::limits::{FRAME_BYTES_MAX, SEATS_PER_CONNECTION_MAX};
use convene_protocol::{Attached, ClientFrame, CloseSeat, OpenSeats, Resume};
use convene_seat::Seat;

use super::following::Following;
use super::snapshots::Snapshots;
use super::{Conversation, SeatIndex};

/// Bytes of wishes that go into one frame: the rest is the frame's own.
const WISHES_BYTES_MAX: usize = FRAME_BYTES_MAX - 4 * 1024;

impl Conversation {
    /// Attaches the link to a greeted pipe. The attach bears the wishes of as many seats as fit;
    /// they count where the link begins. The others are opened as soon as it stands.
    pub(super) fn attach(&mut self, pipe: PipeId, now: Instant) {
        let Some(end_point) = self.pipes.get(&pipe).copied() else { return };
        let Some(context) = self.initiator.next_context(pipe, end_point) else { return };
        let mut bytes = 0;
        let (mut asked, mut seats) = (BTreeMap::new(), Vec::new());
        for index in self.in_order_of_need() {
            let Some(place) = self.places.get(&index).filter(|place| place.seat.may_be_opened()) else {
                continue;
            };
            let resume = place.resume(index, 1, &context);
            bytes += size(&resume);
            if bytes > WISHES_BYTES_MAX || seats.len() >= SEATS_PER_CONNECTION_MAX {
                break;
            }
            asked.insert(index, true);
            seats.push(resume);
        }
        if self.initiator.attach(pipe, seats, end_point, now) {
            self.attaching = Some((context, asked));
        }
    }

    /// A link that goes on keeps its seats open. On one that begins, no seat is open, and those
    /// that came with its attach have asked.
    pub(super) fn handle_attached(&mut self, attached: &Attached) {
        let Some((context, asked)) = self.attaching.take() else { return };
        if attached.resumed {
            return;
        }
        self.context = Some(context);
        self.following = Following::default();
        self.snapshots = Snapshots::default();
        for place in self.places.values_mut() {
            place.count = 0;
            place.seat.handle_detached();
        }
        for (index, wanted) in asked {
            // The server has heard of it by the attach, whatever became of it meanwhile.
            if let Some(place) = self.places.get_mut(&index) {
                place.count = 1;
                if wanted {
                    place.seat.handle_asked(1);
                }
            }
            if !wanted {
                self.send(&ClientFrame::Close(CloseSeat { index: index.0 }));
            }
        }
    }

    /// Asks for every seat that wants to be open, as far as the link has room.
    pub(super) fn open_seats(&mut self) {
        let Some(context) = self.context else { return };
        if !self.places.values().any(|place| place.seat.wants_open()) {
            return;
        }
        let (mut bytes, mut seats) = (0, Vec::new());
        let mut engaged = self.seats().filter(|(_, seat)| seat.is_engaged()).count();
        for index in self.in_order_of_need() {
            if !self.seat(index).is_some_and(Seat::wants_open) {
                continue;
            }
            if engaged >= SEATS_PER_CONNECTION_MAX {
                if !self.make_room_for(index) {
                    break;
                }
                engaged -= 1;
            }
            if !self.has_room(bytes) {
                break;
            }
            engaged += 1;
            let Some(place) = self.places.get_mut(&index) else { continue };
            // A link on which a seat asks more often than can be counted does not exist.
            place.count = place.count.saturating_add(1);
            let resume = place.resume(index, place.count, &context);
            place.seat.handle_asked(place.count);
            self.following.remove(index);
            let more = size(&resume);
            if bytes + more > WISHES_BYTES_MAX {
                let full = std::mem::take(&mut seats);
                self.send(&ClientFrame::Open(OpenSeats { seats: full }));
                bytes = 0;
            }
            bytes += more;
            seats.push(resume);
        }
        if !seats.is_empty() {
            self.send(&ClientFrame::Open(OpenSeats { seats }));
        }
    }

    /// A server opens so many seats on one link: those of people who left come last.
    fn in_order_of_need(&self) -> Vec<SeatIndex> {
        let rests = |index: &SeatIndex| self.seat(*index).is_some_and(Seat::is_resting);
        let (resting, others): (Vec<_>, Vec<_>) = self.places.keys().copied().partition(rests);
        others.into_iter().chain(resting).collect()
    }

    /// Closes a resting seat for one that is not; says whether there was such a one.
    fn make_room_for(&mut self, index: SeatIndex) -> bool {
        if self.seat(index).is_some_and(Seat::is_resting) {
            return false;
        }
        let resting = self.seats().find(|(_, seat)| seat.is_engaged() && seat.is_resting());
        let resting = resting.map(|(index, _)| index);
        if let Some(resting) = resting {
            self.close(resting);
        }
        resting.is_some()
    }

    /// Tells the server that a seat is not wanted. Where that does not get through, the end of the
    /// link does it.
    pub(super) fn close(&mut self, index: SeatIndex) {
        self.forget_attaching(index);
        self.following.remove(index);
        let Some(place) = self.places.get_mut(&index) else { return };
        place.seat.handle_detached();
        if place.count > 0 && self.context.is_some() {
            self.send(&ClientFrame::Close(CloseSeat { index: index.0 }));
        }
    }

    pub(super) fn forget_attaching(&mut self, index: SeatIndex) {
        if let Some((_, asked)) = &mut self.attaching {
            asked.entry(index).and_modify(|wanted| *wanted = false);
            if planted!(WishForgotten) {
                asked.remove(&index);
            }
        }
    }
}

fn size(resume: &Resume) -> usize {
    serde_json::to_string(resume).map_or(usize::MAX, |text| text.len() + 1)
}
