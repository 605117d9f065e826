//! The decider of a conference: it turns commands into entries, and has them appended.
//!
//! After every input the shell drains [`Decider::poll_answer`], and asks [`Decider::poll_append`]
//! and [`Decider::poll_lookup`]. Appended entries reach seats by way of a publisher alone.

mod commands;
mod joins;
mod lookup;
#[cfg(test)]
mod tests;

use std::array;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_conference::{
    Actor, Audience, Body, Codes, Command, Context, Decided, Event, Refusal, Stamp, State, check_entry,
    decide, due, fill, level_of, next_due,
};
use convene_model::limits::UNDECIDED_COMMANDS_MAX;
use convene_model::{CommandId, ConferenceId, Json, LogId, ParticipantId, TermId, Timestamp};
use convene_protocol::{Point, TermStart};
use sha2::{Digest as _, Sha256};

pub use self::lookup::Lookup;
use self::lookup::Lookups;
use crate::entry::{Entry, EntryEvent, FIRST_LEVEL, StoredKey, StoredReceipt};
use crate::filter::Filter;
use crate::limits::DataLimits;
use crate::messages::{Answer, AnswerKind, LinkNumber, Place};
use crate::publisher::StoredPart;
use crate::roll::Roll;
use crate::summary::Summary;

/// Between two attempts at a log that fails: long enough for a disk to be freed, short enough for
/// people who wait.
const LOG_RETRY: Duration = Duration::from_secs(1);
/// How long joins wait for others, for each link that is told of them: about twice what it costs to
/// tell it. Who joins a room of a thousand is in 20 ms later.
const JOIN_WAIT_PER_LINK: Duration = Duration::from_micros(20);
/// The longest such wait.
const JOIN_WAIT_MAX: Duration = Duration::from_millis(40);
/// Where the wait would be shorter than this there is none: there is little to be saved.
const JOIN_WAIT_MIN: Duration = Duration::from_millis(2);

/// The time at which something comes to the decider.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// On the monotonic clock.
    pub instant: Instant,
    /// On the server's clock for conferences: [`crate::Clock`].
    pub at: Timestamp,
}

/// A batch for the log, of which one is under way at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The term in which it is appended.
    pub term: TermId,
    /// The number of the entry before the first of these.
    pub after: u64,
    /// In order.
    pub entries: Vec<NewEntry>,
    /// To be written with them, where it changed.
    pub summary: Option<Summary>,
}

/// An entry for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The entry.
    pub text: Arc<str>,
    /// By which its receipt is found.
    pub receipt: Option<(ParticipantId, CommandId)>,
}

/// The log's answer to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is durable.
    Done,
    /// Another term has begun, or the log stands at another number than this decider knows.
    Lost,
    /// Nothing was written, or it is not known whether something was. The same batch is tried
    /// again, which completes what may have been written.
    Again,
}

/// Something decided that is not durable yet.
#[derive(Debug)]
struct Pending {
    text: Arc<str>,
    receipt: Option<StoredReceipt>,
    /// Whether the summary changed with it.
    summary: Option<Summary>,
}

/// The events of an entry to be.
#[derive(Debug, Default)]
struct Made {
    events: Vec<Event>,
    texts: Vec<EntryEvent>,
}

impl Made {
    fn of(decided: Vec<Decided>, stamp: Stamp) -> Self {
        let mut made = Self::default();
        for (event, audience) in stamp.events(decided) {
            made.texts.extend(EntryEvent::of(audience, &event));
            made.events.push(event);
        }
        made
    }

    /// Whether it fits into one entry.
    fn checked(self) -> Result<Self, Refusal> {
        let texts: Vec<Json> = self.texts.iter().map(|event| event.text.clone()).collect();
        check_entry(&texts).map(|()| self)
    }
}

