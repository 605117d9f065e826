//! The part of a stored snapshot that is for publishers.

use convene_conference::{State, StoredState};
use convene_model::{LogId, TermId};
use convene_protocol::{Point, TermStart};
use serde::{Deserialize, Serialize};

use super::Publisher;
use super::tail::Backlog;
use crate::roll::Roll;

/// The part of a stored snapshot that is for publishers: they begin with it in place of the entries
/// up to its number. It holds everybody's own part and all codes: it is for the log alone, and no
/// seat.
///
/// Fields are only ever added. A program may be unable to read one of a later level. The level must
/// then be found without reading more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPart {
    /// The number of the last entry in it.
    pub number: u64,
    /// The lowest level that can fold it.
    pub level: u32,
    terms: Vec<TermStart>,
    state: StoredState,
    roll: Roll,
    missed: Backlog,
}

/// With what a publisher begins.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    pub(super) number: u64,
    pub(super) level: u32,
    pub(super) terms: Vec<TermStart>,
    pub(super) state: State,
    pub(super) roll: Roll,
    pub(super) missed: Backlog,
}

impl StoredPart {
    /// The entry up to which it goes.
    pub fn point(&self, log: LogId) -> Point {
        let term = self.terms.last().map_or_else(|| TermId::of_log(log), |start| start.term);
        Point { number: self.number, term }
    }

    /// The terms up to its number.
    pub fn terms(&self) -> &[TermStart] {
        &self.terms
    }

    /// The state after its number.
    pub fn state(&self) -> State {
        self.state.clone().into()
    }

    /// The roll after its number.
    pub fn roll(&self) -> &Roll {
        &self.roll
    }
}

impl From<StoredPart> for Beginning {
    fn from(stored: StoredPart) -> Self {
        let StoredPart { number, level, terms, state, roll, missed } = stored;
        Self { number, level, terms, state: state.into(), roll, missed }
    }
}

impl<L: Clone> Publisher<L> {
    /// The part for publishers of a stored snapshot of this moment.
    pub fn stored(&self) -> StoredPart {
        StoredPart {
            number: self.last,
            level: self.level,
            terms: self.terms.list().to_vec(),
            state: self.state.clone().into(),
            roll: self.roll.clone(),
            missed: self.tail.missed(),
        }
    }
}
