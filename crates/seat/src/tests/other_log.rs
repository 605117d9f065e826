//! A server that shows another log for a while, or for good.

use super::*;

const TEN_MINUTES: Duration = Duration::from_secs(600);

fn told() -> Standing {
    Standing::NotHereNow { code: Refusal::OtherLog, other_log: Some(OTHER) }
}

/// A seat in [`LOG`] with one event and one command, to which the server shows [`OTHER`].
fn shown() -> Play {
    let mut play = Play::open();
    play.events(0, 1, vec![joined(1, 1)]);
    play.act(1).unwrap();
    play.settle();
    play.reopen(None, later(Refusal::OtherLog, Some(OTHER)));
    play
}

fn turn(play: &mut Play, log: LogId) -> bool {
    play.seat.join_other_log(log, "Anna".parse().unwrap())
}

#[test]
fn nothing_is_touched_and_people_are_told_after_ten_minutes() {
    let mut play = shown();
    let before = play.disk.read();
    assert_eq!(play.settle(), [], "a restore takes a while");
    play.wait(Duration::from_secs(300));
    play.ask(later(Refusal::OtherLog, Some(OTHER)));
    play.wait(Duration::from_secs(299));
    assert_eq!(play.settle(), []);
    assert_eq!(play.seat.poll_timeout(), Some(play.now + Duration::from_secs(1)));
    play.wait(Duration::from_secs(1));
    assert_eq!(play.settle(), [Delta::Seat(told())]);
    assert_eq!(play.disk.read(), before);
    play.ask(open(Resumption::Events));
    assert_eq!(play.settle(), [Delta::Seat(Standing::Joined)]);
    assert_eq!(play.sent(), [id(1)]);
}

#[test]
fn a_server_that_opens_another_log_than_was_asked_for_shows_another_log() {
    let mut play = Play::open();
    play.reopen(None, open_in(OTHER, Resumption::Events));
    assert!(!play.seat.is_open());
    play.wait(TEN_MINUTES);
    assert_eq!(play.seat.standing(), told());
}

#[test]
fn a_person_may_turn_to_the_log_that_is_shown() {
    let mut play = shown();
    let key = play.seat.record().secret.key();
    assert!(!turn(&mut play, LogId([9; 8])), "only to that one");
    assert!(!turn(&mut play, LOG));
    assert!(turn(&mut play, OTHER));
    assert_eq!(play.settle(), [Delta::WatchAnew, Delta::Seat(Standing::Joining)]);
    let asked = play.seat.asked();
    let replica = AskedReplica { log: OTHER, number: 0, receipts: 0, terms: &[] };
    assert_eq!((asked.key, asked.replica, asked.was_participant), (key, Some(replica), false));
    play.ask(open_in(OTHER, Resumption::Events));
    assert_eq!(play.sent(), [id(1)], "the outbox goes along");
    assert_eq!(play.settle(), [Delta::Seat(Standing::Joined)]);
    assert_eq!((play.seat.record().aside.len(), play.seat.record().aside[0].cursor), (1, 1));
}

#[test]
fn receipts_of_one_log_are_none_of_another() {
    let mut play = shown();
    play.ask_again();
    play.receipts([accepted(1, 2)]);
    play.settle();
    play.reopen(None, later(Refusal::OtherLog, Some(OTHER)));
    assert!(turn(&mut play, OTHER));
    assert_eq!(play.act(1), Ok(Acceptance::Taken), "there it was never decided");
}

#[test]
fn a_replica_that_was_put_aside_is_taken_up_again() {
    let mut play = shown();
    assert!(turn(&mut play, OTHER));
    play.settle();
    play.ask(open_in(OTHER, Resumption::Events));
    let events =
        NewEvents { log: OTHER, after: 0, through: 2, terms: vec![], items: vec![joined(2, 1)].into() };
    play.seat.handle_events(&events, play.now);
    play.settle();
    assert!(turn(&mut play, LOG), "one that is aside need not be shown");
    assert_eq!(play.settle(), [Delta::WatchAnew]);
    assert_eq!((play.replica().log, play.replica().cursor), (LOG, 1));
    assert_eq!(play.seqs(), [1]);
    play.restart();
    assert!(turn(&mut play, OTHER));
    play.settle();
    assert_eq!((play.replica().cursor, play.seqs()), (2, vec![2]));
}

#[test]
fn refused_there_a_seat_goes_back_to_the_log_that_it_had() {
    let mut play = shown();
    assert!(turn(&mut play, OTHER));
    play.settle();
    let code = Refusal::NameTaken;
    play.ask(refused(code));
    let standing = Standing::Refused { code, is_final: false };
    assert_eq!(play.settle(), [Delta::WatchAnew, Delta::Seat(standing)]);
    assert_eq!((play.replica().log, play.replica().cursor), (LOG, 1));
    assert!(play.seat.record().aside.is_empty(), "an empty replica is not kept");
    assert_eq!(play.seat.record().outbox.len(), 1);
    play.wait(Duration::from_secs(60));
    play.ask(open(Resumption::Events));
    assert_eq!(play.sent(), [id(1)]);
}

#[test]
fn a_person_may_choose_another_name_there() {
    let mut play = shown();
    assert!(play.seat.join_other_log(OTHER, "Berta".parse().unwrap()));
    play.settle();
    assert_eq!(play.seat.asked().join.name.as_str(), "Berta");
}

#[test]
fn an_answer_to_what_was_asked_before_the_turn_means_nothing() {
    let mut play = shown();
    play.wait(Duration::from_secs(5));
    play.seat.handle_asked(50);
    assert!(turn(&mut play, OTHER));
    play.seat.handle_opened(50, Some(0), open(Resumption::Events), play.now);
    assert!(!play.seat.is_open());
    assert_eq!(play.replica().log, OTHER);
}

#[test]
fn four_replicas_stay_readable() {
    let mut play = Play::open();
    for n in 1..=6 {
        let log = LogId([n; 8]);
        if n > 1 {
            play.reopen(None, later(Refusal::OtherLog, Some(log)));
            assert!(turn(&mut play, log));
            play.settle();
            play.ask(open_in(log, Resumption::Events));
        }
        let events = NewEvents { log, after: 0, through: 1, terms: vec![], items: vec![joined(1, 1)].into() };
        play.seat.handle_events(&events, play.now);
        play.settle();
    }
    let aside: Vec<u8> = play.seat.record().aside.iter().map(|aside| aside.log.0[0]).collect();
    assert_eq!(aside, [2, 3, 4, 5]);
}

#[test]
fn void_and_put_aside_before_it_was_folded_a_replica_is_folded_when_it_is_taken_up() {
    let mut play = Play::open();
    play.events(0, 3, vec![joined(1, 1), said(2), said(3)]);
    play.settle();
    play.reopen(Some(2), later(Refusal::OtherLog, Some(OTHER)));
    assert!(turn(&mut play, OTHER));
    play.store();
    assert_eq!(play.seat.record().aside[0].state, None);
    assert!(turn(&mut play, LOG));
    play.store();
    let wish = play.seat.poll_refold().unwrap();
    assert_eq!(wish, Refold { log: LOG, base: 0, through: 2 });
    play.seat.handle_refolded(wish, play.disk.fold(wish));
    play.settle();
    assert!(play.replica().state.is_some());
}

impl Play {
    fn ask_again(&mut self) {
        self.wait(Duration::from_secs(5));
        self.ask(open(Resumption::Events));
    }
}
