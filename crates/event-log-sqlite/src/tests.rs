mod carrying;
#[cfg(unix)]
mod copying;
mod failing;
mod forms;

use std::sync::Arc;

use convene_event_log::{AppendError, EventLog as _, NewEntry, contract};
use convene_model::{ConferenceId, LogId, TermId};

use crate::{OpenError, Options, SqliteLog};

const LOG: LogId = LogId([1; 8]);
const TERM: TermId = TermId([2; 16]);

fn id() -> ConferenceId {
    ConferenceId::from_random(77)
}

fn open(dir: &tempfile::TempDir) -> Result<SqliteLog, OpenError> {
    SqliteLog::open(&dir.path().join("events.db"), &Options::default())
}

fn entries(text: &str) -> Vec<NewEntry> {
    vec![NewEntry { text: Arc::from(text), receipt: None }]
}

/// Begins a log with the entries `a` and `t`; the second begins a term.
async fn begin(log: &SqliteLog) {
    log.create(id(), LOG, Arc::from("a"), Arc::from("{}")).await.unwrap();
    assert_eq!(log.claim(id(), TERM, Arc::from("t")).await, Ok(2));
}

async fn append(log: &SqliteLog, after: u64, text: &str) -> Result<(), AppendError> {
    log.append(id(), TERM, after, entries(text), None).await
}

async fn texts(log: &SqliteLog) -> String {
    let page = log.read(id(), 0, 100, 1_000).await.unwrap();
    page.iter().map(|entry| &*entry.text).collect()
}

#[tokio::test]
async fn the_sqlite_log_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    contract::suite(&open(&dir).unwrap()).await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir).unwrap();
    begin(&log).await;
    append(&log, 2, "b").await.unwrap();
    let deleted = ConferenceId::from_random(78);
    log.delete(deleted).await.unwrap();
    drop(log);
    let log = open(&dir).unwrap();
    assert_eq!(texts(&log).await, "atb");
    assert_eq!(log.claim(id(), TERM, Arc::from("t")).await, Ok(3), "the term goes on");
    assert_eq!(append(&log, 3, "c").await, Ok(()));
    assert!(log.claim(deleted, TERM, Arc::from("t")).await.is_err());
}

#[tokio::test]
async fn what_arrives_together_is_committed_together_and_one_refusal_spoils_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = Arc::new(open(&dir).unwrap());
    for number in 0..20 {
        let id = ConferenceId::from_random(number);
        log.create(id, LOG, Arc::from("a"), Arc::from("{}")).await.unwrap();
        log.claim(id, TERM, Arc::from("t")).await.unwrap();
    }
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let log = Arc::clone(&log);
        let after = if number == 7 { 5 } else { 2 };
        tasks.spawn(async move {
            let id = ConferenceId::from_random(number);
            (number, log.append(id, TERM, after, entries("b"), None).await)
        });
    }
    while let Some(done) = tasks.join_next().await {
        let (number, done) = done.unwrap();
        let expected = if number == 7 { Err(AppendError::Position { last: 2 }) } else { Ok(()) };
        assert_eq!(done, expected, "conference {number}");
    }
}
