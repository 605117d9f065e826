//! Frames that come from the link.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_link::InitiatorEvent;
use convene_model::Json;
use convene_protocol::{Events, Follow, Presence, ServerFrame, To};
use convene_seat::{EventText, NewEvents, Seat};
use serde::Deserialize;

use super::{Conversation, ConversationEvent, SeatIndex, place};

impl Conversation {
    /// Carries everything that can be carried in either direction.
    pub(super) fn exchange(&mut self, now: Instant) {
        while let Some(event) = self.initiator.poll_event() {
            self.handle_link(event, now);
        }
        self.give();
    }

    fn handle_link(&mut self, event: InitiatorEvent, now: Instant) {
        match event {
            InitiatorEvent::Greeted { pipe, hello } => {
                let seen = self.pipes.get(&pipe).copied().flatten();
                let stated = Some(&hello.end_points).filter(|stated| !stated.is_empty());
                let end_point_known = seen.zip(stated).map(|(seen, stated)| stated.contains(&seen));
                let (server, now) = (hello.server, hello.now);
                self.events.push_back(ConversationEvent::Greeted { pipe, server, now, end_point_known });
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
            InitiatorEvent::Presence(presence) => self.handle_presence(&presence),
            InitiatorEvent::Frame(frame) => self.handle_server(frame, now),
        }
    }

    fn handle_server(&mut self, frame: ServerFrame, now: Instant) {
        match frame {
            ServerFrame::Opened(list) => {
                for opened in list {
                    self.with_seat(opened.index, |seat| {
                        seat.handle_opened(opened.count, opened.void_after, place::answer(&opened), now);
                    });
                }
            }
            ServerFrame::Reopen(reopen) => {
                for index in reopen.seats {
                    self.with_seat(index, Seat::handle_reopen);
                }
            }
            ServerFrame::Follow(follow) => self.handle_follow(follow),
            ServerFrame::Events(events) => self.handle_events(events, now),
            ServerFrame::Receipts(receipts) => self.with_seat(receipts.index, |seat| {
                seat.handle_receipts(&receipts.terms, receipts.list);
            }),
            ServerFrame::Snapshot(part) => self.handle_snapshot(part, now),
            ServerFrame::Own(own) => self.handle_own(&own, now),
            ServerFrame::History(page) => {
                let items = texts(page.list);
                self.with_seat(page.index, |seat| seat.handle_history(page.after, page.through, items));
            }
            // The link keeps its own frames to itself.
            ServerFrame::Hello(_)
            | ServerFrame::Attached(_)
            | ServerFrame::Refused(_)
            | ServerFrame::Presence(_)
            | ServerFrame::Ack(_)
            | ServerFrame::Ping(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Bye(_)
            | ServerFrame::Unknown(_) => {}
        }
    }

    /// A seat that has asked and is not answered takes nothing that was meant for an earlier
    /// opening.
    fn handle_follow(&mut self, Follow { index, following }: Follow) {
        let index = SeatIndex(index);
        self.following.remove(index);
        let Some(place) = self.places.get(&index).filter(|place| place.seat.is_open()) else { return };
        if let Some(conference) = place.seat.record().conference.filter(|_| following) {
            self.following.insert(index, conference);
        }
    }

    fn handle_events(&mut self, events: Events, now: Instant) {
        let seats = match &events.to {
            To::Following => self.following.of(events.conference),
            To::Seats(list) => list.iter().copied().map(SeatIndex).collect(),
            To::Other => Vec::new(),
        };
        if seats.is_empty() {
            return;
        }
        let Events { conference, log, to: _, after, through, terms, list } = events;
        let shared = NewEvents { log, after, through, terms, items: texts(list).into() };
        for index in seats {
            let Some(place) = self.places.get_mut(&index) else { continue };
            if place.seat.record().conference == Some(conference) {
                place.seat.handle_events(&shared, now);
            }
        }
    }

    fn handle_presence(&mut self, presence: &Presence) {
        let Ok(online) = URL_SAFE_NO_PAD.decode(&presence.online) else { return };
        let online: Arc<[u8]> = online.into();
        for (index, place) in &self.places {
            let record = place.seat.record();
            let is_meant = record.conference == Some(presence.conference)
                && record.replica.as_ref().is_some_and(|replica| replica.log == presence.log);
            if is_meant && place.seat.is_open() {
                let (seat, online) = (*index, Arc::clone(&online));
                self.events.push_back(ConversationEvent::Presence { seat, online });
            }
        }
    }

    fn with_seat(&mut self, index: u32, run: impl FnOnce(&mut Seat)) {
        if let Some(place) = self.places.get_mut(&SeatIndex(index)) {
            run(&mut place.seat);
        }
    }
}

/// The events with their places; one without a number is no event.
fn texts(list: Vec<Json>) -> Vec<EventText> {
    #[derive(Deserialize)]
    struct Placed {
        seq: u64,
        #[serde(default = "first_step")]
        step: u32,
    }
    let placed = |text: Json| {
        let Placed { seq, step } = serde_json::from_str(text.get()).ok()?;
        Some(EventText { seq, step, text })
    };
    list.into_iter().filter_map(placed).collect()
}

const fn first_step() -> u32 {
    1
}
