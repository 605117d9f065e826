//! What can be wanted, and by whom.

use convene_model::{Name, ParticipantId, RoomId};
use serde::{Deserialize, Serialize};

use crate::state::Right;

/// Something that someone wants. Travels as `{"kind":"say",…}`; unknown fields are ignored, an unknown kind is no command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// To take part, or to come back.
    Join {
        /// The wanted display name.
        name: Name,
    },
    /// To take part no more.
    Leave,
    /// To say something.
    Say {
        /// Where; left out, where the participant stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomId>,
        /// What. It is checked when it is decided, so that a text over the limit has a receipt that says so.
        text: String,
    },
    /// To end the conference.
    End,
}

/// Who wants it, as the server has established.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The holder of a join code who is no participant yet.
    Newcomer {
        /// The right that the code gives.
        right: Right,
    },
    /// A participant.
    Participant(ParticipantId),
    /// Whoever runs the server.
    Operator,
}
