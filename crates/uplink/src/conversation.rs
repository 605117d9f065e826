//! One server's link and the seats that use it: what passes between them, and nothing of its own.
//!
//! Pure, like the machines it joins: it is told what happened and when, and is asked what to do.
//! The daemon's shell and the simulator run the same conversation.
//!
//! After every input the shell stores what [`Conversation::poll_write`] gives and reports it by
//! [`Conversation::handle_stored`] or [`Conversation::handle_write_failed`], sends what
//! [`Conversation::poll_transmit`] gives, and acts on [`Conversation::poll_event`], each until it
//! is empty.

mod following;
mod frames;
mod opening;
mod place;
mod sending;
mod snapshots;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_conference::State;
use convene_link::{Initiator, LinkSecret, PipeDeath, PipeId, Transmit};
use convene_model::limits::SEATS_PER_CONNECTION_MAX;
use convene_model::{CommandId, Json, LogId, Name, Point, Timestamp};
use convene_protocol::proof::Context;
use convene_protocol::{Attached, Refused};
use convene_seat::{
    Acceptance, ActError, Delta, HistoryWish, Refold, Seat, SeatRecord, Standing, Wanted, Write, WriteId,
};

use self::following::Following;
use self::place::Place;
use self::snapshots::Snapshots;

/// Seats beside those that take part: left, refused, or not joined yet.
const SEATS_BESIDE_MAX: usize = 256;

/// A seat's number on this conversation, given when it is added and never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatIndex(pub u32);

/// Something that happened, and that others must know.
#[derive(Debug)]
pub enum ConversationEvent {
    /// A server said hello on this pipe: the route works. [`Conversation::adopt`] makes it the pipe
    /// in use.
    Greeted {
        /// The pipe.
        pipe: PipeId,
        /// The server's name for itself.
        server: String,
        /// The server's clock.
        now: Timestamp,
        /// Whether the end point that was seen on the pipe is one that the server states; absent
        /// where it states none, or none was seen.
        end_point_known: Option<bool>,
    },
    /// The adopted pipe carries the link.
    Attached {
        /// The pipe.
        pipe: PipeId,
        /// The server's word about it.
        attached: Attached,
    },
    /// The server does not take the link now. The pipe is of no more use and must be closed.
    Refused {
        /// The pipe.
        pipe: PipeId,
        /// Why, and when to come back.
        refused: Refused,
    },
    /// The pipe is of no more use and must be closed.
    PipeDead {
        /// The pipe.
        pipe: PipeId,
        /// Why.
        why: PipeDeath,
    },
    /// A seat has something to tell its frontends.
    Delta {
        /// The seat.
        seat: SeatIndex,
        /// The news.
        delta: Delta,
    },
    /// The state of a seat is to be folded anew from the store, and given to
    /// [`Conversation::handle_refolded`].
    Refold {
        /// The seat.
        seat: SeatIndex,
        /// From where and how far.
        wish: Refold,
    },
    /// A seat is to be read anew from the store, and given to [`Conversation::handle_reread`]. The
    /// store passes over whatever it still holds of this seat's writes.
    Reread {
        /// The seat.
        seat: SeatIndex,
    },
    /// The participants who are connected in a seat's conference.
    Presence {
        /// The seat.
        seat: SeatIndex,
        /// One bit per participant number from 1, the lowest bit of the first byte first.
        online: Arc<[u8]>,
    },
}

/// Adding a seat beyond [`SEATS_PER_CONNECTION_MAX`] that take part, or too many that do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a connection carries at most {SEATS_PER_CONNECTION_MAX} seats")]
pub struct TooManySeats;

/// One link and its seats.
#[derive(Debug)]
pub struct Conversation {
    initiator: Initiator,
    places: BTreeMap<SeatIndex, Place>,
    next_index: u32,
    /// The end point that was seen on each pipe.
    pipes: BTreeMap<PipeId, Option<[u8; 32]>>,
    /// On what the seats of the attach under way were signed, which they are, and whether each is
    /// wanted still.
    attaching: Option<(Context, BTreeMap<SeatIndex, bool>)>,
    /// On what seats that are opened now are signed: of the attach with which the link began.
    context: Option<Context>,
    following: Following,
    snapshots: Snapshots,
    events: VecDeque<ConversationEvent>,
}

