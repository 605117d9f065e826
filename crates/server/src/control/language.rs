//! The requests and answers on the control socket.

use convene_conference::Description;
use convene_model::{ConferenceId, Json};
use serde::{Deserialize, Serialize};

/// A request to the server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Create(Description),
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
    /// A copy of everything. Nothing can be asked behind it on the same connection.
    Backup {},
}

/// The server's answer to a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Created(Created),
    List(Vec<Listed>),
    Shown(Shown),
    Ended {},
    Deleted {},
    /// The copy is not there yet. This comes again and again, and then one of the next two.
    Copying(Progress),
    /// So many bytes of a backup follow, and then the connection ends.
    Backup {
        bytes: u64,
    },
    Failed(Failure),
}

/// The progress of something, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) done: u64,
    pub(crate) of: u64,
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
