//! A server that came back from a backup.

use super::*;

/// A seat with entries 1 to 10 in terms 1 and 2, whose commands 1, 2 and 3 were decided at 4, 8, 9.
fn far() -> Play {
    let mut play = Play::open();
    for n in 1..=4 {
        play.act(n).unwrap();
    }
    play.settle();
    let items = [vec![joined(1, 1)], (2..=9).map(said).collect(), vec![joined(10, 2)]].concat();
    play.events_of(0, 10, &[term(1, 2), term(2, 7)], items);
    play.receipts([accepted(1, 4), accepted(2, 8), rejected(3, 9, Refusal::TextEmpty)]);
    play.settle();
    play
}

#[test]
fn what_lies_above_the_common_number_is_dropped_and_told() {
    let mut play = far();
    play.reopen(Some(6), open(Resumption::Events));
    assert!(!play.seat.is_open() && !play.seat.wants_open(), "the state must be folded first");
    let lost = Delta::Lost { id: id(2), body: body(2) };
    assert_eq!(play.settle(), [lost, Delta::Reset { number: 6 }]);
    assert_eq!(play.seqs(), [1, 2, 3, 4, 5, 6]);
    let state = play.replica().state.as_ref().unwrap();
    assert_eq!(state.public().participants().iter().count(), 1, "the second never came");
    let asked = play.seat.asked().replica.unwrap();
    assert_eq!((asked.number, asked.receipts, asked.terms), (6, 4, &[term(1, 2)][..]));
    play.ask(open(Resumption::Events));
    assert_eq!(play.sent(), [id(4)], "what was never decided stays in the outbox");
    play.events_of(6, 7, &[term(3, 7)], vec![said(7)]);
    play.settle();
    assert_eq!(play.replica().point(), Point { number: 7, term: TermId([3; 16]) });
}

#[test]
fn a_lost_text_stays_until_it_is_sent_again_or_dismissed() {
    let mut play = far();
    play.reopen(Some(6), open(Resumption::Events));
    play.settle();
    play.restart();
    assert_eq!(play.seat.record().returned[&id(2)], Returned { body: body(2), why: WhyReturned::Lost });
    assert_eq!(play.seat.act(id(2), body(9), None), Err(ActError::IdReused));
    assert_eq!(play.act(2), Ok(Acceptance::Taken), "only a frontend sends it again, with its old id");
    play.settle();
    play.ask(open(Resumption::Events));
    assert_eq!(play.sent(), [id(4), id(2)]);
    assert!(!play.seat.record().returned.contains_key(&id(2)));
}

#[test]
fn another_device_may_send_a_lost_command_again() {
    let mut play = far();
    play.reopen(Some(6), open(Resumption::Events));
    play.settle();
    play.ask(open(Resumption::Events));
    play.receipts([rejected(2, 7, Refusal::RoomClosed)]);
    assert_eq!(play.settle(), [], "lost stays lost");
    play.receipts([accepted(2, 8)]);
    assert_eq!(play.settle(), [Delta::Receipt(accepted(2, 8))]);
    assert_eq!(play.act(2), Ok(Acceptance::Decided(accepted(2, 8))));
    assert!(!play.seat.record().returned.contains_key(&id(2)));
}

#[test]
fn a_refusal_that_is_void_is_forgotten_and_its_text_is_not() {
    let mut play = far();
    play.reopen(Some(6), open(Resumption::Events));
    play.settle();
    assert_eq!(play.seat.record().returned[&id(3)].body, body(3));
    assert_eq!(play.act(3), Ok(Acceptance::Taken), "a repeat is decided anew");
}

#[test]
fn receipts_above_the_cursor_may_be_void_while_the_replica_is_not() {
    let mut play = Play::open();
    play.events(0, 3, vec![joined(1, 1)]);
    play.act(1).unwrap();
    play.settle();
    play.seat.handle_receipts(&[term(1, 2), term(2, 6)], [accepted(1, 8)]);
    play.settle();
    play.reopen(Some(5), open(Resumption::Events));
    assert!(play.seat.is_open(), "nothing has to be folded");
    assert_eq!(play.settle(), [Delta::Lost { id: id(1), body: body(1) }]);
    assert_eq!((play.replica().cursor, play.replica().terms.starts()), (3, &[term(1, 2)][..]));
}

#[test]
fn nothing_is_void_up_to_the_common_number() {
    let mut play = far();
    play.reopen(Some(10), open(Resumption::Events));
    assert!(play.seat.is_open());
    assert_eq!(play.settle(), []);
}

