//! What goes on in a conference, for lists.

use convene_conference::{Phase, RoomNames, State};
use convene_model::{ParticipantId, RoomId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What goes on in a conference, as far as the machine of a participant knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ConferenceNow {
    /// When the conference opens; left out once it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
    /// The phase that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PhaseNow>,
    /// Where the participant stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// The names of that room by language, where it is not one that every conference has.
    #[serde(skip_serializing_if = "RoomNames::is_empty")]
    pub room_names: RoomNames,
    /// The café tables to which the participant was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked_to: Vec<RoomId>,
    /// The question of the ballot that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Whether the participant has voted in it.
    pub voted: bool,
}

/// The phase that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseNow {
    /// Its number, from 1.
    pub number: u32,
    /// The phase.
    #[serde(flatten)]
    pub phase: Phase,
}

impl ConferenceNow {
    /// Of a state as this participant may know it; nothing of a conference that is over.
    pub fn of(state: &State, participant: ParticipantId) -> Option<Self> {
        let public = state.public();
        let one = public.participants().get(participant).filter(|one| one.takes_part && !public.ended())?;
        let own = state.own(participant);
        let ballot = public.ballots().open();
        let phase = public.schedule().current();
        Some(Self {
            opens: public.schedule().opens(),
            phase: phase.map(|(number, phase)| PhaseNow { number, phase: phase.clone() }),
            room: Some(one.room.clone()),
            room_names: public.rooms().get(&one.room).map(|room| room.names.clone()).unwrap_or_default(),
            asked_to: own.into_iter().flat_map(|own| own.invitations().keys().cloned()).collect(),
            question: ballot.map(|(_, ballot)| ballot.question.clone()),
            voted: ballot.is_some_and(|(id, _)| own.is_some_and(|own| own.votes().contains_key(&id))),
        })
    }
}
