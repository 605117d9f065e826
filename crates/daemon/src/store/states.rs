//! The stored form of a seat's state: the part that everyone may see, and the part that its
//! participant alone may see.

use convene_conference::{Own, Public, State};
use convene_model::ParticipantId;
use serde::{Deserialize, Serialize};

/// The state of one seat. It holds nobody else's own part.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct StoredState {
    public: Public,
    #[serde(default)]
    own: Own,
}

/// Nobody has this number.
const NOBODY: ParticipantId = ParticipantId(0);

impl StoredState {
    pub(super) fn of(state: &State, participant: Option<ParticipantId>) -> Self {
        let seen = state.seen_by(participant.unwrap_or(NOBODY));
        Self { public: seen.public.clone(), own: seen.own }
    }

    pub(super) fn state(self, participant: Option<ParticipantId>) -> State {
        State::of_seat(participant.unwrap_or(NOBODY), self.public, self.own)
    }
}
