//! The store against the record that it must give back, against kills, full disks and foreign
//! files.

mod carry;
mod drafts;
mod faults;
mod fold;
mod kill;
mod opening;
mod rows;
mod sizes;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use convene_conference::{Outcome, Refusal};
use convene_model::{
    CommandId, ConferenceId, Fingerprint, JoinCode, Json, LogId, ParticipantId, PortRange, TermId, TermStart,
};
use convene_seat::{DecidedCommand, EventText, JoinRequest, Missing, Queued, SeatRecord, SeatSecret, Span};
use tempfile::TempDir;

use super::*;

/// No wait here ends by it unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
const SECRET: [u8; 32] = *b"the secret key of a seat, 32 byt";

/// In which tests write that have no failure.
const TENURE: Tenure = Tenure(1);

impl Store {
    /// Hands over a write as soon as there is room.
    async fn write(&self, seat: SeatId, id: WriteId, write: Write) -> Result<(), StoreError> {
        self.reserve().await?.write(TENURE, seat, id, write);
        Ok(())
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn open(dir: &Path) -> (Store, Notices) {
    Store::open(dir, &StoreOptions::default()).expect("the store opens")
}

fn new_seat() -> NewSeat {
    NewSeat {
        user: "uid:1000".to_owned(),
        server: ServerAddress {
            host: "conference.example.org".to_owned(),
            https_port: 8443,
            ports: PortRange::DEFAULT,
            fingerprint: Some(Fingerprint([9; 32])),
        },
        secret: SeatSecret::from_bytes(&SECRET),
        join: JoinRequest { code: JoinCode([1; 16]), name: "Änna".parse().expect("a name"), id: id(0) },
    }
}

fn new_record() -> SeatRecord {
    SeatRecord::new(SeatSecret::from_bytes(&SECRET), new_seat().join)
}

fn id(n: u64) -> CommandId {
    CommandId(uuid(n))
}

fn uuid<T: std::str::FromStr<Err: std::fmt::Debug>>(n: u64) -> T {
    format!("{n:032x}").parse().expect("a UUID")
}

/// The seat is opened, in the log of this number.
fn opened(log: u8) -> Write {
    Write::Opened {
        conference: ConferenceId::from_random(5),
        log: LogId([log; 8]),
        participant: ParticipantId(1),
    }
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("JSON")
}

fn queued(order: u64, text: &str) -> Write {
    let body = json(&format!("\"{text}\""));
    Write::Queued(Queued { order, id: id(order), seen: None, body })
}

/// The receipt of a command, in the entry of its number.
fn settled(number: u64, is_refused: bool) -> Write {
    let outcome = if is_refused { Outcome::Refused { code: Refusal::RoomClosed } } else { Outcome::Accepted };
    let body = json(&format!("\"body {number}\""));
    Write::Receipts {
        list: vec![DecidedCommand { id: id(number), number, outcome, body }],
        terms: Vec::new(),
    }
}

/// Someone joins as the event of entry `seq`.
fn joined(seq: u64) -> EventText {
    let text = format!(
        r#"{{"seq":{seq},"at":"2026-11-23T09:00:00.000Z","body":{{"kind":"joined","participant":"p{}","name":"N{seq}","role":"participant"}}}}"#,
        seq % 50 + 1
    );
    EventText { seq, step: 1, text: json(&text) }
}

fn events(seqs: std::ops::RangeInclusive<u64>) -> Write {
    let through = *seqs.end();
    Write::Events { items: seqs.map(joined).collect(), through, terms: Vec::new() }
}

/// A snapshot at `number`, with this missing from now on.
fn snapshot(number: u64, missing: &[Span]) -> Write {
    let missing = Missing::from_spans(missing.iter().copied());
    Write::Snapshot { number, state: Box::default(), level: 1, terms: Vec::new(), missing }
}

fn history(seqs: std::ops::RangeInclusive<u64>, missing: &[Span]) -> Write {
    let missing = Missing::from_spans(missing.iter().copied());
    Write::History { items: seqs.map(joined).collect(), missing }
}

fn wish(after: u64, through: u64) -> HistoryWish {
    HistoryWish { span: Span { after, through }, newest: false }
}

/// Hands over a write and waits until it is durable.
async fn store(store: &Store, notices: &mut Notices, seat: SeatId, number: u64, write: Write) {
    store.write(seat, WriteId(number), write).await.expect("the writer runs");
    durable(notices, seat, number).await;
}

/// The beginning of a seat's past.
async fn read(store: &Store, seat: SeatId) -> Vec<EventText> {
    store.read_page(seat, wish(0, u64::MAX), 10, 1_000_000).await.expect("readable").items
}

/// Waits until the seat's writes up to this one are durable.
async fn durable(notices: &mut Notices, seat: SeatId, number: u64) {
    let wait = async {
        while let Some(stored) = notices.next().await {
            if stored.seat == seat && stored.through >= WriteId(number) {
                return;
            }
        }
        panic!("the writer ended");
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("durable in time");
}

/// The one seat in this directory, as a restart finds it.
fn reload(dir: &Path) -> StoredSeat {
    let (store, _) = open(dir);
    store.load().expect("readable").pop().expect("a seat")
}

/// Everything of a record that a store keeps, so that two can be compared. Replicas that were put
/// aside have no state, and a state is what its participant may see.
fn content(record: &SeatRecord) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut record = record.clone();
    for aside in &mut record.aside {
        (aside.state, aside.level) = (None, 0);
    }
    let state = record.replica.as_mut().and_then(|replica| {
        let participant = replica.participant.unwrap_or(ParticipantId(0));
        let state = replica.state.take()?;
        Json::of(&state.seen_by(participant)).ok()
    });
    (record, state)
}
