//! The family of ballots: one secret vote at a time. Everyone knows how many have voted; what
//! somebody voted is known to them alone, before the result and after it.

mod decide;
mod list;

use std::collections::BTreeMap;

use convene_model::{BallotId, OptionId, ParticipantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{close, close_all, close_with, may_close, may_open, may_vote, open, vote};
pub use list::{Ballot, Ballots};

/// To ask for votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenBallot {
    /// The question: one line. It is checked when it is decided.
    pub question: String,
    /// The answers that one may choose from: one line each.
    pub options: Vec<String>,
}

/// To vote, or to vote otherwise, as long as the ballot is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vote {
    /// The ballot.
    pub ballot: BallotId,
    /// The option.
    pub option: OptionId,
}

/// A ballot was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BallotOpened {
    /// Its id.
    pub ballot: BallotId,
    /// The question.
    pub question: String,
    /// The options.
    pub options: BTreeMap<OptionId, String>,
    /// The phase with which it closes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u32>,
}

/// Somebody voted. Told to them alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Voted {
    /// The ballot.
    pub ballot: BallotId,
    /// Who.
    pub participant: ParticipantId,
    /// The option.
    pub option: OptionId,
}

/// So many have voted. It says neither who nor by which command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Turnout {
    /// The ballot.
    pub ballot: BallotId,
    /// How many.
    pub voted: u32,
}

/// A ballot was closed. The result never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BallotClosed {
    /// The ballot.
    pub ballot: BallotId,
    /// The votes for each option.
    pub votes: BTreeMap<OptionId, u32>,
}
