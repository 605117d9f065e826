//! The audience of an event: the participants who may read it.

use std::collections::BTreeSet;

use convene_model::ParticipantId;
use convene_model::limits::AUDIENCE_MAX;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The participants who may read an event, fixed when the event is decided. Roles and rooms that
/// change afterwards change nothing in it. Travels as `"everyone"`, or as a list of the
/// participants' numbers such as `[1,17]`; any other form, of a later version, reads as nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every participant, whenever they come.
    Everyone,
    /// These and nobody else.
    Only(People),
}

/// At most [`AUDIENCE_MAX`] participants. (One that is read from a log may hold more.)
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People(BTreeSet<ParticipantId>);

impl People {
    /// Takes the participants; none, where they are more than [`AUDIENCE_MAX`].
    pub fn new(people: BTreeSet<ParticipantId>) -> Option<Self> {
        (people.len() <= AUDIENCE_MAX).then_some(Self(people))
    }

    /// In the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = ParticipantId> {
        self.0.iter().copied()
    }
}

impl Audience {
    /// Whether this participant belongs to it.
    pub fn includes(&self, participant: ParticipantId) -> bool {
        match self {
            Self::Everyone => true,
            Self::Only(people) => people.0.contains(&participant),
        }
    }

    /// Whether the event is public.
    pub fn is_everyone(&self) -> bool {
        *self == Self::Everyone
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Everyone => serializer.serialize_str("everyone"),
            Self::Only(people) => serializer.collect_seq(people.iter().map(|one| one.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Word(String),
            Numbers(BTreeSet<u32>),
            Otherwise(IgnoredAny),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Word(word) if word == "everyone" => Self::Everyone,
            Form::Numbers(numbers) => Self::Only(People(numbers.into_iter().map(ParticipantId).collect())),
            Form::Word(_) | Form::Otherwise(IgnoredAny) => Self::Only(People::default()),
        })
    }
}
