use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use super::*;
use crate::{NoLog, contract};

const LOG: LogId = LogId([1; 8]);
const FIRST: TermId = TermId([2; 16]);
const SECOND: TermId = TermId([3; 16]);

fn id() -> ConferenceId {
    ConferenceId::from_random(9)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The outcome of an operation that does not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match poll(pin!(future)) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}

fn entries(texts: &[&str]) -> Vec<NewEntry> {
    texts.iter().map(|text| NewEntry { text: Arc::from(*text), receipt: None }).collect()
}

fn append(log: &MemoryLog, term: TermId, after: u64, texts: &[&str]) -> Result<(), AppendError> {
    now(log.append(id(), term, after, entries(texts), Some(Arc::from(texts.concat()))))
}

fn texts(log: &MemoryLog) -> String {
    let page = now(log.read(id(), 0, 100, 1_000)).unwrap();
    page.iter().map(|entry| &*entry.text).collect()
}

fn summary(log: &MemoryLog) -> Arc<str> {
    Arc::clone(&now(log.summaries()).unwrap().first().unwrap().text)
}

/// A log with the entries `a` and `t`; the second begins the first term.
fn begun() -> MemoryLog {
    let log = MemoryLog::default();
    now(log.create(id(), LOG, Arc::from("a"), Arc::from("{}"))).unwrap();
    now(log.claim(id(), FIRST, Arc::from("t"))).unwrap();
    log
}

fn is_unknown(done: &Result<(), AppendError>) -> bool {
    matches!(done, Err(AppendError::Write(WriteError::Unknown(_))))
}

#[test]
fn the_memory_log_keeps_the_contract() {
    now(contract::suite(&MemoryLog::default()));
}

#[test]
fn a_failed_write_wrote_nothing() {
    let log = begun();
    log.next(Fault::None);
    log.next(Fault::Failed(StorageError::Full));
    assert_eq!(append(&log, FIRST, 2, &["b"]), Ok(()));
    let failed = Err(AppendError::Write(WriteError::Failed(StorageError::Full)));
    assert_eq!(append(&log, FIRST, 3, &["c"]), failed);
    assert_eq!(texts(&log), "atb");
    assert_eq!(append(&log, FIRST, 3, &["c"]), Ok(()));
    assert_eq!((texts(&log).as_str(), &*summary(&log)), ("atbc", "c"));
}

#[test]
fn a_full_disk_takes_nothing_until_there_is_room() {
    let log = begun();
    log.set_full(true);
    let failed = Err(AppendError::Write(WriteError::Failed(StorageError::Full)));
    assert_eq!(append(&log, FIRST, 2, &["b"]), failed);
    assert_eq!(texts(&log), "at");
    log.set_full(false);
    assert_eq!(append(&log, FIRST, 2, &["b"]), Ok(()));
}

#[test]
fn of_an_unknown_batch_a_beginning_stands_and_the_same_batch_again_completes_it() {
    for written in 0..=3 {
        let log = begun();
        log.next(Fault::Unknown { entries: written });
        assert!(is_unknown(&append(&log, FIRST, 2, &["b", "c", "d"])));
        assert_eq!(texts(&log), ["at", "atb", "atbc", "atbcd"][written]);
        assert_eq!(&*summary(&log), if written == 3 { "bcd" } else { "{}" });
        assert_eq!(append(&log, FIRST, 2, &["b", "c", "d"]), Ok(()));
        assert_eq!((texts(&log).as_str(), &*summary(&log)), ("atbcd", "bcd"));
    }
}

#[test]
fn a_late_batch_changes_nothing_after_its_repetition_or_in_another_term() {
    let log = begun();
    log.next(Fault::Late);
    assert!(is_unknown(&append(&log, FIRST, 2, &["b", "c"])));
    assert_eq!((texts(&log).as_str(), log.late()), ("at", 1));
    assert_eq!(append(&log, FIRST, 2, &["b", "c"]), Ok(()));
    assert!(log.land(0, usize::MAX));
    assert_eq!((texts(&log).as_str(), log.late()), ("atbc", 0));
    log.next(Fault::Late);
    assert!(is_unknown(&append(&log, FIRST, 4, &["d"])));
    assert_eq!(now(log.claim(id(), SECOND, Arc::from("u"))), Ok(5));
    assert!(log.land(0, usize::MAX));
    assert_eq!(texts(&log), "atbcu");
    assert!(!log.land(0, usize::MAX), "nothing is under way");
}

