//! The seat itself, and the order in which things are stored and told.

use std::collections::VecDeque;
use std::time::Instant;

use convene_conference::{LEVEL, Refusal, State};

use crate::acting::Undurable;
use crate::delta::{Delta, Standing};
use crate::opening::Opening;
use crate::past::Wishes;
use crate::record::SeatRecord;
use crate::replica::Replica;
use crate::trouble::{Pause, Trouble};
use crate::write::{Refold, Write, WriteId};

/// Writes that may wait for the store before the seat asks not to be given more frames.
const WRITES_WAITING_MAX: u64 = 512;

/// One seat. See the crate's page for what it promises.
#[derive(Debug)]
pub struct Seat {
    pub(crate) record: SeatRecord,
    pub(crate) opening: Opening,
    pub(crate) pause: Pause,
    pub(crate) trouble: Trouble,
    /// Whether a snapshot is wanted whatever was missed.
    pub(crate) wants_snapshot: bool,
    pub(crate) wishes: Wishes,
    pub(crate) undurable: Undurable,
    /// The place of the last command that was taken into the outbox.
    pub(crate) last_order: u64,
    pub(crate) last_write: WriteId,
    pub(crate) stored: WriteId,
    pub(crate) writes: VecDeque<(WriteId, Write)>,
    pub(crate) deltas: VecDeque<(WriteId, Delta)>,
    pub(crate) needs_reread: bool,
    /// Whether no more of the conference may be kept here.
    is_full: bool,
    folding: Option<Folding>,
    /// The standing of the seat that frontends were told last.
    shown: Standing,
}

/// The state is being folded anew.
#[derive(Debug, Clone, Copy)]
struct Folding {
    wish: Refold,
    /// The store has to have this before it can fold.
    behind: WriteId,
    is_asked: bool,
}

impl Seat {
    /// A seat as it was stored, or as it begins.
    pub fn new(record: SeatRecord) -> Self {
        let mut seat = Self {
            opening: Opening::Closed,
            pause: Pause::default(),
            trouble: Trouble::default(),
            wants_snapshot: false,
            wishes: Wishes::default(),
            undurable: Undurable::default(),
            last_order: record.outbox.last_order(),
            last_write: WriteId(0),
            stored: WriteId(0),
            writes: VecDeque::new(),
            deltas: VecDeque::new(),
            needs_reread: false,
            is_full: false,
            folding: None,
            shown: Standing::Joining,
            record,
        };
        seat.shown = seat.standing();
        seat.look_at_state();
        seat
    }

    /// The record: the durable part, and the writes under way.
    pub fn record(&self) -> &SeatRecord {
        &self.record
    }

    /// The standing of the seat.
    pub fn standing(&self) -> Standing {
        if let Some(code) = self.record.refused {
            return Standing::Refused { code, is_final: true };
        }
        if let Some(code) = self.trouble.refused {
            return Standing::Refused { code, is_final: false };
        }
        if self.is_full && !self.record.replica.as_ref().is_some_and(Replica::has_left) {
            return Standing::NotHereNow { code: Refusal::SeatFull, other_log: None };
        }
        if let Some(other) = self.trouble.other_log.filter(|other| other.is_told) {
            let code = Refusal::OtherLog;
            return Standing::NotHereNow { code, other_log: Some(other.log) };
        }
        if let Some(code) = self.trouble.not_here {
            return Standing::NotHereNow { code, other_log: None };
        }
        match &self.record.replica {
            Some(replica) if replica.is_removed() => Standing::Removed,
            Some(replica) if replica.has_left() => Standing::Left,
            Some(replica) if replica.was_participant => Standing::Joined,
            Some(_) | None => Standing::Joining,
        }
    }

    /// Whether no more of the conference may be kept here.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// As much of the conference is kept here as may be, or there is room again. A full seat asks
    /// the server for nothing; what it holds stays, and commands wait.
    pub fn handle_full(&mut self, is_full: bool) {
        self.is_full = is_full;
        if is_full {
            self.handle_detached();
        }
        self.show();
    }

    /// Whether so many writes wait for the store that the shell should give no more frames for now.
    pub fn is_behind(&self) -> bool {
        !self.needs_reread && self.last_write.0 - self.stored.0 > WRITES_WAITING_MAX
    }

    /// Whether the seat must be read anew from the store: a write failed, and nobody knows whether
    /// it is stored. The store passes over what it still holds of the seat's writes, reads, and
    /// says so by [`Seat::handle_reread`]. Until then the seat takes nothing and sends nothing.
    pub fn needs_reread(&self) -> bool {
        self.needs_reread
    }

    /// Whether the state is being folded anew, so that the record has none.
    pub fn is_folding(&self) -> bool {
        self.folding.is_some()
    }

    /// The last change of the record; 0 before the first one.
    pub fn last_write(&self) -> WriteId {
        self.last_write
    }

    /// Whether everything up to and including this write is durable.
    pub fn is_stored(&self, write: WriteId) -> bool {
        write <= self.stored
    }

    /// Everything up to and including this write is durable, except for what was undone.
    pub fn handle_stored(&mut self, write: WriteId) {
        if self.needs_reread {
            return;
        }
        self.stored = self.stored.max(write.min(self.last_write));
        self.undurable.handle_stored(self.stored);
    }

