//! The participants: this family's part of the state.

use std::borrow::Cow;
use std::collections::BTreeMap;

use compact_str::CompactString;
use convene_model::{Name, ParticipantId, RoomId};
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};

use super::names::NameIndex;
use super::{Joined, Left, Renamed, Role, RoleChanged};

/// Someone who takes part or took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Participant {
    /// The display name; no other participant of the conference has it.
    // Most names are so short that they stand in here: see [`Participants`].
    #[schemars(with = "String")]
    pub name: CompactString,
    /// The role, which says what they may do.
    pub role: Role,
    /// Whether they joined and have not left. (Whether they are online is not in the log.)
    pub takes_part: bool,
    /// Where they stand.
    pub room: RoomId,
    /// Whether an organizer removed them; left out where nobody did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

impl Participant {
    /// Whether this is an organizer of this moment: one who left is none.
    fn leads(&self) -> bool {
        self.takes_part && self.role == Role::Organizer
    }
}

/// Everyone who takes part or took part. Serialized as a map from the participants' ids.
///
/// They stand in one piece of memory. While thousands join, thousands of small pieces that stay
/// would come to lie between those of connections that go, and each would keep its page of memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<ParticipantId, Participant>")]
pub struct Participants {
    /// In the order of the ids, which is that of joining.
    by_id: IndexMap<ParticipantId, Participant>,
    names: NameIndex,
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

    /// Somebody else whose name is this one or reads like it. A participant who left keeps the
    /// name.
    pub(crate) fn holder(&self, name: &Name, except: ParticipantId) -> Option<ParticipantId> {
        self.names.holder(name, &self.by_id, except)
    }

    /// The organizers of this moment: those who left are none.
    pub fn organizers(&self) -> impl Iterator<Item = ParticipantId> {
        self.iter().filter(|(_, one)| one.leads()).map(|(id, _)| id)
    }

    /// Whether this is one of them.
    pub(crate) fn leads(&self, id: ParticipantId) -> bool {
        self.get(id).is_some_and(Participant::leads)
    }

    /// The id that the next newcomer gets; none, where ids have run out.
    pub(super) fn next_id(&self) -> Option<ParticipantId> {
        let last = self.by_id.last().map_or(0, |(id, _)| id.0);
        last.checked_add(1).map(ParticipantId)
    }

    pub(crate) fn joined(&mut self, joined: &Joined) {
        let Joined { participant: id, name, role } = joined;
        let (takes_part, removed) = (true, false);
        let participant =
            Participant { name: name.into(), role: *role, takes_part, room: RoomId::PLENARY, removed };
        if let (_, Some(before)) = self.by_id.insert_sorted(*id, participant) {
            self.names.remove(*id, &before.name);
        }
        self.names.insert(*id, name);
    }

    pub(crate) fn renamed(&mut self, renamed: &Renamed) {
        let Renamed { participant: id, name } = renamed;
        let Some(participant) = self.by_id.get_mut(id) else { return };
        let before = std::mem::replace(&mut participant.name, name.into());
        self.names.remove(*id, &before);
        self.names.insert(*id, name);
    }

    pub(crate) fn role_changed(&mut self, changed: RoleChanged) {
        if let Some(participant) = self.by_id.get_mut(&changed.participant) {
            participant.role = changed.role;
            if participant.room == RoomId::ORGANIZERS && changed.role != Role::Organizer {
                participant.room = RoomId::PLENARY;
            }
        }
    }

    /// The participant stands in this room.
    pub(crate) fn stand(&mut self, id: ParticipantId, room: &RoomId) {
        if let Some(participant) = self.by_id.get_mut(&id) {
            participant.room = room.clone();
        }
    }

    pub(crate) fn left(&mut self, left: &Left) {
        if let Some(participant) = self.by_id.get_mut(&left.participant) {
            participant.takes_part = false;
            participant.removed |= left.removed;
        }
    }
}

impl From<BTreeMap<ParticipantId, Participant>> for Participants {
    fn from(by_id: BTreeMap<ParticipantId, Participant>) -> Self {
        Self { by_id: by_id.into_iter().collect(), names: NameIndex::default() }
    }
}

impl JsonSchema for Participants {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Participants".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<ParticipantId, Participant>::json_schema(generator)
    }
}

impl Serialize for Participants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}
