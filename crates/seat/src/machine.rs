//! The seat itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use convene_conference::{Refusal, State};
use convene_model::{CommandId, LogId};

use crate::history::Span;
use crate::outbox::Sending;
use crate::record::{EventText, Membership, Phase, Queued, SeatRecord, Settled, Write, WriteId};

/// Writes that may wait for the store before the seat asks not to be given more events.
const WRITES_WAITING_MAX: u64 = 512;
/// Bytes of one snapshot: a conference of 2,000 participants with room for its texts.
const SNAPSHOT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One seat. See the crate's page for what it promises.
#[derive(Debug)]
pub struct Seat {
    pub(crate) record: SeatRecord,
    /// Where each known command stands.
    pub(crate) numbers: BTreeMap<CommandId, u64>,
    /// Queued commands whose write is not stored yet.
    pub(crate) not_durable: BTreeMap<u64, WriteId>,
    /// The highest number that the server has decided for this seat, on whatever device.
    pub(crate) number_floor: u64,
    /// Set while the seat is open on a link.
    pub(crate) sending: Option<Sending>,
    last_write: WriteId,
    stored: WriteId,
    writes: VecDeque<(WriteId, Write)>,
    deltas: VecDeque<(WriteId, Delta)>,
    arriving: Option<Arriving>,
    reopening: bool,
    asked_for_history: bool,
}

/// What a frontend may be told. Each is given out only when what it tells is durable.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// The seat became a participant's, left, or was refused.
    Phase(Phase),
    /// The next events, without a gap to those before.
    Events {
        /// In order.
        items: Arc<[EventText]>,
        /// The replica now covers the log up to here.
        through: u64,
    },
    /// A command waits in the outbox.
    Queued(Queued),
    /// A command has its receipt.
    Receipt(Settled),
    /// The text of this refused command was let go.
    Dismissed(CommandId),
    /// The seat went on from a snapshot: what happened in this span is not told, and is fetched as
    /// history.
    PassedOver(Span),
    /// The replica begins anew at this number: what was known before is void.
    Reset {
        /// In which log it counts.
        log: LogId,
        /// The new cursor.
        through: u64,
    },
    /// Some of what a snapshot had passed over is here.
    History {
        /// What is still missing.
        missing: Option<Span>,
    },
}

/// The server's answer to a seat that wants to be open on a link.
#[derive(Debug, Clone, PartialEq)]
pub enum Opening {
    /// It is open.
    Open {
        /// Who the seat is.
        membership: Membership,
        /// How its events go on.
        resumption: Resumption,
        /// The highest command number decided for this seat.
        last_number: u64,
    },
    /// It is refused for good.
    Refused {
        /// Why.
        code: Refusal,
    },
}

/// How a seat's events go on from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// Nothing was missed, or what was missed follows as events.
    Events,
    /// The state at some number follows in parts, then the events behind it.
    Snapshot,
}

/// What became of a frame of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventsOutcome {
    /// It went on from the cursor.
    Taken,
    /// It holds nothing new.
    Old,
    /// Something before it is missing: the seat wants to be opened again.
    Gap,
}

/// A snapshot on its way.
#[derive(Debug)]
struct Arriving {
    membership: Membership,
    through: u64,
    next_part: u32,
    text: String,
}

impl Seat {
    /// A seat as it was stored, or as it begins.
    pub fn new(record: SeatRecord) -> Self {
        let outbox = record.outbox.values().map(|queued| (queued.id, queued.number));
        let settled = record.settled.values().map(|settled| (settled.id, settled.number));
        Self {
            numbers: settled.chain(outbox).collect(),
            not_durable: BTreeMap::new(),
            number_floor: 0,
            sending: None,
            last_write: WriteId(0),
            stored: WriteId(0),
            writes: VecDeque::new(),
            deltas: VecDeque::new(),
            arriving: None,
            reopening: false,
            asked_for_history: false,
            record,
        }
    }

    /// What is durable, and what is about to be.
    pub fn record(&self) -> &SeatRecord {
        &self.record
    }

    /// Whether so many writes wait for the store that the shell should give no more frames for now.
    pub fn is_behind(&self) -> bool {
        self.last_write.0 - self.stored.0 > WRITES_WAITING_MAX
    }

    /// Takes the server's answer to opening the seat. Everything without a receipt will be sent again.
    pub fn handle_opened(&mut self, opening: Opening) {
        self.reopening = false;
        self.asked_for_history = false;
        self.arriving = None;
        match opening {
            Opening::Open { membership, resumption, last_number } => {
                self.number_floor = last_number;
                self.sending = Some(Sending::default());
                self.resume(membership, resumption);
            }
            Opening::Refused { code } => {
                self.sending = None;
                let write = self.write(Write::Refused { code });
                self.tell(write, Delta::Phase(Phase::Refused { code }));
            }
        }
    }

    /// The link is gone or started afresh.
    pub fn handle_detached(&mut self) {
        self.sending = None;
        self.arriving = None;
        self.reopening = false;
        self.asked_for_history = false;
    }

