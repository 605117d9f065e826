//! A disk that fails, and a daemon that falls behind.

use super::*;

#[test]
fn a_fault_at_one_seat_holds_up_no_other() {
    let mut play = Play::open(2);
    play.events(To::Following, 0, 1, vec![said(1)]);
    play.act(0, 1);
    // The write of the first seat's events fails, and nobody knows whether it is stored.
    let (seat, write, _) = play.conversation.poll_write().unwrap();
    assert_eq!(seat, SeatIndex(0));
    play.conversation.handle_write_failed(seat, write, false);
    play.settle();
    assert_eq!(play.rereads, [SeatIndex(0)]);
    assert!(play.frames().iter().any(|frame| matches!(frame, ClientFrame::Close(close) if close.index == 0)));
    // The other one goes on; what is meant for the first comes to nothing.
    play.act(1, 1_001);
    play.events(To::Following, 1, 2, vec![said(2)]);
    play.receipts(0, vec![accepted(1, 2)]);
    play.settle();
    assert_eq!(play.commands(), [(1, 1, vec![id(1_001)])]);
    assert_eq!((play.cursor(0), play.seqs(1)), (1, vec![1, 2]));
    assert_eq!(play.conversation.act(SeatIndex(0), id(9), body(9), None), Some(Err(ActError::StoreFailed)));
    assert!(!play.conversation.is_behind());
    assert!(play.wishes().is_empty(), "nothing is asked for before the store is read");

    let record = play.disks[&SeatIndex(0)].read();
    play.conversation.handle_reread(SeatIndex(0), record);
    let wishes = play.wishes();
    assert_eq!((wishes[0].index, wishes[0].count), (0, 2));
    play.opened(0, 2, Resumption::Replay);
    play.events(To::Seats(vec![0]), 0, 2, vec![said(1), said(2)]);
    play.settle();
    assert_eq!(play.seqs(0), [1, 2]);
    let unsure = Delta::NotQueued { id: id(1), unsure: false };
    assert!(play.told.contains(&(SeatIndex(0), unsure)), "the store was never given it");
}

#[test]
fn a_command_whose_write_was_undone_is_never_sent() {
    let mut play = Play::open(1);
    play.act(0, 1);
    play.act(0, 2);
    let (seat, write, _) = play.conversation.poll_write().unwrap();
    play.conversation.handle_write_failed(seat, write, true);
    play.settle();
    assert_eq!(play.commands(), [(0, 1, vec![id(2)])]);
    assert!(play.rereads.is_empty());
    let nothing = Delta::NotQueued { id: id(1), unsure: false };
    assert!(play.told.contains(&(SeatIndex(0), nothing)));
}

#[test]
fn a_seat_that_was_read_anew_while_no_link_stood_comes_with_the_next_attach() {
    let mut play = Play::open(2);
    play.act(0, 1);
    let (seat, write, change) = play.conversation.poll_write().unwrap();
    play.disks.get_mut(&seat).unwrap().apply(&change);
    play.conversation.handle_pipe_closed(play.pipe, play.now);
    play.conversation.handle_write_failed(seat, write, false);
    play.greet();
    play.conversation.adopt(play.pipe, play.now);
    let attach = play.attach_said();
    assert_eq!((attach.len(), attach[0].index), (1, 1), "the other one knows not where it stands");
    play.conversation.handle_reread(seat, play.disks[&seat].read());
    play.heard = 0;
    play.say(ServerFrame::Attached(Attached { received: 0, resumed: false, end_point_known: None }));
    assert_eq!(play.wishes()[0].index, 0);
    play.opened(0, 1, Resumption::Current);
    assert_eq!(play.commands(), [(0, 1, vec![id(1)])], "it was stored after all");
}

#[test]
fn a_seat_that_is_closed_while_the_link_attaches_has_asked_once_and_asks_with_the_next_count() {
    let mut play = Play::open(3);
    play.act(0, 1);
    let (seat, write, _) = play.conversation.poll_write().unwrap();
    play.greet();
    play.conversation.adopt(play.pipe, play.now);
    assert_eq!(play.attach_said().len(), 3);
    // Nobody knows whether the write is stored, and another seat is not wanted any more.
    play.conversation.handle_write_failed(seat, write, false);
    play.conversation.handle_reread(seat, play.disks[&seat].read());
    play.conversation.remove_seat(SeatIndex(1)).unwrap();
    play.heard = 0;
    play.say(ServerFrame::Attached(Attached { received: 0, resumed: false, end_point_known: None }));
    let (mut closed, mut asked) = (Vec::new(), Vec::new());
    for frame in play.frames() {
        if let ClientFrame::Close(close) = &frame {
            closed.push(close.index);
        } else if let ClientFrame::Open(open) = frame {
            asked.extend(open.seats.into_iter().map(|resume| (resume.index, resume.count)));
        }
    }
    assert_eq!((closed, asked), (vec![0, 1], vec![(0, 2)]), "the server has heard of both by the attach");
}

#[test]
fn the_shell_is_asked_to_read_no_more_while_the_store_is_far_behind() {
    let mut play = Play::open(2);
    for number in 0..600 {
        play.events(To::Seats(vec![1]), number, number + 1, vec![said(number + 1)]);
    }
    assert!(play.conversation.is_behind());
    play.settle();
    assert!(!play.conversation.is_behind());
}