impl Conversation {
    /// A conversation that has not begun. `secret` must be new; `program` is told to the server.
    pub fn new(secret: LinkSecret, program: String) -> Self {
        Self {
            initiator: Initiator::new(secret, program),
            places: BTreeMap::new(),
            next_index: 0,
            pipes: BTreeMap::new(),
            attaching: None,
            context: None,
            following: Following::default(),
            snapshots: Snapshots::default(),
            events: VecDeque::new(),
        }
    }

    /// Adds a seat and opens it at once where the link stands.
    ///
    /// # Errors
    /// When the connection has as many of that kind as it may carry.
    pub fn add_seat(&mut self, seat: Seat) -> Result<SeatIndex, TooManySeats> {
        let takes_part = |seat: &Seat| matches!(seat.standing(), Standing::Joined);
        let kind = takes_part(&seat);
        let alike = self.places.values().filter(|place| takes_part(&place.seat) == kind).count();
        let most = if kind { SEATS_PER_CONNECTION_MAX } else { SEATS_BESIDE_MAX };
        if alike >= most {
            return Err(TooManySeats);
        }
        let index = SeatIndex(self.next_index);
        self.next_index = self.next_index.checked_add(1).ok_or(TooManySeats)?;
        self.places.insert(index, Place::new(seat));
        self.give();
        Ok(index)
    }

    /// Takes a seat away; the server is told to send nothing more for it.
    pub fn remove_seat(&mut self, index: SeatIndex) -> Option<Seat> {
        self.close(index);
        let place = self.places.remove(&index)?;
        self.forget_snapshots();
        self.give();
        Some(place.seat)
    }

    /// A seat, to read.
    pub fn seat(&self, index: SeatIndex) -> Option<&Seat> {
        self.places.get(&index).map(|place| &place.seat)
    }

    /// All seats, to read.
    pub fn seats(&self) -> impl Iterator<Item = (SeatIndex, &Seat)> {
        self.places.iter().map(|(index, place)| (*index, &place.seat))
    }

    /// Takes a command into a seat's outbox; `None` where there is no such seat. See [`Seat::act`].
    pub fn act(
        &mut self,
        index: SeatIndex,
        id: CommandId,
        body: Json,
        seen: Option<Point>,
    ) -> Option<Result<Acceptance, ActError>> {
        let acted = self.places.get_mut(&index)?.seat.act(id, body, seen);
        self.give();
        Some(acted)
    }

    /// Lets a returned text go; says whether there was one.
    pub fn dismiss(&mut self, index: SeatIndex, id: CommandId) -> bool {
        let done = self.places.get_mut(&index).is_some_and(|place| place.seat.dismiss(id));
        self.give();
        done
    }

    /// Asks for a page of the past; `None` where there is no such seat. See [`Seat::want_history`].
    pub fn want_history(&mut self, index: SeatIndex, wish: HistoryWish) -> Option<Wanted> {
        let wanted = self.places.get_mut(&index)?.seat.want_history(wish);
        self.give();
        Some(wanted)
    }

    /// Turns a seat to the log that the server shows. See [`Seat::join_other_log`].
    pub fn join_other_log(&mut self, index: SeatIndex, log: LogId, name: Name) -> bool {
        let place = self.places.get_mut(&index);
        let done = place.is_some_and(|place| place.seat.join_other_log(log, name));
        if done {
            // The attach under way asks for something that this seat does not want any more.
            self.forget_attaching(index);
        }
        self.give();
        done
    }

    /// A pipe stands. `end_point` is the `tls-server-end-point` (RFC 5929, section 4) that was seen
    /// on it.
    pub fn handle_pipe_open(&mut self, pipe: PipeId, end_point: Option<[u8; 32]>) {
        self.pipes.insert(pipe, end_point);
        self.initiator.handle_pipe_open(pipe);
    }

