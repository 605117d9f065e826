//! The family of phases: when a conference opens, and what follows when. Times are planned in the
//! bodies of events, by the server's clock for conferences, and never reckoned from the time of an
//! event.

mod decide;
mod schedule;

use convene_model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{due, extend, may_move, may_skip, next_due, shorten, skip};
pub use schedule::{Phase, Schedule};

/// A phase as the organizer planned it. With `rounds` it stands for as many phases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhasePlan {
    /// Its kind, such as `workshops`: a word that frontends translate.
    pub kind: String,
    /// How long each round lasts.
    pub minutes: u32,
    /// How often it is held, one after the other.
    #[serde(default = "once")]
    pub rounds: u32,
}

fn once() -> u32 {
    1
}

/// To let the phase that runs last longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtendPhase {
    /// By how much.
    pub minutes: u32,
}

/// To let the phase that runs end earlier, now at the earliest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShortenPhase {
    /// By how much.
    pub minutes: u32,
}

/// The conference has a schedule. Until it opens, people meet in the foyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scheduled {
    /// When it opens.
    pub opens: Timestamp,
    /// What follows then.
    pub phases: Vec<PhasePlan>,
}

/// The conference opens: people may speak in the plenary, where all stand who stood in the foyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Began {
    /// The time for which it was planned.
    pub planned: Timestamp,
}

/// A phase begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseBegan {
    /// Its number, from 1.
    pub phase: u32,
    /// The time for which that was planned.
    pub planned: Timestamp,
    /// When it is to end.
    pub ends: Timestamp,
}

/// A phase ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseEnded {
    /// Its number.
    pub phase: u32,
    /// The time for which that was planned.
    pub planned: Timestamp,
}

/// The phase that runs is to end at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseMoved {
    /// Its number.
    pub phase: u32,
    /// When it is to end.
    pub ends: Timestamp,
}
