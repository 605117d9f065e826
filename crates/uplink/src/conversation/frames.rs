//! What passes between the link and the seats.

use std::sync::Arc;

use convene_link::InitiatorEvent;
use convene_model::limits::{BATCH_BYTES_MAX, CONNECTION_QUEUE_BYTES_MAX};
use convene_protocol::{
    Attached, ClientFrame, CloseSeat, Commands, Events, HistoryRequest, OpenSeats, OutgoingCommand,
    ServerFrame, To,
};
use convene_seat::{EventText, Seat};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::opening::{self, Place};
use super::{Conversation, ConversationEvent, SeatIndex};

/// Bytes that wait on the link beyond which the seats keep their commands: enough for the fastest path, and far from
/// the link's own limit.
const WAITING_BYTES_MAX: usize = CONNECTION_QUEUE_BYTES_MAX / 8;

impl Conversation {
    /// Carries everything that can be carried in either direction.
    pub(super) fn exchange(&mut self) {
        while let Some(event) = self.initiator.poll_event() {
            self.handle_link(event);
        }
        if self.initiator.is_attached() && self.context.is_some() {
            self.open_seats();
            self.send_commands();
        }
        for (index, place) in &mut self.places {
            while let Some(delta) = place.seat.poll_delta() {
                self.events.push_back(ConversationEvent::Delta { seat: *index, delta });
            }
        }
    }

    /// Tells the server that a seat is gone. Where that does not get through, the link's end does it.
    pub(super) fn close(&mut self, index: SeatIndex, place: &Place) {
        if place.asked && self.initiator.is_attached() {
            self.send(&ClientFrame::Close(CloseSeat { index: index.0 }));
        }
    }

    fn handle_link(&mut self, event: InitiatorEvent) {
        match event {
            InitiatorEvent::Greeted { pipe, hello } => {
                if let Some(seen) = self.pipes.get_mut(&pipe) {
                    seen.nonce = Some(hello.nonce);
                    let stated = Some(&hello.end_points).filter(|stated| !stated.is_empty());
                    let end_point_known =
                        seen.end_point.zip(stated).map(|(seen, stated)| stated.contains(&seen));
                    let (server, clock) = (hello.server, hello.now);
                    self.events.push_back(ConversationEvent::Greeted {
                        pipe,
                        server,
                        clock,
                        end_point_known,
                    });
                }
            }
            InitiatorEvent::Attached { pipe, attached } => {
                self.handle_attached(&attached);
                self.events.push_back(ConversationEvent::Attached { pipe, attached });
            }
            InitiatorEvent::Refused { pipe, refused } => {
                self.pipes.remove(&pipe);
                self.events.push_back(ConversationEvent::Refused { pipe, refused });
            }
            InitiatorEvent::Dead { pipe, why } => {
                self.pipes.remove(&pipe);
                self.events.push_back(ConversationEvent::PipeDead { pipe, why });
            }
            InitiatorEvent::Frame(frame) => self.handle_server(frame),
        }
    }

    /// A link that goes on keeps its seats open. One that begins has those that asked with its attach, signed anew.
    fn handle_attached(&mut self, attached: &Attached) {
        let Some((context, asked)) = self.attaching.take() else { return };
        if attached.resumed {
            return;
        }
        self.context = Some(context);
        for (index, place) in &mut self.places {
            place.seat.handle_detached();
            place.asked = asked.contains(index);
        }
    }

    fn handle_server(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Opened(list) => {
                for opened in list {
                    self.with_seat(opened.index, |seat| seat.handle_opened(opening::opening(&opened)));
                }
            }
            ServerFrame::Events(events) => self.handle_events(&events),
            ServerFrame::Receipts(receipts) => {
                self.with_seat(receipts.index, |seat| seat.handle_receipts(receipts.list));
            }
            ServerFrame::Snapshot(part) => self.with_seat(part.index, |seat| {
                seat.handle_snapshot(part.number, part.part, part.parts, &part.data);
            }),
            ServerFrame::History(page) => {
                let items = texts(&page.list);
                self.with_seat(page.index, |seat| seat.handle_history(page.after, page.through, items));
            }
            // The link keeps what is its own to itself.
            ServerFrame::Hello(_)
            | ServerFrame::Attached(_)
            | ServerFrame::Refused(_)
            | ServerFrame::Ack(_)
            | ServerFrame::Ping(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Bye(_)
            | ServerFrame::Unknown(_) => {}
        }
    }

    fn handle_events(&mut self, events: &Events) {
        let items = texts(&events.list);
        for place in self.places.values_mut().filter(|place| place.asked) {
            let Some(membership) = &place.seat.record().membership else { continue };
            let is_meant = match events.to {
                To::Right(right) => membership.role == right,
                To::One(participant) => membership.participant == participant,
            };
            if is_meant && membership.conference == events.conference && membership.log == events.log {
                place.seat.handle_events(events.after, events.through, items.clone());
            }
        }
    }

    fn open_seats(&mut self) {
        let Some(context) = self.context else { return };
        let mut seats = Vec::new();
        for (index, place) in &mut self.places {
            place.asked &= !place.seat.poll_reopen();
            if !place.asked && place.wants_open() {
                place.asked = true;
                seats.push(place.resume(*index, &context));
            }
        }
        if !seats.is_empty() {
            self.send(&ClientFrame::Open(OpenSeats { seats }));
        }
    }

    fn send_commands(&mut self) {
        let indices: Vec<SeatIndex> = self.places.keys().copied().collect();
        for index in indices {
            while self.initiator.bytes_waiting() < WAITING_BYTES_MAX {
                let Some(place) = self.places.get_mut(&index) else { break };
                let list = next_batch(&mut place.seat);
                if list.is_empty() {
                    break;
                }
                self.send(&ClientFrame::Commands(Commands { index: index.0, list }));
            }
            if let Some(span) = self.places.get_mut(&index).and_then(|place| place.seat.poll_history()) {
                let (after, through) = (span.after, span.through);
                self.send(&ClientFrame::History(HistoryRequest { index: index.0, after, through }));
            }
        }
    }

    /// The link cannot be full: [`WAITING_BYTES_MAX`] stops commands long before, and the other frames are few and small.
    fn send(&mut self, frame: &ClientFrame) {
        let sent = self.initiator.send(frame);
        debug_assert_eq!(sent, Ok(()));
    }

    fn with_seat(&mut self, index: u32, run: impl FnOnce(&mut Seat)) {
        if let Some(place) = self.places.get_mut(&SeatIndex(index)).filter(|place| place.asked) {
            run(&mut place.seat);
        }
    }
}

/// As many commands as fit into one frame.
fn next_batch(seat: &mut Seat) -> Vec<OutgoingCommand> {
    let mut bytes = 0;
    let mut list = Vec::new();
    while bytes < BATCH_BYTES_MAX
        && let Some(outgoing) = seat.poll_send()
    {
        bytes += outgoing.body.len();
        // A frontend's command is JSON: that was checked where it came in.
        let Ok(body) = RawValue::from_string(outgoing.body.as_ref().to_owned()) else { continue };
        list.push(OutgoingCommand { number: outgoing.number, id: outgoing.id, body });
    }
    list
}

/// The events with their numbers; one without a number is no event.
fn texts(list: &[Box<RawValue>]) -> Vec<EventText> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let numbered = |raw: &RawValue| serde_json::from_str(raw.get()).map(|Numbered { seq }| seq).ok();
    list.iter()
        .filter_map(|raw| Some(EventText { seq: numbered(raw)?, text: Arc::from(raw.get()) }))
        .collect()
}
