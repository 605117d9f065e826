//! The acts of frontends.

use std::collections::BTreeMap;

use convene_model::{BallotId, CommandId, Json, LogId, Name, OptionId, ParticipantId, RoomId};
use convene_seat::{Acceptance, ActError, HistoryWish, Seat, Span, Standing};
use rand::RngExt as _;
use serde_json::json;
use uuid::Uuid;

use super::{Happening, World};
use crate::frontend::{Told, Wish};
use crate::plan::{Act, Space};

/// How long a long text is: as long as a message may be, of letters of four bytes.
const LONG_CHARS: usize = convene_model::limits::MESSAGE_CHARS_MAX - 40;

impl World {
    pub(super) fn act(&mut self, seat: usize, act: Act) {
        if !self.seat(seat).active {
            return;
        }
        let nth = self.seat(seat).frontend.wishes.len();
        let text = format!("message {nth} of seat {seat}");
        match act {
            Act::Say { long } => {
                let long = if long { "\u{1D11E}".repeat(LONG_CHARS) } else { String::new() };
                self.wish(seat, None, &serde_json::json!({ "kind": "say", "text": text + &long }));
            }
            Act::Whisper => {
                let room = RoomId::ORGANIZERS.as_str();
                self.wish(seat, None, &serde_json::json!({ "kind": "say", "room": room, "text": text }));
            }
            Act::SayNothing => self.wish(seat, None, &serde_json::json!({ "kind": "say", "text": "" })),
            Act::Leave => self.wish(seat, None, &serde_json::json!({ "kind": "leave" })),
            Act::Join => {
                let name = self.seat(seat).plan.name.to_string();
                self.wish(seat, None, &serde_json::json!({ "kind": "join", "name": name }));
            }
            Act::Repeat => {
                let (any, newest) = (self.any_command(seat), self.newest_command(seat));
                for (id, body) in any.into_iter().chain(newest) {
                    self.want(seat, id, body);
                }
            }
            Act::Misuse => {
                if let Some((id, _)) = self.any_command(seat) {
                    self.wish(seat, Some(id), &serde_json::json!({ "kind": "say", "text": text }));
                }
            }
            Act::History { newest } => self.want_history(seat, newest),
            Act::Space(space) => {
                let body = self.in_space(seat, nth, space);
                self.wish(seat, None, &body);
            }
        }
    }

    /// The command for something that is done in the Open Space.
    fn in_space(&self, seat: usize, nth: usize, space: Space) -> serde_json::Value {
        let rooms = ["plenary", "foyer", "organizers", "news", "r1", "r2"];
        let room = |number: usize| rooms.get(number).copied().unwrap_or("plenary");
        let person = |number: u32| ParticipantId(number);
        match space {
            Space::Go { room: to } => json!({ "kind": "go", "room": room(to) }),
            Space::AskToTable { whom } => json!({ "kind": "ask_to_table", "people": [person(whom)] }),
            Space::Accept => json!({ "kind": "accept_table" }),
            Space::Decline => json!({ "kind": "decline_table" }),
            Space::LeaveTable => json!({ "kind": "leave_table" }),
            Space::Rename => json!({ "kind": "rename", "name": format!("Seat {seat} named {nth}") }),
            Space::Promote { whom } => json!({ "kind": "add_organizer", "participant": person(whom) }),
            Space::Demote { whom } => json!({ "kind": "remove_organizer", "participant": person(whom) }),
            Space::AddRoom => json!({ "kind": "add_room", "name": format!("Room {seat} {nth}") }),
            Space::CloseRoom { room: which } => json!({ "kind": "close_room", "room": room(which) }),
            Space::OpenBallot => {
                json!({ "kind": "open_ballot", "question": "Which?", "options": ["This", "That", "Neither"] })
            }
            Space::Vote { option } => {
                let ballots = self.daemon_of(seat).and_then(|daemon| daemon.seat(seat)).map(Seat::record);
                let state = ballots.and_then(|record| record.replica.as_ref()?.state.as_ref());
                let open = state.and_then(|state| state.public().ballots().open()).map(|(id, _)| id);
                json!({ "kind": "vote", "ballot": open.unwrap_or(BallotId(1)), "option": OptionId(option) })
            }
            Space::CloseBallot => json!({ "kind": "close_ballot" }),
            Space::Extend => json!({ "kind": "extend_phase", "minutes": 1 }),
            Space::Shorten => json!({ "kind": "shorten_phase", "minutes": 1 }),
            Space::Skip => json!({ "kind": "skip_phase" }),
            Space::TellAccess { verdict } => {
                let verdict = match verdict {
                    3 => "green",
                    4 => "yellow",
                    _ => "red",
                };
                json!({ "kind": "access", "verdict": verdict, "version": "0.1.0" })
            }
        }
    }

