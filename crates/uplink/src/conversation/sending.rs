//! Frames that carry the wishes of seats.

use convene_model::limits::{BATCH_BYTES_MAX, CONNECTION_QUEUE_BYTES_MAX};
use convene_protocol::{ClientFrame, Commands, HistoryRequest, OutgoingCommand};
use convene_seat::{HistoryWish, Outgoing, Seat, Span};

use super::{Conversation, ConversationEvent, SeatIndex};

/// Bytes that wait on the link beyond which the seats keep what they have: enough for the fastest
/// path, and far from the link's own limit.
const WAITING_BYTES_MAX: usize = CONNECTION_QUEUE_BYTES_MAX / 8;

impl Conversation {
    /// Gives out everything that the seats have to send and to tell.
    pub(super) fn give(&mut self) {
        if self.initiator.is_attached() {
            self.open_seats();
            self.send_commands();
        }
        for (index, place) in &mut self.places {
            let seat = *index;
            while let Some(delta) = place.seat.poll_delta() {
                self.events.push_back(ConversationEvent::Delta { seat, delta });
            }
            if let Some(wish) = place.seat.poll_refold() {
                self.events.push_back(ConversationEvent::Refold { seat, wish });
            }
        }
    }

    /// Whether the link takes more, beside these bytes that are about to be sent.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.initiator.bytes_waiting() + bytes < WAITING_BYTES_MAX
    }

    /// A frame that the link does not take is one of a seat that is closed: [`WAITING_BYTES_MAX`]
    /// holds all others back long before the link is full.
    pub(super) fn send(&mut self, frame: &ClientFrame) {
        let sent = self.initiator.send(frame);
        debug_assert!(sent.is_ok() || matches!(frame, ClientFrame::Close(_)));
    }

    fn send_commands(&mut self) {
        let indices: Vec<SeatIndex> = self.places.keys().copied().collect();
        for index in indices {
            while self.has_room(0) {
                let Some(place) = self.places.get_mut(&index) else { break };
                let list = next_batch(&mut place.seat);
                if list.is_empty() {
                    break;
                }
                let commands = Commands { index: index.0, count: place.count, list };
                self.send(&ClientFrame::Commands(commands));
            }
            self.send_wish(index);
        }
    }

    fn send_wish(&mut self, index: SeatIndex) {
        if !self.has_room(0) {
            return;
        }
        let wish = self.places.get_mut(&index).and_then(|place| place.seat.poll_history());
        if let Some(HistoryWish { span: Span { after, through }, newest }) = wish {
            self.send(&ClientFrame::History(HistoryRequest { index: index.0, after, through, newest }));
        }
    }
}

/// As many commands as fit into one frame.
fn next_batch(seat: &mut Seat) -> Vec<OutgoingCommand> {
    let mut bytes = 0;
    let mut list = Vec::new();
    while bytes < BATCH_BYTES_MAX
        && let Some(Outgoing { id, seen, body }) = seat.poll_send()
    {
        bytes += body.get().len();
        list.push(OutgoingCommand { id, seen, body });
    }
    list
}
