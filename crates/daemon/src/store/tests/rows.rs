//! What is kept, for how long, and what is shown of it.

use std::fs;

use super::*;

#[tokio::test]
async fn a_removed_seat_is_gone_and_its_late_writes_have_no_effect() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, queued(1, "\"a text that goes with its seat\"")).await;
    super::store(&store, &mut notices, seat, 2, events(1..=3)).await;
    store.remove(seat).await.expect("removed");
    for (number, write) in [(3, queued(2, "2")), (4, events(4..=5)), (5, settled(1, None))] {
        super::store(&store, &mut notices, seat, number, write).await;
    }
    assert_eq!(store.load().expect("readable").len(), 0);
    assert_eq!(read(&store, seat).await, Vec::new());
    assert_ne!(store.add(new_seat()).await.expect("stored"), seat, "its number is not given again");
}

#[tokio::test]
async fn a_removed_seat_leaves_no_key_in_the_file() {
    let dir = directory();
    let (store, _notices) = open(dir.path());
    let holds_key = || {
        let file = fs::read(dir.path().join("seats.db")).expect("a file");
        file.windows(SECRET.len()).any(|window| window == SECRET)
    };
    let seat = store.add(new_seat()).await.expect("stored");
    drop(store);
    assert!(holds_key());
    let (store, _notices) = open(dir.path());
    store.remove(seat).await.expect("removed");
    drop(store);
    assert!(!holds_key());
    assert!(!dir.path().join("seats.db-wal").exists());
}

#[tokio::test]
async fn seats_do_not_touch_each_other() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let first = store.add(new_seat()).await.expect("stored");
    let second = store.add(NewSeat { user: "uid:1001".to_owned(), ..new_seat() }).await.expect("stored");
    super::store(&store, &mut notices, first, 1, queued(1, "1")).await;
    super::store(&store, &mut notices, second, 1, events(1..=2)).await;
    let replaces =
        Write::Snapshot { membership: membership(2), through: 0, state: Box::default(), replaces: true };
    super::store(&store, &mut notices, first, 2, replaces).await;
    let users: Vec<_> =
        store.load().expect("readable").into_iter().map(|seat| (seat.id, seat.user)).collect();
    assert_eq!(users, [(first, "uid:1000".to_owned()), (second, "uid:1001".to_owned())]);
    assert_eq!(read(&store, second).await, vec![joined(1), joined(2)]);
    assert_eq!(store.load().expect("readable")[1].record.outbox.len(), 0);
}

#[tokio::test]
async fn events_are_read_within_limits_and_at_least_one() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, events(1..=9)).await;
    let read = async |after, count, bytes| -> Vec<u64> {
        let page = store.read_page(seat, after, count, bytes).await.expect("readable");
        page.items.iter().map(|item| item.seq).collect()
    };
    let size = joined(1).text.len();
    assert_eq!(read(0, 3, usize::MAX).await, [1, 2, 3]);
    assert_eq!(read(0, usize::MAX, 2 * size).await, [1, 2]);
    assert_eq!(read(4, 5, 0).await, [5]);
    assert_eq!(read(4, 0, 1_000).await, [0; 0]);
    assert_eq!(read(9, 5, 1_000).await, [0; 0]);
    assert_eq!(read(u64::MAX, 5, 1_000).await, [0; 0]);
}

#[tokio::test]
async fn a_page_says_what_is_behind_it() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let page = async |after, count, bytes| {
        let Page { items, through, behind } =
            store.read_page(seat, after, count, bytes).await.expect("readable");
        (items.iter().map(|item| item.seq).collect::<Vec<u64>>(), through, behind)
    };
    assert_eq!(page(0, 9, 9_000).await, (vec![], 0, Behind::Nothing));
    // Of what happened up to 5, this seat may see 1 to 4.
    let items: Vec<EventText> = (1..=4).map(joined).collect();
    super::store(&store, &mut notices, seat, 1, Write::Events { items, through: 5 }).await;
    let size = joined(1).text.len();
    assert_eq!(page(0, 3, 9_000).await, (vec![1, 2, 3], 3, Behind::More), "cut by the count");
    assert_eq!(page(0, 9, 2 * size).await, (vec![1, 2], 2, Behind::More), "cut by the bytes");
    assert_eq!(page(2, 2, 2 * size).await, (vec![3, 4], 5, Behind::Nothing), "the last one, and full");
    assert_eq!(page(7, 9, 9_000).await, (vec![], 7, Behind::Nothing), "beyond the end");
    let passes_over =
        Write::Snapshot { membership: membership(1), through: 8, state: Box::default(), replaces: false };
    super::store(&store, &mut notices, seat, 2, passes_over).await;
    super::store(&store, &mut notices, seat, 3, events(9..=10)).await;
    assert_eq!(page(3, 9, 9_000).await, (vec![4], 5, Behind::Hole { through: 8 }));
    assert_eq!(page(6, 9, 9_000).await, (vec![], 6, Behind::Hole { through: 8 }), "inside");
    assert_eq!(page(8, 9, 9_000).await, (vec![9, 10], 10, Behind::Nothing));
    let filled = Write::History { items: vec![joined(6)], through: 7 };
    super::store(&store, &mut notices, seat, 4, filled).await;
    assert_eq!(page(3, 9, 9_000).await, (vec![4, 6], 7, Behind::Hole { through: 8 }));
    super::store(&store, &mut notices, seat, 5, Write::History { items: vec![joined(8)], through: 8 }).await;
    assert_eq!(page(3, 9, 9_000).await, (vec![4, 6, 8, 9, 10], 10, Behind::Nothing));
}

#[tokio::test]
async fn what_was_remembered_is_recalled_after_a_restart_up_to_a_limit() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    for n in 0..1_100u64 {
        store.remember(&format!("server {n}"), n.to_be_bytes().to_vec());
        store.remember("again and again", n.to_be_bytes().to_vec());
        if n % 50 == 0 {
            super::store(&store, &mut notices, seat, n + 1, Write::Opened(membership(1))).await;
        }
    }
    drop(store);
    let (store, _notices) = open(dir.path());
    assert_eq!(store.recall("server 1099").await, Ok(Some(1_099u64.to_be_bytes().to_vec())));
    assert_eq!(store.recall("again and again").await, Ok(Some(1_099u64.to_be_bytes().to_vec())));
    assert_eq!(store.recall("server 0").await, Ok(None), "too long ago");
    assert_eq!(store.recall("another").await, Ok(None));
}

#[tokio::test]
async fn news_of_one_seat_never_go_back() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let write = async {
        for number in 1..=300 {
            store.write(seat, WriteId(number), queued(number, "1")).await.expect("the writer runs");
        }
    };
    let listen = async {
        let mut last = WriteId(0);
        while last < WriteId(300) {
            let stored = notices.next().await.expect("the writer runs");
            assert!(stored.seat == seat && stored.through > last);
            last = stored.through;
        }
    };
    tokio::time::timeout(PATIENCE, async { tokio::join!(write, listen) }).await.expect("in time");
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", new_seat());
    let code = new_seat().join.code.to_string();
    let bytes = format!("{:?}", &SECRET[..4]);
    assert!(!shown.contains(&code) && !shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
}
