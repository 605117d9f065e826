//! The family of café tables: a few people who talk among themselves. Who sits where is public.
//! What is said there, and who was asked to come, is known to those whom it concerns and to nobody
//! else.

mod decide;
mod list;

use std::collections::BTreeSet;

use convene_model::{ParticipantId, RoomId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{accept, ask, decline, leave, may_answer, may_ask, may_leave, neighbours};
pub use list::{Table, Tables};

/// To ask people to one's table, or to a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskToTable {
    /// Whom.
    pub people: BTreeSet<ParticipantId>,
}

/// To sit down at a table to which one was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptTable {
    /// Which one; left out where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<RoomId>,
}

/// Not to come to a table to which one was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclineTable {
    /// Which one; left out where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<RoomId>,
}

/// People were asked to a table. Told to those who sit there, and to those who were asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskedToTable {
    /// The table.
    pub table: RoomId,
    /// Who asks.
    pub participant: ParticipantId,
    /// Who is asked.
    pub people: BTreeSet<ParticipantId>,
}

/// A participant does not come. Told to those who sit at the table, and to the one who declines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableDeclined {
    /// The table.
    pub table: RoomId,
    /// The participant.
    pub participant: ParticipantId,
}

/// A participant sits down at a table. The first one makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SatDown {
    /// The table.
    pub table: RoomId,
    /// The participant.
    pub participant: ParticipantId,
}

/// A participant stands up, and stands where they stood before. An empty table is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoodUp {
    /// The participant.
    pub participant: ParticipantId,
}
