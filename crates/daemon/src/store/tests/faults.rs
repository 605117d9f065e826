//! A disk that is full fails the write and not the store.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// As many pages as SQLite allows.
const NO_LIMIT: u32 = 0xffff_fffe;

/// A store on a disk that is full whenever `disk` is 1: SQLite then keeps the pages that it has.
fn limited(dir: &Path) -> (Store, Notices, Arc<AtomicU32>) {
    let disk = Arc::new(AtomicU32::new(NO_LIMIT));
    let options = StoreOptions { pages_max: Some(Arc::clone(&disk)), ..StoreOptions::default() };
    let (store, notices) = Store::open(dir, &options).expect("the store opens");
    (store, notices, disk)
}

async fn wait_for(store: &Store, fault: Option<&Fault>) {
    let mut health = store.health();
    let wait = health.wait_for(|now| now.as_ref() == fault);
    tokio::time::timeout(PATIENCE, wait).await.expect("in time").expect("the writer runs");
}

#[tokio::test]
async fn writes_wait_in_order_until_a_full_disk_has_room() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    disk.store(1, Ordering::SeqCst);
    let mut record = new_record();
    let body = "x".repeat(40_000);
    for number in 1..=20 {
        let write = queued(number, &body);
        record.apply(&write);
        store.write(seat, WriteId(number), write).await.expect("there is room in the queue");
    }
    wait_for(&store, Some(&Fault::Full)).await;
    assert_eq!(store.load().expect("readable")[0].record.outbox.len(), 0, "nothing half stored");
    let told = tokio::time::timeout(Duration::ZERO, notices.next()).await;
    assert!(told.is_err(), "{told:?} is not durable");

    assert_eq!(store.add(new_seat()).await, Err(StoreError::Failing(Fault::Full)));
    assert_eq!(store.remove(seat).await, Err(StoreError::Failing(Fault::Full)));
    assert_eq!(store.recall("key").await, Ok(None), "reading goes on");

    disk.store(NO_LIMIT, Ordering::SeqCst);
    durable(&mut notices, seat, 20).await;
    wait_for(&store, None).await;
    let seats = store.load().expect("readable");
    assert_eq!(seats.len(), 1, "the refused seat is not there, and the other one still is");
    assert_eq!(content(&seats[0].record), content(&record));
    store.add(new_seat()).await.expect("there is room again");
}

#[tokio::test]
async fn a_refused_seat_leaves_the_store_well() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    disk.store(1, Ordering::SeqCst);
    let large = NewSeat { user: "x".repeat(100_000), ..new_seat() };
    assert_eq!(store.add(large).await, Err(StoreError::Failing(Fault::Full)));
    assert_eq!(*store.health().borrow(), None, "nothing waits");
    super::store(&store, &mut notices, seat, 1, Write::Opened(membership(1))).await;
}

#[tokio::test]
async fn a_store_that_fails_can_be_closed() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, queued(1, "1")).await;
    disk.store(1, Ordering::SeqCst);
    store.write(seat, WriteId(2), queued(2, &"x".repeat(100_000))).await.expect("the writer runs");
    wait_for(&store, Some(&Fault::Full)).await;
    // Small enough for the pages that are there, but it must not come before what waits.
    store.write(seat, WriteId(3), queued(3, "3")).await.expect("the writer runs");
    drop(store);
    assert_eq!(notices.next().await, None);
    assert_eq!(reload(dir.path()).record.last_number, 1);
}

#[tokio::test]
async fn a_full_queue_makes_writers_wait_and_lets_go_what_is_only_a_help() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    disk.store(1, Ordering::SeqCst);
    store.write(seat, WriteId(1), queued(1, &"x".repeat(100_000))).await.expect("the writer runs");
    wait_for(&store, Some(&Fault::Full)).await;
    let mut number = 1;
    while let Ok(room) = tokio::time::timeout(Duration::ZERO, store.reserve()).await {
        number += 1;
        room.expect("the writer runs").write(seat, WriteId(number), queued(number, "1"));
    }
    assert_eq!(number, 1 + QUEUE_MAX as u64);
    store.remember("key", b"value".to_vec());
    assert_eq!(store.add(new_seat()).await, Err(StoreError::Failing(Fault::Full)), "nobody waits for it");
    disk.store(NO_LIMIT, Ordering::SeqCst);
    // The one that was tried already, and all that waited behind it in one commit.
    let mut told = 0;
    while told < number {
        let next = tokio::time::timeout(PATIENCE, notices.next()).await.expect("in time");
        told = next.expect("the writer runs").through.0;
        assert!(told == 1 || told == number, "{told}");
    }
    assert_eq!(store.recall("key").await, Ok(None));
}
