//! The ballots of a conference: this family's public part of the state. Each vote is in the own
//! part of its voter.

use std::collections::BTreeMap;

use convene_model::{BallotId, OptionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BallotClosed, BallotOpened, Turnout};

/// A ballot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ballot {
    /// The question.
    pub question: String,
    /// The options.
    pub options: BTreeMap<OptionId, String>,
    /// How many have voted.
    pub turnout: u32,
    /// The phase with which it closes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u32>,
    /// The votes for each option, once it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<BTreeMap<OptionId, u32>>,
}

/// All ballots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Ballots(BTreeMap<BallotId, Ballot>);

impl Ballots {
    /// One of them.
    pub fn get(&self, ballot: BallotId) -> Option<&Ballot> {
        self.0.get(&ballot)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (BallotId, &Ballot)> {
        self.0.iter().map(|(id, ballot)| (*id, ballot))
    }

    /// The one that takes votes.
    pub fn open(&self) -> Option<(BallotId, &Ballot)> {
        self.iter().find(|(_, ballot)| ballot.result.is_none())
    }

    pub(crate) fn is_unused(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of ballots that there ever were.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The id of the next one; none, where they have run out.
    pub(super) fn next_id(&self) -> Option<BallotId> {
        self.0.last_key_value().map_or(0, |(id, _)| id.0).checked_add(1).map(BallotId)
    }

    pub(crate) fn begin(&mut self, opened: &BallotOpened) {
        let BallotOpened { ballot, question, options, phase } = opened.clone();
        let fresh = Ballot { question, options, turnout: 0, phase, result: None };
        self.0.entry(ballot).or_insert(fresh);
    }

    pub(crate) fn count(&mut self, turnout: &Turnout) {
        if let Some(ballot) = self.0.get_mut(&turnout.ballot) {
            ballot.turnout = turnout.voted;
        }
    }

    pub(crate) fn close(&mut self, closed: &BallotClosed) {
        if let Some(ballot) = self.0.get_mut(&closed.ballot) {
            ballot.result.get_or_insert_with(|| closed.votes.clone());
        }
    }
}
