//! A store as plain data.

use std::collections::BTreeMap;

use convene_conference::{LEVEL, State};
use convene_model::LogId;

use crate::record::SeatRecord;
use crate::replica::fold;
use crate::span::Span;
use crate::write::{EventText, Refold, Write};

/// One seat as a store keeps it: the record, and for each replica the texts of its events with the
/// state of the snapshot below them. The daemon's store does the same with rows; simulators use it
/// as it is.
#[derive(Debug, Clone)]
pub struct Disk {
    record: SeatRecord,
    shelves: BTreeMap<LogId, Shelf>,
}

/// The texts of one replica.
#[derive(Debug, Clone, Default)]
struct Shelf {
    base: State,
    base_level: u32,
    texts: BTreeMap<(u64, u32), EventText>,
}

impl Disk {
    /// With a seat that has yet to ask, or whose replica holds no events.
    pub fn new(record: SeatRecord) -> Self {
        Self { record, shelves: BTreeMap::new() }
    }

    /// Makes a change.
    pub fn apply(&mut self, write: &Write) {
        self.record.apply(write);
        let Some(replica) = &self.record.replica else { return };
        let shelf = self.shelves.entry(replica.log).or_default();
        match write {
            Write::Events { items, .. } => shelf.keep(items),
            Write::History { items, .. } => shelf.keep(items),
            Write::Snapshot { number, state, level, .. } => {
                shelf.cut(*number);
                (shelf.base, shelf.base_level) = ((**state).clone(), *level);
            }
            Write::Voided { cursor, base, .. } => {
                shelf.cut(*cursor);
                if *base == 0 {
                    (shelf.base, shelf.base_level) = (State::default(), LEVEL);
                }
            }
            Write::OtherLog { .. } => {
                let record = &self.record;
                let kept = |log: LogId| record.aside.iter().any(|aside| aside.log == log);
                let current = replica.log;
                self.shelves.retain(|log, _| *log == current || kept(*log));
            }
            Write::Opened { .. }
            | Write::Refused { .. }
            | Write::Queued(_)
            | Write::Receipts { .. }
            | Write::Dismissed { .. }
            | Write::Folded { .. } => {}
        }
    }

    /// The record that a restart reads. The state of the replica in use is folded from the texts.
    pub fn read(&self) -> SeatRecord {
        let mut record = self.record.clone();
        if let Some(replica) = &mut record.replica {
            let wish = Refold { log: replica.log, base: replica.base, through: replica.cursor };
            let base_level = self.shelves.get(&replica.log).map_or(LEVEL, |shelf| shelf.base_level);
            replica.state = Some(self.fold(wish));
            replica.level = if replica.base == 0 { LEVEL } else { base_level };
        }
        record
    }

    /// Folds a state anew.
    pub fn fold(&self, wish: Refold) -> State {
        let Refold { log, base, through } = wish;
        let Some(shelf) = self.shelves.get(&log) else { return State::default() };
        let mut state = if base == 0 { State::default() } else { shelf.base.clone() };
        shelf.within(Span { after: base, through }).for_each(|item| fold(&mut state, item));
        state
    }

    /// The texts of a stretch of the replica in use, in order.
    pub fn texts(&self, span: Span) -> Vec<EventText> {
        let shelf = self.record.replica.as_ref().and_then(|replica| self.shelves.get(&replica.log));
        shelf.map(|shelf| shelf.within(span).cloned().collect()).unwrap_or_default()
    }
}

impl Shelf {
    fn keep(&mut self, items: &[EventText]) {
        self.texts.extend(items.iter().map(|item| ((item.seq, item.step), item.clone())));
    }

    fn cut(&mut self, through: u64) {
        self.texts.retain(|(seq, _), _| *seq <= through);
    }

    fn within(&self, span: Span) -> impl Iterator<Item = &EventText> {
        let behind = span.through.saturating_add(1).max(span.after.saturating_add(1));
        self.texts.range((span.after.saturating_add(1), 0)..(behind, 0)).map(|(_, text)| text)
    }
}
