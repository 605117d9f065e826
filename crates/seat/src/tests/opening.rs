//! Asking, answers, and refusals.

use super::*;

const NOT_YET: Standing = Standing::Refused { code: Refusal::CodeUnknown, is_final: false };

#[test]
fn a_seat_asks_with_all_that_would_be_needed_to_join() {
    let mut play = Play::open();
    play.events_of(0, 9, &[term(1, 2), term(2, 7)], vec![said(1)]);
    play.settle();
    let asked = play.seat.asked();
    assert_eq!((asked.key, asked.join.code), (play.seat.record().secret.key(), JoinCode([1; 16])));
    assert_eq!((asked.conference, asked.was_participant), (Some(conference()), true));
    let terms = &[term(1, 2), term(2, 7)][..];
    assert_eq!(asked.replica, Some(AskedReplica { log: LOG, number: 9, receipts: 0, terms }));
    assert_eq!(play.replica().point(), Point { number: 9, term: TermId([2; 16]) });
    assert_eq!(play.replica().term_of(1), TermId::of_log(LOG));
}

#[test]
fn an_answer_to_an_earlier_time_means_nothing() {
    let mut play = Play::new();
    play.seat.handle_asked(1);
    play.seat.handle_asked(2);
    play.seat.handle_opened(1, None, refused(Refusal::NameTaken), play.now);
    play.seat.handle_opened(1, Some(0), open(Resumption::Events), play.now);
    assert_eq!((play.seat.standing(), play.seat.is_open()), (Standing::Joining, false));
    play.seat.handle_opened(2, None, open(Resumption::Events), play.now);
    assert!(play.seat.is_open());
    // Nor does a second one to the same.
    play.seat.handle_opened(2, None, refused(Refusal::ConferenceDeleted), play.now);
    assert!(play.seat.is_open());
}

#[test]
fn until_it_is_opened_a_seat_takes_nothing() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    play.sent();
    play.seat.handle_reopen();
    play.seat.handle_asked(7);
    play.events(0, 1, vec![said(1)]);
    play.receipts([accepted(1, 1)]);
    play.seat.handle_history(0, 1, vec![said(1)]);
    assert!(play.sent().is_empty());
    assert_eq!((play.settle(), play.replica().cursor), (vec![], 0));
    play.seat.handle_opened(7, None, open(Resumption::Events), play.now);
    assert_eq!(play.sent(), [id(1)]);
}

#[test]
fn becoming_a_participants_is_told_and_kept() {
    let mut play = Play::new();
    play.ask(open(Resumption::Events));
    assert_eq!(play.settle(), [Delta::Seat(Standing::Joined)]);
    play.restart();
    assert_eq!(play.seat.standing(), Standing::Joined);
    assert_eq!(play.replica().participant, Some(ParticipantId(1)));
    play.ask(open(Resumption::Events));
    assert_eq!(play.seat.poll_write(), None, "nothing is news");
}

#[test]
fn later_touches_nothing_and_is_asked_again_in_time() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    let before = play.disk.read();
    play.reopen(None, later(Refusal::ConferenceOfLaterVersion, None));
    let code = Refusal::ConferenceOfLaterVersion;
    assert_eq!(play.settle(), [Delta::Seat(Standing::NotHereNow { code, other_log: None })]);
    assert_eq!(play.disk.read(), before);
    assert!(!play.seat.wants_open());
    assert_eq!(play.seat.poll_timeout(), Some(play.now + Duration::from_secs(5)));
    play.wait(Duration::from_millis(4_999));
    assert!(!play.seat.wants_open());
    play.wait(Duration::from_millis(1));
    play.ask(open(Resumption::Events));
    assert_eq!(play.settle(), [Delta::Seat(Standing::Joined)]);
}

#[test]
fn s2_a_full_seat_keeps_what_it_has_and_takes_nothing_until_there_is_room() {
    let mut play = Play::open();
    play.events(0, 1, vec![said(1)]);
    play.act(1).unwrap();
    play.settle();
    play.seat.handle_full(true);
    let full = Standing::NotHereNow { code: Refusal::SeatFull, other_log: None };
    assert_eq!(play.settle(), [Delta::Seat(full)]);
    play.events(1, 2, vec![said(2)]);
    assert_eq!((play.settle(), play.seqs()), (vec![], vec![1]));
    play.act(2).unwrap();
    assert_eq!(play.settle(), [Delta::Queued { id: id(2) }], "what somebody says is kept all the same");
    assert!(!play.seat.wants_open() && play.sent().is_empty());
    play.seat.handle_full(false);
    assert_eq!(play.settle(), [Delta::Seat(Standing::Joined)]);
    play.ask(open(Resumption::Events));
    assert_eq!(play.sent(), [id(1), id(2)]);
}

#[test]
fn no_server_can_keep_a_seat_from_asking_for_long() {
    for (retry_after_ms, seconds) in [(0, 1), (u64::MAX, 600)] {
        let mut play = Play::open();
        let (code, log) = (Refusal::NotHereNow, None);
        play.reopen(None, Answer::Later { code, retry_after_ms, log });
        assert_eq!(play.seat.poll_timeout(), Some(play.now + Duration::from_secs(seconds)));
    }
}