    /// A command of the same person, from whichever device.
    fn any_command(&mut self, seat: usize) -> Option<(CommandId, Json)> {
        let person = self.seat(seat).plan.person;
        let theirs = self.seats.iter().filter(|other| other.plan.person == person);
        let all: Vec<(CommandId, Json)> = theirs
            .flat_map(|other| &other.frontend.wishes)
            .map(|wish| (wish.id, wish.body.clone()))
            .collect();
        if all.is_empty() {
            return None;
        }
        all.get(self.plan.rng.random_range(0..all.len())).cloned()
    }

    /// A seat gives a command that another one has given.
    pub(super) fn copy(&mut self, seat: usize, of: usize, nth: usize) {
        let wish = self.seat(of).frontend.wishes.get(nth).map(|wish| (wish.id, wish.body.clone()));
        if let Some((id, body)) = wish {
            self.want(seat, id, body);
        }
    }

    /// The last command that another device of the same person has taken.
    fn newest_command(&mut self, seat: usize) -> Option<(CommandId, Json)> {
        let person = self.seat(seat).plan.person;
        let others = self.seats.iter().enumerate().filter(|(number, _)| *number != seat);
        let mut theirs = others.filter(|(_, other)| other.plan.person == person);
        let newest = theirs.find_map(|(_, other)| other.frontend.wishes.last());
        newest.map(|wish| (wish.id, wish.body.clone()))
    }

    fn wish(&mut self, seat: usize, id: Option<CommandId>, body: &serde_json::Value) {
        let nth = self.seat(seat).frontend.wishes.len();
        let id = id.unwrap_or_else(|| CommandId(Uuid::from_u64_pair(seat as u64 + 1, nth as u64 + 1)));
        if let Ok(body) = Json::of(body) {
            self.want(seat, id, body);
        }
    }

    /// The frontend wants a command, which it may have wanted before.
    pub(crate) fn want(&mut self, seat: usize, id: CommandId, body: Json) {
        let frontend = &mut self.seat(seat).frontend;
        let seen = frontend.point();
        let known = frontend.wishes.iter().any(|wish| wish.id == id && wish.body == body);
        if !known {
            if frontend.wishes.iter().any(|wish| wish.id == id) {
                // It knows what it has sent itself under this id.
                return;
            }
            let (told, order, is_taken, is_over) = (Vec::new(), BTreeMap::new(), false, false);
            frontend.wishes.push(Wish { id, body, told, order, is_taken, is_over, seen });
        }
        self.tell(|| format!("seat {seat} wants {id}"));
        self.give(seat, id);
    }

    pub(super) fn again(&mut self, seat: usize, id: CommandId) {
        let wish = self.seat(seat).frontend.wishes.iter().find(|wish| wish.id == id);
        if wish.is_some_and(|wish| wish.is_open() || wish.last() == Some(Told::Lost)) {
            self.tell(|| format!("seat {seat} wants {id} again"));
            self.give(seat, id);
        }
    }

