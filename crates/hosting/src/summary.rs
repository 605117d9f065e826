//! The facts that a start must know of a conference without reading its log.

use std::collections::BTreeSet;
use std::sync::Arc;

use convene_conference::{Codes, State, next_due};
use convene_model::{JoinCode, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a join code, in hexadecimal digits: it finds the conference of a code and opens
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeHash(String);

impl CodeHash {
    /// Of this code.
    pub fn of(code: &JoinCode) -> Self {
        Self(format!("{:x}", Sha256::digest(code.0)))
    }
}

/// A conference in a few words, written with the entry that changes them. Fields are only added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// The codes by which it is found: those that open it, those of personal links, and those that
    /// were replaced, whose holders are told so.
    pub codes: BTreeSet<CodeHash>,
    /// Its title.
    pub title: String,
    /// Its theme.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub theme: String,
    /// The people or the organization that invites to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hosts: String,
    /// When it was planned to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// The number of participants, those who left included.
    pub participants: usize,
    /// The number of participants who take part now.
    pub taking_part: usize,
    /// Whether it is over.
    pub ended: bool,
    /// When it has something to do by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due: Option<Timestamp>,
}

impl Summary {
    /// Of a conference that stands so, and was never opened by other codes.
    pub fn of(state: &State, codes: &Codes) -> Self {
        Self::found_by(state, codes.keys().copied())
    }

    /// Of a conference that stands so, and is to be found by these codes, whatever they open.
    pub(crate) fn found_by(state: &State, codes: impl Iterator<Item = JoinCode>) -> Self {
        let public = state.public();
        let settings = public.settings();
        Self {
            codes: codes.map(|code| CodeHash::of(&code)).collect(),
            title: settings.title.clone(),
            theme: settings.theme.clone(),
            hosts: settings.hosts.clone(),
            start: settings.start,
            participants: public.participants().len(),
            taking_part: public.participants().iter().filter(|(_, one)| one.takes_part).count(),
            ended: public.ended(),
            next_due: next_due(state),
        }
    }

    /// One that cannot be read says nothing: its conference is found by its id alone.
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As the log keeps it.
    pub fn text(&self) -> Arc<str> {
        // Nothing in it fails by itself.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}
