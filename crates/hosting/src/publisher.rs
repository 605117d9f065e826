//! The publisher of a conference: it is fed the durable entries, and tells each seat what it may
//! read.
//!
//! After every input the shell drains [`Publisher::poll_output`]. Where several processes serve a
//! conference, each has a publisher for the seats of its links; two that are fed alike tell the
//! same.

mod answers;
mod catching_up;
mod history;
mod opening;
mod outputs;
mod places;
mod presence;
mod receipts;
mod run;
mod snapshots;
mod stored;
mod tail;
mod telling;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use convene_conference::{Codes, LEVEL, Refusal, State};
use convene_model::{ConferenceId, JoinCode, LogId, SeatKey, TermId};
use convene_protocol::{Opened, OpenedOutcome, Reopen, ServerFrame};

pub use self::outputs::{Output, Read};
use self::places::{Applicant, Places};
use self::presence::PresenceDue;
use self::snapshots::Snapshots;
use self::stored::Beginning;
pub use self::stored::StoredPart;
use self::tail::Tail;
use self::terms::Terms;
use crate::entry::FIRST_LEVEL;
use crate::messages::{Answer, LinkNumber, Note, Place, Told, Wish};
use crate::roll::Roll;

/// Before which a seat need not ask again where something may be better in a moment.
const SOON_MS: u64 = 5_000;
/// Before which it need not where a person has to do something first.
const LATE_MS: u64 = 30_000;

/// The publisher of one conference in one process. `L` is what the shell reaches a link by.
#[derive(Debug)]
pub struct Publisher<L> {
    conference: ConferenceId,
    log: LogId,
    /// After every entry that was read.
    state: State,
    roll: Roll,
    terms: Terms,
    /// The lowest level that can fold what was read.
    level: u32,
    /// The number of the last entry that was read.
    last: u64,
    /// Up to where all that follow were told together.
    told: u64,
    /// Bytes of events above `told`: none of them is public.
    untold: usize,
    tail: Tail,
    /// Why no more of the log is read here.
    stopped: Option<Refusal>,
    places: Places<L>,
    /// Seats for which the log could not be read: the next time that they ask, they are told to ask
    /// later.
    unread: BTreeSet<Place>,
    /// Answers that rest on entries that were not read yet, in the order in which they were given.
    /// Invariant: of one term, so the numbers of those entries never go back.
    answers: VecDeque<Answer>,
    snapshots: Snapshots,
    presence: PresenceDue,
    outputs: VecDeque<Output<L>>,
}

impl<L: Clone> Publisher<L> {
    /// Of a conference whose log is about to be read from its first entry on.
    pub fn new(conference: ConferenceId, log: LogId) -> Self {
        Self::beginning(conference, log, Beginning::default())
    }

    /// Of a conference whose log is about to be read from the entry behind a stored snapshot on.
    pub fn from_stored(conference: ConferenceId, log: LogId, stored: StoredPart) -> Self {
        Self::beginning(conference, log, stored.into())
    }

