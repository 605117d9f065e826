//! The family of access checks: how each participant's machine reaches the server, where its user
//! lets the organizers know. It is told to the organizers and to the one whose check it is, and
//! names no address.

mod decide;
mod list;

use std::collections::BTreeSet;

use convene_model::ParticipantId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{tell, tell_all};
pub(crate) use list::Checks;

/// The outcome of an access check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessVerdict {
    /// The server is reached, and nothing is in the way.
    Green,
    /// The server is reached, and something is to be known: ports are closed, the way is slow, TLS
    /// is inspected, or a clock is wrong.
    Yellow,
    /// The server is not reached.
    Red,
    /// Of a later version.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

impl AccessVerdict {
    /// The word by which it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Other => "other",
        }
    }
}

/// To let the organizers know how one's access check went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TellAccess {
    /// The outcome.
    pub verdict: AccessVerdict,
    /// The version of the program that made the check: letters, digits, dots, `+` and `-`.
    pub version: String,
}

/// The organizers know how somebody's access check went. Told to them, and to that participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessTold {
    /// Whose it is.
    pub participant: ParticipantId,
    /// The outcome.
    pub verdict: AccessVerdict,
    /// The version of the program that made the check; empty where there are too many to tell.
    pub version: String,
}

/// An organizer knows how the access checks of the others went. Told to them alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessesTold {
    /// The organizer.
    pub participant: ParticipantId,
    /// Those whose checks went alike, together.
    pub groups: Vec<AccessGroup>,
}

/// Participants whose access checks went alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessGroup {
    /// The outcome.
    pub verdict: AccessVerdict,
    /// The version of the program that made the check; empty where there are too many to tell.
    pub version: String,
    /// Who.
    pub people: BTreeSet<ParticipantId>,
}

/// An access check that somebody knows of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownAccess {
    /// The outcome.
    pub verdict: AccessVerdict,
    /// The version of the program that made the check; empty where that is not known.
    pub version: String,
    /// The number of the entry.
    pub seq: u64,
}