    /// A frame came on a pipe; `number` where the carrier writes numbers.
    pub fn handle_frame(&mut self, pipe: PipeId, number: Option<u64>, text: &str, now: Instant) {
        self.initiator.handle_frame(pipe, number, text, now);
        self.exchange(now);
    }

    /// A pipe is closed, by either end or on the way.
    pub fn handle_pipe_closed(&mut self, pipe: PipeId, now: Instant) {
        self.initiator.handle_pipe_closed(pipe);
        self.exchange(now);
    }

    /// The machine woke up or its network changed: find out at once whether the pipe still lives.
    pub fn handle_probe(&mut self) {
        self.initiator.handle_probe();
    }

    /// The time between two pings, as the path has taught it.
    pub fn heartbeat(&self) -> Duration {
        self.initiator.heartbeat()
    }

    /// The lesson of this network from before; counts from the next pipe on.
    pub fn set_heartbeat(&mut self, interval: Duration) {
        self.initiator.set_heartbeat(interval);
    }

    /// Time has come; see [`Conversation::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        self.initiator.handle_timeout(now);
        for place in self.places.values_mut() {
            place.seat.handle_timeout(now);
        }
        self.exchange(now);
    }

    /// A seat's writes up to this one are durable.
    pub fn handle_stored(&mut self, index: SeatIndex, write: WriteId) {
        if let Some(place) = self.places.get_mut(&index) {
            place.seat.handle_stored(write);
            self.give();
        }
    }

    /// A seat's write failed. See [`Seat::handle_write_failed`]. Other seats go on.
    pub fn handle_write_failed(&mut self, index: SeatIndex, write: WriteId, undone: bool) {
        let Some(place) = self.places.get_mut(&index) else { return };
        let before = place.seat.needs_reread();
        place.seat.handle_write_failed(write, undone);
        if place.seat.needs_reread() && !before {
            self.close(index);
            self.events.push_back(ConversationEvent::Reread { seat: index });
        }
        self.give();
    }

    /// As much of a seat's conference is kept as may be, or there is room again. The server is told
    /// to send nothing for a full seat. See [`Seat::handle_full`].
    pub fn handle_full(&mut self, index: SeatIndex, is_full: bool) {
        if is_full {
            self.close(index);
        }
        if let Some(place) = self.places.get_mut(&index) {
            place.seat.handle_full(is_full);
            self.give();
        }
    }

    /// A seat was read anew from the store.
    pub fn handle_reread(&mut self, index: SeatIndex, record: SeatRecord) {
        if let Some(place) = self.places.get_mut(&index) {
            place.seat.handle_reread(record);
            self.give();
        }
    }

    /// A seat's state was folded anew.
    pub fn handle_refolded(&mut self, index: SeatIndex, wish: Refold, state: State) {
        if let Some(place) = self.places.get_mut(&index) {
            place.seat.handle_refolded(wish, state);
            self.give();
        }
    }

    /// Makes a greeted pipe the one in use, and asks for the seats on it. Any older one is of no
    /// more use from now on.
    pub fn adopt(&mut self, pipe: PipeId, now: Instant) {
        self.attach(pipe, now);
        self.exchange(now);
    }

    /// Whether a pipe carries the link.
    pub fn is_attached(&self) -> bool {
        self.initiator.is_attached()
    }

    /// Whether the store is so far behind that the shell should read no frames for now.
    pub fn is_behind(&self) -> bool {
        self.places.values().any(|place| place.seat.is_behind())
    }

    /// The next write for the store. The writes of one seat come in order.
    pub fn poll_write(&mut self) -> Option<(SeatIndex, WriteId, Write)> {
        self.places.iter_mut().find_map(|(index, place)| {
            let (id, write) = place.seat.poll_write()?;
            Some((*index, id, write))
        })
    }

    /// The next frame for a pipe.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit<Arc<str>>> {
        self.initiator.poll_transmit(now)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<ConversationEvent> {
        self.events.pop_front()
    }

    /// When [`Conversation::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let link = self.initiator.poll_timeout().map(|(due, _)| due);
        self.places.values().filter_map(|place| place.seat.poll_timeout()).chain(link).min()
    }
}