#[test]
fn late_writes_arrive_in_any_order_and_in_part() {
    let log = begun();
    log.next(Fault::Late);
    log.next(Fault::Late);
    assert!(is_unknown(&append(&log, FIRST, 2, &["b", "c"])));
    assert!(now(log.claim(id(), SECOND, Arc::from("u"))).is_err());
    assert!(log.land(0, 1));
    assert_eq!(texts(&log), "atb");
    assert!(log.land(0, usize::MAX));
    assert_eq!(texts(&log), "atbu");
    assert_eq!(append(&log, FIRST, 2, &["b", "c"]), Err(AppendError::NotOwner));
}

#[test]
fn a_claim_that_arrives_late_founds_nothing_new() {
    let log = begun();
    log.next(Fault::Late);
    assert!(now(log.claim(id(), SECOND, Arc::from("u"))).is_err());
    assert_eq!(now(log.claim(id(), SECOND, Arc::from("u"))), Ok(3));
    assert_eq!(now(log.claim(id(), TermId([4; 16]), Arc::from("v"))), Ok(4));
    assert!(log.land(0, usize::MAX));
    assert_eq!(texts(&log), "atuv");
    assert_eq!(append(&log, TermId([4; 16]), 4, &["b"]), Ok(()));
}

#[test]
fn a_restored_backup_is_noticed_by_who_follows_and_who_looks_for_receipts() {
    let log = begun();
    let backup = log.backup();
    assert_eq!(append(&log, FIRST, 2, &["b"]), Ok(()));
    let mut following = pin!(log.follow(id(), 3, FIRST));
    assert_eq!(poll(following.as_mut()), Poll::Pending);
    log.restore(&backup, Snapshots::Restored);
    assert_eq!(poll(following.as_mut()), Poll::Ready(Err(FollowError::AnotherLog)));
    assert_eq!(now(log.find_receipts(id(), Vec::new(), 3)), Err(FindError::Short { last: 2 }));
    assert_eq!(append(&log, FIRST, 3, &["c"]), Err(AppendError::Position { last: 2 }));
}

#[test]
fn a_snapshot_that_a_restore_left_alone_is_none_and_a_lower_one_may_be_put() {
    let snapshot = |number| Snapshot { number, term: FIRST, text: Arc::from("s") };
    for (kept, then) in [(Snapshots::Kept, 4), (Snapshots::Restored, 2)] {
        let log = begun();
        now(log.put_snapshot(id(), snapshot(2))).unwrap();
        let backup = log.backup();
        assert_eq!(append(&log, FIRST, 2, &["b", "c"]), Ok(()));
        now(log.put_snapshot(id(), snapshot(4))).unwrap();
        log.restore(&backup, kept);
        let counting = (then == 2).then(|| snapshot(2));
        assert_eq!(now(log.latest_snapshot(id())), Ok(counting));
        assert_eq!(now(log.claim(id(), SECOND, Arc::from("u"))), Ok(3));
        assert_eq!(append(&log, SECOND, 3, &["d"]), Ok(()), "the number 4 is another entry's now");
        now(log.put_snapshot(id(), snapshot(2))).unwrap();
        assert_eq!(now(log.latest_snapshot(id())), Ok(Some(snapshot(2))));
    }
}

#[test]
fn reads_fail_as_planned() {
    let log = begun();
    log.fail_read(StorageError::Closed);
    assert_eq!(now(log.read(id(), 0, 1, 1)), Err(ReadError::Storage(StorageError::Closed)));
    assert_eq!(texts(&log), "at");
}

#[test]
fn a_deletion_that_is_unknown_is_found_out_by_deleting_again() {
    let log = begun();
    log.next(Fault::Unknown { entries: 1 });
    assert!(matches!(now(log.delete(id())), Err(WriteError::Unknown(_))));
    assert_eq!(now(log.read(id(), 0, 1, 1)), Err(ReadError::NoLog(NoLog::Deleted)));
    assert_eq!(now(log.delete(id())), Ok(()));
}
