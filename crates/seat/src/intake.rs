//! Events and snapshots.

use std::sync::Arc;
use std::time::Instant;

use convene_conference::{LEVEL, Own, Public, State};
use convene_model::{LogId, TermStart};

use crate::delta::Delta;
use crate::machine::Seat;
use crate::opening::Opening;
use crate::snapshot::SnapshotText;
use crate::span::Span;
use crate::write::{EventText, Write};

/// The events of the entries numbered above `after` up to `through`, as far as the seat may see
/// them. Many seats share one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvents {
    /// In which log.
    pub log: LogId,
    /// No event of an entry up to this number is among them.
    pub after: u64,
    /// The new cursor.
    pub through: u64,
    /// Every term that begins in between.
    pub terms: Vec<TermStart>,
    /// In order.
    pub items: Arc<[EventText]>,
}

impl Seat {
    /// Takes from a frame of events what lies above the cursor. Where the frame begins above it,
    /// the seat asks to be opened again.
    pub fn handle_events(&mut self, events: &NewEvents, now: Instant) {
        let Opening::Open(_) = &self.opening else { return };
        let Some(replica) = self.record.replica.as_ref().filter(|replica| replica.log == events.log) else {
            return;
        };
        let NewEvents { after, through, terms, items, .. } = events;
        let cursor = replica.cursor;
        if *after > cursor && !planted!(GapTaken) {
            self.handle_detached();
            return self.pause.ask_again(now);
        }
        if *through <= cursor && !planted!(OverlapTaken) {
            return;
        }
        let is_new = |item: &EventText| item.seq <= *through && (item.seq > cursor || planted!(OverlapTaken));
        let items = if items.iter().all(is_new) {
            Arc::clone(items)
        } else {
            items.iter().filter(|item| is_new(item)).cloned().collect()
        };
        let terms = replica.terms.news(terms, *through);
        let through = *through;
        self.write(Write::Events { items: Arc::clone(&items), through, terms });
        self.tell(Delta::Events { after: cursor, through, items });
        self.pause.handle_progress();
        self.show();
    }

    /// The number of a snapshot that was announced and has not come.
    pub fn awaited_snapshot(&self) -> Option<u64> {
        match &self.opening {
            Opening::Open(open) => open.awaits,
            Opening::Closed | Opening::Asked { .. } => None,
        }
    }

    /// Takes the snapshot that was announced, with the part that only this seat's participant sees.
    /// One that cannot be read is asked for again after a pause.
    pub fn handle_snapshot(&mut self, snapshot: &SnapshotText, own: &str, now: Instant) {
        if self.awaited_snapshot() != Some(snapshot.number) {
            return;
        }
        let public = serde_json::from_str::<Public>(&snapshot.public);
        let own = serde_json::from_str::<Own>(own);
        match (public, own) {
            (Ok(public), Ok(own)) => self.start_from(snapshot, public, own),
            _ => self.handle_no_snapshot(now),
        }
    }

    /// The snapshot that was announced came in parts that make none.
    pub fn handle_no_snapshot(&mut self, now: Instant) {
        if self.awaited_snapshot().is_some() {
            self.handle_detached();
            self.pause.back_off(now);
        }
    }

    fn start_from(&mut self, snapshot: &SnapshotText, public: Public, own: Own) {
        if let Opening::Open(open) = &mut self.opening {
            open.awaits = None;
        }
        let Some(replica) = &self.record.replica else { return };
        let Some(participant) = replica.participant else { return };
        let (cursor, number) = (replica.cursor, snapshot.number);
        let goes_back = number <= cursor;
        if goes_back && !self.wants_snapshot {
            // Nothing in it is new, and the events above the cursor follow.
            return;
        }
        let mut missing = replica.missing.clone();
        missing.cut(number);
        missing.add(Span { after: cursor, through: number });
        let terms = replica.terms.news(&snapshot.terms, number);
        let state = Box::new(State::of_seat(participant, public, own));
        self.write(Write::Snapshot { number, state, level: LEVEL, terms, missing });
        self.wants_snapshot = false;
        self.pause.handle_progress();
        self.tell(if goes_back {
            Delta::Reset { number }
        } else {
            Delta::PassedOver(Span { after: cursor, through: number })
        });
        self.look_at_state();
        self.show();
    }
}
