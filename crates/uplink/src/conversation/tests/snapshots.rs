//! Snapshots, whose public part serves several seats.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_protocol::{OwnPart, Snapshot};

use super::*;

/// The public part of a snapshot, in two frames.
fn parts(number: u64) -> [ServerFrame; 2] {
    let mut state = State::default();
    for n in 1..=3 {
        state.evolve(&serde_json::from_str(joined(1, n).get()).unwrap());
    }
    let public = serde_json::to_vec(state.public()).unwrap();
    let data = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&public, 6));
    let (front, back) = data.split_at(data.len() / 2 + 1);
    let part = |part, data: &str| {
        ServerFrame::Snapshot(Snapshot {
            conference: conference(),
            log: LOG,
            number,
            level: 1,
            terms: vec![],
            part,
            parts: 2,
            data: data.to_owned(),
        })
    };
    [part(0, front), part(1, back)]
}

fn own(index: u32, number: u64) -> ServerFrame {
    ServerFrame::Own(OwnPart { index, number, state: Json::parse("{}").unwrap() })
}

/// Opens a seat for the `count + 1`th time, with a snapshot.
pub(super) fn take(play: &mut Play, index: u32, count: u32, number: u64) {
    play.reopen(vec![index]);
    play.opened(index, count + 1, Resumption::Snapshot { number });
    parts(number).into_iter().for_each(|part| play.say(part));
    play.say(own(index, number));
    play.settle();
}

#[test]
fn one_public_part_serves_all_seats_that_wait_at_its_number() {
    let mut play = Play::open(4);
    play.reopen(vec![0, 1, 2]);
    play.opened(0, 2, Resumption::Snapshot { number: 50 });
    play.opened(1, 2, Resumption::Snapshot { number: 50 });
    play.opened(2, 2, Resumption::Snapshot { number: 60 });
    parts(50).into_iter().for_each(|part| play.say(part));
    play.say(own(1, 50));
    play.say(own(0, 50));
    play.say(own(3, 50));
    play.settle();
    assert_eq!([0, 1, 2, 3].map(|index| play.cursor(index)), [50, 50, 0, 0]);
    assert!(play.seat(2).is_open() && play.seat(3).is_open());
    let passed_over = Delta::PassedOver(Span { after: 0, through: 50 });
    assert!(play.told.contains(&(SeatIndex(1), passed_over)));
    parts(60).into_iter().for_each(|part| play.say(part));
    play.say(own(2, 60));
    play.settle();
    assert_eq!(play.cursor(2), 60);
    play.events(To::Seats(vec![0, 1]), 50, 61, vec![said(61)]);
    play.settle();
    assert_eq!((play.seqs(0), play.cursor(1)), (vec![61], 61));
    assert!(play.conversation.snapshots_are_empty());
}

#[test]
fn parts_that_make_no_snapshot_are_asked_for_again_by_those_who_wait() {
    let mut play = Play::open(3);
    play.reopen(vec![0, 1]);
    play.wishes();
    play.opened(0, 2, Resumption::Snapshot { number: 50 });
    play.opened(1, 2, Resumption::Snapshot { number: 50 });
    let [_, back] = parts(50);
    play.say(back);
    assert!(!play.seat(0).is_open() && !play.seat(1).is_open() && play.seat(2).is_open());
    play.say(own(0, 50));
    assert!(play.wishes().is_empty(), "after a pause");
    play.wait(Duration::from_secs(1));
    assert_eq!(play.wishes().len(), 2);
    play.opened(0, 3, Resumption::Snapshot { number: 50 });
    play.say(own(0, 50));
    assert!(!play.seat(0).is_open(), "an own part alone is no snapshot");
    assert!(play.conversation.snapshots_are_empty());
}

#[test]
fn parts_that_nobody_waits_for_are_not_kept() {
    let mut play = Play::open(1);
    let [front, _] = parts(50);
    play.say(front);
    assert!(play.conversation.snapshots_are_empty());
    // Nor is what came for a seat that has gone since.
    play.reopen(vec![0]);
    play.opened(0, 2, Resumption::Snapshot { number: 50 });
    let [front, _] = parts(51);
    play.say(front);
    assert!(play.conversation.snapshots_are_empty());
    let [front, _] = parts(50);
    play.say(front);
    assert!(!play.conversation.snapshots_are_empty());
    play.conversation.remove_seat(SeatIndex(0));
    assert!(play.conversation.snapshots_are_empty());
}