#[test]
fn whom_the_server_never_let_in_is_refused_for_good() {
    for code in [Refusal::NameTaken, Refusal::ConferenceFull, Refusal::ConferenceEnded] {
        let mut play = Play::new();
        play.act(1).unwrap();
        play.ask(refused(code));
        play.settle();
        let standing = Standing::Refused { code, is_final: true };
        assert_eq!((play.seat.standing(), play.seat.wants_open()), (standing, false));
        assert_eq!(play.act(2), Err(ActError::SeatRefused { code }));
        play.restart();
        assert_eq!((play.seat.standing(), play.seat.wants_open()), (standing, false));
    }
}

#[test]
fn whom_the_server_let_in_once_is_not_refused_for_good() {
    for code in [
        Refusal::NameTaken,
        Refusal::ConferenceFull,
        Refusal::ConferenceEnded,
        Refusal::CodeUnknown,
        Refusal::KeyReplaced,
        Refusal::Other,
    ] {
        let mut play = Play::open();
        play.reopen(None, refused(code));
        assert_eq!(play.settle(), [Delta::Seat(Standing::NotHereNow { code, other_log: None })]);
        play.wait(Duration::from_secs(3_600));
        play.ask(refused(code));
        play.settle();
        assert_eq!(play.seat.record().refused, None);
    }
}

#[test]
fn a_deleted_conference_is_the_end_at_any_time() {
    let mut play = Play::open();
    let code = Refusal::ConferenceDeleted;
    play.reopen(None, refused(code));
    assert_eq!(play.settle(), [Delta::Seat(Standing::Refused { code, is_final: true })]);
    assert_eq!(play.disk.read().refused, Some(code));
}

#[test]
fn an_unknown_code_is_told_at_once_and_final_ten_minutes_later() {
    let mut play = Play::new();
    play.ask(refused(Refusal::CodeUnknown));
    assert_eq!(play.settle(), [Delta::Seat(NOT_YET)]);
    assert_eq!(play.act(1), Ok(Acceptance::Taken));
    play.wait(Duration::from_secs(599));
    play.ask(refused(Refusal::CodeUnknown));
    play.settle();
    assert_eq!(play.seat.standing(), NOT_YET);
    // Ten minutes alone decide nothing: the server has to say it again.
    play.wait(Duration::from_secs(60));
    assert_eq!(play.seat.standing(), NOT_YET);
    play.ask(refused(Refusal::CodeUnknown));
    play.settle();
    assert_eq!(play.disk.read().refused, Some(Refusal::CodeUnknown));
}

#[test]
fn an_unknown_code_that_is_known_again_is_forgotten() {
    let mut play = Play::new();
    play.ask(refused(Refusal::CodeUnknown));
    play.wait(Duration::from_secs(700));
    play.ask(open(Resumption::Events));
    play.settle();
    assert_eq!(play.seat.standing(), Standing::Joined);
}

#[test]
fn a_server_that_names_another_conference_opens_nothing() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    let Answer::Open { participant, log, credit, resumption, .. } = open(Resumption::Events) else {
        panic!()
    };
    let conference = ConferenceId::from_random(6);
    play.reopen(None, Answer::Open { participant, conference, log, credit, resumption });
    play.settle();
    assert!(!play.seat.is_open() && play.sent().is_empty());
    let code = Refusal::ConferenceUnknown;
    assert_eq!(play.seat.standing(), Standing::NotHereNow { code, other_log: None });
    assert_eq!(play.seat.record().conference, Some(self::conference()));
}

#[test]
fn a_resumption_of_a_later_version_is_answered_by_a_wish_for_a_snapshot() {
    let mut play = Play::open();
    assert!(!play.seat.asked().snapshot);
    play.reopen(None, open(Resumption::Other));
    assert!(!play.seat.is_open() && play.seat.asked().snapshot);
    assert_eq!(play.seat.poll_timeout(), Some(play.now + Duration::from_secs(1)));
}

#[test]
fn a_seat_with_more_terms_than_it_may_name_asks_for_a_snapshot() {
    let mut play = Play::open();
    let starts = |range: std::ops::Range<u64>| -> Vec<TermStart> {
        let named = |from: u64| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&from.to_be_bytes());
            TermStart { term: TermId(bytes), from }
        };
        range.map(named).collect()
    };
    play.events_of(0, 4_096, &starts(2..4_097), vec![]);
    assert_eq!((play.seat.asked().snapshot, play.replica().terms.starts().len()), (false, 4_095));
    play.events_of(4_096, 5_000, &starts(4_097..5_001), vec![]);
    assert!(play.seat.asked().snapshot);
    let named = play.seat.asked().replica.unwrap().terms;
    assert_eq!((named.len(), named.last().unwrap().from), (4_096, 5_000));
}
