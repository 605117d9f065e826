//! One conference as the server runs it: who may open which seat, what is decided, what is durable, and who is told.
//!
//! Pure: the shell brings what came from links and what the log answered, and takes what is to be appended, read and sent.
//! The simulator runs the same host.
//!
//! **Decided, durable, told**: commands are decided at once against the state after everything decided before; the entries
//! of all that was decided while the log was busy are appended together; only then are receipts given and events sent.
//! There is one numbered log per conference, and one entry per decided command: the event and its receipt are one.
//!
//! After every input the shell drains [`Host::poll_output`], then asks [`Host::poll_append`].

mod audience;
mod deciding;
mod entry;
mod outputs;
mod replay;
mod roll;
mod tail;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use convene_conference::{Right, Settings, State};
use convene_event_log::NewEntry;
use convene_model::limits::UNDECIDED_COMMANDS_MAX;
use convene_model::{ConferenceId, JoinCode, LinkId, LogId, ParticipantId, Timestamp};

use self::audience::Audiences;
use self::deciding::Waiting;
pub use self::entry::{EntryError, event_of, opening_entry};
use self::outputs::Fresh;
pub use self::outputs::{Output, Read, ReadFor};
use self::roll::Roll;
use self::tail::Tail;

/// What opens a conference: each code with the right it gives.
pub type Codes = BTreeMap<JoinCode, Right>;

/// A batch for the log, of which one is under way at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The number of the entry before the first of these.
    pub after: u64,
    /// In order.
    pub entries: Vec<NewEntry>,
}

/// One conference. `L` is what the shell reaches a link by, cheap to clone.
#[derive(Debug)]
pub struct Host<L> {
    conference: ConferenceId,
    log: LogId,
    codes: Codes,
    /// After everything decided.
    decided_state: State,
    /// After everything durable.
    durable_state: State,
    roll: Roll,
    /// The number of the last durable entry.
    durable: u64,
    /// The number of the last decided entry.
    last: u64,
    last_at: Timestamp,
    /// Decided entries that are not durable, the first numbered `durable + 1`.
    undurable: VecDeque<entry::Decision>,
    /// How many of them are under way.
    appending: usize,
    waiting: Waiting<L>,
    audiences: Audiences<L>,
    tail: Tail,
    /// Up to where those who follow have been told, by right.
    told: BTreeMap<Right, u64>,
    /// Who left, and by which entry.
    left: BTreeMap<ParticipantId, u64>,
    outputs: VecDeque<Output<L>>,
}

impl<L: Clone> Host<L> {
    /// A conference whose log is about to be read: [`Host::handle_entry`] takes it from its first entry on.
    pub fn new(conference: ConferenceId, log: LogId) -> Self {
        Self {
            conference,
            log,
            codes: Codes::new(),
            decided_state: State::default(),
            durable_state: State::default(),
            roll: Roll::default(),
            durable: 0,
            last: 0,
            last_at: Timestamp::from_millis(0),
            undurable: VecDeque::new(),
            appending: 0,
            waiting: Waiting::default(),
            audiences: Audiences::default(),
            tail: Tail::default(),
            told: BTreeMap::new(),
            left: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes the next entry of the log, before the first link comes.
    ///
    /// # Errors
    /// When it is not an entry that this version can read. The conference must not be run.
    pub fn handle_entry(&mut self, text: &str) -> Result<(), EntryError> {
        let entry = entry::Entry::parse(text)?;
        let number = self.last + 1;
        if let Some(opened) = &entry.opened {
            self.codes.clone_from(&opened.codes);
        }
        if let Some(seat) = &entry.seat {
            self.roll.enrol(seat.key, seat.participant, seat.right, number);
        }
        if let Some(receipt) = &entry.receipt {
            self.roll.remember(receipt, number);
        }
        if let Some(event) = entry.event {
            self.decided_state.evolve(&event.event);
            self.durable_state.evolve(&event.event);
            self.tail.push(number, event.audience, event.text);
            self.handle_attendance(number, &event.event.body);
        }
        self.last_at = entry.at;
        (self.last, self.durable) = (number, number);
        Ok(())
    }

    /// Which conference.
    pub fn conference(&self) -> ConferenceId {
        self.conference
    }

    /// What opens it.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// What it is about.
    pub fn settings(&self) -> &Settings {
        self.durable_state.settings()
    }

    /// As it stands after everything durable.
    pub fn state(&self) -> &State {
        &self.durable_state
    }

    /// As it stands after everything decided, which is what the next batch for the log holds.
    pub fn decided_state(&self) -> &State {
        &self.decided_state
    }

    /// The number of the last durable entry.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Whether so much waits for the log that the shell should give no more commands for now.
    pub fn is_full(&self) -> bool {
        self.undurable.len() >= UNDECIDED_COMMANDS_MAX
    }

    /// The next batch for the log; none while one is under way.
    pub fn poll_append(&mut self) -> Option<Append> {
        if self.appending > 0 || self.undurable.is_empty() {
            return None;
        }
        self.appending = self.undurable.len();
        let entries = self.undurable.iter().map(entry::Decision::to_append).collect();
        Some(Append { after: self.durable, entries })
    }

    /// The batch is durable: receipts are given, seats opened, events sent.
    pub fn handle_appended(&mut self) {
        let batch: Vec<entry::Decision> =
            self.undurable.drain(..std::mem::take(&mut self.appending)).collect();
        let mut fresh = Vec::with_capacity(batch.len());
        for decision in &batch {
            self.durable += 1;
            if let Some(event) = &decision.event {
                self.durable_state.evolve(&event.event);
                self.tail.push(self.durable, event.audience, Arc::clone(&event.text));
                fresh.push(Fresh {
                    seq: self.durable,
                    audience: event.audience,
                    text: Arc::clone(&event.text),
                });
            }
        }
        for event in batch.iter().filter_map(|decision| decision.event.as_ref()).map(|event| &event.event) {
            self.handle_attendance(event.seq, &event.body);
        }
        self.tell(&fresh);
    }

    /// Nothing of the batch is in the log, nor will be: everything decided and not durable is undone. Gives the links whose
    /// wishes are undone; they must be ended, so that their daemons ask again.
    pub fn handle_append_failed(&mut self) -> Vec<L> {
        self.appending = 0;
        self.undurable.clear();
        self.roll.forget_after(self.durable);
        self.decided_state = self.durable_state.clone();
        self.last = self.durable;
        self.waiting.take_links()
    }

    /// The link is gone, and its seats with it.
    pub fn handle_link_gone(&mut self, link: LinkId) {
        self.audiences.remove_link(link);
        self.waiting.remove_link(link);
    }

    /// What is to be done next, in this order.
    pub fn poll_output(&mut self) -> Option<Output<L>> {
        self.outputs.pop_front()
    }

    /// The links on which seats with this right follow the conference: each is meant by [`Output::Class`].
    pub fn recipients(&self, right: Right) -> impl Iterator<Item = &L> {
        self.audiences.following(right)
    }
}
