//! The store against the record that it must give back, against kills, full disks and foreign files.

mod faults;
mod fold;
mod kill;
mod opening;
mod rows;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use convene_conference::{Outcome, Refusal, Right};
use convene_model::{CommandId, ConferenceId, Fingerprint, JoinCode, LogId, ParticipantId, PortRange};
use convene_seat::{Digest, JoinRequest, Membership, Queued, SeatRecord, SeatSecret, Settled};
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

fn membership(log: u8) -> Membership {
    Membership {
        conference: ConferenceId::from_random(5),
        participant: ParticipantId(1),
        role: Right::Organizer,
        log: LogId([log; 8]),
    }
}

fn queued(number: u64, body: &str) -> Write {
    Write::Queued(Queued { number, id: id(number), body: body.into() })
}

fn settled(number: u64, kept: Option<&str>) -> Write {
    let outcome = match kept {
        None => Outcome::Accepted { seq: number },
        Some(_) => Outcome::Refused { code: Refusal::RoomClosed },
    };
    let digest = Digest::of(kept.unwrap_or_default());
    Write::Settled(Settled { number, id: id(number), outcome, digest, kept: kept.map(Into::into) })
}

/// Someone joins as event `seq`.
fn joined(seq: u64) -> EventText {
    let text = format!(
        r#"{{"seq":{seq},"at":"2026-11-23T09:00:00.000Z","body":{{"kind":"joined","participant":"p{}","name":"N{seq}","right":"participant"}}}}"#,
        seq % 50 + 1
    );
    EventText { seq, text: text.into() }
}

fn events(seqs: std::ops::RangeInclusive<u64>) -> Write {
    let through = *seqs.end();
    Write::Events { items: seqs.map(joined).collect(), through }
}

/// Hands over a write and waits until it is durable.
async fn store(store: &Store, notices: &mut Notices, seat: SeatId, number: u64, write: Write) {
    store.write(seat, WriteId(number), write).await.expect("the writer runs");
    durable(notices, seat, number).await;
}

/// The beginning of a seat's past.
async fn read(store: &Store, seat: SeatId) -> Vec<EventText> {
    store.read_page(seat, 0, 10, 1_000_000).await.expect("readable").items
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

/// Everything of a record, so that two can be compared.
fn content(record: &SeatRecord) -> impl PartialEq + std::fmt::Debug + use<> {
    let SeatRecord {
        secret,
        join,
        membership,
        refused,
        cursor,
        state,
        missing,
        outbox,
        settled,
        last_number,
    } = record.clone();
    let replica = (membership, refused, cursor, state, missing);
    (secret.to_bytes(), join, replica, outbox, settled, last_number)
}
