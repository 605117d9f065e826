use convene_event_log::first::contract;
use rusqlite::Connection;

use std::sync::Arc;

use convene_event_log::first::{AppendError, EventLog as _, Head, StorageError};
use convene_model::{ConferenceId, LogId};
use tokio::sync::mpsc;

use crate::engine::{QUEUE_MAX, thread};
use crate::{OpenError, Options, SqliteLog, open, reader, writer};

const LOG: LogId = LogId([1; 8]);

fn id() -> ConferenceId {
    ConferenceId::from_random(77)
}

fn open(dir: &tempfile::TempDir) -> Result<SqliteLog, OpenError> {
    SqliteLog::open(&dir.path().join("events.db"), &Options::default())
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
    log.create(id(), LOG, Arc::from("a")).await.unwrap();
    log.append(id(), 1, vec![Arc::from("b")]).await.unwrap();
    drop(log);
    let log = open(&dir).unwrap();
    assert_eq!(log.heads().await.unwrap(), [Head { conference: id(), log: LOG, last: 2 }]);
    assert_eq!(log.read(id(), 1, 10, 100).await.unwrap(), [(2, Arc::from("b"))]);
}

#[tokio::test]
async fn what_arrives_together_is_committed_together_and_one_refusal_spoils_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = Arc::new(open(&dir).unwrap());
    for number in 0..20 {
        log.create(ConferenceId::from_random(number), LOG, Arc::from("a")).await.unwrap();
    }
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let log = Arc::clone(&log);
        let after = if number == 7 { 5 } else { 1 };
        tasks.spawn(async move {
            (number, log.append(ConferenceId::from_random(number), after, vec![Arc::from("b")]).await)
        });
    }
    while let Some(done) = tasks.join_next().await {
        let (number, done) = done.unwrap();
        let expected = if number == 7 { Err(AppendError::Position { last: 1 }) } else { Ok(2) };
        assert_eq!(done, expected, "conference {number}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_the_batch_and_the_log_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let log = open(&dir).unwrap();
    log.create(id(), LOG, Arc::from("a")).await.unwrap();
    drop(log);
    let opened = open::open(&path, None).unwrap();
    let pages: u32 = opened.writer.query_row("PRAGMA page_count", (), |row| row.get(0)).unwrap();
    opened.writer.execute_batch(&format!("PRAGMA max_page_count = {}", pages + 4)).unwrap();
    let (writes, jobs) = mpsc::channel(QUEUE_MAX);
    let (reads, pages) = mpsc::channel(QUEUE_MAX);
    let writer = Some(thread("writer", move || writer::run(opened.writer, jobs)).unwrap());
    let reader = Some(thread("reader", move || reader::run(&opened.reader, pages)).unwrap());
    let log = SqliteLog { writes: Some(writes), reads: Some(reads), reader, writer };
    let large = vec![Arc::from("x".repeat(100_000))];
    assert_eq!(log.append(id(), 1, large).await, Err(AppendError::Storage(StorageError::Full)));
    assert_eq!(log.read(id(), 0, 10, 100).await.unwrap().len(), 1, "nothing of the batch is there");
    assert_eq!(log.append(id(), 1, vec![Arc::from("small")]).await, Ok(2), "what fits is taken");
}

#[test]
fn a_second_server_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(&dir).unwrap();
    assert!(matches!(open(&dir), Err(OpenError::InUse { .. })));
    drop(first);
    open(&dir).unwrap();
}

#[test]
fn foreign_and_later_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    std::fs::write(&path, "this is a letter, and longer than the head of a database: ".repeat(40)).unwrap();
    assert!(matches!(open(&dir), Err(OpenError::Foreign { .. })));
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    assert!(matches!(open(&dir), Err(OpenError::Foreign { .. })));
    std::fs::remove_file(&path).unwrap();
    drop(open(&dir).unwrap());
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    assert!(matches!(open(&dir), Err(OpenError::Newer { found: 99, .. })));
}

/// Every file but locks: its name, its bytes and when they were written.
fn files(dir: &tempfile::TempDir) -> Vec<(std::ffi::OsString, Vec<u8>, std::time::SystemTime)> {
    let mut files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_none_or(|extension| extension != "lock"))
        .map(|entry| {
            let written = entry.metadata().unwrap().modified().unwrap();
            (entry.file_name(), std::fs::read(entry.path()).unwrap(), written)
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_later_log_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let log = open(&dir).unwrap();
    log.create(id(), LOG, Arc::from("a")).await.unwrap();
    drop(log);
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let before = files(&dir);
    assert_eq!(before.len(), 1, "a log that was closed is one file");
    let Err(refused) = open(&dir) else { panic!("a later log was opened") };
    assert!(refused.to_string().contains("events.db was made by a later version (form 2, this one knows 1)"));
    assert!(matches!(SqliteLog::look(&path, &Options::default()), Err(OpenError::Newer { found: 2, .. })));
    assert_eq!(files(&dir), before);
}

#[test]
fn a_later_log_whose_server_was_killed_is_left_as_it_is() {
    let living = tempfile::tempdir().unwrap();
    drop(open(&living).unwrap());
    let path = living.path().join("events.db");
    let later = Connection::open(&path).unwrap();
    later.execute_batch("PRAGMA user_version = 2").unwrap();
    // What is on the disk at this moment is what a kill leaves.
    let dir = tempfile::tempdir().unwrap();
    for name in ["events.db", "events.db-wal"] {
        std::fs::copy(living.path().join(name), dir.path().join(name)).unwrap();
    }
    let head = std::fs::read(dir.path().join("events.db")).unwrap();
    assert_eq!(head[60..64], [0, 0, 0, 1], "the number stands in the WAL alone");
    let before = files(&dir);
    assert!(matches!(open(&dir), Err(OpenError::Newer { found: 2, .. })));
    assert_eq!(files(&dir), before);
}

#[tokio::test]
async fn a_log_of_this_form_is_carried_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    assert!(!SqliteLog::look(&path, &Options::default()).unwrap());
    assert_eq!(files(&dir), [], "a look makes no file");
    // As a start leaves it that was killed before its tables stood.
    Connection::open(&path).unwrap().execute_batch("PRAGMA journal_mode = WAL").unwrap();
    let log = open(&dir).unwrap();
    log.create(id(), LOG, Arc::from("a")).await.unwrap();
    // As a kill leaves it.
    let killed = tempfile::tempdir().unwrap();
    for name in ["events.db", "events.db-wal"] {
        std::fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
    }
    drop(log);
    for dir in [dir, killed] {
        assert!(SqliteLog::look(&dir.path().join("events.db"), &Options::default()).unwrap());
        let log = open(&dir).unwrap();
        assert_eq!(log.heads().await.unwrap(), [Head { conference: id(), log: LOG, last: 1 }]);
        assert_eq!(log.append(id(), 1, vec![Arc::from("b")]).await, Ok(2));
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let _log = open(&dir).unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
}
