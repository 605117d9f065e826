//! The family of a conference's beginning: what the conference is about.

use convene_model::Timestamp;
use serde::{Deserialize, Serialize};

/// The conference began to exist. Always in entry 1, which no command makes: the operator
/// of the server creates a conference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// As its organizer wanted it.
    pub settings: Settings,
}

/// The subject of a conference and its frame. Fields are only ever added.
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
    /// When it is meant to begin. It is shown to people, and nothing waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
}