    /// Takes the events numbered above `after` up to `through` that this seat may see.
    pub fn handle_events(&mut self, after: u64, through: u64, items: Vec<EventText>) -> EventsOutcome {
        let cursor = self.record.cursor;
        if self.sending.is_none() || through <= cursor {
            return EventsOutcome::Old;
        }
        if after > cursor {
            self.reopening = true;
            return EventsOutcome::Gap;
        }
        let items: Vec<EventText> =
            items.into_iter().filter(|item| item.seq > cursor && item.seq <= through).collect();
        let before = self.record.phase();
        let shared: Arc<[EventText]> = items.clone().into();
        let write = self.write(Write::Events { items, through });
        self.tell(write, Delta::Events { items: shared, through });
        let phase = self.record.phase();
        if phase != before {
            self.tell(write, Delta::Phase(phase));
        }
        EventsOutcome::Taken
    }

    /// Takes part `part` (from 0) of `parts` of the state after entry `through`, as JSON. A part out of turn, or one that
    /// makes no state, is passed over, and the seat wants to be opened again.
    pub fn handle_snapshot(&mut self, through: u64, part: u32, parts: u32, data: &str) {
        let Some(mut arriving) = self.arriving.take() else { return };
        let fits = arriving.text.len() + data.len() <= SNAPSHOT_BYTES_MAX;
        let in_turn = part == arriving.next_part && (part == 0 || through == arriving.through);
        if !fits || !in_turn {
            self.reopening = true;
            return;
        }
        arriving.text.push_str(data);
        arriving.through = through;
        arriving.next_part += 1;
        if arriving.next_part < parts {
            self.arriving = Some(arriving);
            return;
        }
        match serde_json::from_str(&arriving.text) {
            Ok(state) => self.start_from(arriving.membership, through, state),
            Err(_) => self.reopening = true,
        }
    }

    /// Takes events of the past, numbered above `after` up to `through`.
    pub fn handle_history(&mut self, after: u64, through: u64, items: Vec<EventText>) {
        // A page that leads no further is the last that this seat gets, such as one that left:
        // asking again would not end.
        if after == through {
            return;
        }
        self.asked_for_history = false;
        let Some(missing) = self.record.missing else { return };
        if after > missing.after || through <= missing.after {
            return;
        }
        let write = self.write(Write::History { items, through: through.min(missing.through) });
        self.tell(write, Delta::History { missing: self.record.missing });
    }

    /// Everything up to and including this write is durable.
    pub fn handle_stored(&mut self, write: WriteId) {
        self.stored = self.stored.max(write);
        let stored = self.stored;
        self.not_durable.retain(|_, waiting| *waiting > stored);
    }

    /// The latest write: once it is stored, everything that the record holds is durable.
    pub fn last_write(&self) -> WriteId {
        self.last_write
    }

    /// Whether everything up to and including this write is durable.
    pub fn is_stored(&self, write: WriteId) -> bool {
        write <= self.stored
    }

    /// The next write for the store, in order.
    pub fn poll_write(&mut self) -> Option<(WriteId, Write)> {
        self.writes.pop_front()
    }

    /// The next thing that frontends may be told, in order.
    pub fn poll_delta(&mut self) -> Option<Delta> {
        let (write, _) = self.deltas.front()?;
        if *write > self.stored { None } else { self.deltas.pop_front().map(|(_, delta)| delta) }
    }

    /// Whether the seat must be opened again on the live link; asked once.
    pub fn poll_reopen(&mut self) -> bool {
        self.reopening && self.sending.take().is_some()
    }

    /// The next span of the past to ask the server for; one at a time.
    pub fn poll_history(&mut self) -> Option<Span> {
        if self.asked_for_history || self.sending.is_none() {
            return None;
        }
        let missing = self.record.missing?;
        self.asked_for_history = true;
        Some(missing)
    }

    pub(crate) fn write(&mut self, write: Write) -> WriteId {
        self.record.apply(&write);
        self.last_write = WriteId(self.last_write.0 + 1);
        self.writes.push_back((self.last_write, write));
        self.last_write
    }

    pub(crate) fn tell(&mut self, write: WriteId, delta: Delta) {
        self.deltas.push_back((write, delta));
    }

    fn resume(&mut self, membership: Membership, resumption: Resumption) {
        let known = self.record.membership.as_ref();
        let other_log = known.is_some_and(|known| known.log != membership.log);
        match resumption {
            Resumption::Snapshot => {
                self.arriving = Some(Arriving { membership, through: 0, next_part: 0, text: String::new() });
            }
            // Events of another log from its beginning: what the replica holds is of a log that is no more.
            Resumption::Events if other_log => self.start_from(membership, 0, State::default()),
            Resumption::Events if known == Some(&membership) => {}
            Resumption::Events => {
                let write = self.write(Write::Opened(membership));
                self.tell(write, Delta::Phase(self.record.phase()));
            }
        }
    }

    fn start_from(&mut self, membership: Membership, through: u64, state: State) {
        let known = self.record.membership.as_ref();
        let replaces = known.is_some_and(|known| known.log != membership.log);
        let (before, after, log) = (self.record.phase(), self.record.cursor, membership.log);
        let write = self.write(Write::Snapshot { membership, through, state: Box::new(state), replaces });
        let goes_on = !replaces && after <= through;
        let passed_over = Delta::PassedOver(Span { after, through });
        self.tell(write, if goes_on { passed_over } else { Delta::Reset { log, through } });
        let phase = self.record.phase();
        if phase != before {
            self.tell(write, Delta::Phase(phase));
        }
    }
}