/// The decider of one conference in one term.
#[derive(Debug)]
pub struct Decider {
    conference: ConferenceId,
    log: LogId,
    terms: Vec<TermStart>,
    term: TermId,
    /// After everything decided.
    state: State,
    roll: Roll,
    summary: Summary,
    filter: Filter,
    limits: DataLimits,
    /// The number of the last durable entry.
    durable: u64,
    /// The number of the last decided entry.
    last: u64,
    /// Decided entries that are not durable, the first numbered `durable + 1`.
    pending: VecDeque<Pending>,
    /// The commands among them.
    undurable: BTreeMap<(ParticipantId, CommandId), u64>,
    /// The seats that sent one of these commands again, by the number of the command's entry.
    repeats: BTreeMap<u64, BTreeSet<Place>>,
    /// The number of `pending` entries that are under way to the log.
    appending: usize,
    retry_at: Option<Instant>,
    /// How long joins wait for others.
    join_wait: Duration,
    /// Since when nothing but joins waits for the next batch.
    joins_since: Option<Instant>,
    /// Until when they wait.
    joins_due: Option<Instant>,
    /// When all that joined by the code of participants did so at no more than its pace.
    joins_until: Option<Instant>,
    is_lost: bool,
    lookups: Lookups,
    answers: VecDeque<Answer>,
    seed: [u8; 32],
    decisions: u64,
}

impl Decider {
    /// A decider whose term begins with the last entry of `part`. `filter` misses no command that
    /// has its receipt up to there. `seed` must be random: join codes are made of it.
    pub(crate) fn begin(
        conference: ConferenceId,
        log: LogId,
        part: &StoredPart,
        filter: Filter,
        seed: [u8; 32],
        limits: DataLimits,
    ) -> Self {
        let (state, roll) = (part.state(), part.roll().clone());
        Self {
            conference,
            log,
            terms: part.terms().to_vec(),
            term: part.point(log).term,
            summary: Summary::found_by(&state, roll.known_codes()),
            state,
            roll,
            filter,
            limits,
            durable: part.number,
            last: part.number,
            pending: VecDeque::new(),
            undurable: BTreeMap::new(),
            repeats: BTreeMap::new(),
            appending: 0,
            retry_at: None,
            join_wait: Duration::ZERO,
            joins_since: None,
            joins_due: None,
            joins_until: None,
            is_lost: false,
            lookups: Lookups::default(),
            answers: VecDeque::new(),
            seed,
            decisions: 0,
        }
    }

    /// The ids of all commands that it knows; it may be more than the log holds.
    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn into_filter(self) -> Filter {
        self.filter
    }

    /// Which conference.
    pub fn conference(&self) -> ConferenceId {
        self.conference
    }

    /// Its term.
    pub fn term(&self) -> TermId {
        self.term
    }

    /// As the conference stands after everything decided.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The codes that open it.
    pub fn codes(&self) -> &Codes {
        self.roll.codes()
    }

    /// The number of the last durable entry.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Whether so much is undecided or not durable that the shell must bring no commands for now.
    pub fn is_full(&self) -> bool {
        self.pending.len() + self.lookups.waiting() >= UNDECIDED_COMMANDS_MAX
    }

