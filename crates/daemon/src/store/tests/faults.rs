//! A disk that is full, or fails when most is done: what is told, and what is there afterwards.

use std::sync::atomic::{AtomicBool, AtomicU32};

use super::*;

/// As many pages as SQLite allows.
const NO_LIMIT: u32 = 0xffff_fffe;

/// A store on a disk that is full whenever `pages_max` is 1: SQLite then keeps the pages that it
/// has.
fn limited(dir: &Path) -> (Store, Notices, Arc<Disk>) {
    let disk = Arc::new(Disk { pages_max: AtomicU32::new(NO_LIMIT), doubts: AtomicBool::new(false) });
    let options = StoreOptions { disk: Some(Arc::clone(&disk)), ..StoreOptions::default() };
    let (store, notices) = Store::open(dir, &options).expect("the store opens");
    (store, notices, disk)
}

impl Disk {
    fn fill(&self) {
        self.pages_max.store(1, Ordering::SeqCst);
    }

    fn make_room(&self) {
        self.pages_max.store(NO_LIMIT, Ordering::SeqCst);
    }

    /// The next commit holds, and is told as failed.
    fn doubt(&self) {
        self.doubts.store(true, Ordering::SeqCst);
    }
}

/// Waits until the store has failed so often, and is well again or not.
async fn wait_for(store: &Store, failures: u64, is_well: bool) {
    let mut health = store.health();
    let wait = health.wait_for(|now| now.failures == failures && now.fault.is_none() == is_well);
    tokio::time::timeout(PATIENCE, wait).await.expect("in time").expect("the writer runs");
}

/// More than the pages that are there have room for.
fn large() -> String {
    "x".repeat(40_000)
}

async fn outbox(store: &Store, seat: SeatId) -> Vec<u64> {
    let seat = store.load_seat(seat).await.expect("readable").expect("a seat");
    seat.record.outbox.iter().map(|queued| queued.order).collect()
}

#[tokio::test]
async fn writes_of_a_tenure_that_met_a_full_disk_are_let_go_and_those_of_the_next_are_stored() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let tenure = store.begin_tenure();
    let write = async |tenure, number| {
        let room = store.reserve().await.expect("the writer runs");
        room.write(tenure, seat, WriteId(number), queued(number, &large()));
    };
    disk.fill();
    for number in 1..=20 {
        write(tenure, number).await;
    }
    wait_for(&store, 1, false).await;
    assert_eq!(store.health().borrow().fault, Some(Fault::Full));
    // It comes before room is made, and is taken up after.
    write(tenure, 21).await;
    disk.make_room();
    wait_for(&store, 1, true).await;
    write(tenure, 22).await;
    assert_eq!(outbox(&store, seat).await, [0; 0], "nothing of it appears later");

    let next = store.begin_tenure();
    write(next, 1).await;
    let told = tokio::time::timeout(PATIENCE, notices.next()).await.expect("in time");
    assert_eq!(told, Some(Stored { tenure: next, seat, through: WriteId(1) }), "and nothing else was told");
    assert_eq!(outbox(&store, seat).await, [1]);
}

#[tokio::test]
async fn a_full_disk_refuses_at_once_and_can_be_read() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, opened(1)).await;
    super::store(&store, &mut notices, seat, 2, events(1..=3)).await;
    disk.fill();
    let full = || StoreError::Failing(Fault::Full);
    let another = NewSeat { secret: SeatSecret::from_bytes(&[8; 32]), ..new_seat() };
    let large_seat = NewSeat { user: large(), ..another.clone() };
    assert_eq!(store.add(large_seat).await, Err(full()), "it is tried");
    assert_eq!(store.add(another).await, Err(full()), "it is not tried");
    assert_eq!(store.remove(seat).await, Err(full()));
    assert_eq!(store.recall("key").await, Ok(None));
    assert_eq!(read(&store, seat).await, [joined(1), joined(2), joined(3)]);
    assert_eq!(store.load().expect("readable").len(), 1);
    // This is more than the queue holds: a caller that keeps something is not made to wait.
    for number in 0..3 * QUEUE_MAX {
        let key = format!("key {}", number % 10);
        let kept = store.keep(&key, number.to_be_bytes().to_vec());
        tokio::time::timeout(PATIENCE, kept).await.expect("in time").expect("the writer runs");
    }
    disk.make_room();
    wait_for(&store, 1, true).await;
    let last = (3 * QUEUE_MAX - 1).to_be_bytes().to_vec();
    let key = format!("key {}", (3 * QUEUE_MAX - 1) % 10);
    store.flush().await.expect("the writer runs");
    assert_eq!(store.recall(&key).await, Ok(Some(last)), "the last value of each key is kept");
    let ids: Vec<_> = store.load().expect("readable").into_iter().map(|seat| seat.id).collect();
    assert_eq!(ids, [seat], "the refused seats are not there, and the other one still is");
    store.remove(seat).await.expect("there is room again");
}

