//! One server's link and the seats that use it: what passes between them, and nothing of its own.
//!
//! Pure, like the machines it joins: it is told what happened and when, and is asked what to do. The daemon's shell and the
//! simulator run the same conversation.
//!
//! After every input the shell stores what [`Conversation::poll_write`] gives and reports it by
//! [`Conversation::handle_stored`], sends what [`Conversation::poll_transmit`] gives, and acts on
//! [`Conversation::poll_event`], each until it is empty.

mod frames;
mod opening;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_link::{Initiator, PipeDeath, PipeId, Reason, Transmit};
use convene_model::limits::SEATS_PER_CONNECTION_MAX;
use convene_model::{CommandId, LinkId, Nonce, Timestamp};
use convene_protocol::proof::Context;
use convene_protocol::{Attached, Refused};
use convene_seat::{ActError, Acted, Delta, Seat, Write, WriteId};

use self::opening::Place;

/// A seat's number on this conversation, given when it is added and never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatIndex(pub u32);

/// What happened that others must know.
#[derive(Debug)]
pub enum ConversationEvent {
    /// A server said hello on this pipe: the route works. [`Conversation::adopt`] makes it the pipe in use.
    Greeted {
        /// The pipe.
        pipe: PipeId,
        /// What the server calls itself.
        server: String,
        /// The time on its clock.
        clock: Timestamp,
        /// Whether the end point that was seen on the pipe is one that the server states; absent where it states none, or
        /// none was seen.
        end_point_known: Option<bool>,
    },
    /// The adopted pipe carries the link.
    Attached {
        /// The pipe.
        pipe: PipeId,
        /// What the server said about it.
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
        /// What.
        delta: Delta,
    },
}

/// Adding a seat beyond [`SEATS_PER_CONNECTION_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a connection carries at most {SEATS_PER_CONNECTION_MAX} seats")]
pub struct TooManySeats;

/// What is known of a pipe before it carries the link.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    end_point: Option<[u8; 32]>,
    nonce: Option<Nonce>,
}

/// One link and its seats.
#[derive(Debug)]
pub struct Conversation {
    link: LinkId,
    initiator: Initiator,
    places: BTreeMap<SeatIndex, Place>,
    next_index: u32,
    pipes: BTreeMap<PipeId, Seen>,
    /// On what the seats of the attach under way were signed, and which they are.
    attaching: Option<(Context, Vec<SeatIndex>)>,
    /// On what seats that are opened now are signed: of the pipe on which the link began.
    context: Option<Context>,
    events: VecDeque<ConversationEvent>,
}

impl Conversation {
    /// A conversation that has not begun. `link` must be random; `program` is told to the server.
    pub fn new(link: LinkId, program: String) -> Self {
        Self {
            link,
            initiator: Initiator::new(link, program),
            places: BTreeMap::new(),
            next_index: 0,
            pipes: BTreeMap::new(),
            attaching: None,
            context: None,
            events: VecDeque::new(),
        }
    }

    /// Adds a seat and opens it at once where the link stands.
    ///
    /// # Errors
    /// When the connection has as many as it may carry.
    pub fn add_seat(&mut self, seat: Seat) -> Result<SeatIndex, TooManySeats> {
        if self.places.len() >= SEATS_PER_CONNECTION_MAX {
            return Err(TooManySeats);
        }
        let index = SeatIndex(self.next_index);
        self.next_index += 1;
        self.places.insert(index, Place::new(seat));
        self.exchange();
        Ok(index)
    }

    /// Takes a seat away; the server is told to send nothing more for it.
    pub fn remove_seat(&mut self, index: SeatIndex) -> Option<Seat> {
        let place = self.places.remove(&index)?;
        self.close(index, &place);
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

    /// Takes a command into a seat's outbox; `None` where there is no such seat.
    pub fn act(
        &mut self,
        index: SeatIndex,
        id: CommandId,
        body: Arc<str>,
    ) -> Option<Result<Acted, ActError>> {
        let acted = self.places.get_mut(&index)?.seat.act(id, body);
        self.exchange();
        Some(acted)
    }

    /// Lets a refused text go; says whether there was one.
    pub fn dismiss(&mut self, index: SeatIndex, id: CommandId) -> bool {
        self.places.get_mut(&index).is_some_and(|place| place.seat.dismiss(id))
    }

    /// A pipe stands. `end_point` is the `tls-server-end-point` (RFC 5929, section 4) that was seen on it.
    pub fn handle_pipe_open(&mut self, pipe: PipeId, end_point: Option<[u8; 32]>) {
        self.pipes.insert(pipe, Seen { end_point, nonce: None });
        self.initiator.handle_pipe_open(pipe);
    }

    /// A frame came on a pipe; `number` where the carrier writes numbers.
    pub fn handle_frame(&mut self, pipe: PipeId, number: Option<u64>, text: &str, now: Instant) {
        self.initiator.handle_frame(pipe, number, text, now);
        self.exchange();
    }

    /// A pipe is closed, by whomever.
    pub fn handle_pipe_closed(&mut self, pipe: PipeId) {
        self.initiator.handle_pipe_closed(pipe);
        self.exchange();
    }

    /// The machine woke up or its network changed: find out at once whether the pipe still lives.
    pub fn handle_probe(&mut self) {
        self.initiator.handle_probe();
    }

    /// The time between two pings, as the path has taught it.
    pub fn heartbeat(&self) -> Duration {
        self.initiator.heartbeat()
    }

    /// What was learned on this network before; counts from the next pipe on.
    pub fn set_heartbeat(&mut self, interval: Duration) {
        self.initiator.set_heartbeat(interval);
    }

    /// Time has come; see [`Conversation::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        self.initiator.handle_timeout(now);
        self.exchange();
    }

    /// A seat's writes up to this one are durable.
    pub fn handle_stored(&mut self, index: SeatIndex, write: WriteId) {
        if let Some(place) = self.places.get_mut(&index) {
            place.seat.handle_stored(write);
            self.exchange();
        }
    }

    /// Makes a greeted pipe the one in use, and asks for every seat on it. Any older one is of no more use from now on.
    pub fn adopt(&mut self, pipe: PipeId, now: Instant) {
        let Some(Seen { end_point, nonce: Some(nonce) }) = self.pipes.get(&pipe).copied() else { return };
        let context = Context { nonce, link: self.link, epoch: self.initiator.next_epoch(), end_point };
        let wanted = self.places.iter().filter(|(_, place)| place.wants_open());
        let (indices, seats) = wanted.map(|(index, place)| (*index, place.resume(*index, &context))).unzip();
        if self.initiator.attach(pipe, seats, end_point, now) {
            self.attaching = Some((context, indices));
        }
        self.exchange();
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

    /// When [`Conversation::handle_timeout`] is due, and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        self.initiator.poll_timeout()
    }
}