    /// Whether another term has begun, so that this decider is of no more use.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Whether nothing is under way: the conference may be let go.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.lookups.waiting() == 0 && self.answers.is_empty()
    }

    /// The operator ends the conference. Gives the number of the entry that says so.
    ///
    /// # Errors
    /// When the rules forbid it.
    pub fn handle_end(&mut self, now: Now) -> Result<u64, Refusal> {
        self.handle_due(now);
        let decided = self.decide(Actor::Operator, &Command::End, now.at)?;
        let made = Made::of(decided, self.stamp(now.at, None, None));
        if !made.events.is_empty() {
            self.put(now.at, made, None, None);
        }
        Ok(self.last)
    }

    /// A link is gone: nothing that waits on it is decided any more. Its daemon sends it again.
    pub fn handle_link_gone(&mut self, link: LinkNumber) {
        self.lookups.remove_link(link);
        self.repeats.retain(|_, places| {
            places.retain(|place| place.link != link);
            !places.is_empty()
        });
    }

    /// Does what is due by itself; see [`Decider::next_due`].
    pub fn handle_due(&mut self, now: Now) {
        // Each act moves the next due time on, or leaves fewer acts at it.
        while let Some(mut decided) = due(&self.state, now.at) {
            if planted!(PlannedFromAt) {
                decided.iter_mut().for_each(|decided| reckon_from(now.at, &mut decided.body));
            }
            let made = Made::of(decided, self.stamp(now.at, None, None));
            self.put(now.at, made, None, None);
        }
        self.tell_filling(now.at);
    }

    /// Tells where the conference has passed a mark of what it may hold.
    fn tell_filling(&mut self, at: Timestamp) {
        if let Some(filled) = fill(&self.state, self.limits.mark(self.roll.bytes())) {
            let made = Made::of(vec![filled], self.stamp(at, None, None));
            self.put(at, made, None, None);
        }
    }

    /// When the conference has something to do by itself, on its own clock.
    pub fn next_due(&self) -> Option<Timestamp> {
        next_due(&self.state)
    }

    /// When [`Decider::poll_append`] has a batch again that failed, or one that waits.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.retry_at, self.joins_due, self.lookups.retry_at()].into_iter().flatten().min()
    }

    /// So many links will be told what is decided next.
    pub fn expect_listeners(&mut self, links: usize) {
        let links = u32::try_from(links).unwrap_or(u32::MAX);
        let wait = JOIN_WAIT_PER_LINK.saturating_mul(links).min(JOIN_WAIT_MAX);
        self.join_wait = if wait < JOIN_WAIT_MIN { Duration::ZERO } else { wait };
    }

    /// The next batch for the log; none while one is under way, and for a while after one failed.
    /// Joins wait a little for others, so that a crowd that comes is told of itself in few frames;
    /// whatever else is decided takes them along at once.
    pub fn poll_append(&mut self, now: Instant) -> Option<Append> {
        let is_waiting = self.retry_at.is_some_and(|due| due > now);
        if self.is_lost || is_waiting || self.pending.is_empty() {
            return None;
        }
        let tries_again = self.retry_at.take().is_some();
        if self.appending > 0 && !tries_again {
            return None;
        }
        if self.appending == 0 {
            let due = self.joins_since.map(|since| since + self.join_wait);
            self.joins_due = due.filter(|due| *due > now);
            if self.joins_due.is_some() {
                return None;
            }
            self.joins_since = None;
            self.appending = self.pending.len();
        }
        let batch = self.pending.iter().take(self.appending);
        let entries = batch.clone().map(|pending| NewEntry {
            text: Arc::clone(&pending.text),
            receipt: pending.receipt.as_ref().map(|receipt| (receipt.participant, receipt.id)),
        });
        Some(Append {
            term: self.term,
            after: self.durable,
            entries: entries.collect(),
            summary: batch.rev().find_map(|pending| pending.summary.clone()),
        })
    }

    /// The log has answered the batch under way.
    pub fn handle_append(&mut self, outcome: AppendOutcome, now: Instant) {
        match outcome {
            AppendOutcome::Done => self.handle_durable(),
            AppendOutcome::Lost => self.is_lost = true,
            AppendOutcome::Again if planted!(UnknownDropped) => {
                self.pending.clear();
                self.undurable.clear();
                (self.last, self.appending) = (self.durable, 0);
            }
            AppendOutcome::Again => self.retry_at = Some(now + LOG_RETRY),
        }
    }

    /// The next answer for the publisher.
    pub fn poll_answer(&mut self) -> Option<Answer> {
        self.answers.pop_front()
    }

    fn handle_durable(&mut self) {
        for _ in 0..std::mem::take(&mut self.appending) {
            let Some(pending) = self.pending.pop_front() else { break };
            self.durable += 1;
            let Some(receipt) = pending.receipt else { continue };
            self.undurable.remove(&(receipt.participant, receipt.id));
            self.lookups.handle_durable(self.durable, &receipt);
            for place in self.repeats.remove(&self.durable).unwrap_or_default() {
                self.answer_first(place, self.durable, &receipt);
            }
        }
    }

    /// Returns the events that a command causes.
    fn decide(&mut self, actor: Actor, command: &Command, at: Timestamp) -> Result<Vec<Decided>, Refusal> {
        self.decisions += 1;
        let mut sha = Sha256::new();
        sha.update(self.seed);
        sha.update(self.decisions.to_be_bytes());
        let bits = <[u8; 32]>::from(sha.finalize());
        let half = |from: usize| -> [u8; 16] {
            array::from_fn(|nth| bits.get(from + nth).copied().unwrap_or_default())
        };
        let (random, codes, told) = ([half(0), half(16)], self.roll.codes(), self.roll.told());
        let context = Context { actor, now: at, random, codes, told };
        let mut decided = decide(&self.state, &context, command)?;
        if planted!(ToldToEveryone) {
            decided.iter_mut().for_each(|decided| decided.audience = Audience::Everyone);
        }
        Ok(decided)
    }

    /// The circumstances of the next entry.
    fn stamp(&self, at: Timestamp, by: Option<ParticipantId>, command: Option<CommandId>) -> Stamp {
        Stamp { seq: self.last + 1, at, by, command }
    }

    /// Adds an entry behind the last.
    fn put(&mut self, at: Timestamp, made: Made, receipt: Option<StoredReceipt>, key: Option<StoredKey>) {
        self.joins_since = None;
        if made.events.iter().any(|event| matches!(event.body, Body::CodesReplaced(_))) {
            // Nobody has come by the new code.
            self.joins_until = None;
        }
        let seq = self.last + 1;
        let level = made.events.iter().map(|event| level_of(&event.body)).max().unwrap_or(FIRST_LEVEL);
        let entry = Entry { level, at, events: made.texts, receipt, term: None, key, codes: Codes::new() };
        self.fold(seq, &entry, &made.events);
        self.last = seq;
        let changed = self.changed_summary(&made.events);
        if let Some(receipt) = &entry.receipt {
            self.undurable.insert((receipt.participant, receipt.id), seq);
        }
        self.pending.push_back(Pending { text: entry.text(), receipt: entry.receipt, summary: changed });
    }

    /// The summary, where these events have changed it. Messages, moves and votes, which are nearly
    /// all events, do not change it.
    fn changed_summary(&mut self, events: &[Event]) -> Option<Summary> {
        let changes_nothing = |body: &Body| {
            matches!(
                body,
                Body::Said(_) | Body::Went(_) | Body::Voted(_) | Body::Turnout(_) | Body::Renamed(_)
            )
        };
        if events.iter().all(|event| changes_nothing(&event.body)) {
            return None;
        }
        let summary = Summary::found_by(&self.state, self.roll.known_codes());
        (summary != self.summary).then(|| {
            self.summary = summary;
            self.summary.clone()
        })
    }

    fn fold(&mut self, number: u64, entry: &Entry, events: &[Event]) {
        self.roll.apply(number, entry, events.iter().map(|event| &event.body));
        for event in events {
            self.state.evolve(event);
        }
        if let Some(receipt) = &entry.receipt {
            self.filter.insert(receipt.participant, receipt.id);
        }
    }

    fn answer(&mut self, place: Place, what: AnswerKind) {
        let rests_on = Point { number: self.last, term: self.term };
        self.answers.push_back(Answer { place, rests_on, what });
    }
}

/// A phase that is planned from when its beginning is written.
fn reckon_from(at: Timestamp, body: &mut Body) {
    if let Body::PhaseBegan(began) = body {
        let lasts = began.ends.as_millis().saturating_sub(began.planned.as_millis());
        (began.planned, began.ends) = (at, Timestamp::from_millis(at.as_millis().saturating_add(lasts)));
    }
}
