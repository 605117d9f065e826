//! What a participant may do now, made by the rules themselves, so that no frontend copies one.

use std::collections::BTreeMap;

use convene_model::{RoomId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What a participant may do now. Where something depends on what the command names, such as a
/// name that may be taken, it says whether there is any way to do it at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct May {
    /// By the kind of a command, such as `rename`: all kinds stand here, except `join`.
    pub acts: BTreeMap<String, Permit>,
    /// By room, whether the participant may speak there: the open rooms, those that every conference
    /// has, and the table at which they sit.
    pub speak: BTreeMap<RoomId, Permit>,
}

/// Whether something may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permit {
    /// Whether it may.
    pub allowed: bool,
    /// Why not; left out where it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Refusal>,
    /// When the conference opens, where that is why (`not_open_yet`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
}