#[tokio::test]
async fn what_a_failed_commit_left_in_the_files_is_told_as_not_known() {
    let dir = directory();
    let (store, _notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    disk.doubt();
    assert_eq!(store.remove(seat).await, Err(StoreError::Unsure), "it is gone, or comes back");
    wait_for(&store, 1, true).await;

    disk.doubt();
    assert_eq!(store.add(new_seat()).await, Err(StoreError::Unsure));
    wait_for(&store, 2, true).await;
    assert_eq!(store.load().expect("readable").len(), 0, "a seat that nobody heard of is taken back");

    let seat = store.add(new_seat()).await.expect("stored");
    disk.doubt();
    let tenure = store.begin_tenure();
    store.reserve().await.expect("room").write(tenure, seat, WriteId(1), queued(1, "1"));
    wait_for(&store, 3, true).await;
    assert_eq!(outbox(&store, seat).await, [1], "who reads the store anew sees that it holds");
    drop(store);
    assert_eq!(reload(dir.path()).record.outbox.len(), 1);
}

#[tokio::test]
async fn a_draft_that_the_disk_does_not_take_is_told_as_that_and_one_that_holds_as_not_known() {
    let dir = directory();
    let (store, _notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut told = store.draft_changes();
    disk.fill();
    let draft = drafts::wanted("k", 0, &large());
    assert_eq!(store.set_draft(seat, 1, draft).await, Err(StoreError::Failing(Fault::Full)));
    assert_eq!(store.drafts(seat).await, Ok(Vec::new()));
    wait_for(&store, 1, false).await;
    disk.make_room();
    wait_for(&store, 1, true).await;
    assert!(told.try_recv().is_err(), "nobody was told");
    disk.doubt();
    assert_eq!(store.set_draft(seat, 1, drafts::wanted("k", 0, "x")).await, Err(StoreError::Unsure));
    wait_for(&store, 2, true).await;
    let again = store.set_draft(seat, 1, drafts::wanted("k", 0, "x")).await.expect("stored");
    let Draft { revision, other, .. } = again.expect("kept");
    assert_eq!((revision, other), (2, None), "it holds, and the same again is no other text");
}

#[tokio::test]
async fn a_store_that_fails_can_be_closed() {
    let dir = directory();
    let (store, mut notices, disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, queued(1, "1")).await;
    disk.fill();
    store.write(seat, WriteId(2), queued(2, &large())).await.expect("the writer runs");
    wait_for(&store, 1, false).await;
    // Small enough for the pages that are there, but nothing may come before what was let go.
    store.write(seat, WriteId(3), queued(3, "3")).await.expect("the writer runs");
    drop(store);
    assert_eq!(notices.next().await, None);
    assert_eq!(reload(dir.path()).record.outbox.len(), 1);
}

#[tokio::test]
async fn a_full_queue_lets_go_what_is_only_a_help() {
    let dir = directory();
    let (store, mut notices, _disk) = limited(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut number = 0;
    let mut rooms = Vec::new();
    while let Ok(Some(room)) = store.try_reserve() {
        rooms.push(room);
    }
    assert_eq!(rooms.len(), QUEUE_MAX);
    store.remember("key", b"value".to_vec());
    for room in rooms {
        number += 1;
        room.write(TENURE, seat, WriteId(number), queued(number, "1"));
    }
    durable(&mut notices, seat, number).await;
    assert_eq!(store.recall("key").await, Ok(None));
}
