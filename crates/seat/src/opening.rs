//! The opening of a seat on a link, and the pauses and refusals where it is not opened.

use std::collections::BTreeSet;
use std::time::Instant;

use convene_conference::Refusal;
use convene_model::{ConferenceId, LogId, Name, ParticipantId, SeatKey, TermStart};

use crate::delta::Delta;
use crate::machine::Seat;
use crate::record::{JoinRequest, WhyReturned};
use crate::replica::Replica;
use crate::trouble::Trouble;
use crate::write::Write;

/// Whether the seat is open on the link.
#[derive(Debug)]
pub(crate) enum Opening {
    /// The server knows nothing of it there.
    Closed,
    /// It has asked, for the `count`th time. Until that is answered it takes nothing.
    Asked { count: u32 },
    /// It is open.
    Open(Open),
}

#[derive(Debug)]
pub(crate) struct Open {
    /// The number of commands that may be without a receipt at the same time.
    pub(crate) credit: usize,
    /// The place of the last command that was handed to the link.
    pub(crate) sent: u64,
    /// The places of those that were handed over and have no receipt.
    pub(crate) in_flight: BTreeSet<u64>,
    /// The number of a snapshot that was announced and has not come.
    pub(crate) awaits: Option<u64>,
}

/// The facts that a seat tells the server when it asks to be opened, besides its place on the link
/// and the proof.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The public half of its key.
    pub key: SeatKey,
    /// Its conference, once the server has named it.
    pub conference: Option<ConferenceId>,
    /// The extent of its replica, where it has one.
    pub replica: Option<AskedReplica<'a>>,
    /// Whether it wants a snapshot whatever it missed.
    pub snapshot: bool,
    /// All that would be needed to join.
    pub join: &'a JoinRequest,
    /// Whether it ever was a participant's in that log.
    pub was_participant: bool,
}

/// The extent of a replica: the log, and the numbers up to which the seat has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedReplica<'a> {
    /// Of which log.
    pub log: LogId,
    /// The cursor.
    pub number: u64,
    /// The highest number of a receipt that is kept.
    pub receipts: u64,
    /// Every term up to the higher of both.
    pub terms: &'a [TermStart],
}

/// The server's answer to a seat that asked to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is open.
    Open {
        /// The participant who owns the seat.
        participant: ParticipantId,
        /// In which conference.
        conference: ConferenceId,
        /// Of which log.
        log: LogId,
        /// The number of commands that may be without a receipt at the same time.
        credit: u32,
        /// The way in which its events go on.
        resumption: Resumption,
    },
    /// Not now.
    Later {
        /// Why.
        code: Refusal,
        /// When to ask again.
        retry_after_ms: u64,
        /// The log that the server shows in place of the one that the seat named.
        log: Option<LogId>,
    },
    /// It is refused.
    Refused {
        /// Why.
        code: Refusal,
    },
}

/// The way in which a seat's events go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// From its cursor.
    Events,
    /// From a snapshot with this number, which follows.
    Snapshot {
        /// The number.
        number: u64,
    },
    /// In a way of a later version. The seat asks for a snapshot.
    Other,
}

impl Seat {
    /// Whether the seat is to ask the server now, on a link that begins.
    pub fn may_be_opened(&self) -> bool {
        let has_state = !self.needs_reread() && !self.is_folding();
        self.record.refused.is_none() && has_state && !self.is_full() && self.pause.is_over()
    }

    /// Whether the seat is to ask the server now, on a link that stands.
    pub fn wants_open(&self) -> bool {
        self.may_be_opened() && matches!(self.opening, Opening::Closed)
    }

    /// Whether it has asked, or is open.
    pub fn is_engaged(&self) -> bool {
        !matches!(self.opening, Opening::Closed)
    }

    /// Whether nothing but news of a return is to be had: its participant left, nothing waits to be
    /// sent, and nobody wants to read.
    pub fn is_resting(&self) -> bool {
        let has_left = self.record.replica.as_ref().is_some_and(Replica::has_left);
        has_left && self.record.outbox.is_empty() && self.wishes.is_empty()
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        matches!(self.opening, Opening::Open(_))
    }