#[test]
fn what_is_void_counts_first_whatever_the_answer_is() {
    let mut play = far();
    play.reopen(Some(6), later(Refusal::NotHereNow, None));
    let told = play.settle();
    assert!(told.contains(&Delta::Reset { number: 6 }), "{told:?}");
    assert!(!play.seat.wants_open(), "it asks again when the server said");
    play.wait(Duration::from_secs(5));
    assert!(play.seat.wants_open());
}

#[test]
fn where_the_joining_is_void_the_number_goes_and_the_right_to_come_back_stays() {
    let mut play = Play::open();
    play.events(0, 8, vec![said(1), said(2), joined(7, 1)]);
    play.settle();
    play.reopen(Some(5), open(Resumption::Events));
    play.settle();
    assert_eq!(play.replica().participant, None);
    assert!(play.seat.asked().was_participant);
    assert_eq!(play.seat.standing(), Standing::Joined);
    play.ask(refused(Refusal::NameTaken));
    play.settle();
    assert_eq!(play.seat.record().refused, None);
}

#[test]
fn a_snapshot_in_the_void_part_takes_the_cursor_back_to_before_what_it_passed_over() {
    let mut play = Play::open();
    play.events(0, 3, vec![joined(1, 1), said(2), said(3)]);
    snapshots::take(&mut play, 20, 2);
    play.events(20, 22, vec![said(21), said(22)]);
    play.settle();
    play.reopen(Some(15), open(Resumption::Events));
    assert!(play.settle().contains(&Delta::Reset { number: 3 }));
    assert_eq!((play.seqs(), play.replica().base), (vec![1, 2, 3], 0));
    assert!(play.replica().missing.spans().is_empty());
    let state = play.replica().state.as_ref().unwrap();
    assert_eq!(state.public().participants().iter().count(), 1);
}

#[test]
fn a_snapshot_below_the_void_part_is_where_the_state_is_folded_from() {
    let mut play = Play::open();
    play.events(0, 3, vec![joined(1, 1)]);
    snapshots::take(&mut play, 20, 2);
    play.events(20, 24, vec![said(21), joined(24, 3)]);
    play.settle();
    play.reopen(Some(22), open(Resumption::Events));
    assert!(play.settle().contains(&Delta::Reset { number: 22 }));
    assert_eq!(play.replica().missing.spans(), [Span { after: 3, through: 20 }]);
    let state = play.replica().state.as_ref().unwrap();
    assert_eq!(state.public().participants().iter().count(), 2);
}

#[test]
fn a_snapshot_whose_past_was_fetched_costs_nothing_below_the_common_number() {
    let mut play = Play::open();
    play.events(0, 1, vec![joined(1, 1)]);
    snapshots::take(&mut play, 6, 2);
    let span = Span { after: 0, through: 6 };
    assert_eq!(play.seat.want_history(HistoryWish { span, newest: false }), Wanted::Asked);
    play.seat.poll_history().unwrap();
    play.seat.handle_history(1, 6, (2..=6).map(said).collect());
    play.settle();
    play.reopen(Some(4), open(Resumption::Events));
    assert!(play.settle().contains(&Delta::Reset { number: 4 }));
    assert_eq!(play.seqs(), [1, 2, 3, 4]);
}

#[test]
fn a_crash_before_the_state_is_folded_anew_changes_nothing() {
    let mut play = far();
    play.reopen(Some(6), open(Resumption::Events));
    play.store();
    play.restart();
    assert_eq!((play.replica().cursor, play.seat.wants_open()), (6, true));
    let state = play.replica().state.as_ref().unwrap();
    assert_eq!(state.public().participants().iter().count(), 1);
    assert_eq!(play.seat.record().returned.len(), 2);
}

#[test]
fn a_frontend_is_told_how_much_of_what_it_saw_still_holds() {
    let mut play = far();
    let common = |play: &Play, number, term| play.replica().common(Point { number, term });
    assert_eq!(common(&play, 9, TermId([2; 16])), 9);
    assert_eq!(common(&play, 1, TermId::of_log(LOG)), 1);
    assert_eq!(common(&play, 9, TermId([1; 16])), 6, "the first term ends there");
    assert_eq!(common(&play, 99, TermId([2; 16])), 10);
    assert_eq!(common(&play, 5, TermId([9; 16])), 0, "a term of which this log knows nothing");
    play.reopen(Some(6), open(Resumption::Events));
    play.settle();
    assert_eq!(common(&play, 9, TermId([2; 16])), 0);
    assert_eq!(common(&play, 9, TermId::of_log(LOG)), 1);
}
