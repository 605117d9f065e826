//! A frontend that watches one seat. It outlives its daemon, and comes back with its own cursor.

use std::collections::BTreeMap;

use convene_conference::{Outcome, Receipt, Refusal};
use convene_model::{CommandId, Json, LogId, Point, TermId};
use convene_seat::{Delta, Disk, EventText, SeatRecord, Span, WhyReturned};

/// The outcome of a command, as a frontend was told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Queued,
    /// Nothing was accepted.
    Nothing,
    /// Nobody knows.
    Unsure,
    Accepted(u64),
    Refused(u64, Refusal),
    Lost,
}

/// A command that the frontend wants.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) id: CommandId,
    pub(crate) body: Json,
    /// With the log in which it was told.
    pub(crate) told: Vec<(Option<LogId>, Told)>,
    /// Its place among the commands that the device took, by the log in which the seat was then.
    pub(crate) order: BTreeMap<Option<LogId>, u64>,
    /// Whether the device took it and has not said since that it is stored, or is not.
    pub(crate) is_taken: bool,
    /// Nothing more is done about it.
    pub(crate) is_over: bool,
    /// Where its author saw the conference.
    pub(crate) seen: Option<Point>,
}

impl Wish {
    pub(crate) fn last(&self) -> Option<Told> {
        self.told.last().map(|(_, told)| *told)
    }

    /// Whether its author does not know yet what becomes of it.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_over && matches!(self.last(), None | Some(Told::Queued | Told::Unsure))
    }

    /// Tells it, unless it is known. A receipt that comes again is the same.
    pub(crate) fn tell(&mut self, log: Option<LogId>, told: Told) {
        self.is_taken = false;
        if self.told.last() != Some(&(log, told)) {
            self.told.push((log, told));
        }
    }
}

/// The step that a frontend wants to be done after it was told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    /// To watch again with its cursor.
    Watch,
    /// To give this command again.
    Again(CommandId),
    /// To see whether what it misses is there.
    Fill,
}

/// One frontend.
#[derive(Debug, Default)]
pub(crate) struct Frontend {
    pub(crate) attached: bool,
    /// The log that it watches.
    pub(crate) log: Option<LogId>,
    pub(crate) number: u64,
    pub(crate) term: Option<TermId>,
    /// In order.
    pub(crate) seen: Vec<EventText>,
    /// Passed over, and not filled.
    pub(crate) holes: Vec<Span>,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) broken: Option<String>,
}

impl Frontend {
    /// Where it sees the conference.
    pub(crate) fn point(&self) -> Option<Point> {
        let term = self.term.filter(|_| self.number > 0)?;
        Some(Point { number: self.number, term })
    }

    /// It watches, with its own cursor, and is given what is stored.
    pub(crate) fn watch(&mut self, record: &SeatRecord, disk: &Disk) {
        self.attached = true;
        self.hear_returned(record);
        let Some(replica) = &record.replica else { return self.go_back(0) };
        if self.log != Some(replica.log) {
            self.go_back(0);
            self.log = Some(replica.log);
        }
        if let Some(point) = self.point() {
            self.go_back(replica.common(point));
        }
        let all = Span { after: self.number, through: replica.cursor };
        for missing in replica.missing.within(all) {
            self.take_stored(disk, Span { after: self.number, through: missing.after });
            self.holes.push(missing);
            self.number = missing.through;
        }
        self.take_stored(disk, Span { after: self.number, through: replica.cursor });
        self.term = Some(replica.term_of(self.number));
    }

