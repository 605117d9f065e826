//! Full disks and commits that fail.

use std::sync::Arc;

use convene_event_log::{AppendError, EventLog as _, StorageError, WriteError};
use convene_model::ConferenceId;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{LOG, TERM, append, begin, entries, id, open, texts};
use crate::tidings::Tidings;
use crate::writer::{Job, commit};
use crate::{Options, SqliteLog, changes, open};

type Outcome = Result<(), AppendError>;

fn opened(dir: &tempfile::TempDir) -> open::Opened {
    open::open(&dir.path().join("events.db"), &Options::default()).unwrap()
}

/// Leaves room for this many pages more.
fn limit(connection: &Connection, more: u32) {
    let pages: u32 = connection.query_row("PRAGMA page_count", (), |row| row.get(0)).unwrap();
    connection.execute_batch(&format!("PRAGMA max_page_count = {}", pages + more)).unwrap();
}

/// Appends behind the entry 2 of a conference, as a job of a batch.
fn appending(conference: ConferenceId, text: &str) -> (Job, oneshot::Receiver<Outcome>) {
    let (answer, answered) = oneshot::channel();
    let entries = entries(text);
    let job = Job::new(conference, answer, move |tables| {
        changes::append(tables, conference, TERM, 2, &entries, None)
    });
    (job, answered)
}

#[tokio::test]
async fn a_full_disk_refuses_the_batch_and_the_log_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    begin(&open(&dir).unwrap()).await;
    let opened = opened(&dir);
    limit(&opened.writer, 4);
    let log = SqliteLog::of(opened).unwrap();
    let refused = append(&log, 2, &"x".repeat(100_000)).await;
    assert_eq!(refused, Err(AppendError::Write(WriteError::Failed(StorageError::Full))));
    assert_eq!(texts(&log).await, "at", "nothing of the batch is there");
    assert_eq!(append(&log, 2, "b").await, Ok(()), "what fits is taken");
}

/// If the disk is full, SQLite undoes the transaction by itself, with the work of other jobs in it.
/// None of them may be told that it was done, and the next job must not run by itself.
#[tokio::test]
async fn what_sqlite_has_undone_by_itself_is_not_told_as_done() {
    let dir = tempfile::tempdir().unwrap();
    let ids = [1, 2, 3].map(ConferenceId::from_random);
    let log = open(&dir).unwrap();
    for id in ids {
        log.create(id, LOG, Arc::from("a"), Arc::from("{}")).await.unwrap();
        log.claim(id, TERM, Arc::from("t")).await.unwrap();
    }
    drop(log);
    let opened = opened(&dir);
    limit(&opened.writer, 4);
    let large = "x".repeat(100_000);
    let jobs = [appending(ids[0], "before"), appending(ids[1], &large), appending(ids[2], "after")];
    let (jobs, answers): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
    commit(&opened.writer, jobs, &Tidings::default());
    let mut outcomes = Vec::new();
    for answer in answers {
        outcomes.push(answer.await.unwrap());
    }
    let undone = Err(AppendError::Write(WriteError::Failed(StorageError::Full)));
    assert_eq!(outcomes, [undone.clone(), undone, Ok(())]);
    assert!(opened.writer.is_autocommit(), "no transaction is left open");
    drop(opened);
    let log = open(&dir).unwrap();
    let mut left = Vec::new();
    for id in ids {
        left.push(log.read(id, 2, 10, 10).await.unwrap().len());
    }
    assert_eq!(left, [0, 0, 1]);
}

#[tokio::test]
async fn a_commit_that_fails_is_unknown_and_the_same_batch_again_finds_out() {
    let dir = tempfile::tempdir().unwrap();
    begin(&open(&dir).unwrap()).await;
    let opened = opened(&dir);
    // A row without its parent is noticed by the commit alone.
    let orphan = "PRAGMA foreign_keys = ON; CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)";
    opened.writer.execute_batch(orphan).unwrap();
    let (spoiling, spoiled) = oneshot::channel::<Outcome>();
    let spoil =
        Job::new(id(), spoiling, |tables| tables.execute("INSERT INTO child VALUES (1)", ()).map(|_| Ok(())));
    let (job, answer) = appending(id(), "b");
    commit(&opened.writer, vec![job, spoil], &Tidings::default());
    for answer in [answer, spoiled] {
        let outcome = answer.await.unwrap();
        assert!(matches!(outcome, Err(AppendError::Write(WriteError::Unknown(_)))), "{outcome:?}");
    }
    let (job, answer) = appending(id(), "b");
    commit(&opened.writer, vec![job], &Tidings::default());
    assert_eq!(answer.await.unwrap(), Ok(()));
    assert_eq!(texts(&SqliteLog::of(opened).unwrap()).await, "atb");
}
