//! What a frontend knows of a conference: a snapshot, and every delta behind it.

use convene_conference::{Event, Own, Public, State};
use convene_model::{Json, ParticipantId, SeatName};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::language::ActResult;
use crate::language::{
    EventsNotification, Notification as _, PassedOverNotification, ReceiptNotification, ResetNotification,
    SeatNotification, SeatState, StateNotification, WatchResult,
};

/// What a notification changed.
#[derive(Debug)]
pub enum Change {
    /// These events happened; the state has them.
    Events(Vec<Json>),
    /// A command has its receipt.
    Receipt(ActResult),
    /// The seat stands otherwise.
    Seat(SeatState),
    /// The state that came in parts is whole.
    State,
    /// It was about something else, or was known already.
    Nothing,
}

/// What is known no longer hangs together: watch again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the conference must be watched again")]
pub struct Gap;

/// A conference as one frontend sees it.
#[derive(Debug, Clone)]
pub struct Mirror {
    conference: SeatName,
    participant: ParticipantId,
    state: State,
    cursor: u64,
    /// Parts of the state that have come, and how many there will be.
    arriving: Option<(u64, u64, String)>,
}

impl Mirror {
    /// Begins with what a watch without `after` gave.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(watch: WatchResult) -> Result<Self, Gap> {
        // Nobody has the number 0: a state without a participant holds nobody's own part.
        let participant = watch.participant.unwrap_or(ParticipantId(0));
        let state = watch.state.map(|state| read_state(participant, state.get())).transpose()?;
        Ok(Self {
            conference: watch.conference,
            participant,
            state: state.unwrap_or_default(),
            cursor: watch.after,
            arriving: watch.parts.map(|parts| (0, parts, String::new())),
        })
    }

    /// Whether the state is whole: a large one comes in parts behind the answer.
    pub fn is_whole(&self) -> bool {
        self.arriving.is_none()
    }

    /// As it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Up to which number.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Takes a notification, of whatever conference.
    ///
    /// # Errors
    /// When something is missing.
    pub fn handle(&mut self, method: &str, params: &RawValue) -> Result<Change, Gap> {
        match method {
            StateNotification::NAME => self.handle_part(serde_json::from_str(params.get()).map_err(|_| Gap)?),
            EventsNotification::NAME => {
                self.handle_events(serde_json::from_str(params.get()).map_err(|_| Gap)?)
            }
            ReceiptNotification::NAME => {
                let receipt: ReceiptNotification = serde_json::from_str(params.get()).map_err(|_| Gap)?;
                Ok(if receipt.conference == self.conference {
                    Change::Receipt(receipt.result)
                } else {
                    Change::Nothing
                })
            }
            SeatNotification::NAME => {
                let changed: SeatNotification = serde_json::from_str(params.get()).map_err(|_| Gap)?;
                Ok(if changed.conference == self.conference {
                    Change::Seat(changed.seat)
                } else {
                    Change::Nothing
                })
            }
            PassedOverNotification::NAME => {
                let passed: PassedOverNotification = serde_json::from_str(params.get()).map_err(|_| Gap)?;
                let is_news = passed.conference == self.conference && passed.through > self.cursor;
                if is_news { Err(Gap) } else { Ok(Change::Nothing) }
            }
            ResetNotification::NAME => {
                let reset: ResetNotification = serde_json::from_str(params.get()).map_err(|_| Gap)?;
                if reset.conference == self.conference { Err(Gap) } else { Ok(Change::Nothing) }
            }
            _ => Ok(Change::Nothing),
        }
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
        self.state = read_state(self.participant, &text)?;
        Ok(Change::State)
    }

    fn handle_events(&mut self, news: EventsNotification) -> Result<Change, Gap> {
        if news.conference != self.conference || news.through <= self.cursor {
            return Ok(Change::Nothing);
        }
        if news.after > self.cursor || !self.is_whole() {
            return Err(Gap);
        }
        let mut fresh = Vec::new();
        for raw in news.events {
            // An event that this version cannot read changes nothing here, and is passed on.
            match serde_json::from_str::<Event>(raw.get()) {
                Ok(event) if event.seq <= self.cursor => continue,
                Ok(event) => self.state.evolve(&event),
                Err(_) => {}
            }
            fresh.push(raw);
        }
        self.cursor = news.through;
        Ok(Change::Events(fresh))
    }
}

/// A state as `conference.watch` tells it.
fn read_state(participant: ParticipantId, text: &str) -> Result<State, Gap> {
    #[derive(Deserialize)]
    struct StateParts {
        public: Public,
        #[serde(default)]
        own: Own,
    }
    let StateParts { public, own } = serde_json::from_str(text).map_err(|_| Gap)?;
    Ok(State::of_seat(participant, public, own))
}
