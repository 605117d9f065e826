//! The family of rooms and feet: which rooms there are, and where everyone stands.

mod decide;
mod list;

use std::collections::BTreeMap;

use convene_model::{ParticipantId, RoomId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{add, close, go, may_add, may_close};
pub(crate) use list::planned;
pub use list::{Room, Rooms};

/// The names of a room by language: BCP 47 tags, and `und` where the language is not known.
pub type RoomNames = BTreeMap<String, String>;

/// The tag of a name in an unknown language (BCP 47, section 4.1).
pub(crate) const ANY_LANGUAGE: &str = "und";

/// A room that a conference has from its beginning on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomPlan {
    /// Its names.
    pub name: RoomNames,
}

/// To stand in another room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Go {
    /// Which one.
    pub room: RoomId,
}

/// To add a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AddRoom {
    /// Its name: one line. It is checked when it is decided.
    pub name: String,
}

/// To close a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloseRoom {
    /// Which one.
    pub room: RoomId,
}

/// A participant stands in another room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Went {
    /// The participant.
    pub participant: ParticipantId,
    /// The room.
    pub room: RoomId,
}

/// A room was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomAdded {
    /// The room.
    pub room: RoomId,
    /// Its names.
    pub names: RoomNames,
}

/// A room was closed. Everyone who stood there stands in the plenary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomClosed {
    /// The room.
    pub room: RoomId,
}
