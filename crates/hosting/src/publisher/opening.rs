//! Opening seats: whether a seat may be, and from where it goes on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use convene_conference::{Refusal, Role};
use convene_model::limits::COMMANDS_IN_FLIGHT_MAX;
use convene_model::{ParticipantId, SeatKey};
use convene_protocol::{Follow, Opened, OpenedOutcome, Resume, Resumption, ServerFrame};

use super::places::{Applicant, Awaits, Progress, Seat};
use super::run::Reader;
use super::{Output, Publisher, retry_after_ms};
use crate::messages::{JoinWish, Note, Place};
use crate::roll::KeyScope;

impl<L: Clone> Publisher<L> {
    pub(super) fn handle_open(&mut self, place: Place, link: L, resume: Arc<Resume>, now: Instant) {
        self.remove(place, now);
        self.places.enter(place, link.clone());
        let applicant = Applicant::new(resume);
        let replica = applicant.resume.replica.as_ref();
        if replica.is_some_and(|replica| replica.log != self.log) {
            self.places.leave(place);
            let (code, log) = (Refusal::OtherLog, Some(self.log));
            let outcome = OpenedOutcome::Later { code, retry_after_ms: retry_after_ms(code), log };
            let (index, count) = (place.index, applicant.resume.count);
            return self.tell_not_opened(link, Opened { index, count, void_after: None, outcome });
        }
        if self.unread.remove(&place) {
            self.places.want(place, applicant);
            return self.later(place, Refusal::NotHereNow);
        }
        self.settle(place, applicant, now);
    }

    /// Looks at seats again that wait.
    pub(super) fn settle_all(&mut self, places: Vec<Place>, now: Instant) {
        for place in places {
            if let Some(applicant) = self.places.take_applicant(place) {
                self.settle(place, applicant, now);
            }
        }
    }

    /// Opens a seat, or lets it wait for what is missing.
    fn settle(&mut self, place: Place, mut applicant: Applicant, now: Instant) {
        if let Some(code) = self.stopped {
            self.places.want(place, applicant);
            return self.later(place, code);
        }
        let top = applicant.cursor.max(applicant.receipts);
        let theirs = applicant.resume.replica.as_ref().map_or(&[][..], |replica| &replica.terms);
        let common = self.terms.common(self.last, top, theirs);
        // Nothing that was read here contradicts the seat: it is ahead.
        let is_ahead = common < top && common == self.last && !planted!(AheadTakenForVoid);
        if self.last == 0 || is_ahead {
            applicant.awaits = Awaits::Entries(top.max(1));
            return self.places.want(place, applicant);
        }
        if common < top {
            applicant.void_after = Some(applicant.void_after.map_or(common, |before| before.min(common)));
            applicant.cursor = applicant.cursor.min(common);
            applicant.receipts = applicant.receipts.min(common);
        }
        match self.roll.key(applicant.resume.key) {
            Some(right) => self.open(place, applicant, right, now),
            None => {
                applicant.awaits = Awaits::Key(applicant.resume.key);
                self.places.want(place, applicant);
                self.ask_to_join(place);
            }
        }
    }

    /// Asks the decider to let a seat in that waits for it.
    pub(super) fn ask_to_join(&mut self, place: Place) {
        let Some(applicant) = self.places.applicant(place) else { return };
        let Resume { count, key, join, was_participant, .. } = &*applicant.resume;
        self.outputs.push_back(Output::Join(JoinWish {
            place,
            count: *count,
            key: *key,
            term: self.terms.newest(),
            join: join.clone(),
            was_participant: *was_participant,
        }));
    }

    /// Opens a seat whose key is a participant's.
    fn open(&mut self, place: Place, mut applicant: Applicant, right: KeyScope, now: Instant) {
        let Some(link) = self.places.link(place.link) else { return };
        let (key, count, cursor) = (applicant.resume.key, applicant.resume.count, applicant.cursor);
        let resume = match self.resumption(key, cursor, applicant.resume.snapshot) {
            Resumption::Snapshot { .. } => match self.begin_download(place, cursor, now) {
                Ok(number) => Resumption::Snapshot { number },
                Err(awaits) => {
                    applicant.awaits = awaits;
                    return self.places.want(place, applicant);
                }
            },
            known @ (Resumption::Current | Resumption::Replay | Resumption::Other) => known,
        };
        let KeyScope { participant, private_from, .. } = right;
        let outcome = OpenedOutcome::Open {
            participant,
            conference: self.conference,
            log: self.log,
            role: self.role_of(participant),
            credit: u32::try_from(COMMANDS_IN_FLIGHT_MAX).unwrap_or(u32::MAX),
            resume,
        };
        let opened = Opened { index: place.index, count, void_after: applicant.void_after, outcome };
        let more = resume != Resumption::Current;
        let note = Note::Opened { index: place.index, count, term: self.terms.newest(), more };
        self.tell(link, &ServerFrame::Opened(vec![opened]), note);
        let progress = match resume {
            Resumption::Snapshot { .. } => Progress::AwaitsSnapshot,
            Resumption::Current | Resumption::Replay | Resumption::Other => Progress::AwaitsRoom,
        };
        self.places.open(
            place,
            Seat {
                key,
                count,
                reader: Reader { participant, private_from },
                sent: cursor,
                progress,
                held: VecDeque::new(),
                history: VecDeque::new(),
                turning: false,
            },
        );
        self.presence.change(now);
        if !more {
            self.follow_or_end(place);
        }
    }

    /// Chooses how the events of a seat go on from its cursor. The number of a snapshot is found
    /// later.
    fn resumption(&self, key: SeatKey, cursor: u64, wants_snapshot: bool) -> Resumption {
        let may_follow = self.reads_until(key).is_none();
        let is_current = cursor >= self.end_for(key);
        if may_follow && (wants_snapshot || !is_current && !self.tail.may_replay(cursor)) {
            Resumption::Snapshot { number: 0 }
        } else if is_current {
            Resumption::Current
        } else {
            Resumption::Replay
        }
    }

    fn role_of(&self, participant: ParticipantId) -> Role {
        let known = self.state.public().participants().get(participant);
        known.map_or(Role::Participant, |participant| participant.role)
    }

    /// A seat was told all that it may read up to here: it follows, or it has come to its end.
    pub(super) fn follow_or_end(&mut self, place: Place) {
        let Some(seat) = self.places.get(place) else { return };
        if self.reads_until(seat.key).is_some() {
            return self.places.set_progress(place, Progress::Ended);
        }
        self.places.set_progress(place, Progress::Following);
        self.presence.owe();
        self.tell_follow(place, true);
    }

    pub(super) fn tell_follow(&mut self, place: Place, following: bool) {
        if let Some(link) = self.places.link(place.link) {
            let frame = ServerFrame::Follow(Follow { index: place.index, following });
            self.tell(link, &frame, Note::None);
        }
    }
}
