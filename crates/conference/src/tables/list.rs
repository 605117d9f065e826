//! The café tables at which somebody sits: this family's part of the state.

use std::collections::BTreeMap;

use convene_model::{ParticipantId, RoomId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// Its place in the order in which tables are shown.
    pub number: u32,
    /// Those who sit there, and where each stood before.
    pub seated: BTreeMap<ParticipantId, RoomId>,
}

/// The tables at which somebody sits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tables {
    taken: BTreeMap<RoomId, Table>,
    /// The number of tables that there ever were: no id is given twice.
    made: u32,
}

impl Tables {
    /// A table at which somebody sits.
    pub fn get(&self, table: &RoomId) -> Option<&Table> {
        self.taken.get(table)
    }

    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&RoomId, &Table)> {
        self.taken.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.taken.len()
    }

    /// Whether nobody sits anywhere.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// The number of tables that there ever were.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    pub(crate) fn is_unused(&self) -> bool {
        *self == Self::default()
    }

    /// The id of the next table; none, where they have run out.
    pub(super) fn next_id(&self) -> Option<RoomId> {
        format!("t{}", self.made.checked_add(1)?).parse().ok()
    }

    /// A participant who stands in `from` sits down.
    pub(crate) fn sit_down(&mut self, table: &RoomId, participant: ParticipantId, from: RoomId) {
        if !self.taken.contains_key(table) {
            self.made = self.made.saturating_add(1);
        }
        let number = self.made;
        let fresh = || Table { number, seated: BTreeMap::new() };
        let taken = self.taken.entry(table.clone()).or_insert_with(fresh);
        taken.seated.insert(participant, from);
    }

    /// A participant stands up from this table, if they sit there; gives where they stood before,
    /// and whether the table is gone.
    pub(crate) fn stand_up(&mut self, table: &RoomId, participant: ParticipantId) -> Option<(RoomId, bool)> {
        let taken = self.taken.get_mut(table)?;
        let from = taken.seated.remove(&participant)?;
        let is_gone = taken.seated.is_empty();
        if is_gone {
            self.taken.remove(table);
        }
        Some((from, is_gone))
    }
}
