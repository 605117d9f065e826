//! The rooms of a conference: this family's part of the state. Where a participant stands is with
//! the participant.

use std::collections::BTreeMap;

use convene_model::RoomId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RoomAdded, RoomNames, RoomPlan};

/// A room beside those that every conference has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// Its names.
    pub names: RoomNames,
    /// Its place in the order in which rooms are shown.
    pub number: u32,
}

/// The rooms that are open, beside those that every conference has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rooms {
    open: BTreeMap<RoomId, Room>,
    /// The number of rooms that were ever added: no id is given twice.
    added: u32,
}

impl Rooms {
    /// A room that is open.
    pub fn get(&self, room: &RoomId) -> Option<&Room> {
        self.open.get(room)
    }

    /// The open rooms, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&RoomId, &Room)> {
        self.open.iter()
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The number of rooms that were ever added.
    pub(crate) fn added(&self) -> u32 {
        self.added
    }

    pub(crate) fn is_unused(&self) -> bool {
        *self == Self::default()
    }

    /// The id of the next room; none, where they have run out.
    pub(super) fn next_id(&self) -> Option<RoomId> {
        id_of(self.added.checked_add(1)?)
    }

    pub(crate) fn add(&mut self, added: &RoomAdded) {
        self.added = self.added.saturating_add(1);
        let room = Room { names: added.names.clone(), number: self.added };
        self.open.insert(added.room.clone(), room);
    }

    pub(crate) fn close(&mut self, room: &RoomId) {
        self.open.remove(room);
    }
}

/// The rooms with which a conference begins.
pub(crate) fn planned(plans: &[RoomPlan]) -> impl Iterator<Item = RoomAdded> {
    (1..)
        .zip(plans)
        .filter_map(|(number, plan)| Some(RoomAdded { room: id_of(number)?, names: plan.name.clone() }))
}

fn id_of(number: u32) -> Option<RoomId> {
    format!("r{number}").parse().ok()
}
