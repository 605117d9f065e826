//! A seat of a daemon, as far as a publisher can tell it from one.

use std::sync::Arc;

use convene_conference::{Event, Receipt};
use convene_model::{JoinCode, LogId, SeatKey};
use convene_protocol::{
    Events, HistoryPage, Join, Opened, OpenedOutcome, Replica, Resume, Resumption, ServerFrame, Snapshot,
    TermStart, To,
};

use super::writing::id;

/// A seat as its daemon keeps it, and how the seat stands on its link.
///
/// Invariant: it takes only what a daemon may take. A frame that leaves a gap, an event twice, or a
/// frame for a seat that is not open fails the test.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is something that a test looks at")]
pub(super) struct FakeSeat {
    pub(super) key: SeatKey,
    pub(super) index: u32,
    pub(super) count: u32,
    pub(super) log: LogId,
    pub(super) has_replica: bool,
    pub(super) was_participant: bool,
    pub(super) wants_snapshot: bool,
    pub(super) cursor: u64,
    pub(super) terms: Vec<TermStart>,
    /// The numbers and steps of the events, with their texts.
    pub(super) events: Vec<(u64, u32, String)>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) pages: Vec<(u64, u64, usize)>,
    pub(super) is_open: bool,
    pub(super) follows: bool,
    /// It must ask again.
    pub(super) reopened: bool,
    pub(super) answers: Vec<Opened>,
    /// The number of the snapshot that it awaits, and its parts.
    pub(super) awaits: Option<u64>,
    pub(super) parts: Vec<Snapshot>,
    /// The spans that snapshots passed over.
    pub(super) passed: Vec<(u64, u64)>,
}

impl FakeSeat {
    pub(super) fn new(key: SeatKey, index: u32, log: LogId) -> Self {
        Self {
            key,
            index,
            count: 0,
            log,
            has_replica: false,
            was_participant: false,
            wants_snapshot: false,
            cursor: 0,
            terms: Vec::new(),
            events: Vec::new(),
            receipts: Vec::new(),
            pages: Vec::new(),
            is_open: false,
            follows: false,
            reopened: false,
            answers: Vec::new(),
            awaits: None,
            parts: Vec::new(),
            passed: Vec::new(),
        }
    }

    /// Asks to be opened once more.
    pub(super) fn resume(&mut self) -> Arc<Resume> {
        self.count += 1;
        (self.is_open, self.follows, self.reopened) = (false, false, false);
        let top = self.receipts.iter().map(|receipt| receipt.number).max().unwrap_or(0);
        let terms = self.terms.iter().copied().filter(|start| start.from <= top.max(self.cursor)).collect();
        let replica = Replica { log: self.log, number: self.cursor, receipts: top, terms };
        Arc::new(Resume {
            index: self.index,
            count: self.count,
            key: self.key,
            conference: None,
            replica: self.has_replica.then_some(replica),
            snapshot: self.wants_snapshot,
            join: Join { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id(1_000) },
            was_participant: self.was_participant,
            signature: convene_protocol::proof::Signature([0; 64]),
        })
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        self.events.iter().map(|(number, _, _)| *number).collect()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a frame for nobody here means nothing")]
    pub(super) fn take(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Opened(list) => {
                let index = self.index;
                list.iter().filter(|one| one.index == index).for_each(|one| self.take_opened(one));
            }
            ServerFrame::Reopen(reopen) if reopen.seats.contains(&self.index) => {
                (self.is_open, self.follows, self.reopened) = (false, false, true);
            }
            ServerFrame::Follow(follow) if follow.index == self.index => {
                assert!(self.is_open && self.follows != follow.following);
                self.follows = follow.following;
            }
            ServerFrame::Events(events) => self.take_events(events),
            ServerFrame::Receipts(receipts) if receipts.index == self.index => {
                assert!(self.is_open, "receipts for a seat that is not open");
                self.learn(&receipts.terms);
                self.receipts.extend(&receipts.list);
            }
            ServerFrame::Snapshot(part) if self.awaits == Some(part.number) => {
                assert_eq!(part.part as usize, self.parts.len(), "parts come in order and once");
                self.learn(&part.terms);
                self.parts.push(part.clone());
            }
            ServerFrame::Own(own) if own.index == self.index => {
                assert_eq!(self.awaits.take(), Some(own.number));
                assert_eq!(self.parts.len(), self.parts[0].parts as usize);
                self.passed.push((self.cursor, own.number));
                self.cursor = own.number;
            }
            ServerFrame::History(page) if page.index == self.index => self.take_page(page),
            _ => {}
        }
    }

    fn take_opened(&mut self, opened: &Opened) {
        assert_eq!(opened.count, self.count, "an answer to an earlier opening");
        assert!(!self.is_open, "two answers");
        self.answers.push(opened.clone());
        if let Some(common) = opened.void_after {
            self.cursor = self.cursor.min(common);
            self.events.retain(|(number, _, _)| *number <= common);
            self.receipts.retain(|receipt| receipt.number <= common);
            self.terms.retain(|start| start.from <= common);
        }
        if let OpenedOutcome::Open { log, resume, .. } = &opened.outcome {
            (self.is_open, self.has_replica, self.was_participant, self.log) = (true, true, true, *log);
            self.parts.clear();
            self.awaits = None;
            if let Resumption::Snapshot { number } = resume {
                self.awaits = Some(*number);
            }
        }
    }

    fn take_events(&mut self, events: &Events) {
        let is_meant = match &events.to {
            To::Following => self.follows,
            To::Seats(seats) => seats.contains(&self.index),
            To::Other => false,
        };
        if !is_meant {
            return;
        }
        assert!(self.is_open && self.awaits.is_none(), "events for a seat that is not open");
        assert!(events.after <= self.cursor, "a gap: {} and then {}", self.cursor, events.after);
        for text in &events.list {
            let event: Event = serde_json::from_str(text.get()).unwrap();
            assert!(events.after < event.seq && event.seq <= events.through);
            if event.seq > self.cursor {
                self.events.push((event.seq, event.step, text.get().to_owned()));
            }
        }
        self.learn(&events.terms);
        self.cursor = self.cursor.max(events.through);
    }

    fn take_page(&mut self, page: &HistoryPage) {
        for text in &page.list {
            let event: Event = serde_json::from_str(text.get()).unwrap();
            assert!(page.after < event.seq && event.seq <= page.through);
            self.events.push((event.seq, event.step, text.get().to_owned()));
        }
        self.pages.push((page.after, page.through, page.list.len()));
    }

    fn learn(&mut self, terms: &[TermStart]) {
        for start in terms {
            if self.terms.last().is_none_or(|last| last.from < start.from) {
                self.terms.push(*start);
            }
        }
    }
}
