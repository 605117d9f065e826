//! Places in a conference's log, and the terms that tell a log from one that a backup brought back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::TermId;

/// An entry of a log, by number and term. In one log no two entries have both in common: where a
/// backup was restored, entry 7 may be another one, and then its term is another one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Its number.
    pub number: u64,
    /// The term in which it was appended. Entries before the first term belong to the term whose
    /// id is made of the log's: [`TermId::of_log`].
    pub term: TermId,
}

/// A term of a conference's log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct TermStart {
    /// The term.
    pub term: TermId,
    /// The number of the entry with which it begins.
    pub from: u64,
}