    fn beginning(conference: ConferenceId, log: LogId, beginning: Beginning) -> Self {
        let Beginning { number, level, terms, state, roll, missed } = beginning;
        Self {
            conference,
            log,
            state,
            roll,
            terms: Terms::new(log, terms),
            level: level.max(FIRST_LEVEL),
            last: number,
            told: number,
            untold: 0,
            tail: Tail::new(number, missed),
            stopped: (level > LEVEL).then_some(Refusal::ConferenceOfLaterVersion),
            places: Places::default(),
            unread: BTreeSet::new(),
            answers: VecDeque::new(),
            snapshots: Snapshots::default(),
            presence: PresenceDue::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Which conference.
    pub fn conference(&self) -> ConferenceId {
        self.conference
    }

    /// Which log of it.
    pub fn log(&self) -> LogId {
        self.log
    }

    /// As it stands after every entry that was read.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The codes that open it.
    pub fn codes(&self) -> &Codes {
        self.roll.codes()
    }

    /// The codes by which it is found, some of which open it no more.
    pub fn known_codes(&self) -> impl Iterator<Item = JoinCode> {
        self.roll.known_codes()
    }

    /// The number of the last entry that was read; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The newest term that begins in what was read.
    pub fn term(&self) -> TermId {
        self.terms.newest()
    }

    /// The number of links that are told what comes.
    pub(crate) fn listeners(&self) -> usize {
        self.places.listeners()
    }

    /// The number of answers that wait for the entries on which they rest.
    pub(crate) fn answers_waiting(&self) -> usize {
        self.answers.len()
    }

    /// Whether a seat is open here.
    pub(crate) fn is_open(&self, place: Place) -> bool {
        self.places.get(place).is_some()
    }

    /// Whether the entry with which a term begins was read.
    pub(crate) fn has_begun(&self, term: TermId) -> bool {
        self.terms.list().iter().any(|start| start.term == term)
    }

    /// Why no more of the log is read here, if so: it holds an entry of a later version, or text
    /// that is no entry. Every seat is told so, and to ask again later.
    pub fn stopped(&self) -> Option<Refusal> {
        self.stopped
    }

    /// A desk wants something for a seat of its link. A seat that wants to be open is taken for the
    /// one that was opened at the same place before.
    ///
    /// Invariant: no wish comes from a link that is gone. Its daemon is back by a link with another
    /// number.
    pub fn handle_wish(&mut self, link: LinkNumber, handle: L, wish: Wish, now: Instant) {
        let place = |index| Place { link, index };
        match wish {
            Wish::Open(resume) => self.handle_open(place(resume.index), handle, resume, now),
            Wish::Close { index } => {
                self.unread.remove(&place(index));
                self.remove(place(index), now);
            }
            Wish::History(request) => self.handle_history(place(request.index), request),
            Wish::Ready { index } => self.handle_ready(place(index), now),
        }
    }

    /// The link is gone, and its seats with it.
    pub fn handle_link_gone(&mut self, link: LinkNumber, now: Instant) {
        for place in self.places.on(link) {
            self.places.remove(place);
        }
        self.unread.retain(|place| place.link != link);
        self.presence.change(now);
    }

    /// Whether a pipe carries the link at this moment, for others to see who is connected. A link
    /// is taken to be carried when its first seat comes.
    pub fn handle_link_living(&mut self, link: LinkNumber, living: bool, now: Instant) {
        self.places.set_living(link, living);
        self.presence.change(now);
    }

    /// The path to the decider breaks, or its task has died: what was on its way there may be lost.
    /// Seats are opened again, so that their daemons send again what has no receipt.
    pub fn handle_decider_lost(&mut self) {
        let open = self.places.opened();
        self.reopen(open);
        for place in self.places.joining() {
            self.ask_to_join(place);
        }
    }

    /// The log does not hold an entry that was read here: somebody restored a backup of it. All
    /// that was read is forgotten, open seats are to ask again, those that wait go on waiting, and
    /// the log is read anew: behind the stored snapshot that the log gives now, or from its first
    /// entry on.
    pub fn handle_log_lost(&mut self, stored: Option<StoredPart>) {
        let open = self.places.opened();
        self.reopen(open);
        let mut waiting = Vec::new();
        for place in self.places.waiting() {
            if let (Some(link), Some(applicant)) =
                (self.places.link(place.link), self.places.take_applicant(place))
            {
                waiting.push((place, link, applicant.resume));
            }
        }
        let outputs = std::mem::take(&mut self.outputs);
        let beginning = stored.map_or_else(Beginning::default, Beginning::from);
        *self = Self { outputs, ..Self::beginning(self.conference, self.log, beginning) };
        for (place, link, resume) in waiting {
            self.places.enter(place, link);
            self.places.want(place, Applicant::new(resume));
        }
        if let Some(code) = self.stopped {
            self.stop(code);
        }
    }

    /// The next task for the shell.
    pub fn poll_output(&mut self) -> Option<Output<L>> {
        self.outputs.pop_front()
    }

    /// When [`Publisher::handle_timeout`] must be called at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let presence = self.places.anyone_follows().then(|| self.presence.due()).flatten();
        let snapshot = self.snapshots.due().filter(|_| self.places.anyone_awaits_snapshot());
        [presence, snapshot].into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.places.anyone_follows() && self.presence.due().is_some_and(|due| due <= now) {
            self.tell_presence(now);
        }
        if self.snapshots.due().is_some_and(|due| due <= now) {
            self.settle_all(self.places.awaiting_snapshot(), now);
        }
    }

    /// A seat is not wanted any more, or not under its earlier opening.
    fn remove(&mut self, place: Place, now: Instant) {
        if self.places.remove(place) {
            self.presence.change(now);
        }
    }

    /// These open seats must ask to be opened again.
    fn reopen(&mut self, mut places: Vec<Place>) {
        places.retain(|place| self.places.get(*place).is_some());
        for on_link in places.chunk_by(|one, next| one.link == next.link) {
            let Some(link) = on_link.first().and_then(|place| self.places.link(place.link)) else { continue };
            let seats: Vec<u32> = on_link.iter().map(|place| place.index).collect();
            let frame = ServerFrame::Reopen(Reopen { seats: seats.clone() });
            self.tell(link, &frame, Note::Reopen { seats });
            for place in on_link {
                self.places.remove(*place);
            }
        }
    }

    /// No more of the log is read here: every seat is to ask again, and is told to do so later.
    fn stop(&mut self, code: Refusal) {
        self.stopped = Some(code);
        self.answers.clear();
        for place in self.places.waiting() {
            self.later(place, code);
        }
        let open = self.places.opened();
        self.reopen(open);
    }

    /// A seat that waits to be opened is to ask again later.
    fn later(&mut self, place: Place, code: Refusal) {
        let Some(link) = self.places.link(place.link) else { return };
        let Some(Applicant { resume, void_after, .. }) = self.places.take_applicant(place) else { return };
        self.places.leave(place);
        let outcome = OpenedOutcome::Later { code, retry_after_ms: retry_after_ms(code), log: None };
        let (index, count) = (place.index, resume.count);
        self.tell_not_opened(link, Opened { index, count, void_after, outcome });
    }

    fn tell_not_opened(&mut self, link: L, opened: Opened) {
        let note = Note::NotOpened { index: opened.index, count: opened.count };
        self.tell(link, &ServerFrame::Opened(vec![opened]), note);
    }

    fn tell(&mut self, link: L, frame: &ServerFrame, note: Note) {
        self.tell_text(link, frame.to_string().into(), note);
    }

    fn tell_text(&mut self, link: L, text: Arc<str>, note: Note) {
        self.outputs.push_back(Output::Tell { link, told: Told { text, note } });
    }

    /// The last entry that the key may read; absent while it may read all that comes.
    fn reads_until(&self, key: SeatKey) -> Option<u64> {
        self.roll.reads_until(key).filter(|_| !planted!(LeaverTold))
    }

    /// Up to where a seat with this key is to be told.
    fn end_for(&self, key: SeatKey) -> u64 {
        self.reads_until(key).map_or(self.last, |until| until.min(self.last))
    }
}

/// Whether a person has to do something before it is of use to ask again.
fn retry_after_ms(code: Refusal) -> u64 {
    let late = matches!(
        code,
        Refusal::ConferenceOfLaterVersion
            | Refusal::ConferenceDamaged
            | Refusal::OtherLog
            | Refusal::CodeUnknown
            | Refusal::CodeReplaced
            | Refusal::DoorsLocked
            | Refusal::Removed
            | Refusal::TooManyDevices
    );
    if late { LATE_MS } else { SOON_MS }
}
