//! A conference as it stands after some entry: the fold of its events.

use std::collections::BTreeMap;

use convene_model::ParticipantId;
use serde::{Deserialize, Serialize};

use crate::attendance::Participants;
use crate::event::{Body, Event};
use crate::settings::Settings;

/// The conference, as far as its holder may know it: the server holds every participant's own part,
/// a seat only that of its participant. Two states that folded the same events are equal, on any
/// machine.
///
/// It holds what others must not see, so it cannot be serialized. A seat is sent
/// [`State::seen_by`], and the server's own snapshot is a [`StoredState`]:
///
/// ```
/// # use convene_conference::{State, StoredState};
/// serde_json::to_string(&StoredState::from(State::default())).unwrap();
/// ```
/// ```compile_fail
/// # use convene_conference::{State, StoredState};
/// serde_json::to_string(&State::default()).unwrap();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    public: Public,
    own: BTreeMap<ParticipantId, Own>,
}

/// The part of a state that everyone may know.
///
/// Its JSON is read by frontends in any language, as merge patches (RFC 7396): nothing in it is
/// null, no array grows, and what has ids is a map.
///
/// A field that is added later needs a default: a snapshot of today lacks it. Today's fields have
/// none, so that a damaged snapshot is an error and not an empty conference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Public {
    pub(crate) settings: Settings,
    pub(crate) ended: bool,
    pub(crate) participants: Participants,
}

/// The part of a state that only one participant may know. Today nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Own {}

/// The state as one participant may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View<'a> {
    /// The part that everyone may know.
    pub public: &'a Public,
    /// The part that only this participant may know.
    pub own: Own,
}

/// A whole state as the server keeps it for itself, every participant's own part included.
///
/// Invariant: it is written into the server's log and sent to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredState {
    public: Public,
    own: BTreeMap<ParticipantId, Own>,
}

impl State {
    /// The state of a seat, from the two parts of a snapshot.
    pub fn of_seat(participant: ParticipantId, public: Public, own: Own) -> Self {
        Self { public, own: BTreeMap::from([(participant, own)]) }
    }

    /// The part that everyone may know.
    pub fn public(&self) -> &Public {
        &self.public
    }

    /// The state as a seat of this participant may have it.
    pub fn seen_by(&self, participant: ParticipantId) -> View<'_> {
        View { public: &self.public, own: self.own.get(&participant).cloned().unwrap_or_default() }
    }

    /// Takes the next event. An event that makes no sense in this state, because it is of a later
    /// version or rests on events that this state was not told, changes nothing.
    pub fn evolve(&mut self, event: &Event) {
        let public = &mut self.public;
        match &event.body {
            Body::Opened(opened) => public.settings.clone_from(&opened.settings),
            Body::Joined(joined) => public.participants.joined(joined),
            Body::Left(left) => public.participants.left(left),
            Body::Ended => public.ended = true,
            Body::Said(_) | Body::Unknown => {}
        }
    }
}

impl Public {
    /// The settings of the conference.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether it is over.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Everyone who takes part or took part.
    pub fn participants(&self) -> &Participants {
        &self.participants
    }
}

impl From<State> for StoredState {
    fn from(State { public, own }: State) -> Self {
        Self { public, own }
    }
}

impl From<StoredState> for State {
    fn from(StoredState { public, own }: StoredState) -> Self {
        Self { public, own }
    }
}
