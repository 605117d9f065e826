//! Tests of the store after a kill: it has every write whole or not at all, and has lost none that
//! was told durable.

use std::fs;

use super::*;

/// Copies the files as they lie there, as if the machine had stopped, with this much of the log of
/// changes on the disk.
fn copy(from: &Path, to: &Path, log_bytes: usize) {
    fs::copy(from.join("seats.db"), to.join("seats.db")).expect("copied");
    let log = fs::read(from.join("seats.db-wal")).expect("a log");
    fs::write(to.join("seats.db-wal"), &log[..log_bytes.min(log.len())]).expect("copied");
}

fn log_bytes(dir: &Path) -> usize {
    fs::read(dir.join("seats.db-wal")).map_or(0, |log| log.len())
}

fn cursor(record: &SeatRecord) -> u64 {
    record.replica.as_ref().map_or(0, |replica| replica.cursor)
}

/// Writes of every kind that change several rows at once.
fn writes() -> Vec<Write> {
    let mut writes = vec![opened(1)];
    for number in 1..=12 {
        writes.push(queued(number, &"x".repeat(3_000)));
        writes.push(events(number * 3 - 2..=number * 3));
        writes.push(settled(number, number % 4 == 0));
    }
    writes.push(snapshot(60, &[Span { after: 36, through: 60 }]));
    writes.push(history(37..=50, &[Span { after: 50, through: 60 }]));
    writes.push(events(61..=62));
    writes
}

#[tokio::test]
async fn a_write_is_whole_or_absent_wherever_the_disk_stopped() {
    let dir = directory();
    let seat = open(dir.path()).0.add(new_seat()).await.expect("stored");
    // The seat is in the file by now, and what follows is in the log of changes.
    let (store, mut notices) = open(dir.path());
    let mut record = new_record();
    let mut folds = vec![(content(&record), cursor(&record), 0)];
    for (number, write) in (1..).zip(writes()) {
        record.apply(&write);
        super::store(&store, &mut notices, seat, number, write).await;
        folds.push((content(&record), cursor(&record), log_bytes(dir.path())));
    }
    let whole = log_bytes(dir.path());
    for cut in (0..whole).step_by(3_001).chain([whole]) {
        let copied = directory();
        copy(dir.path(), copied.path(), cut);
        let (store, _notices) = open(copied.path());
        let stored = store.load().expect("readable").pop().expect("a seat");
        // The last write whose commit lies before the cut was told durable; a commit may lie in
        // front of the log's end.
        let told = folds.iter().rposition(|(.., end)| *end <= cut).expect("the first");
        let found = folds.iter().rposition(|(fold, ..)| *fold == content(&stored.record));
        let found = found.unwrap_or_else(|| panic!("cut at {cut}: not the fold of any of the first writes"));
        assert!(found >= told, "cut at {cut}: write {told} was durable, only {found} are there");
        let cursor = folds[found].1;
        let beyond = move |connection: &Connection| {
            let count = "SELECT count(*) FROM events WHERE seat = ?1 AND seq > ?2";
            connection.query_row(count, (seat.0, cursor.cast_signed()), |row| row.get::<_, i64>(0))
        };
        let beyond = store.read(beyond).await.expect("readable");
        assert_eq!(beyond, 0, "no event is there without its cursor");
    }
}

#[tokio::test]
async fn what_was_told_durable_is_in_the_files_while_the_store_runs() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut record = new_record();
    for (number, write) in (1..).zip(writes()) {
        record.apply(&write);
        super::store(&store, &mut notices, seat, number, write).await;
        let copied = directory();
        copy(dir.path(), copied.path(), usize::MAX);
        assert_eq!(content(&reload(copied.path()).record), content(&record));
    }
}

#[tokio::test]
async fn what_waits_when_the_store_is_dropped_is_stored() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    for number in 1..=200 {
        store.write(seat, WriteId(number), queued(number, "1")).await.expect("the writer runs");
    }
    drop(store);
    assert_eq!(notices.next().await, Some(Stored { tenure: TENURE, seat, through: WriteId(200) }));
    assert_eq!(notices.next().await, None);
    assert_eq!(reload(dir.path()).record.outbox.len(), 200);
}
