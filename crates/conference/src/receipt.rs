//! The outcome of a command.

use convene_model::CommandId;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The server's last word on a command, as it travels:
/// `{"id":"…","number":12,"outcome":"refused","code":"room_closed"}`. There is exactly one for each
/// id of a participant, kept as long as the conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The command.
    pub id: CommandId,
    /// The number of the log entry that holds the decision, a refusal as well.
    pub number: u64,
    /// The outcome.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Accepted,
    /// It does not hold, and nothing of it happened.
    Refused {
        /// Why.
        code: Refusal,
    },
    /// Something that a later version says: the command is decided, and what became of it is not
    /// known here.
    #[serde(other)]
    Other,
}
