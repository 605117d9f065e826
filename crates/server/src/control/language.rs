//! What is said on the control socket.

use convene_conference::Settings;
use convene_model::{ConferenceId, Json};
use serde::{Deserialize, Serialize};

/// What is wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Create(Settings),
    List {},
    /// A page of events above `after`.
    Show {
        conference: ConferenceId,
        after: u64,
    },
    Invite {
        conference: ConferenceId,
    },
    End {
        conference: ConferenceId,
    },
    Delete {
        conference: ConferenceId,
    },
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Created(Created),
    List(Vec<Listed>),
    Shown(Shown),
    Ended {},
    Deleted {},
    Failed(Failure),
}

/// A conference and its join links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Created {
    pub(crate) conference: ConferenceId,
    pub(crate) organizer_link: String,
    pub(crate) participant_link: String,
}

/// A conference in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) conference: ConferenceId,
    pub(crate) title: String,
    pub(crate) participants: usize,
    pub(crate) taking_part: usize,
    /// The number of the last log entry.
    pub(crate) last: u64,
    pub(crate) ended: bool,
}

/// A conference, with a page of its events.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) about: Listed,
    pub(crate) events: Vec<Json>,
    /// Go on from here; at `about.last` there is nothing more.
    pub(crate) through: u64,
}

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
}