    /// Gives a command to the daemon, if the frontend is there.
    fn give(&mut self, number: usize, id: CommandId) {
        let now = self.instant();
        let daemon = self.seat(number).plan.daemon;
        let (sites, seats) = (&mut self.sites, &mut self.seats);
        let Some(running) = sites.get_mut(daemon).and_then(|site| site.running.as_mut()) else { return };
        let Some(seat) = seats.get_mut(number).filter(|seat| seat.frontend.attached) else { return };
        let Some(index) = running.index(number) else { return };
        let Some(wish) = seat.frontend.wishes.iter_mut().find(|wish| wish.id == id) else { return };
        let (body, seen) = (wish.body.clone(), wish.seen);
        let acted =
            running.connection.with_conversation(now, |conversation| conversation.act(index, id, body, seen));
        let record = running.seat(number).map(Seat::record);
        let log = record.and_then(|record| Some(record.replica.as_ref()?.log));
        match acted {
            // One that was given again before it was stored keeps its place.
            Some(Ok(Acceptance::Taken)) if wish.is_taken => {}
            Some(Ok(Acceptance::Taken)) => {
                wish.is_taken = true;
                seat.orders += 1;
                wish.order.insert(log, seat.orders);
            }
            Some(Ok(Acceptance::Queued)) => wish.tell(log, Told::Queued),
            Some(Ok(Acceptance::Decided(receipt))) => seat.frontend.hear_receipt(receipt, log),
            Some(Err(ActError::StoreFailed)) => {
                self.after(std::time::Duration::from_millis(200), Happening::Again(number, id));
            }
            Some(Err(
                ActError::IdReused | ActError::OutboxFull | ActError::TooLarge | ActError::SeatRefused { .. },
            )) => {
                wish.is_over = true;
            }
            None => {}
        }
        self.pump_daemon(daemon);
    }

    /// The frontend comes, or comes back.
    pub(super) fn watch(&mut self, number: usize) {
        if self.daemon_of(number).is_none_or(|daemon| daemon.index(number).is_none()) {
            return;
        }
        let seat = self.seat(number);
        let record = seat.disk.read();
        seat.frontend.watch(&record, &seat.disk);
        let (at, open) = (seat.frontend.number, seat.frontend.wishes.iter().filter(|wish| wish.is_open()));
        let open: Vec<CommandId> = open.map(|wish| wish.id).collect();
        self.tell(|| format!("seat {number} is watched from {at} on"));
        for id in open {
            self.give(number, id);
        }
        let standing = self.daemon_of(number).and_then(|daemon| daemon.seat(number)).map(Seat::standing);
        if let Some(Standing::NotHereNow { other_log: Some(log), .. }) = standing
            && self.healed
        {
            self.after(std::time::Duration::from_secs(1), Happening::Turn(number, log));
        }
    }

    pub(super) fn cut_frontend(&mut self, seat: usize) {
        self.seat(seat).frontend.attached = false;
        let back = self.random_ms(10..4_000);
        self.after(back, Happening::Watch(seat));
    }

    /// The person turns to the log that the server shows, under the same name or another.
    pub(super) fn turn(&mut self, number: usize, log: LogId) {
        let now = self.instant();
        let daemon = self.seat(number).plan.daemon;
        let other_name = self.healed || self.plan.rng.random_bool(0.5);
        let name = self.seat(number).plan.name.clone();
        let name =
            if other_name { format!("{name} there {number}").parse::<Name>().unwrap_or(name) } else { name };
        let Some(running) = &mut self.site(daemon).running else { return };
        let Some(index) = running.index(number) else { return };
        let turned = running
            .connection
            .with_conversation(now, |conversation| conversation.join_other_log(index, log, name));
        self.tell(|| format!("seat {number} turns to the log {log}: {turned}"));
        if turned {
            self.count("turned to another log");
        }
        self.pump_daemon(daemon);
    }

    fn want_history(&mut self, number: usize, newest: bool) {
        let hole = self.seat(number).frontend.holes.first().copied();
        if let Some(span) = hole {
            self.ask_history(number, span, newest);
        }
    }

    pub(super) fn ask_history(&mut self, number: usize, span: Span, newest: bool) {
        let now = self.instant();
        let daemon = self.seat(number).plan.daemon;
        let Some(running) = &mut self.site(daemon).running else { return };
        let Some(index) = running.index(number) else { return };
        let wish = HistoryWish { span, newest };
        running.connection.with_conversation(now, |conversation| conversation.want_history(index, wish));
        self.count("pages of the past");
        self.pump_daemon(daemon);
        self.fill(number);
    }

    /// The frontend is given what is stored by now of what it misses.
    pub(super) fn fill(&mut self, number: usize) {
        let seat = self.seat(number);
        if !seat.frontend.holes.is_empty() {
            let record = seat.disk.read();
            seat.frontend.fill(&record, &seat.disk);
        }
    }
}
