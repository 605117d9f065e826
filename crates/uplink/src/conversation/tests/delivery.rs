//! The traffic between the link and the seats that are open.

use convene_protocol::{HistoryPage, HistoryRequest, Presence};

use super::*;

#[test]
fn seats_that_follow_get_the_shared_frame_and_others_do_not() {
    let mut play = Play::open(3);
    play.follow(1, false);
    play.events(To::Following, 0, 1, vec![said(1)]);
    play.events(To::Seats(vec![1, 9]), 0, 1, vec![said(1)]);
    play.events(To::Other, 1, 2, vec![said(2)]);
    play.settle();
    assert_eq!((play.seqs(0), play.seqs(1), play.seqs(2)), (vec![1], vec![1], vec![1]));
    assert_eq!([0, 1, 2].map(|index| play.cursor(index)), [1, 1, 1]);
}

#[test]
fn a_frame_is_for_the_seats_of_its_conference_alone() {
    let mut play = Play::open(1);
    let other = ConferenceId::from_random(6);
    for to in [To::Following, To::Seats(vec![0])] {
        let (log, terms, list) = (LOG, vec![], vec![said(1)]);
        let events = Events { conference: other, log, to, after: 0, through: 1, terms, list };
        play.say(ServerFrame::Events(events));
    }
    play.settle();
    assert_eq!(play.cursor(0), 0);
}

#[test]
fn a_seat_that_is_behind_is_brought_up_while_others_go_on() {
    let mut play = Play::open(2);
    play.events(To::Following, 0, 3, vec![said(1), said(2), said(3)]);
    play.add();
    play.opened(2, 1, Resumption::Replay);
    play.events(To::Seats(vec![2]), 0, 2, vec![said(1), said(2)]);
    play.events(To::Following, 3, 4, vec![said(4)]);
    play.events(To::Seats(vec![2]), 2, 4, vec![said(3), said(4)]);
    play.follow(2, true);
    play.events(To::Following, 4, 5, vec![said(5)]);
    play.settle();
    for index in 0..3 {
        assert_eq!((play.seqs(index), play.seat(index).is_open()), (vec![1, 2, 3, 4, 5], true));
    }
}

#[test]
fn a_seat_with_a_gap_asks_again_and_others_do_not_notice() {
    let mut play = Play::open(2);
    play.events(To::Seats(vec![0]), 0, 1, vec![said(1)]);
    play.events(To::Following, 1, 2, vec![said(2)]);
    assert!(!play.seat(1).is_open());
    let wishes = play.wishes();
    assert_eq!((wishes.len(), wishes[0].index, wishes[0].count), (1, 1, 2));
    // It follows no more: a shared frame is nothing for it before it is told so again.
    play.opened(1, 2, Resumption::Replay);
    play.events(To::Following, 2, 3, vec![said(3)]);
    assert!(play.seat(1).is_open());
    play.events(To::Seats(vec![1]), 0, 3, vec![said(1), said(2), said(3)]);
    play.settle();
    assert_eq!((play.seqs(0), play.seqs(1)), (vec![1, 2, 3], vec![1, 2, 3]));
}

#[test]
fn a_seat_that_leaves_and_comes_back_on_the_same_link_is_told_both() {
    let mut play = Play::open(2);
    play.events(To::Following, 0, 2, vec![joined(1, 1), joined(2, 2)]);
    play.act(0, 7);
    play.settle();
    assert_eq!(play.commands(), [(0, 1, vec![id(7)])]);
    // The seat that leaves gets a frame of its own, follows no more, and gets its receipt.
    play.events(To::Seats(vec![0]), 2, 3, vec![left(3, 1)]);
    play.follow(0, false);
    play.events(To::Following, 2, 3, vec![left(3, 1)]);
    play.receipts(0, vec![accepted(7, 3)]);
    play.events(To::Following, 3, 5, vec![said(4), said(5)]);
    play.settle();
    assert_eq!((play.seat(0).standing(), play.cursor(0), play.cursor(1)), (Standing::Left, 3, 5));
    assert!(play.told.contains(&(SeatIndex(0), Delta::Seat(Standing::Left))));
    // Back again: the command goes out at once, and everything in between comes.
    play.act(0, 8);
    play.settle();
    assert_eq!(play.commands(), [(0, 1, vec![id(8)])]);
    play.events(To::Seats(vec![0]), 3, 6, vec![said(4), said(5), joined(6, 1)]);
    play.follow(0, true);
    play.receipts(0, vec![accepted(8, 6)]);
    play.events(To::Following, 6, 7, vec![said(7)]);
    play.settle();
    assert_eq!((play.seat(0).standing(), play.seqs(0)), (Standing::Joined, vec![1, 2, 3, 4, 5, 6, 7]));
    assert!(play.told.contains(&(SeatIndex(0), Delta::Seat(Standing::Joined))));
    assert!(play.seat(0).record().outbox.is_empty());
}

