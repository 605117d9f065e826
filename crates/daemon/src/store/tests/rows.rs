//! Tests of what is kept, for how long, and what is shown of it.

use std::fs;

use super::*;

#[tokio::test]
async fn a_removed_seat_is_gone_and_its_late_writes_have_no_effect() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, queued(1, "a text that goes with its seat")).await;
    super::store(&store, &mut notices, seat, 2, opened(1)).await;
    super::store(&store, &mut notices, seat, 3, events(1..=3)).await;
    store.remove(seat).await.expect("removed");
    for (number, write) in [(4, queued(2, "2")), (5, events(4..=5)), (6, settled(1, false)), (7, opened(1))] {
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
    super::store(&store, &mut notices, first, 2, opened(1)).await;
    super::store(&store, &mut notices, second, 1, opened(1)).await;
    super::store(&store, &mut notices, second, 2, events(1..=2)).await;
    super::store(&store, &mut notices, first, 3, snapshot(1, &[])).await;
    let users: Vec<_> =
        store.load().expect("readable").into_iter().map(|seat| (seat.id, seat.user)).collect();
    assert_eq!(users, [(first, "uid:1000".to_owned()), (second, "uid:1001".to_owned())]);
    assert_eq!(read(&store, second).await, vec![joined(1), joined(2)]);
    assert_eq!(store.load().expect("readable")[1].record.outbox.len(), 0);
}

#[tokio::test]
async fn pages_are_read_within_limits_and_hold_whole_entries() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, opened(1)).await;
    // Entry 4 has three events.
    let items = [1, 2, 3, 4, 4, 4, 5].map(joined);
    let items: Arc<[EventText]> =
        items.into_iter().zip([1, 1, 1, 1, 2, 3, 1]).map(|(item, step)| EventText { step, ..item }).collect();
    let write = Write::Events { items, through: 5, terms: Vec::new() };
    super::store(&store, &mut notices, seat, 2, write).await;
    let read = async |after, through, newest, count, bytes| -> Vec<u64> {
        let wish = HistoryWish { span: Span { after, through }, newest };
        let page = store.read_page(seat, wish, count, bytes).await.expect("readable");
        page.items.iter().map(|item| item.seq).collect()
    };
    let (all, size) = (u64::MAX, joined(1).text.get().len());
    assert_eq!(read(0, all, false, 2, usize::MAX).await, [1, 2]);
    assert_eq!(read(0, all, false, 4, usize::MAX).await, [1, 2, 3, 4, 4, 4]);
    assert_eq!(read(0, all, false, 99, 2 * size).await, [1, 2]);
    assert_eq!(read(3, all, false, 1, 0).await, [4, 4, 4]);
    assert_eq!(read(5, all, false, 5, 1_000).await, [0; 0]);
    assert_eq!(read(u64::MAX, all, false, 5, 1_000).await, [0; 0]);
    assert_eq!(read(0, all, true, 2, usize::MAX).await, [4, 4, 4, 5]);
    assert_eq!(read(0, 3, true, 2, usize::MAX).await, [2, 3]);
    assert_eq!(read(1, 3, true, 9, usize::MAX).await, [2, 3]);
}

