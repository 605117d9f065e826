//! A conference in a few words, which the log keeps beside its entries: a start reads nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use convene_conference::{Settings, State};
use convene_hosting::Codes;
use convene_model::JoinCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// All that is known of a conference that is not loaded. Fields are only added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Summary {
    /// The SHA-256 of each join code, in hexadecimal digits.
    pub(crate) codes: BTreeSet<String>,
    pub(crate) title: String,
    /// The number of people who ever took part.
    pub(crate) participants: usize,
    /// The number of those who have not left.
    pub(crate) taking_part: usize,
    pub(crate) ended: bool,
}

impl Summary {
    pub(crate) fn of(codes: &Codes, state: &State) -> Self {
        Self {
            codes: codes.keys().map(|code| code_hash(*code)).collect(),
            title: state.settings().title.clone(),
            participants: state.participants().count(),
            taking_part: state.participants().filter(|(_, one)| one.present).count(),
            ended: state.ended(),
        }
    }

    /// Of a conference in which nobody takes part yet.
    pub(crate) fn of_new(codes: &Codes, settings: &Settings) -> Self {
        let codes = codes.keys().map(|code| code_hash(*code)).collect();
        Self { codes, title: settings.title.clone(), ..Self::default() }
    }

    /// One that cannot be read says nothing: its conference is found by its id alone.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> Arc<str> {
        Arc::from(serde_json::to_string(self).unwrap_or_default())
    }
}

/// By which a join code is found without being kept in clear once more.
pub(crate) fn code_hash(code: JoinCode) -> String {
    format!("{:x}", Sha256::digest(code.0))
}
