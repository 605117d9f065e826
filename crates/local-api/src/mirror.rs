//! A watch as its frontend knows it: how far it was told, and the state where it is folded.

use convene_conference::{Event, May, State};
use convene_model::{Json, ParticipantId, SeatName, TermId};

use crate::language::{
    ActResult, After, EventsNotification, FoldedPoint, LostNotification, MayNotification,
    PassedOverNotification, ReceiptNotification, ResetNotification, SeatNotification, SeatState,
    StateNotification, WatchResult,
};
use crate::told::Told;

/// The change that a notification made.
#[derive(Debug)]
pub enum Change {
    /// These events happened; the state has them.
    Events(Vec<Json>),
    /// Everything up to this number was passed over: `conference.history` gives it.
    PassedOver {
        /// The number.
        through: u64,
    },
    /// Everything that was told above this number is void.
    Reset {
        /// The number.
        to: u64,
    },
    /// A command has its receipt.
    Receipt(ActResult),
    /// A command that was accepted is in the conference no more.
    Lost(LostNotification),
    /// The seat stands otherwise.
    Seat(SeatState),
    /// The participant may do other things than before.
    May,
    /// The state that came in parts is whole.
    State,
    /// It was about something else, or was known already.
    Nothing,
}

/// The messages of the watch do not fit together, or cannot be read: watch again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the conference must be watched again")]
pub struct Gap;

/// A conference as one watch tells it.
///
/// Invariant: every event up to the cursor was given out once, or lies where something was told to
/// be passed over.
#[derive(Debug, Clone)]
pub struct Mirror {
    conference: SeatName,
    participant: ParticipantId,
    /// `None` where the watch began behind a point, or what was folded does not hold any more.
    state: Option<State>,
    cursor: u64,
    /// The term of that entry, where the daemon told it.
    term: Option<TermId>,
    level: u32,
    /// As it was told last.
    may: Option<May>,
    /// Parts of the state that have come, and how many there will be.
    arriving: Option<(u64, u64, String)>,
}

impl Mirror {
    /// Begins with the answer to a watch.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(watch: WatchResult) -> Result<Self, Gap> {
        // Nobody has the number 0: a state without a participant holds nobody's own part.
        let participant = watch.participant.unwrap_or(ParticipantId(0));
        Ok(Self {
            conference: watch.conference,
            participant,
            state: watch.state.map(|state| read_state(participant, state.get())).transpose()?,
            cursor: watch.after,
            term: watch.term,
            level: watch.level,
            may: watch.may,
            arriving: watch.parts.map(|parts| (0, parts, String::new())),
        })
    }

    /// Whether nothing of the state is missing: a large one comes in parts behind the answer.
    pub fn is_whole(&self) -> bool {
        self.arriving.is_none()
    }

    /// As it stands, where the watch began with a state that still holds.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// What the participant may do, as it was told last. `None` in a watch that does not want the
    /// state, and of a seat that takes part no more.
    pub fn may(&self) -> Option<&May> {
        self.may.as_ref()
    }

    /// Up to which number all is told.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Behind what to watch again, for example after the daemon was restarted.
    pub fn after(&self) -> After {
        let (number, level) = (self.cursor, self.level);
        self.term.map_or(After::Number(number), |term| After::Folded(FoldedPoint { number, term, level }))
    }

    /// Takes a notification, of whatever conference.
    ///
    /// # Errors
    /// When something is missing.
    pub fn handle(&mut self, told: Told) -> Result<Change, Gap> {
        match told {
            Told::State(part) => self.handle_part(part),
            Told::Events(events) => self.handle_events(events),
            Told::PassedOver(passed_over) => Ok(self.handle_passed_over(&passed_over)),
            Told::Reset(reset) => Ok(self.handle_reset(&reset)),
            Told::Receipt(ReceiptNotification { conference, result, .. }) => {
                Ok(self.ours(&conference, Change::Receipt(result)))
            }
            Told::Lost(lost) => {
                let conference = lost.conference.clone();
                Ok(self.ours(&conference, Change::Lost(lost)))
            }
            Told::Seat(SeatNotification { conference, seat, .. }) => {
                Ok(self.ours(&conference, Change::Seat(seat)))
            }
            Told::May(told) => Ok(self.handle_may(told)),
            Told::Connections(_)
            | Told::Access(_)
            | Told::Settings(_)
            | Told::Draft(_)
            | Told::Outbox(_)
            | Told::Dismissed(_)
            | Told::Clock(_)
            | Told::Presence(_)
            | Told::Other(..) => Ok(Change::Nothing),
        }
    }

    fn ours(&self, conference: &SeatName, change: Change) -> Change {
        if *conference == self.conference { change } else { Change::Nothing }
    }

    /// The folded state is dropped, as it lacks the events that were passed over.
    fn handle_passed_over(&mut self, told: &PassedOverNotification) -> Change {
        if told.conference != self.conference || told.through <= self.cursor {
            return Change::Nothing;
        }
        (self.state, self.cursor, self.term) = (None, told.through, told.term);
        Change::PassedOver { through: told.through }
    }

    fn handle_reset(&mut self, told: &ResetNotification) -> Change {
        if told.conference != self.conference {
            return Change::Nothing;
        }
        (self.state, self.cursor, self.term) = (None, told.cursor, told.term);
        Change::Reset { to: told.cursor }
    }

    fn handle_may(&mut self, told: MayNotification) -> Change {
        if told.conference != self.conference {
            return Change::Nothing;
        }
        self.may = told.may;
        Change::May
    }

    fn handle_part(&mut self, part: StateNotification) -> Result<Change, Gap> {
        if part.conference != self.conference {
            return Ok(Change::Nothing);
        }
        let (next, parts, mut text) = self.arriving.take().ok_or(Gap)?;
        if (part.part, part.parts) != (next, parts) {
            return Err(Gap);
        }
        text.push_str(&part.data);
        if next + 1 < parts {
            self.arriving = Some((next + 1, parts, text));
            return Ok(Change::Nothing);
        }
        self.state = Some(read_state(self.participant, &text)?);
        Ok(Change::State)
    }

    fn handle_events(&mut self, told: EventsNotification) -> Result<Change, Gap> {
        if told.conference != self.conference || told.through <= self.cursor {
            return Ok(Change::Nothing);
        }
        if told.after > self.cursor || !self.is_whole() {
            return Err(Gap);
        }
        let mut fresh = Vec::new();
        for raw in told.events {
            // An event that this version cannot read changes nothing here, and is passed on.
            match (serde_json::from_str::<Event>(raw.get()), &mut self.state) {
                (Ok(event), _) if event.seq <= self.cursor => continue,
                (Ok(event), Some(state)) => state.evolve(&event),
                (Ok(_), None) | (Err(_), _) => {}
            }
            fresh.push(raw);
        }
        (self.cursor, self.term) = (told.through, told.term);
        Ok(Change::Events(fresh))
    }
}

/// A state as `conference.watch` tells it.
fn read_state(participant: ParticipantId, text: &str) -> Result<State, Gap> {
    State::read_view(participant, text).map_err(|_| Gap)
}
