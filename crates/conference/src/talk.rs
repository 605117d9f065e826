//! The family of messages. It has no part of the state: a message stays in its entry.

mod decide;

use convene_model::RoomId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{audience, say};

/// To say something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Say {
    /// Where; left out, where the participant stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// The message. It is checked when it is decided, so that a text over the limit has a receipt
    /// that says so.
    pub text: String,
}

/// Someone said something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// Where.
    pub room: RoomId,
    /// The message. A text, because the limits of a message bind commands and not events.
    pub text: String,
}