    /// The wish to be opened.
    pub fn asked(&self) -> Asked<'_> {
        let record = &self.record;
        let replica = record.replica.as_ref();
        Asked {
            key: record.secret.key(),
            conference: record.conference,
            replica: replica.map(|replica| AskedReplica {
                log: replica.log,
                number: replica.cursor,
                receipts: if planted!(ReceiptsNotNamed) { 0 } else { replica.receipts.highest() },
                terms: named_terms(replica),
            }),
            snapshot: self.wants_snapshot || replica.is_some_and(|replica| replica.terms.are_full()),
            join: &record.join,
            was_participant: replica
                .is_some_and(|replica| replica.was_participant && !planted!(NeverParticipant)),
        }
    }

    /// It has asked, for the `count`th time on this link.
    pub fn handle_asked(&mut self, count: u32) {
        self.opening = Opening::Asked { count };
        self.wishes.close();
    }

    /// The link is gone, or began anew, or the seat was closed on it.
    pub fn handle_detached(&mut self) {
        self.opening = Opening::Closed;
        self.wishes.close();
    }

    /// The server says that the seat must ask again.
    pub fn handle_reopen(&mut self) {
        self.handle_detached();
        self.pause.end();
    }

    /// The server answers to the `count`th time. An answer to an earlier one means nothing any
    /// more. `void_after` is the last number that the replica and the log have in common, where the
    /// log goes on in another way.
    pub fn handle_opened(&mut self, count: u32, void_after: Option<u64>, answer: Answer, now: Instant) {
        if !matches!(self.opening, Opening::Asked { count: asked } if asked == count || planted!(EarlierAnswerTaken))
        {
            return;
        }
        self.opening = Opening::Closed;
        if let Some(common) = void_after {
            self.void(common);
        }
        match answer {
            // The server counts on a cursor that the seat has only once its state is folded anew:
            // it asks again then.
            Answer::Open { .. } | Answer::Refused { .. } if self.is_folding() => {}
            Answer::Open { participant, conference, log, credit, resumption } => {
                let known = self.record.replica.as_ref().map_or(log, |replica| replica.log);
                if self.record.conference.is_some_and(|known| known != conference) {
                    // Another conference's log must not come into this replica, nor its commands
                    // there.
                    self.not_here(Refusal::ConferenceUnknown, now);
                } else if known != log {
                    self.trouble.note_other_log(log, now);
                    self.pause.wait_long(now);
                } else {
                    self.note_open(conference, log, participant);
                    self.open(credit, resumption, now);
                }
            }
            Answer::Later { code, retry_after_ms, log } => {
                self.pause.wait(retry_after_ms, now);
                let mine = self.record.replica.as_ref().map(|replica| replica.log);
                match log.filter(|_| mine.is_some()) {
                    Some(log) if mine != Some(log) => self.trouble.note_other_log(log, now),
                    Some(_) | None => self.trouble.not_here = Some(code),
                }
            }
            Answer::Refused { code } => self.refuse(code, now),
        }
        self.show();
    }

    /// The person turns to the log that the server shows, with the same key:
    /// [`Standing::NotHereNow`] named it. The replica is put aside and stays readable, and the
    /// outbox goes along. `name` is the one under which to join there. Says whether that can be
    /// done: the server has to have shown the log, or a replica of it has to be aside.
    ///
    /// [`Standing::NotHereNow`]: crate::Standing::NotHereNow
    pub fn join_other_log(&mut self, log: LogId, name: Name) -> bool {
        let Some(replica) = &self.record.replica else { return false };
        let is_shown = self.trouble.other_log.is_some_and(|other| other.log == log);
        let is_aside = self.record.aside.iter().any(|aside| aside.log == log);
        let may = self.record.refused.is_none() && !self.needs_reread();
        if replica.log == log || !may || !(is_shown || is_aside) {
            return false;
        }
        self.turn_to(log, name);
        self.pause.end();
        self.show();
        true
    }

    fn note_open(&mut self, conference: ConferenceId, log: LogId, participant: ParticipantId) {
        let known = self.record.replica.as_ref();
        let is_news =
            known.is_none_or(|known| !known.was_participant || known.participant != Some(participant));
        if is_news || self.record.conference != Some(conference) {
            self.write(Write::Opened { conference, log, participant });
        }
        self.trouble = Trouble::default();
    }

    fn open(&mut self, credit: u32, resumption: Resumption, now: Instant) {
        let awaits = match resumption {
            Resumption::Events => None,
            Resumption::Snapshot { number } => Some(number),
            Resumption::Other => {
                self.wants_snapshot = true;
                return self.pause.back_off(now);
            }
        };
        // One at least: a seat without any credit would never get a receipt.
        let credit = usize::try_from(credit).unwrap_or(usize::MAX).max(1);
        self.opening = Opening::Open(Open { credit, sent: 0, in_flight: BTreeSet::new(), awaits });
    }

    fn not_here(&mut self, code: Refusal, now: Instant) {
        self.trouble.not_here = Some(code);
        self.pause.wait_long(now);
    }

    fn refuse(&mut self, code: Refusal, now: Instant) {
        let was = self.record.replica.as_ref().is_some_and(|replica| replica.was_participant);
        if !code.is_final(was) {
            return self.not_here(code, now);
        }
        self.trouble.not_here = None;
        if code == Refusal::CodeUnknown && !self.trouble.note_code_unknown(now) {
            self.trouble.refused = Some(code);
            return self.pause.wait_long(now);
        }
        // Refused in another log, a seat goes back to the one that it had.
        let before = self.record.aside.last().map(|aside| aside.log);
        match before.filter(|_| !was && !planted!(NotGoneBack)) {
            Some(log) => {
                self.turn_to(log, self.record.join.name.clone());
                self.trouble.refused = Some(code);
                self.pause.wait_long(now);
            }
            None => {
                self.write(Write::Refused { code });
                self.trouble = Trouble::default();
            }
        }
    }

    fn turn_to(&mut self, log: LogId, name: Name) {
        self.handle_detached();
        self.trouble = Trouble::default();
        self.write(Write::OtherLog { log, name });
        self.wants_snapshot = false;
        self.look_at_state();
        self.tell(Delta::WatchAnew);
    }

    /// The part of the replica above `common` is void.
    fn void(&mut self, common: u64) {
        let Some(replica) = &self.record.replica else { return };
        if common >= replica.top() || planted!(VoidPartKept) {
            return;
        }
        // The state at the common number can be made of a snapshot below it, or of all events. If a
        // snapshot lies above that number, and another snapshot passed over something before, the
        // seat has to go back to the number up to which it holds all events.
        let first_missing = replica.missing.spans().first().map_or(common, |span| span.after);
        let goes_back = replica.base > common && !planted!(VoidSnapshotKept);
        let reachable = if goes_back { first_missing.min(common) } else { common };
        let cursor = reachable.min(replica.cursor);
        let base = if replica.base > cursor { 0 } else { replica.base };
        let mut missing = replica.missing.clone();
        missing.cut(cursor);
        let ids = replica.receipts.above(common);
        self.write(Write::Voided { common, cursor, base, missing });
        for id in ids {
            let returned = self.record.returned.get(&id);
            if let Some(lost) = returned.filter(|returned| returned.why == WhyReturned::Lost) {
                let body = lost.body.clone();
                self.tell(Delta::Lost { id, body });
            }
        }
        self.look_at_state();
    }
}

/// The terms that a resume names: all up to where the replica goes.
fn named_terms(replica: &Replica) -> &[TermStart] {
    let terms = replica.terms.up_to(replica.top());
    let first = if planted!(FewTermsNamed) { terms.len().saturating_sub(2) } else { 0 };
    terms.get(first..).unwrap_or_default()
}
