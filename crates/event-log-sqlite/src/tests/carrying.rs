//! A log that the programs of the first form wrote.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_event_log::{EventLog as _, ReceiptKey, Summary};
use convene_model::{CommandId, ConferenceId, ParticipantId, SeatKey, TermId};
use serde_json::Value;

use super::{TERM, entries};
use crate::{CarriedEntry, FirstForm, Options, SqliteLog};

const EVENTS: &[u8] = include_bytes!("../../tests/fixtures/format-1/events.db");

/// Reads what the test needs: its summary is the conference's title.
#[derive(Default)]
struct Reading {
    title: String,
    seats: BTreeMap<SeatKey, ParticipantId>,
}

impl FirstForm for Reading {
    fn handle_entry(&mut self, text: &str) -> Option<CarriedEntry> {
        let entry: Value = serde_json::from_str(text).unwrap();
        let field = |path: &str| entry.pointer(path).and_then(Value::as_str);
        if let Some(title) = field("/event/body/settings/title") {
            title.clone_into(&mut self.title);
        }
        if let (Some(key), Some(participant)) = (field("/seat/key"), field("/seat/participant")) {
            self.seats.insert(key.parse().unwrap(), participant.parse().unwrap());
        }
        let receipt = field("/receipt/seat").zip(field("/receipt/id")).map(|(seat, id)| {
            let (seat, command) = (seat.parse::<SeatKey>().unwrap(), id.parse::<CommandId>().unwrap());
            ReceiptKey { participant: self.seats[&seat], command }
        });
        Some(CarriedEntry { text: text.into(), receipt })
    }

    fn summary(&self) -> Arc<str> {
        Arc::from(self.title.as_str())
    }
}

fn fixture() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("events.db"), EVENTS).unwrap();
    dir
}

fn open(dir: &tempfile::TempDir) -> SqliteLog {
    let first_form: Option<fn() -> Box<dyn FirstForm>> = Some(|| Box::new(Reading::default()));
    SqliteLog::open(&dir.path().join("events.db"), &Options { vfs: None, first_form }).unwrap()
}

async fn called(log: &SqliteLog, title: &str) -> Summary {
    let summaries = log.summaries().await.unwrap();
    summaries.into_iter().find(|one| &*one.text == title).unwrap()
}

fn key(participant: u32, digit: char) -> ReceiptKey {
    let command = "11111111-1111-4111-8111-111111111111".replace('1', &digit.to_string());
    ReceiptKey { participant: ParticipantId(participant), command: command.parse().unwrap() }
}

#[tokio::test]
async fn a_log_of_the_first_form_is_carried_over_once() {
    let dir = fixture();
    assert!(SqliteLog::look(&dir.path().join("events.db"), &Options::default()).unwrap());
    for _ in 0..2 {
        let log = open(&dir);
        let mut lasts: Vec<(String, u64)> =
            log.summaries().await.unwrap().iter().map(|one| (one.text.to_string(), one.last)).collect();
        lasts.sort();
        let named = |name: &str, last| (name.to_owned(), last);
        assert_eq!(lasts, [named("Not begun", 1), named("Our next year", 9), named("Over and done", 4)]);
        let about = called(&log, "Our next year").await;
        let page = log.read(about.conference, 0, 100, 100_000).await.unwrap();
        assert!(page.iter().map(|entry| entry.number).eq(1..=9));
        assert!(page.iter().all(|entry| entry.term == TermId::of_log(about.log)));
        assert!(page[0].text.starts_with(r#"{"at":"#) && page[8].text.contains("Until tomorrow"));
    }
}

#[tokio::test]
async fn receipts_of_the_first_form_are_found() {
    let dir = fixture();
    let log = open(&dir);
    let about = called(&log, "Our next year").await;
    let keys = vec![key(2, '1'), key(2, '2'), key(3, '1'), key(1, '3'), key(3, '2'), key(1, '1')];
    let found = log.find_receipts(about.conference, keys, 9).await.unwrap();
    let found: Vec<(ReceiptKey, u64)> = found.into_iter().map(|(key, entry)| (key, entry.number)).collect();
    // Anna spoke and was refused; Bernd used the same id; Clara spoke to the organizers.
    assert_eq!(found, [(key(2, '1'), 5), (key(2, '2'), 6), (key(3, '1'), 7), (key(1, '3'), 9)]);
}

#[tokio::test]
async fn a_log_that_was_carried_over_goes_on() {
    let dir = fixture();
    let log = open(&dir);
    let about = called(&log, "Our next year").await;
    let id: ConferenceId = about.conference;
    assert_eq!(log.claim(id, TERM, Arc::from("t")).await, Ok(10));
    assert_eq!(log.append(id, TERM, 10, entries("b"), Some(Arc::from("later"))).await, Ok(()));
    let followed = log.follow(id, 9, TermId::of_log(about.log)).await.unwrap();
    assert!(followed.iter().map(|entry| (entry.number, entry.term)).eq([(10, TERM), (11, TERM)]));
    assert_eq!(called(&log, "later").await.last, 11);
}