    /// The daemon tells something. `record` is what the daemon has in memory.
    pub(crate) fn hear(&mut self, delta: &Delta, record: &SeatRecord) -> Then {
        let log = record.replica.as_ref().map(|replica| replica.log);
        // A frontend that watched a seat before it had a log now watches its first one.
        self.log = self.log.or(log);
        match delta {
            Delta::Events { after, through, items } => self.hear_events(*after, *through, items),
            Delta::PassedOver(span) => {
                if span.after > self.number {
                    self.breaks(format!(
                        "at {} is told that what lies after {} was passed over",
                        self.number, span.after
                    ));
                }
                if span.through > self.number {
                    self.holes.push(Span { after: self.number, through: span.through });
                    self.number = span.through;
                }
            }
            Delta::Reset { number } => self.go_back(*number),
            Delta::WatchAnew => return Then::Watch,
            Delta::Queued { id } => self.tell(*id, log, Told::Queued),
            Delta::NotQueued { id, unsure } => {
                self.tell(*id, log, if *unsure { Told::Unsure } else { Told::Nothing });
                if *unsure {
                    return Then::Again(*id);
                }
            }
            Delta::Receipt(receipt) => self.hear_receipt(*receipt, log),
            Delta::Lost { id, .. } => {
                self.tell(*id, log, Told::Lost);
                return Then::Again(*id);
            }
            Delta::History { .. } => return Then::Fill,
            Delta::Seat(_) | Delta::Dismissed { .. } => {}
        }
        // Whatever else it is told, it still sees the conference where it saw it before: the daemon
        // may already have let go what is void, and not have said so yet.
        let moves = matches!(delta, Delta::Events { .. } | Delta::PassedOver(_) | Delta::Reset { .. });
        if let Some(replica) = record.replica.as_ref().filter(|_| moves) {
            self.term = Some(replica.term_of(self.number));
        }
        Then::Nothing
    }

    pub(crate) fn hear_receipt(&mut self, receipt: Receipt, log: Option<LogId>) {
        let told = match receipt.outcome {
            Outcome::Accepted => Told::Accepted(receipt.number),
            Outcome::Refused { code } => Told::Refused(receipt.number, code),
            Outcome::Other => return self.breaks("is told an outcome of a later version".to_owned()),
        };
        self.tell(receipt.id, log, told);
    }

    /// Fills what was passed over and is stored now.
    pub(crate) fn fill(&mut self, record: &SeatRecord, disk: &Disk) {
        let Some(replica) = record.replica.as_ref().filter(|replica| Some(replica.log) == self.log) else {
            return;
        };
        for hole in std::mem::take(&mut self.holes) {
            if replica.missing.within(hole).next().is_some() {
                self.holes.push(hole);
            } else {
                self.seen.retain(|item| item.seq <= hole.after || item.seq > hole.through);
                self.seen.extend(disk.texts(hole));
            }
        }
        self.seen.sort_by_key(|item| (item.seq, item.step));
    }

    fn hear_events(&mut self, after: u64, through: u64, items: &[EventText]) {
        if after > self.number {
            return self.breaks(format!(
                "at {} is told events after {after}: what lies between was neither told nor named",
                self.number
            ));
        }
        for item in items.iter().filter(|item| item.seq > self.number) {
            if item.seq > through
                || self.seen.last().is_some_and(|last| (last.seq, last.step) >= (item.seq, item.step))
            {
                return self
                    .breaks(format!("is told event {} of entry {} out of order", item.step, item.seq));
            }
            self.seen.push(item.clone());
        }
        self.number = self.number.max(through);
    }

    /// Texts that came back while nobody watched.
    fn hear_returned(&mut self, record: &SeatRecord) {
        let log = record.replica.as_ref().map(|replica| replica.log);
        for (id, returned) in &record.returned {
            let wish = self.wishes.iter_mut().find(|wish| wish.id == *id);
            if let Some(wish) = wish
                && returned.why == WhyReturned::Lost
                && matches!(wish.last(), Some(Told::Accepted(_)))
            {
                wish.tell(log, Told::Lost);
            }
        }
    }

    fn take_stored(&mut self, disk: &Disk, span: Span) {
        if span.through > span.after {
            self.seen.extend(disk.texts(span));
            self.number = span.through;
        }
    }

    fn go_back(&mut self, number: u64) {
        if number < self.number {
            self.number = number;
            self.seen.retain(|item| item.seq <= number);
            self.holes.iter_mut().for_each(|hole| hole.through = hole.through.min(number));
            self.holes.retain(|hole| hole.after < hole.through);
        }
    }

    fn tell(&mut self, id: CommandId, log: Option<LogId>, told: Told) {
        if let Some(wish) = self.wishes.iter_mut().find(|wish| wish.id == id) {
            wish.tell(log, told);
        }
    }

    fn breaks(&mut self, what: String) {
        self.broken.get_or_insert_with(|| format!("a frontend {what}"));
    }
}