    /// The store failed to make a write durable.
    ///
    /// `undone` says that nothing of it is stored, and never will be. Then a command goes out of
    /// the outbox, and its author is told that nothing was accepted; the writes before and behind
    /// it are as good as before. In every other case nobody knows what the store holds, and it has
    /// to be read anew: [`Seat::needs_reread`]. (A store that knows that it undid a write of
    /// another kind tries it again instead.)
    pub fn handle_write_failed(&mut self, write: WriteId, undone: bool) {
        if self.needs_reread || write <= self.stored {
            return;
        }
        if undone && self.undo_command(write) || planted!(NotReread) {
            return;
        }
        self.needs_reread = true;
        self.opening = Opening::Closed;
        self.folding = None;
        self.wishes.close();
        let stored = self.stored;
        self.deltas.retain(|(on, _)| *on <= stored);
        // A write that the store was never given is not in it.
        let first_kept_back = self.writes.front().map_or(WriteId(u64::MAX), |(id, _)| *id);
        self.writes.clear();
        for (on, id) in self.undurable.drain() {
            self.deltas.push_back((WriteId(0), Delta::NotQueued { id, unsure: on < first_kept_back }));
        }
    }

    /// The store was read anew.
    pub fn handle_reread(&mut self, record: SeatRecord) {
        let last_order = self.last_order.max(record.outbox.last_order());
        // Numbers go on: a report about a write of before must not count for one of later.
        let (last_write, shown) = (self.last_write, self.shown);
        let (trouble, pause, is_full) = (self.trouble, self.pause, self.is_full);
        let (deltas, wishes) = (std::mem::take(&mut self.deltas), std::mem::take(&mut self.wishes));
        *self = Self {
            last_order,
            last_write,
            stored: last_write,
            trouble,
            pause,
            is_full,
            shown,
            deltas,
            wishes,
            ..Self::new(record)
        };
        self.tell(Delta::WatchAnew);
        self.show();
    }

    /// The next write for the store, in order.
    pub fn poll_write(&mut self) -> Option<(WriteId, Write)> {
        self.writes.pop_front()
    }

    /// The next thing that frontends may be told, in order.
    pub fn poll_delta(&mut self) -> Option<Delta> {
        let (write, _) = self.deltas.front()?;
        if *write > self.stored && !planted!(ToldBeforeStored) {
            None
        } else {
            self.deltas.pop_front().map(|(_, delta)| delta)
        }
    }

    /// A wish to have the state folded anew, once the store has what it is folded from; given once,
    /// and answered by [`Seat::handle_refolded`]. The seat is not opened until then.
    pub fn poll_refold(&mut self) -> Option<Refold> {
        let stored = self.stored;
        let folding = self.folding.as_mut()?;
        if folding.is_asked || folding.behind > stored {
            return None;
        }
        folding.is_asked = true;
        Some(folding.wish)
    }

    /// The state that was wished for. It is passed over where the wish has become another.
    pub fn handle_refolded(&mut self, wish: Refold, state: State) {
        let asked = self.folding.take_if(|folding| folding.is_asked && folding.wish == wish);
        let (Some(_), Some(replica)) = (asked, &self.record.replica) else { return };
        let level = if replica.base == 0 { LEVEL } else { replica.level };
        let known = |id: &_| state.public().participants().get(*id).is_some();
        let participant = replica.participant.filter(known);
        let number = replica.cursor;
        self.write(Write::Folded { state: Box::new(state), level, participant });
        self.tell(Delta::Reset { number });
        self.look_at_state();
        self.show();
    }

    /// When [`Seat::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.pause.until(), self.trouble.poll_timeout()].into_iter().flatten().min()
    }

    /// Time has come; see [`Seat::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        self.pause.handle_timeout(now);
        self.trouble.handle_timeout(now);
        self.show();
    }

    /// Changes the record at once, and puts the change in line for the store.
    pub(crate) fn write(&mut self, write: Write) -> WriteId {
        self.record.apply(&write);
        self.last_write = WriteId(self.last_write.0 + 1);
        self.writes.push_back((self.last_write, write));
        self.last_write
    }

    /// Tells this once everything that was written so far is durable.
    pub(crate) fn tell(&mut self, delta: Delta) {
        self.deltas.push_back((self.last_write, delta));
    }

    /// Tells how the seat stands, where that changed.
    pub(crate) fn show(&mut self) {
        let standing = self.standing();
        if standing != self.shown {
            self.shown = standing;
            self.tell(Delta::Seat(standing));
        }
    }

    /// Finds out whether the state can be used as it is. One that code of a lower level folded from
    /// the first event is folded anew; one that it read in a snapshot is asked for again.
    pub(crate) fn look_at_state(&mut self) {
        let Some(replica) = &self.record.replica else { return };
        let is_old = replica.level < LEVEL;
        self.wants_snapshot |= is_old && replica.base > 0;
        let is_unfolded = replica.state.is_none() || is_old && replica.base == 0;
        let wish = Refold { log: replica.log, base: replica.base, through: replica.cursor };
        let behind = self.last_write;
        self.folding = is_unfolded.then_some(Folding { wish, behind, is_asked: false });
    }

    fn undo_command(&mut self, write: WriteId) -> bool {
        let Some((id, returned)) = self.undurable.undo(write) else { return false };
        self.deltas.retain(|(_, delta)| *delta != Delta::Queued { id });
        if self.record.outbox.remove(id).is_none() {
            // Another device gave the same command, and its receipt came meanwhile.
            return true;
        }
        if let Some(returned) = returned {
            self.record.returned.insert(id, returned);
        }
        // In front of what still waits for the store: that may take as long as the disk is full.
        self.deltas.push_front((WriteId(0), Delta::NotQueued { id, unsure: false }));
        true
    }
}
