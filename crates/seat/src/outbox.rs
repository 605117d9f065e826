//! Commands that have no receipt yet.

use std::collections::BTreeMap;

use convene_model::{CommandId, Json, Point};

/// A command in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its place in the order in which this device accepted commands. It only orders: gaps mean
    /// nothing, and the server never sees it.
    pub order: u64,
    /// The frontend's name for it.
    pub id: CommandId,
    /// The point at which its author saw the conference; absent where nothing was seen yet.
    pub seen: Option<Point>,
    /// As the frontend wrote it.
    pub body: Json,
}

/// The commands of one seat that have no receipt, in the order in which this device accepted them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbox {
    by_order: BTreeMap<u64, Queued>,
    orders: BTreeMap<CommandId, u64>,
}

impl Outbox {
    /// The number of commands in the outbox.
    pub fn len(&self) -> usize {
        self.by_order.len()
    }

    /// Whether every command has its receipt.
    pub fn is_empty(&self) -> bool {
        self.by_order.is_empty()
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Queued> {
        self.by_order.values()
    }

    /// One command.
    pub fn get(&self, id: CommandId) -> Option<&Queued> {
        self.by_order.get(self.orders.get(&id)?)
    }

    /// Adds a command. One with the same id or the same place is replaced.
    pub fn insert(&mut self, queued: Queued) {
        self.remove(queued.id);
        self.orders.insert(queued.id, queued.order);
        if let Some(replaced) = self.by_order.insert(queued.order, queued) {
            self.orders.remove(&replaced.id);
        }
    }

    pub(crate) fn remove(&mut self, id: CommandId) -> Option<Queued> {
        let order = self.orders.remove(&id)?;
        self.by_order.remove(&order)
    }

    pub(crate) fn last_order(&self) -> u64 {
        self.by_order.last_key_value().map_or(0, |(order, _)| *order)
    }

    /// The first command behind this place.
    pub(crate) fn next(&self, order: u64) -> Option<&Queued> {
        self.by_order.range(order.checked_add(1)?..).next().map(|(_, queued)| queued)
    }
}
