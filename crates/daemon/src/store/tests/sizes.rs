//! How much is kept for each seat and each user, and what is told of it.

use convene_local_api::DRAFT_MAX;
use convene_model::ShareLimit;

use super::drafts::wanted;
use super::*;

/// Room for a few hundred events of a seat, of two such seats of a user, and for a long draft.
const QUOTA: Quota = Quota {
    seat: 50_000,
    replicas: ShareLimit { each: 80_000, whole: 400_000 },
    drafts: ShareLimit { each: 20_000, whole: 80_000 },
};

fn open(dir: &Path) -> (Store, Notices) {
    let options = StoreOptions { quota: QUOTA, ..StoreOptions::default() };
    Store::open(dir, &options).expect("the store opens")
}

fn seat_of(user: &str, secret: u8) -> NewSeat {
    let secret = SeatSecret::from_bytes(&[secret; 32]);
    NewSeat { user: user.to_owned(), secret, ..new_seat() }
}

fn is_full(store: &Store, user: &str, seat: SeatId) -> bool {
    store.full().borrow().holds(user, seat)
}

#[tokio::test]
async fn s2_what_came_of_a_conference_is_counted_by_seat_and_user_and_told_at_the_limit() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let first = store.add(seat_of("anna", 1)).await.expect("stored");
    let second = store.add(seat_of("anna", 2)).await.expect("stored");
    let other = store.add(seat_of("bert", 3)).await.expect("stored");
    let full = store.full();
    for seat in [first, second, other] {
        super::store(&store, &mut notices, seat, 1, opened(1)).await;
        super::store(&store, &mut notices, seat, 2, events(1..=100)).await;
    }
    assert!(!full.has_changed().expect("the writer runs"));
    super::store(&store, &mut notices, first, 3, events(101..=300)).await;
    assert!(is_full(&store, "anna", first) && !is_full(&store, "anna", second), "the seat is full");
    super::store(&store, &mut notices, second, 3, events(101..=200)).await;
    assert!(is_full(&store, "anna", second) && !is_full(&store, "bert", other), "the user is");
    assert!(full.has_changed().expect("the writer runs"));
    drop(store);
    let (store, _notices) = open(dir.path());
    assert!(is_full(&store, "anna", second) && !is_full(&store, "bert", other), "after a restart too");
    assert_eq!(read(&store, first).await.len(), 10, "nothing was let go");
    store.remove(first).await.expect("removed");
    assert!(!is_full(&store, "anna", second), "there is room again");
}

#[tokio::test]
async fn s2_a_snapshot_that_was_compressed_counts_as_what_it_takes_here() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(seat_of("anna", 1)).await.expect("stored");
    super::store(&store, &mut notices, seat, 1, opened(1)).await;
    let mut state = State::default();
    for seq in 1..=400 {
        let event = joined(seq).text.get().replace("\"name\":\"N", "\"name\":\"A name of many letters ");
        state.evolve(&serde_json::from_str(&event).expect("an event"));
    }
    let write = Write::Snapshot {
        number: 400,
        state: Box::new(state),
        level: 1,
        terms: Vec::new(),
        missing: Missing::from_spans([Span { after: 0, through: 400 }]),
    };
    super::store(&store, &mut notices, seat, 2, write).await;
    let file = Connection::open(dir.path().join("seats.db")).expect("a database");
    let sql = "SELECT octet_length(state) + octet_length(base_state) FROM replicas";
    let kept: i64 = file.query_row(sql, [], |row| row.get(0)).expect("a replica");
    assert!(kept > 1_000);
    drop(file);
    drop(store);
    let seat_max = usize::try_from(kept).expect("a size");
    for (seat_max, expected) in [(seat_max, true), (seat_max + 1, false)] {
        let quota = Quota { seat: seat_max, ..QUOTA };
        let options = StoreOptions { quota, ..StoreOptions::default() };
        let (store, _notices) = Store::open(dir.path(), &options).expect("the store opens");
        assert_eq!(is_full(&store, "anna", seat), expected);
    }
}

#[tokio::test]
async fn a_user_has_drafts_up_to_a_share_and_no_conference_takes_it() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let first = store.add(seat_of("anna", 1)).await.expect("stored");
    let second = store.add(seat_of("anna", 2)).await.expect("stored");
    let other = store.add(seat_of("bert", 3)).await.expect("stored");
    super::store(&store, &mut notices, first, 1, opened(1)).await;
    super::store(&store, &mut notices, first, 2, events(1..=600)).await;
    assert!(is_full(&store, "anna", second));
    let long = "x".repeat(DRAFT_MAX);
    let set = async |seat, revision, text: &str| {
        store.set_draft(seat, 1, wanted("room:plenary", revision, text)).await.expect("the writer runs").err()
    };
    assert_eq!(set(first, 0, &long).await, None);
    assert_eq!(set(second, 0, &long).await, Some(DraftRefusal::TooLarge));
    assert_eq!(set(second, 0, "short").await, None);
    assert_eq!(set(other, 0, &long).await, None, "another user's");
    assert_eq!(set(first, 1, "shorter").await, None);
    assert_eq!(set(second, 1, &long).await, None, "there is room again");
}
