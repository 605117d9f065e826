//! What became of a command.

use convene_model::CommandId;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The server's last word on a command. There is exactly one per command, kept as long as the conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The command's number in its seat's order.
    pub number: u64,
    /// The command.
    pub id: CommandId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Accepted {
        /// The number of its log entry.
        seq: u64,
    },
    /// It does not hold, and nothing of it happened.
    Refused {
        /// Why.
        code: Refusal,
    },
}
