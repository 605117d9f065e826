//! A daemon that was upgraded: what a lower level folded is folded anew.

use super::*;

/// As code of a lower level left it.
fn upgraded(play: &mut Play) {
    let mut record = play.disk.read();
    let replica = record.replica.as_mut().unwrap();
    replica.level = 0;
    replica.state = Some(convene_conference::State::default());
    play.seat = Seat::new(record);
}

#[test]
fn a_state_of_all_events_is_folded_anew_from_their_texts() {
    let mut play = Play::open();
    play.events(0, 2, vec![joined(1, 1), joined(2, 2)]);
    play.settle();
    upgraded(&mut play);
    assert!(play.seat.is_folding() && !play.seat.wants_open());
    assert_eq!(play.settle(), [Delta::Reset { number: 2 }]);
    let replica = play.replica();
    assert_eq!((replica.level, replica.participant), (convene_conference::LEVEL, Some(ParticipantId(1))));
    assert_eq!(replica.state.as_ref().unwrap().public().participants().iter().count(), 2);
    assert!(play.seat.wants_open() && !play.seat.asked().snapshot);
}

#[test]
fn a_state_from_a_snapshot_is_asked_for_again() {
    let mut play = Play::open();
    snapshots::take(&mut play, 9, 1);
    play.settle();
    upgraded(&mut play);
    assert!(play.seat.wants_open() && play.seat.asked().snapshot);
    play.count = 0;
    play.ask(open(Resumption::Snapshot { number: 9 }));
    // Nothing that comes meanwhile makes the old state a new one.
    assert_eq!(play.replica().level, 0);
    play.seat.handle_detached();
    snapshots::take(&mut play, 9, 3);
    assert_eq!(play.replica().level, convene_conference::LEVEL);
    assert!(!play.seat.asked().snapshot);
}

#[test]
fn a_wish_that_has_become_another_is_not_answered_by_the_first() {
    let mut play = Play::open();
    play.events(0, 9, (1..=9).map(said).collect());
    play.settle();
    play.reopen(Some(7), open(Resumption::Events));
    play.store();
    let first = play.seat.poll_refold().unwrap();
    assert_eq!(play.seat.poll_refold(), None, "given once");
    let other = Refold { through: 6, ..first };
    play.seat.handle_refolded(other, play.disk.fold(other));
    assert!(play.seat.is_folding());
    play.seat.handle_refolded(first, play.disk.fold(first));
    assert!(!play.seat.is_folding());
}

#[test]
fn the_store_is_asked_to_fold_only_what_it_has() {
    let mut play = Play::open();
    play.events(0, 9, (1..=9).map(said).collect());
    play.settle();
    play.reopen(Some(7), open(Resumption::Events));
    assert_eq!(play.seat.poll_refold(), None);
    let (id, write) = play.seat.poll_write().unwrap();
    play.disk.apply(&write);
    play.act(1).unwrap();
    play.seat.handle_stored(id);
    assert!(play.seat.poll_refold().is_some(), "what came later is no part of it");
}
