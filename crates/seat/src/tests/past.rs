//! History, fetched when somebody asks for it.

use super::*;

const fn span(after: u64, through: u64) -> Span {
    Span { after, through }
}

/// A seat that misses 1 to 10 and 20 to 30.
fn gappy() -> Play {
    let mut play = Play::open();
    snapshots::take(&mut play, 10, 1);
    play.events(10, 19, vec![said(15)]);
    snapshots::take(&mut play, 30, 1);
    play.settle();
    play
}

fn want(play: &mut Play, of: Span, newest: bool) -> Wanted {
    play.seat.want_history(HistoryWish { span: of, newest })
}

#[test]
fn nothing_is_fetched_by_itself() {
    let mut play = gappy();
    assert_eq!(play.seat.poll_history(), None);
    assert_eq!(want(&mut play, span(10, 19), true), Wanted::Here);
    assert_eq!(want(&mut play, span(30, 99), true), Wanted::Here, "nothing beyond the end is missing");
    assert_eq!(play.seat.poll_history(), None);
}

#[test]
fn a_wish_begins_at_the_end_that_was_asked_for() {
    for (newest, first) in [(true, span(19, 25)), (false, span(5, 10))] {
        let mut play = gappy();
        assert_eq!(want(&mut play, span(5, 25), newest), Wanted::Asked);
        assert_eq!(play.seat.poll_history(), Some(HistoryWish { span: first, newest }));
        assert_eq!(play.seat.poll_history(), None, "one at a time");
    }
}

#[test]
fn one_page_answers_one_wish() {
    let mut play = gappy();
    want(&mut play, span(0, 30), true);
    play.seat.poll_history().unwrap();
    play.seat.handle_history(26, 30, vec![said(27), said(30)]);
    let (asked, came) = (span(0, 30), Some(span(26, 30)));
    assert_eq!(play.settle(), [Delta::History { asked, came }]);
    assert_eq!(play.replica().missing.spans(), [span(0, 10), span(19, 26)]);
    assert_eq!(play.seqs(), [15, 27, 30]);
    assert_eq!(play.seat.poll_history(), None, "who wants more wishes again");
    assert_eq!(want(&mut play, span(0, 30), true), Wanted::Asked);
    assert_eq!(play.seat.poll_history().unwrap().span, span(19, 26));
}

#[test]
fn a_page_with_nothing_ends_the_wish() {
    let mut play = gappy();
    want(&mut play, span(0, 10), false);
    play.seat.poll_history().unwrap();
    play.seat.handle_history(0, 0, vec![]);
    assert_eq!(play.settle(), [Delta::History { asked: span(0, 10), came: None }]);
    assert_eq!(play.seat.poll_history(), None);
    // So does one about something else.
    want(&mut play, span(0, 10), false);
    play.seat.poll_history().unwrap();
    play.seat.handle_history(11, 14, vec![said(12)]);
    assert_eq!(play.settle(), [Delta::History { asked: span(0, 10), came: None }]);
    assert_eq!(play.seqs(), [15]);
}

#[test]
fn only_what_was_missing_is_stored() {
    let mut play = gappy();
    want(&mut play, span(0, 10), false);
    play.seat.poll_history().unwrap();
    play.seat.handle_history(5, 16, vec![said(4), said(6), said(12), said(16), said(17)]);
    play.settle();
    assert_eq!((play.seqs(), play.replica().missing.spans()), (vec![6, 15], &[span(0, 5), span(19, 30)][..]));
}

#[test]
fn a_page_that_nobody_asked_for_is_passed_over() {
    let mut play = gappy();
    play.seat.handle_history(0, 10, vec![said(3)]);
    assert_eq!((play.settle(), play.seqs()), (vec![], vec![15]));
}

#[test]
fn a_wish_outlives_the_link() {
    let mut play = gappy();
    want(&mut play, span(0, 10), false);
    play.seat.poll_history().unwrap();
    play.seat.handle_detached();
    assert_eq!(play.seat.poll_history(), None);
    play.ask(open(Resumption::Events));
    assert_eq!(play.seat.poll_history().unwrap().span, span(0, 10));
    play.seat.handle_reread(play.disk.read());
    play.ask(open(Resumption::Events));
    assert_eq!(play.seat.poll_history().unwrap().span, span(0, 10));
}

#[test]
fn a_wish_that_another_has_served_comes_to_its_end() {
    let mut play = gappy();
    want(&mut play, span(0, 10), false);
    want(&mut play, span(2, 8), false);
    assert_eq!(want(&mut play, span(2, 8), false), Wanted::Asked, "the same wish is one");
    play.seat.poll_history().unwrap();
    play.seat.handle_history(0, 10, vec![said(3)]);
    assert_eq!(play.seat.poll_history(), None);
    let ended = |asked, came| Delta::History { asked, came: Some(came) };
    let expected = [ended(span(0, 10), span(0, 10)), ended(span(2, 8), span(2, 8))];
    assert_eq!(play.settle(), expected);
}

#[test]
fn wishes_have_a_limit_and_an_end() {
    let mut play = gappy();
    for n in 0..64 {
        assert_eq!(want(&mut play, span(0, 100 + n), false), Wanted::Asked);
    }
    assert_eq!(want(&mut play, span(0, 200), false), Wanted::TooMany);
    play.reopen(None, refused(Refusal::ConferenceDeleted));
    assert_eq!(want(&mut play, span(0, 10), false), Wanted::Unreachable);
    assert_eq!(want(&mut play, span(10, 19), false), Wanted::Here, "the replica stays readable");
}
