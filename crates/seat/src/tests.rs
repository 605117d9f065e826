//! The seat against a store that keeps only what it was given, and a server that is played by hand.

mod acting;
mod events;
mod levels;
mod opening;
mod other_log;
mod parts;
mod past;
mod property;
mod snapshots;
mod storing;
mod void;

use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_conference::{Outcome, Receipt, Refusal};
use convene_model::{
    CommandId, ConferenceId, JoinCode, Json, LogId, ParticipantId, Point, TermId, TermStart,
};

use super::*;

const LOG: LogId = LogId([1; 8]);
const OTHER: LogId = LogId([2; 8]);

/// A seat with its store.
struct Play {
    seat: Seat,
    disk: Disk,
    now: Instant,
    count: u32,
}

impl Play {
    fn new() -> Self {
        let record = record();
        Self { seat: Seat::new(record.clone()), disk: Disk::new(record), now: start(), count: 0 }
    }

    /// One that is open in [`LOG`] as participant 1, everything stored and told.
    fn open() -> Self {
        let mut play = Self::new();
        play.ask(open(Resumption::Events));
        play.settle();
        play
    }

    /// The seat asks and is answered.
    fn ask(&mut self, answer: Answer) {
        self.ask_void(None, answer);
    }

    fn ask_void(&mut self, void_after: Option<u64>, answer: Answer) {
        assert!(self.seat.wants_open());
        self.count += 1;
        self.seat.handle_asked(self.count);
        self.seat.handle_opened(self.count, void_after, answer, self.now);
    }

    /// Opens it again, as after a new link.
    fn reopen(&mut self, void_after: Option<u64>, answer: Answer) {
        self.seat.handle_detached();
        self.ask_void(void_after, answer);
    }

    fn store(&mut self) {
        while let Some((id, write)) = self.seat.poll_write() {
            self.disk.apply(&write);
            self.seat.handle_stored(id);
        }
    }

    /// Stores, folds anew where that is wished, and gives what is told.
    fn settle(&mut self) -> Vec<Delta> {
        self.store();
        while let Some(wish) = self.seat.poll_refold() {
            self.seat.handle_refolded(wish, self.disk.fold(wish));
            self.store();
        }
        assert_eq!(*self.seat.record(), self.disk.read());
        std::iter::from_fn(|| self.seat.poll_delta()).collect()
    }

    fn restart(&mut self) {
        self.seat = Seat::new(self.disk.read());
    }

    fn act(&mut self, n: u128) -> Result<Acceptance, ActError> {
        self.seat.act(id(n), body(n), None)
    }

    fn sent(&mut self) -> Vec<CommandId> {
        std::iter::from_fn(|| self.seat.poll_send()).map(|outgoing| outgoing.id).collect()
    }

    fn events(&mut self, after: u64, through: u64, items: Vec<EventText>) {
        self.events_of(after, through, &[], items);
    }

    fn events_of(&mut self, after: u64, through: u64, terms: &[TermStart], items: Vec<EventText>) {
        let terms = terms.to_vec();
        let events = NewEvents { log: LOG, after, through, terms, items: items.into() };
        self.seat.handle_events(&events, self.now);
    }

    fn receipts(&mut self, list: impl IntoIterator<Item = Receipt>) {
        self.seat.handle_receipts(&[], list);
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.seat.handle_timeout(self.now);
    }

    fn replica(&self) -> &Replica {
        self.seat.record().replica.as_ref().unwrap()
    }

    fn seqs(&self) -> Vec<u64> {
        self.disk.texts(Span { after: 0, through: u64::MAX }).iter().map(|text| text.seq).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "a clock has no other zero")]
fn start() -> Instant {
    Instant::now()
}

fn record() -> SeatRecord {
    let join = JoinRequest { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id(0) };
    SeatRecord::new(SeatSecret::from_bytes(&[7; 32]), join)
}

fn id(n: u128) -> CommandId {
    format!("{n:032x}").parse().unwrap()
}

fn body(n: u128) -> Json {
    Json::parse(&format!(r#"{{"kind":"say","text":"{n}"}}"#)).unwrap()
}

fn conference() -> ConferenceId {
    ConferenceId::from_random(5)
}

fn open_in(log: LogId, resumption: Resumption) -> Answer {
    let (participant, conference, credit) = (ParticipantId(1), conference(), 16);
    Answer::Open { participant, conference, log, credit, resumption }
}

fn open(resumption: Resumption) -> Answer {
    open_in(LOG, resumption)
}

fn refused(code: Refusal) -> Answer {
    Answer::Refused { code }
}

fn later(code: Refusal, log: Option<LogId>) -> Answer {
    Answer::Later { code, retry_after_ms: 5_000, log }
}

fn event(seq: u64, step: u32, body: &str) -> EventText {
    let step_text = if step > 1 { format!(r#""step":{step},"#) } else { String::new() };
    let text = format!(r#"{{"seq":{seq},{step_text}"at":"2026-11-23T09:00:00.000Z","body":{body}}}"#);
    EventText { seq, step, text: Json::parse(&text).unwrap() }
}

fn said(seq: u64) -> EventText {
    event(seq, 1, r#"{"kind":"said","room":"plenary","text":"x"}"#)
}

fn joined(seq: u64, participant: u32) -> EventText {
    let body = format!(
        r#"{{"kind":"joined","participant":"p{participant}","name":"N{participant}","role":"participant"}}"#
    );
    event(seq, 1, &body)
}

fn left(seq: u64, participant: u32) -> EventText {
    event(seq, 1, &format!(r#"{{"kind":"left","participant":"p{participant}"}}"#))
}

fn accepted(n: u128, number: u64) -> Receipt {
    Receipt { id: id(n), number, outcome: Outcome::Accepted }
}

fn rejected(n: u128, number: u64, code: Refusal) -> Receipt {
    Receipt { id: id(n), number, outcome: Outcome::Refused { code } }
}

fn term(n: u8, from: u64) -> TermStart {
    TermStart { term: TermId([n; 16]), from }
}
