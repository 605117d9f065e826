//! A conference as it stands after some event: the fold of its events.

use std::collections::BTreeMap;

use convene_model::{Name, ParticipantId, RoomId};
use serde::{Deserialize, Serialize};

use crate::event::{Audience, Body, Event, Settings};

/// What a participant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Takes part.
    Participant,
    /// Takes part and leads.
    Organizer,
}

/// Someone who takes part or took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The display name; no other participant of the conference has it.
    pub name: Name,
    /// What they may do.
    pub right: Right,
    /// Whether they take part now.
    pub present: bool,
    /// Where they stand.
    pub room: RoomId,
}

/// The conference. Two states that folded the same events are equal, on whatever machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    settings: Settings,
    ended: bool,
    participants: BTreeMap<ParticipantId, Participant>,
    /// Who has which name, by its key.
    names: BTreeMap<String, ParticipantId>,
}

impl State {
    /// What the conference is about.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether it is over.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// One participant, present or not.
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.participants.get(&id)
    }

    /// All participants, present or not, in the order of joining.
    pub fn participants(&self) -> impl Iterator<Item = (ParticipantId, &Participant)> {
        self.participants.iter().map(|(id, participant)| (*id, participant))
    }

    /// Whose name it is, or one that reads the same.
    pub fn holder(&self, name: &Name) -> Option<ParticipantId> {
        self.names.get(&name.key()).copied()
    }

    /// The id that the next newcomer gets.
    pub(crate) fn next_participant(&self) -> ParticipantId {
        ParticipantId(self.participants.last_key_value().map_or(0, |(id, _)| id.0) + 1)
    }

    /// Whether a participant may see events of this audience.
    pub fn may_see(&self, participant: ParticipantId, audience: Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::Organizers => {
                self.participant(participant).is_some_and(|one| one.right == Right::Organizer)
            }
            Audience::Person(person) => person == participant,
        }
    }

    /// Takes the next event. What makes no sense in this state, because it is of a later version or of an audience that
    /// this state was not told, changes nothing.
    pub fn evolve(&mut self, event: &Event) {
        match &event.body {
            Body::Opened { settings } => self.settings = settings.clone(),
            Body::Joined { participant, name, right } => self.seat(*participant, name, *right),
            Body::Left { participant } => {
                if let Some(participant) = self.participants.get_mut(participant) {
                    participant.present = false;
                }
            }
            Body::Ended => self.ended = true,
            Body::Said { .. } | Body::Unknown => {}
        }
    }

    fn seat(&mut self, id: ParticipantId, name: &Name, right: Right) {
        if let Some(known) = self.participants.get(&id) {
            self.names.remove(&known.name.key());
        }
        self.names.insert(name.key(), id);
        let participant = Participant { name: name.clone(), right, present: true, room: RoomId::PLENARY };
        self.participants.insert(id, participant);
    }
}
