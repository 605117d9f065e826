//! The participants: this family's part of the state.

use std::collections::{BTreeMap, BTreeSet};

use convene_model::{Name, ParticipantId, RoomId};
use serde::{Deserialize, Serialize, Serializer};

use super::{Joined, Left, Role};

/// Someone who takes part or took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The display name; no other participant of the conference has it.
    pub name: String,
    /// The role, which says what they may do.
    pub role: Role,
    /// Whether they joined and have not left. (Whether they are online is not in the log.)
    pub takes_part: bool,
    /// Where they stand.
    pub room: RoomId,
}

/// Everyone who takes part or took part. Serialized as a map from the participants' ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<ParticipantId, Participant>")]
pub struct Participants {
    by_id: BTreeMap<ParticipantId, Participant>,
    /// Every name by its key. Invariant: made of `by_id`, and nothing else is known from it, so
    /// that it need not be stored.
    names: BTreeSet<(String, ParticipantId)>,
}

impl Participants {
    /// One of them, whether they take part still or not.
    pub fn get(&self, id: ParticipantId) -> Option<&Participant> {
        self.by_id.get(&id)
    }

    /// All of them, in the order of joining.
    pub fn iter(&self) -> impl Iterator<Item = (ParticipantId, &Participant)> {
        self.by_id.iter().map(|(id, participant)| (*id, participant))
    }

    /// The number of participants, those who left included.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether nobody ever joined.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The participant who has this name, or one that reads the same. A participant who left keeps
    /// the name.
    pub fn holder(&self, name: &Name) -> Option<ParticipantId> {
        let key = name.key();
        let first = self.names.range((key.clone(), ParticipantId(0))..).next();
        first.filter(|(other, _)| *other == key).map(|(_, id)| *id)
    }

    /// The organizers of this moment: those who left are none.
    pub fn organizers(&self) -> impl Iterator<Item = ParticipantId> {
        self.iter().filter(|(_, one)| one.takes_part && one.role == Role::Organizer).map(|(id, _)| id)
    }

    /// The id that the next newcomer gets; none, where ids have run out.
    pub(super) fn next_id(&self) -> Option<ParticipantId> {
        let last = self.by_id.last_key_value().map_or(0, |(id, _)| id.0);
        last.checked_add(1).map(ParticipantId)
    }

    pub(crate) fn joined(&mut self, joined: &Joined) {
        let Joined { participant: id, name, role } = joined;
        let participant =
            Participant { name: name.clone(), role: *role, takes_part: true, room: RoomId::PLENARY };
        if let Some(before) = self.by_id.insert(*id, participant) {
            self.names.remove(&(Name::key_of(&before.name), *id));
        }
        self.names.insert((Name::key_of(name), *id));
    }

    pub(crate) fn left(&mut self, left: &Left) {
        if let Some(participant) = self.by_id.get_mut(&left.participant) {
            participant.takes_part = false;
        }
    }
}

impl From<BTreeMap<ParticipantId, Participant>> for Participants {
    fn from(by_id: BTreeMap<ParticipantId, Participant>) -> Self {
        let names = by_id.iter().map(|(id, one)| (Name::key_of(&one.name), *id)).collect();
        Self { by_id, names }
    }
}

impl Serialize for Participants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}
