//! The family of a conference's beginning: what the conference is about.

use convene_model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::Decided;
use crate::event::Body;
use crate::phases::{PhasePlan, Scheduled};
use crate::rooms::{self, RoomPlan};

/// A conference as its organizer describes it, before it exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Description {
    /// What it is about.
    pub settings: Settings,
    /// Its rooms beside those that every conference has, in the order in which they are shown.
    pub rooms: Vec<RoomPlan>,
    /// Its phases, from the start on. Without a start they have no effect.
    pub phases: Vec<PhasePlan>,
}

impl Description {
    /// What happens when the conference begins to exist. A start alone would be shown and nothing
    /// more: level 1 had no schedule, and its conferences go on as they began.
    pub fn begin(&self) -> Vec<Decided> {
        let opened = Body::Opened(Opened { settings: self.settings.clone() });
        let rooms = rooms::planned(&self.rooms).map(Body::RoomAdded);
        let scheduled = self.settings.start.map(|opens| Scheduled { opens, phases: self.phases.clone() });
        let bodies = std::iter::once(opened).chain(rooms).chain(scheduled.map(Body::Scheduled));
        bodies.map(Decided::to_everyone).collect()
    }
}

/// The conference began to exist. Always in entry 1, which no command makes: the operator
/// of the server creates a conference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opened {
    /// As its organizer wanted it.
    pub settings: Settings,
}

/// The subject of a conference and its frame. Fields are only ever added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Its title: one line.
    pub title: String,
    /// Its theme: the question that calls people together.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub theme: String,
    /// The people or the organization that invites to it: one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hosts: String,
    /// The languages it is held in, as BCP 47 tags, the first preferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// When it was planned to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
}
