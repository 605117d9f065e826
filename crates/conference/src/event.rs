//! What happened.

use std::fmt;
use std::str::FromStr;

use convene_model::{CommandId, IdError, MessageText, Name, ParticipantId, RoomId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::Right;

/// Something that happened, numbered in its conference's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number: above that of every event before it.
    pub seq: u64,
    /// The server's time, never before that of an event before it.
    pub at: Timestamp,
    /// Who did it; absent where the server or its operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ParticipantId>,
    /// The command that it came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
    /// What.
    pub body: Body,
}

/// What happened, without who and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// The conference began to exist. Always event 1.
    Opened {
        /// As its organizer wanted it.
        settings: Settings,
    },
    /// Someone came, or came back.
    Joined {
        /// Who.
        participant: ParticipantId,
        /// Under which name.
        name: Name,
        /// With which right.
        right: Right,
    },
    /// Someone left for good, as far as is known.
    Left {
        /// Who.
        participant: ParticipantId,
    },
    /// Someone said something.
    Said {
        /// Where.
        room: RoomId,
        /// What.
        text: MessageText,
    },
    /// The conference is over: nothing happens in it any more.
    Ended,
    /// Of a later version.
    #[serde(other)]
    Unknown,
}

/// What a conference is about. Fields are only ever added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Its title: one line.
    pub title: String,
    /// Its theme: the question that calls people together.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub theme: String,
    /// The languages it is held in, as BCP 47 tags, the first preferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// When it is meant to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
}

/// Who may see an event. Travels as `everyone`, `organizers`, or a participant's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Every participant.
    Everyone,
    /// The organizers.
    Organizers,
    /// One participant.
    Person(ParticipantId),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Organizers => f.write_str("organizers"),
            Self::Person(participant) => participant.fmt(f),
        }
    }
}

impl FromStr for Audience {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "everyone" => Ok(Self::Everyone),
            "organizers" => Ok(Self::Organizers),
            person => person.parse().map(Self::Person),
        }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
