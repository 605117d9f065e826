//! Drafts: what is kept of them, and for how long.

use convene_local_api::{DRAFT_MAX, DRAFTS_MAX};
use convene_model::SeatName;

use super::*;
use crate::store::drafts::DRAFTS_BYTES_MAX;

pub(super) fn wanted(key: &str, revision: u64, text: &str) -> DraftSetParams {
    let (key, text) = (key.to_owned(), text.to_owned());
    DraftSetParams { conference: SeatName::Number(1), key, revision, text }
}

async fn set(store: &Store, seat: SeatId, wanted: DraftSetParams) -> Draft {
    store.set_draft(seat, 1, wanted).await.expect("stored").expect("kept")
}

async fn refused(store: &Store, seat: SeatId, wanted: DraftSetParams) -> Option<DraftRefusal> {
    store.set_draft(seat, 1, wanted).await.expect("the writer runs").err()
}

async fn kept(store: &Store, seat: SeatId) -> Vec<(String, u64, String)> {
    let drafts = store.drafts(seat).await.expect("readable");
    drafts.into_iter().map(|draft| (draft.key, draft.revision, draft.text)).collect()
}

fn row(key: &str, revision: u64, text: &str) -> (String, u64, String) {
    (key.to_owned(), revision, text.to_owned())
}

#[tokio::test]
async fn drafts_are_kept_by_their_keys_until_they_are_removed() {
    let dir = directory();
    let (store, _notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let other = store.add(NewSeat { user: "uid:1001".to_owned(), ..new_seat() }).await.expect("stored");
    assert!(kept(&store, seat).await.is_empty(), "there is no table yet");
    for (key, text) in [("room:r1", "b"), ("room:foyer", "a\0\u{7}"), ("page:view", "talk")] {
        set(&store, seat, wanted(key, 0, text)).await;
    }
    assert_eq!(set(&store, seat, wanted("page:view", 1, "")).await.revision, 2);
    drop(store);
    let (store, _notices) = open(dir.path());
    assert_eq!(kept(&store, seat).await, [row("room:foyer", 1, "a\0\u{7}"), row("room:r1", 1, "b")]);
    assert!(kept(&store, other).await.is_empty());
    let again = set(&store, seat, wanted("page:view", 0, "places")).await;
    assert_eq!((again.revision, again.other), (3, None), "a draft that was removed goes on counting");
    let both = set(&store, seat, wanted("room:r1", 0, "c")).await;
    assert_eq!((both.text.as_str(), both.other.as_deref()), ("c", Some("b")));
}

#[tokio::test]
async fn the_drafts_of_a_seat_go_with_it_and_leave_nothing_in_the_file() {
    let dir = directory();
    let (store, _notices) = open(dir.path());
    let holds = |text: &str| {
        let file = std::fs::read(dir.path().join("seats.db")).expect("a file");
        file.windows(text.len()).any(|window| window == text.as_bytes())
    };
    let seat = store.add(new_seat()).await.expect("stored");
    set(&store, seat, wanted("room:plenary", 0, "sesame")).await;
    drop(store);
    assert!(holds("sesame"));
    let (store, _notices) = open(dir.path());
    store.remove(seat).await.expect("removed");
    assert!(kept(&store, seat).await.is_empty());
    let late = wanted("room:plenary", 1, "sesame");
    assert_eq!(refused(&store, seat, late).await, Some(DraftRefusal::NoSeat));
    drop(store);
    assert!(!holds("sesame"));
}

#[tokio::test]
async fn a_seat_has_so_many_drafts_and_no_more_than_one_answer_holds() {
    let dir = directory();
    let (store, _notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    for number in 0..DRAFTS_MAX {
        set(&store, seat, wanted(&format!("room:r{number}"), 0, "x")).await;
    }
    assert_eq!(refused(&store, seat, wanted("one more", 0, "x")).await, Some(DraftRefusal::TooMany));
    set(&store, seat, wanted("room:r0", 1, "y")).await;
    set(&store, seat, wanted("room:r0", 2, "")).await;
    set(&store, seat, wanted("one more", 0, "x")).await;
    for number in 1..DRAFTS_MAX {
        set(&store, seat, wanted(&format!("room:r{number}"), 1, "")).await;
    }
    assert_eq!(kept(&store, seat).await, [row("one more", 1, "x")]);

    // Six bytes each, as JSON writes them.
    let widest = "\u{1}".repeat(DRAFT_MAX);
    let fit = DRAFTS_BYTES_MAX / (6 * DRAFT_MAX as u64);
    for number in 0..fit {
        set(&store, seat, wanted(&format!("wide {number}"), 0, &widest)).await;
    }
    assert_eq!(refused(&store, seat, wanted("too wide", 0, &widest)).await, Some(DraftRefusal::TooLarge));
    set(&store, seat, wanted("wide 0", 1, "narrow")).await;
    set(&store, seat, wanted("too wide", 0, &widest)).await;
}

#[tokio::test]
async fn only_the_drafts_that_were_removed_last_are_remembered() {
    let dir = directory();
    let (store, _notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    for number in 0..=DRAFTS_MAX {
        let key = format!("room:r{number}");
        set(&store, seat, wanted(&key, 0, "x")).await;
        set(&store, seat, wanted(&key, 1, "")).await;
    }
    assert_eq!(set(&store, seat, wanted("room:r0", 0, "x")).await.revision, 1, "it is forgotten");
    assert_eq!(set(&store, seat, wanted("room:r1", 0, "x")).await.revision, 3);
    let key = format!("room:r{DRAFTS_MAX}");
    assert_eq!(set(&store, seat, wanted(&key, 0, "x")).await.revision, 3);
}

#[tokio::test]
async fn what_is_set_is_told_in_its_order_with_who_set_it() {
    let dir = directory();
    let (store, _notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut told = store.draft_changes();
    for by in 1..=3 {
        let set = store.set_draft(seat, by, wanted("k", by - 1, "x")).await;
        assert!(set.expect("stored").is_ok());
    }
    for by in 1..=3 {
        let change = told.recv().await.expect("told");
        assert_eq!((change.seat, change.by, change.draft.revision), (seat, by, by));
    }
    assert!(told.try_recv().is_err());
}