#[tokio::test]
async fn a_page_says_what_lies_beyond_it() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let read = async |after, through, newest, count, bytes| {
        let wish = HistoryWish { span: Span { after, through }, newest };
        let Page { items, span, beyond } = store.read_page(seat, wish, count, bytes).await.expect("readable");
        (items.iter().map(|item| item.seq).collect::<Vec<u64>>(), span.after, span.through, beyond)
    };
    let page = async |after, count, bytes| {
        let (items, _, through, beyond) = read(after, u64::MAX, false, count, bytes).await;
        (items, through, beyond)
    };
    let hole = |after, through| Beyond::Hole(Span { after, through });
    assert_eq!(page(0, 9, 9_000).await, (vec![], 0, Beyond::Nothing));
    super::store(&store, &mut notices, seat, 1, opened(1)).await;
    // Of what happened up to 5, this seat may see 1 to 4.
    let items = (1..=4).map(joined).collect();
    let write = Write::Events { items, through: 5, terms: Vec::new() };
    super::store(&store, &mut notices, seat, 2, write).await;
    let size = joined(1).text.get().len();
    assert_eq!(page(0, 3, 9_000).await, (vec![1, 2, 3], 3, Beyond::More), "cut by the count");
    assert_eq!(page(0, 9, 2 * size).await, (vec![1, 2], 2, Beyond::More), "cut by the bytes");
    assert_eq!(page(2, 2, 2 * size).await, (vec![3, 4], 5, Beyond::Nothing), "the last one, and full");
    assert_eq!(page(7, 9, 9_000).await, (vec![], 7, Beyond::Nothing), "beyond the end");
    super::store(&store, &mut notices, seat, 3, snapshot(8, &[Span { after: 5, through: 8 }])).await;
    super::store(&store, &mut notices, seat, 4, events(9..=10)).await;
    assert_eq!(page(3, 9, 9_000).await, (vec![4], 5, hole(5, 8)));
    assert_eq!(page(6, 9, 9_000).await, (vec![], 6, hole(6, 8)), "inside");
    assert_eq!(page(8, 9, 9_000).await, (vec![9, 10], 10, Beyond::Nothing));
    assert_eq!(read(3, u64::MAX, true, 9, 9_000).await, (vec![9, 10], 8, 10, hole(5, 8)), "from the end");
    assert_eq!(read(3, 8, true, 9, 9_000).await, (vec![], 8, 8, hole(5, 8)));
    assert_eq!(read(0, 5, true, 2, 9_000).await, (vec![3, 4], 2, 5, Beyond::More));
    super::store(&store, &mut notices, seat, 5, history(6..=7, &[Span { after: 7, through: 8 }])).await;
    assert_eq!(page(3, 9, 9_000).await, (vec![4, 6, 7], 7, hole(7, 8)));
    super::store(&store, &mut notices, seat, 6, history(8..=8, &[])).await;
    assert_eq!(page(3, 9, 9_000).await, (vec![4, 6, 7, 8, 9, 10], 10, Beyond::Nothing));
}

#[tokio::test]
async fn l4_what_helps_is_kept_for_each_user_up_to_a_limit_and_what_is_needed_stays() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let needed = ["proxies of uid:1", "logins of uid:2", "key of rejected logins", "rejected login 00"];
    for key in needed {
        store.keep(key, b"kept".to_vec()).await.expect("stored");
    }
    store.keep("rejected login 01", b"rejected uid:2".to_vec()).await.expect("stored");
    store.remember("routes first.test:443 uid:2", b"another user's".to_vec());
    for n in 0..600u64 {
        store.remember(&format!("routes a.test:{n} uid:1"), n.to_be_bytes().to_vec());
        store.remember(&format!("rejected login a{n}"), b"rejected uid:1".to_vec());
        store.remember("routes again.test:443 uid:1", n.to_be_bytes().to_vec());
        if n % 50 == 0 {
            super::store(&store, &mut notices, seat, n + 1, opened(1)).await;
        }
    }
    drop(store);
    let (store, _notices) = open(dir.path());
    let last = Ok(Some(599u64.to_be_bytes().to_vec()));
    assert_eq!(store.recall("routes a.test:599 uid:1").await, last);
    assert_eq!(store.recall("routes again.test:443 uid:1").await, last);
    assert_eq!(store.recall("routes a.test:0 uid:1").await, Ok(None), "too long ago");
    assert_eq!(store.recall("rejected login a0").await, Ok(None), "its own oldest one goes");
    assert_eq!(store.recall("routes first.test:443 uid:2").await, Ok(Some(b"another user's".to_vec())));
    assert_eq!(store.recall("rejected login 01").await, Ok(Some(b"rejected uid:2".to_vec())));
    for key in needed {
        assert_eq!(store.recall(key).await, Ok(Some(b"kept".to_vec())), "{key}");
    }
    let count = "SELECT count(*) FROM memory";
    let rows =
        store.read(move |connection| connection.query_row(count, [], |row| row.get::<_, i64>(0))).await;
    assert!(rows.is_ok_and(|rows| rows <= 2 * 256 + 6), "its rows are bounded");
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
