//! Files that are opened, and files that are left as they are.

use rusqlite::Connection;

use super::{append, begin, open, texts};
use crate::{OpenError, Options, SqliteLog};

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
    begin(&log).await;
    drop(log);
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
    let before = files(&dir);
    assert_eq!(before.len(), 1, "a log that was closed is one file");
    let Err(refused) = open(&dir) else { panic!("a later log was opened") };
    assert!(refused.to_string().contains("events.db was made by a later version (form 3, this one knows 2)"));
    assert!(matches!(SqliteLog::look(&path, &Options::default()), Err(OpenError::Newer { found: 3, .. })));
    assert_eq!(files(&dir), before);
}

#[test]
fn a_later_log_whose_server_was_killed_is_left_as_it_is() {
    let living = tempfile::tempdir().unwrap();
    drop(open(&living).unwrap());
    let path = living.path().join("events.db");
    let later = Connection::open(&path).unwrap();
    later.execute_batch("PRAGMA user_version = 3").unwrap();
    // A kill leaves what is on the disk at this moment.
    let dir = tempfile::tempdir().unwrap();
    for name in ["events.db", "events.db-wal"] {
        std::fs::copy(living.path().join(name), dir.path().join(name)).unwrap();
    }
    let head = std::fs::read(dir.path().join("events.db")).unwrap();
    assert_eq!(head[60..64], [0, 0, 0, 2], "the number stands in the WAL alone");
    let before = files(&dir);
    assert!(matches!(open(&dir), Err(OpenError::Newer { found: 3, .. })));
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
    begin(&log).await;
    // As a kill leaves it.
    let killed = tempfile::tempdir().unwrap();
    for name in ["events.db", "events.db-wal"] {
        std::fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
    }
    drop(log);
    for dir in [dir, killed] {
        assert!(SqliteLog::look(&dir.path().join("events.db"), &Options::default()).unwrap());
        let log = open(&dir).unwrap();
        assert_eq!(texts(&log).await, "at");
        assert_eq!(append(&log, 2, "b").await, Ok(()));
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
