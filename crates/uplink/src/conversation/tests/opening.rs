//! Which seats ask, when, and how often.

use convene_model::{TermId, TermStart};
use convene_seat::{Replica, Terms};

use super::*;

fn places(wishes: &[Resume]) -> Vec<(u32, u32)> {
    wishes.iter().map(|resume| (resume.index, resume.count)).collect()
}

/// A seat whose replica has so many terms that its wish fills most of a frame.
fn of_many_terms(n: u8) -> SeatRecord {
    let mut record = record(n);
    let mut replica = Replica::empty(LOG);
    let term = |from: u64| TermStart { term: TermId([n; 16]), from };
    replica.terms = Terms::from_starts((2..3_000).map(term).collect());
    replica.cursor = 5_000;
    record.replica = Some(replica);
    record
}

#[test]
fn seats_come_with_the_attach_and_later_ones_by_frames_of_their_own() {
    let mut play = Play::new(2);
    let wishes = play.begin();
    assert_eq!(places(&wishes), [(0, 1), (1, 1)]);
    assert!(play.are_signed(&wishes));
    assert!(play.wishes().is_empty(), "those have asked");
    play.add();
    let wishes = play.wishes();
    assert_eq!(places(&wishes), [(2, 1)]);
    assert!(play.are_signed(&wishes), "in the context of the attach with which the link began");
}

#[test]
fn wishes_that_do_not_fit_into_the_attach_follow_in_frames_that_they_fit_into() {
    let mut play = Play::new(0);
    for n in 0..4 {
        play.add_record(of_many_terms(n));
    }
    let attach = play.begin();
    assert_eq!(places(&attach), [(0, 1)]);
    // As much as the link may hold; the rest comes once that is acknowledged.
    let mut wishes = play.wishes();
    while wishes.len() < 3 {
        let received = play.heard;
        play.say(ServerFrame::Ack(convene_protocol::Ack { received, again: false }));
        let more = play.wishes();
        assert!(!more.is_empty());
        wishes.extend(more);
    }
    assert_eq!(places(&wishes), [(1, 1), (2, 1), (3, 1)]);
    assert!(play.are_signed(&wishes));
}

#[test]
fn a_link_that_goes_on_keeps_its_seats_open() {
    let mut play = Play::open(2);
    play.reopen(vec![1]);
    assert_eq!(places(&play.wishes()), [(1, 2)]);
    play.opened(1, 2, Resumption::Current);
    let attach = play.resume();
    assert_eq!(places(&attach), [(0, 1), (1, 1)], "for a server that has forgotten the link");
    assert!(play.wishes().is_empty() && play.seat(0).is_open() && play.seat(1).is_open());
    play.reopen(vec![1]);
    let wishes = play.wishes();
    assert_eq!(places(&wishes), [(1, 3)]);
    assert!(!play.are_signed(&wishes), "the context is that of the first attach");
}

#[test]
fn on_a_link_that_begins_everything_is_asked_for_once_more() {
    let mut play = Play::open(2);
    play.reopen(vec![0]);
    assert_eq!(places(&play.wishes()), [(0, 2)]);
    let attach = play.begin();
    assert_eq!(places(&attach), [(0, 1), (1, 1)]);
    assert!(!play.seat(0).is_open() && !play.seat(1).is_open());
    // The answer to what was asked on the link before means nothing.
    play.opened(0, 2, Resumption::Current);
    assert!(!play.seat(0).is_open());
    play.opened(0, 1, Resumption::Current);
    assert!(play.seat(0).is_open());
}

#[test]
fn an_index_is_never_given_twice() {
    let mut play = Play::open(2);
    play.conversation.remove_seat(SeatIndex(1)).unwrap();
    let closed = |frame| if let ClientFrame::Close(close) = frame { Some(close.index) } else { None };
    let closed: Vec<u32> = play.frames().into_iter().filter_map(closed).collect();
    assert_eq!((closed, play.add()), (vec![1], SeatIndex(2)));
    play.opened(1, 1, Resumption::Current);
    assert!(play.conversation.seat(SeatIndex(1)).is_none());
}

#[test]
fn a_seat_that_is_closed_while_no_pipe_stands_is_closed_when_the_link_goes_on_and_unknown_when_it_begins() {
    let closed = |play: &mut Play| -> Vec<u32> {
        let index = |frame| if let ClientFrame::Close(close) = frame { Some(close.index) } else { None };
        play.frames().into_iter().filter_map(index).collect()
    };
    for goes_on in [true, false] {
        let mut play = Play::open(3);
        play.conversation.handle_pipe_closed(play.pipe, play.now);
        play.conversation.remove_seat(SeatIndex(1)).unwrap();
        assert_eq!(closed(&mut play), [0; 0], "there is nothing to say it on");
        if goes_on {
            play.resume();
            assert_eq!(closed(&mut play), [1]);
        } else {
            assert_eq!(places(&play.begin()), [(0, 1), (2, 1)]);
            assert_eq!(closed(&mut play), [0; 0], "this link has never heard of it");
        }
    }
}

#[test]
fn s2_a_full_seat_is_closed_at_the_server_and_asks_again_once_there_is_room() {
    let mut play = Play::open(2);
    let closed = |frame| if let ClientFrame::Close(close) = frame { Some(close.index) } else { None };
    play.conversation.handle_full(SeatIndex(0), true);
    let told: Vec<u32> = play.frames().into_iter().filter_map(closed).collect();
    assert_eq!(told, [0]);
    play.reopen(vec![0, 1]);
    assert_eq!(places(&play.wishes()), [(1, 2)]);
    play.conversation.handle_full(SeatIndex(0), false);
    assert_eq!(places(&play.wishes()), [(0, 2)]);
}

