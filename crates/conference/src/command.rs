//! The things that can be wanted, and by whom.

use convene_model::ParticipantId;
use serde::{Deserialize, Serialize};

use crate::attendance::{Join, Role};
use crate::refusal::Refusal;
use crate::talk::Say;

/// Something that someone wants. Travels as `{"kind":"say",…}`; unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// To take part, or to come back.
    Join(Join),
    /// To take part no more.
    Leave,
    /// To say something.
    Say(Say),
    /// To end the conference.
    End,
}

/// The kinds of [`Command`] alone: tells a command that lacks something from an unknown one.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    Join,
    Leave,
    Say,
    End,
}

impl Command {
    /// Reads a command as it travels.
    ///
    /// # Errors
    /// `command_unknown` where the kind is not known here, and `command_invalid` where the kind is
    /// known but a field is missing or of another form, such as `{"kind":"say"}` without a text.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|_| match serde_json::from_str(text) {
            Ok(Kind::Join | Kind::Leave | Kind::Say | Kind::End) => Refusal::CommandInvalid,
            Err(_) => Refusal::CommandUnknown,
        })
    }

    /// Whether it names, by an id, something that an event made, such as the message that a reply
    /// answers. After a restored backup that id may stand for something else, so a command whose
    /// author saw what the restore lost is refused `log_changed` instead of being decided.
    ///
    /// Rooms do not count today: they are the same in every conference.
    pub fn names_by_id(&self) -> bool {
        match self {
            Self::Join(_) | Self::Leave | Self::Say(_) | Self::End => false,
        }
    }
}

/// The one who wants something, as the server has established it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The holder of a join code who is no participant in this log.
    Newcomer {
        /// The role that the code gives.
        role: Role,
        /// Whether the seat was a participant's before a backup was restored that does not hold its
        /// join. Such a join is never refused for its name or because the conference is full.
        was_participant: bool,
    },
    /// A participant, present or not.
    Participant(ParticipantId),
    /// The person who runs the server, through its control socket.
    Operator,
    /// The server's clock, for what was planned.
    Clock,
}
