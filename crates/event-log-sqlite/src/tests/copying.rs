//! Copies of a log that is written meanwhile.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use convene_event_log::{EventLog as _, StorageError};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{append, begin, id, open, texts};
use crate::{OpenError, Options, SqliteLog};

#[tokio::test]
async fn a_copy_holds_the_log_of_one_moment_and_the_log_goes_on() {
    let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = open(&dir).unwrap();
    begin(&log).await;
    let copy = to.path().join("events.db");
    drop(fs::File::create(&copy).unwrap());
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
    SqliteLog::copy(&dir.path().join("events.db"), &copy, &Options::default()).unwrap();
    assert_eq!(append(&log, 2, "b").await, Ok(()));
    assert_eq!(texts(&log).await, "atb");

    SqliteLog::verify(&copy, &Options::default()).unwrap();
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 1, "nothing lies beside a copy");
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let copied = open(&to).unwrap();
    assert_eq!(texts(&copied).await, "at");
    assert_eq!(append(&copied, 2, "c").await, Ok(()), "it goes on by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_made_while_somebody_writes_is_a_beginning_of_the_log() {
    let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = open(&dir).unwrap();
    begin(&log).await;
    let (told, mut written) = watch::channel(0_usize);
    let mut writing = JoinSet::new();
    writing.spawn(async move {
        let mut last = 2;
        while told.send(usize::try_from(last).unwrap()).is_ok() {
            append(&log, last, "x").await.unwrap();
            last += 1;
        }
    });
    let (from, path) = (dir.path().join("events.db"), to.path().join("events.db"));
    for _ in 0..5 {
        let before = *written.wait_for(|last| *last > 10).await.unwrap();
        let (from, copy) = (from.clone(), path.clone());
        let copied = tokio::task::spawn_blocking(move || {
            drop(fs::File::create(&copy).unwrap());
            SqliteLog::copy(&from, &copy, &Options::default())
        });
        copied.await.unwrap().unwrap();
        SqliteLog::verify(&path, &Options::default()).unwrap();
        let copied = open(&to).unwrap();
        let entries = copied.read(id(), 0, 100_000, 1_000_000).await.unwrap();
        assert!(entries.len() >= before, "what was written before is in it: {}", entries.len());
        let last = entries.len();
        assert_eq!(append(&copied, u64::try_from(last).unwrap(), "y").await, Ok(()), "nothing is half there");
        drop(copied);
        fs::remove_file(&path).unwrap();
        written.wait_for(|now| *now > last).await.unwrap();
    }
    drop(written);
    writing.join_next().await.unwrap().unwrap();
}

#[test]
fn nothing_is_copied_over_and_nothing_from_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let copy = |to: &str| SqliteLog::copy(&path, &dir.path().join(to), &Options::default());
    assert!(matches!(copy("copy"), Err(StorageError::Failed { .. })), "there is no log");
    assert!(!path.exists());
    drop(open(&dir).unwrap());
    fs::write(dir.path().join("letter"), "Dear Anna").unwrap();
    assert!(matches!(copy("letter"), Err(StorageError::Failed { .. })));
    assert_eq!(fs::read_to_string(dir.path().join("letter")).unwrap(), "Dear Anna");
}

#[tokio::test]
async fn a_damaged_log_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let verify = || SqliteLog::verify(&path, &Options::default());
    assert!(matches!(verify(), Err(OpenError::Foreign { .. })), "there is none");
    let log = open(&dir).unwrap();
    begin(&log).await;
    drop(log);
    verify().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // The second page and those behind it: the tables themselves.
    bytes[4_096..].fill(7);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(verify(), Err(OpenError::Sqlite { .. })));
}