#[test]
fn a_seat_that_is_told_later_asks_again_in_time_and_others_do_not_wait() {
    let mut play = Play::new(2);
    play.begin();
    let (code, log) = (Refusal::NotHereNow, None);
    play.answer(0, 1, None, OpenedOutcome::Later { code, retry_after_ms: 5_000, log });
    play.opened(1, 1, Resumption::Current);
    assert!(play.wishes().is_empty() && play.seat(1).is_open());
    assert!(play.conversation.poll_timeout().unwrap() <= play.now + Duration::from_secs(5));
    play.wait(Duration::from_millis(4_999));
    assert!(play.wishes().is_empty());
    play.wait(Duration::from_millis(1));
    assert_eq!(places(&play.wishes()), [(0, 2)]);
}

#[test]
fn an_answer_of_a_later_version_is_asked_again() {
    let mut play = Play::new(1);
    play.begin();
    let text = r#"{"opened":[{"index":0,"count":1,"outcome":"postponed","until":7}]}"#;
    play.conversation.handle_frame(play.pipe, None, text, play.now);
    play.wait(Duration::from_secs(60));
    assert_eq!(places(&play.wishes()), [(0, 2)]);
}

#[test]
fn a_server_that_names_another_conference_than_the_seats_opens_nothing() {
    let mut play = Play::open(1);
    play.act(0, 1);
    play.settle();
    play.begin();
    play.answer(
        0,
        1,
        None,
        OpenedOutcome::Open {
            participant: ParticipantId(1),
            conference: ConferenceId::from_random(6),
            log: LOG,
            role: Role::Participant,
            credit: 256,
            resume: Resumption::Current,
        },
    );
    play.settle();
    assert!(play.commands().is_empty() && !play.seat(0).is_open());
    let code = Refusal::ConferenceUnknown;
    assert_eq!(play.seat(0).standing(), Standing::NotHereNow { code, other_log: None });
}

#[test]
fn what_is_void_is_folded_anew_before_the_seat_asks_again() {
    let mut play = Play::open(2);
    play.events(To::Following, 0, 4, vec![joined(1, 1), said(2), said(3), said(4)]);
    play.settle();
    play.told.clear();
    play.begin();
    let open = |participant| OpenedOutcome::Open {
        participant: ParticipantId(participant),
        conference: conference(),
        log: LOG,
        role: Role::Participant,
        credit: 256,
        resume: Resumption::Replay,
    };
    play.answer(0, 1, Some(2), open(1));
    assert!(play.wishes().is_empty());
    play.settle();
    assert_eq!(play.told, [(SeatIndex(0), Delta::Reset { number: 2 })]);
    let wishes = play.wishes();
    assert_eq!(places(&wishes), [(0, 2)]);
    assert_eq!(wishes[0].replica.as_ref().unwrap().number, 2);
    assert_eq!((play.seqs(0), play.seqs(1)), (vec![1, 2], vec![1, 2, 3, 4]));
}

#[test]
fn a_seat_that_turns_to_another_log_while_the_link_attaches_asks_for_that() {
    let mut play = Play::open(1);
    let other = LogId([2; 8]);
    play.begin();
    let log = Some(other);
    let later = OpenedOutcome::Later { code: Refusal::OtherLog, retry_after_ms: 1_000, log };
    play.answer(0, 1, None, later);
    play.wait(Duration::from_secs(1));
    play.wishes();
    play.greet();
    play.conversation.adopt(play.pipe, play.now);
    assert_eq!(play.attach_said()[0].replica.as_ref().unwrap().log, LOG);
    assert!(play.conversation.join_other_log(SeatIndex(0), other, "Anna".parse().unwrap()));
    play.heard = 0;
    play.say(ServerFrame::Attached(Attached { received: 0, resumed: false, end_point_known: None }));
    let wishes = play.wishes();
    assert_eq!(places(&wishes), [(0, 2)], "it has asked once by the attach");
    assert_eq!(wishes[0].replica.as_ref().unwrap().log, other);
}

#[test]
fn seats_of_people_who_left_make_room_for_others() {
    let mut play = Play::open(64);
    play.events(To::Seats(vec![7]), 0, 2, vec![joined(1, 8), left(2, 8)]);
    play.settle();
    assert_eq!(play.seat(7).standing(), Standing::Left);
    assert!(play.frames().is_empty(), "nobody needs the room");
    let late = play.add();
    let frames = play.frames();
    assert!(matches!(frames[0], ClientFrame::Close(convene_protocol::CloseSeat { index: 7 })));
    assert!(matches!(&frames[1], ClientFrame::Open(open) if open.seats[0].index == late.0));
    assert_eq!(frames.len(), 2, "the one that rests does not come back for nothing");
    // Anyone who left and wants something again gets room once there is some.
    play.act(7, 1);
    play.settle();
    assert!(play.wishes().is_empty());
    play.conversation.remove_seat(SeatIndex(9));
    play.act(7, 2);
    assert_eq!(places(&play.wishes()), [(7, 2)]);
}

#[test]
fn a_connection_carries_so_many_seats_and_no_more() {
    let mut play = Play::open(64);
    let joined = play.disks[&SeatIndex(0)].read();
    assert_eq!(play.conversation.add_seat(Seat::new(joined)), Err(TooManySeats));
    for _ in 0..256 {
        play.add();
    }
    assert_eq!(play.conversation.add_seat(Seat::new(record(1))), Err(TooManySeats));
}
