//! Stored before told, and a store that fails.

use super::*;

/// Takes the next write out of the seat, and says which it is.
fn given(play: &mut Play) -> WriteId {
    play.seat.poll_write().unwrap().0
}

#[test]
fn nothing_is_told_before_it_is_stored() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    play.events(0, 1, vec![joined(1, 1)]);
    play.receipts([accepted(1, 1)]);
    play.events(1, 2, vec![left(2, 1)]);
    assert_eq!(play.seat.poll_delta(), None);
    let first = given(&mut play);
    play.seat.handle_stored(first);
    assert!(matches!(play.seat.poll_delta(), Some(Delta::Events { after: 0, through: 1, .. })));
    assert_eq!(play.seat.poll_delta(), None);
    let (_, _) = (given(&mut play), given(&mut play));
    play.seat.handle_stored(WriteId(first.0 + 2));
    assert_eq!(play.seat.poll_delta(), Some(Delta::Receipt(accepted(1, 1))));
    assert!(matches!(play.seat.poll_delta(), Some(Delta::Events { through: 2, .. })));
    assert_eq!(play.seat.poll_delta(), Some(Delta::Seat(Standing::Left)));
}

#[test]
fn a_write_that_was_undone_takes_the_command_back_and_harms_nothing_else() {
    let mut play = Play::open();
    play.events(0, 1, vec![said(1)]);
    let events = given(&mut play);
    play.act(1).unwrap();
    play.act(2).unwrap();
    let (first, second) = (given(&mut play), given(&mut play));
    play.seat.handle_write_failed(first, true);
    // It is told at once, though the events before it still wait for the disk.
    let told = play.seat.poll_delta();
    assert_eq!(told, Some(Delta::NotQueued { id: id(1), unsure: false }));
    assert_eq!(play.seat.poll_delta(), None);
    assert!(!play.seat.needs_reread());
    play.seat.handle_stored(events);
    play.seat.handle_stored(second);
    assert!(matches!(play.seat.poll_delta(), Some(Delta::Events { .. })));
    assert_eq!(play.seat.poll_delta(), Some(Delta::Queued { id: id(2) }));
    assert_eq!(play.seat.poll_delta(), None);
    assert_eq!(play.sent(), [id(2)], "what was told `nothing was accepted` is never sent");
    assert_eq!(play.act(1), Ok(Acceptance::Taken), "it may be tried again");
}

#[test]
fn an_undone_repeat_of_a_returned_text_leaves_the_text_where_it_was() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    play.receipts([accepted(1, 5)]);
    play.reopen(Some(3), open(Resumption::Events));
    play.settle();
    assert_eq!(play.seat.record().returned[&id(1)].why, WhyReturned::Lost);
    play.act(1).unwrap();
    assert!(play.seat.record().returned.is_empty());
    let write = given(&mut play);
    play.seat.handle_write_failed(write, true);
    assert_eq!(play.seat.record().returned[&id(1)], Returned { body: body(1), why: WhyReturned::Lost });
}

#[test]
fn after_a_write_of_unknown_fate_nothing_is_taken_or_sent_before_the_store_is_read() {
    for landed in [false, true] {
        let mut play = Play::open();
        play.act(1).unwrap();
        play.settle();
        play.act(2).unwrap();
        play.act(3).unwrap();
        let (second, write) = play.seat.poll_write().unwrap();
        if landed {
            play.disk.apply(&write);
        }
        play.seat.handle_write_failed(second, false);
        assert!(play.seat.needs_reread() && !play.seat.wants_open() && !play.seat.is_open());
        let told: Vec<Delta> = std::iter::from_fn(|| play.seat.poll_delta()).collect();
        let unsure = Delta::NotQueued { id: id(2), unsure: true };
        // The store was never given the third: nothing of it can be there.
        assert_eq!(told, [unsure, Delta::NotQueued { id: id(3), unsure: false }]);
        assert_eq!(play.act(4), Err(ActError::StoreFailed));
        play.events(0, 1, vec![said(1)]);
        play.receipts([accepted(1, 1)]);
        assert_eq!((play.sent(), play.seat.poll_write()), (vec![], None));

        play.seat.handle_reread(play.disk.read());
        assert_eq!(play.settle(), [Delta::WatchAnew]);
        play.ask(open(Resumption::Events));
        let there = if landed { vec![id(1), id(2)] } else { vec![id(1)] };
        assert_eq!(play.sent(), there);
        let again = if landed { Acceptance::Queued } else { Acceptance::Taken };
        assert_eq!(play.act(2), Ok(again));
    }
}

#[test]
fn a_failed_write_that_is_no_command_is_never_guessed_about() {
    for undone in [false, true] {
        let mut play = Play::open();
        play.events(0, 1, vec![said(1)]);
        let write = given(&mut play);
        play.seat.handle_write_failed(write, undone);
        assert!(play.seat.needs_reread());
        play.seat.handle_reread(play.disk.read());
        assert_eq!((play.settle(), play.replica().cursor), (vec![Delta::WatchAnew], 0));
    }
}

#[test]
fn reports_about_writes_of_before_count_for_nothing() {
    let mut play = Play::open();
    play.act(1).unwrap();
    let old = given(&mut play);
    play.seat.handle_write_failed(old, false);
    while play.seat.poll_delta().is_some() {}
    play.seat.handle_stored(old);
    play.seat.handle_reread(play.disk.read());
    play.act(2).unwrap();
    play.seat.handle_stored(old);
    assert_eq!(play.seat.poll_delta(), Some(Delta::WatchAnew));
    assert_eq!(play.seat.poll_delta(), None, "the new command is not durable");
    play.seat.handle_write_failed(old, false);
    assert!(!play.seat.needs_reread());
}

#[test]
fn a_seat_asks_not_to_be_given_more_than_the_store_keeps_up_with() {
    let mut play = Play::open();
    for number in 0..600 {
        assert_eq!(play.seat.is_behind(), number > 512);
        play.events(number, number + 1, vec![said(number + 1)]);
    }
    let write = given(&mut play);
    play.seat.handle_write_failed(write, false);
    assert!(!play.seat.is_behind(), "a seat that takes nothing holds up nobody");
}

#[test]
fn a_command_that_another_device_got_accepted_is_not_told_as_nothing() {
    let mut play = Play::open();
    play.act(1).unwrap();
    let write = given(&mut play);
    play.receipts([accepted(1, 3)]);
    play.seat.handle_write_failed(write, true);
    assert_eq!(play.settle(), [Delta::Receipt(accepted(1, 3))]);
}