#[test]
fn seats_that_open_again_under_load_send_again_what_has_no_receipt() {
    let mut play = Play::open(2);
    for n in 0..300 {
        play.act(0, n);
        play.act(1, 1_000 + n);
    }
    play.settle();
    let sent = play.commands();
    let of = |index| -> usize {
        sent.iter().filter(|(seat, _, _)| *seat == index).map(|(_, _, list)| list.len()).sum()
    };
    assert_eq!((of(0), of(1)), (256, 256), "as many as the credit allows");
    play.receipts(0, (0..100).map(|n| accepted(n, 5)).collect());
    play.settle();
    play.commands();
    play.reopen(vec![0, 1]);
    assert_eq!(play.wishes().len(), 2);
    // A frame that was meant for the earlier opening counts for nothing.
    play.receipts(0, (100..200).map(|n| accepted(n, 6)).collect());
    play.receipts(1, vec![accepted(1_000, 6)]);
    play.events(To::Following, 0, 6, vec![said(1)]);
    play.follow(0, true);
    play.settle();
    assert_eq!((play.cursor(0), play.commands()), (0, vec![]));
    play.opened(0, 2, Resumption::Replay);
    play.opened(1, 1, Resumption::Replay);
    let again: Vec<CommandId> = play
        .commands()
        .into_iter()
        .flat_map(|(index, count, list)| {
            assert_eq!((index, count), (0, 2));
            list
        })
        .collect();
    assert_eq!(again, (100..300).map(id).collect::<Vec<_>>());
    play.events(To::Following, 5, 6, vec![said(6)]);
    assert!(play.seat(0).is_open(), "that it follows was told to the earlier opening");
    assert!(!play.seat(1).is_open(), "its answer is still to come");
    play.opened(1, 2, Resumption::Replay);
    let again: usize = play.commands().iter().map(|(_, _, list)| list.len()).sum();
    assert_eq!(again, 256);
}

#[test]
fn long_commands_are_spread_over_frames_and_held_back_while_the_link_is_full() {
    let mut play = Play::open(1);
    let text = "x".repeat(40_000);
    for n in 0..40 {
        let body = Json::parse(&format!(r#"{{"kind":"say","text":"{text}"}}"#)).unwrap();
        play.conversation.act(SeatIndex(0), id(n), body, None).unwrap().unwrap();
    }
    play.settle();
    let mut sent = Vec::new();
    for _ in 0..4 {
        // `frames` looks at the size of each.
        let batches = play.commands();
        let count: usize = batches.iter().map(|(_, _, list)| list.len()).sum();
        assert!(count <= 16, "{count} commands before any was acknowledged");
        sent.extend(batches.into_iter().flat_map(|(_, _, list)| list));
        let received = play.heard;
        play.say(ServerFrame::Ack(convene_protocol::Ack { received, again: false }));
    }
    assert_eq!(sent, (0..40).map(id).collect::<Vec<_>>());
}

#[test]
fn history_is_asked_for_from_either_end() {
    let mut play = Play::open(1);
    snapshots::take(&mut play, 0, 1, 50);
    let wish = HistoryWish { span: Span { after: 10, through: 40 }, newest: true };
    assert_eq!(play.conversation.want_history(SeatIndex(0), wish), Some(Wanted::Asked));
    let frames = play.frames();
    let [.., ClientFrame::History(request)] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(*request, HistoryRequest { index: 0, after: 10, through: 40, newest: true });
    let list = vec![said(38), said(39)];
    play.say(ServerFrame::History(HistoryPage { index: 0, after: 37, through: 40, list }));
    play.settle();
    assert_eq!(play.seqs(0), [38, 39]);
    let came = Some(Span { after: 37, through: 40 });
    assert!(play.told.contains(&(SeatIndex(0), Delta::History { asked: wish.span, came })));
}

#[test]
fn who_is_connected_is_told_to_open_seats_of_that_conference() {
    let mut play = Play::open(3);
    play.reopen(vec![1]);
    let presence =
        |conference, log| ServerFrame::Presence(Presence { conference, log, online: "Bw".to_owned() });
    play.say(presence(conference(), LOG));
    play.say(presence(ConferenceId::from_random(6), LOG));
    play.say(presence(conference(), LogId([2; 8])));
    play.settle();
    assert_eq!(play.presence, [SeatIndex(0), SeatIndex(2)]);
}
