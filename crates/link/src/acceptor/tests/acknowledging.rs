//! Frames that were taken are acknowledged, and frames that were missed are sent again.

use super::*;

#[test]
fn what_was_taken_is_acknowledged_once_and_after_a_while() {
    let mut server = Server::new();
    assert_eq!(server.hear(A, None, CLOSE), Ok(true));
    assert_eq!(server.said(), [""; 0]);
    assert_eq!(server.link.poll_timeout(), (server.now + ACK_DELAY, Reason::AckDue));
    assert_eq!(server.pass(ACK_DELAY / 2), Ok(()));
    assert_eq!(server.hear(A, None, CLOSE), Ok(true));
    assert_eq!(server.said(), [""; 0]);
    assert_eq!(server.pass(ACK_DELAY / 2), Ok(()));
    assert_eq!(server.said(), [r#"{"_ack":{"received":2}}"#]);
    assert_eq!(server.pass(ACK_DELAY), Ok(()));
    assert_eq!(server.said(), [""; 0]);
}

#[test]
fn much_is_acknowledged_at_once() {
    let mut server = Server::new();
    let padding = " ".repeat(ACK_BYTES / 2);
    let half = format!("{padding}{CLOSE}");
    assert_eq!(server.hear(A, None, &half), Ok(true));
    assert_eq!(server.said(), [""; 0]);
    assert_eq!(server.hear(A, None, &half), Ok(true));
    assert_eq!(server.said(), [r#"{"_ack":{"received":2}}"#]);
}

#[test]
fn a_pong_acknowledges_too() {
    let mut server = Server::new();
    assert_eq!(server.hear(A, None, CLOSE), Ok(true));
    assert_eq!(server.hear(A, None, r#"{"_ping":{"id":4}}"#), Ok(false));
    assert_eq!(server.said(), [r#"{"_pong":{"id":4,"received":1}}"#]);
    assert_eq!(server.pass(ACK_DELAY), Ok(()));
    assert_eq!(server.said(), [""; 0]);
}

#[test]
fn a_frame_that_comes_again_is_acknowledged_again() {
    let mut server = Server::new();
    assert_eq!(server.hear(A, Some(1), CLOSE), Ok(true));
    for _ in 0..2 {
        assert_eq!(server.pass(ACK_DELAY), Ok(()));
        assert_eq!(server.said(), [r#"{"_ack":{"received":1}}"#]);
        assert_eq!(server.hear(A, Some(1), CLOSE), Ok(false));
    }
}

#[test]
fn a_missed_frame_is_asked_for_at_once_and_once() {
    let mut server = Server::new();
    assert_eq!(server.hear(A, Some(1), CLOSE), Ok(true));
    for number in 3..9 {
        assert_eq!(server.hear(A, Some(number), CLOSE), Ok(false));
        let again: &[&str] = if number == 3 { &[r#"{"_ack":{"received":1,"again":true}}"#] } else { &[] };
        assert_eq!(server.said(), again);
    }
    for number in 2..9 {
        assert_eq!(server.hear(A, Some(number), CLOSE), Ok(true));
    }
    assert_eq!(server.hear(A, Some(10), CLOSE), Ok(false));
    assert_eq!(server.said(), [r#"{"_ack":{"received":8,"again":true}}"#]);
}

#[test]
fn a_missed_frame_is_asked_for_on_every_pipe() {
    let mut server = Server::new();
    server.send(1);
    for (epoch, pipe) in [(2, B), (3, C)] {
        server.attach(epoch, 1, pipe);
        assert_eq!(server.hear(pipe, Some(2), CLOSE), Ok(false));
        assert_eq!(server.said(), [r#"{"_ack":{"received":0,"again":true}}"#]);
    }
}

#[test]
fn what_is_wanted_again_is_sent_again() {
    let mut server = Server::new();
    assert_eq!(server.send(3), ["1", "2", "3"]);
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":1,"again":true}}"#), Ok(false));
    assert_eq!(server.said(), ["2", "3"]);
}

#[test]
fn what_is_wanted_again_and_acknowledged_meanwhile_is_not_sent_again() {
    let mut server = Server::new();
    server.send(3);
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":0,"again":true}}"#), Ok(false));
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":2}}"#), Ok(false));
    assert_eq!(server.said(), ["3"]);
}

#[test]
fn frames_without_acknowledgement_are_asked_after_and_sent_again_where_they_are_lost() {
    let mut server = Server::new();
    server.send(2);
    assert_eq!(server.link.poll_timeout(), (server.now + ACK_OVERDUE, Reason::AckOverdue));
    assert_eq!(server.pass(ACK_OVERDUE), Ok(()));
    assert_eq!(server.said(), [r#"{"_ping":{"id":1}}"#]);
    assert_eq!(server.pass(MS), Ok(()));
    assert_eq!(server.hear(A, None, r#"{"_pong":{"id":1,"received":0}}"#), Ok(false));
    assert_eq!(server.said(), ["1", "2"]);
    assert_eq!(server.link.poll_timeout(), (server.now + ACK_OVERDUE, Reason::AckOverdue));
}

#[test]
fn news_of_some_frames_gives_the_others_time() {
    let mut server = Server::new();
    server.send(2);
    assert_eq!(server.pass(ACK_OVERDUE - MS), Ok(()));
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":1}}"#), Ok(false));
    assert_eq!(server.link.poll_timeout(), (server.now + ACK_OVERDUE, Reason::AckOverdue));
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":2}}"#), Ok(false));
    assert_eq!(server.link.poll_timeout(), (server.now + SILENCE_MAX, Reason::Silence));
}

#[test]
fn frames_that_had_arrived_are_not_sent_again() {
    let mut server = Server::new();
    server.send(2);
    assert_eq!(server.pass(ACK_OVERDUE), Ok(()));
    assert_eq!(server.said().len(), 1);
    assert_eq!(server.hear(A, None, r#"{"_pong":{"id":1,"received":2}}"#), Ok(false));
    assert_eq!(server.said(), [""; 0]);
    assert_eq!(server.link.poll_timeout(), (server.now + SILENCE_MAX, Reason::Silence));
}

/// An answer says nothing of a frame that was sent behind its question, even at the same instant. A
/// carrier without numbers would take it for another.
#[test]
fn a_frame_behind_a_question_is_not_sent_again_for_its_answer() {
    let mut server = Server::new();
    server.send(1);
    assert_eq!(server.pass(ACK_OVERDUE), Ok(()));
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":1}}"#), Ok(false));
    assert_eq!(server.send(1), [r#"{"_ping":{"id":1}}"#, "2"]);
    assert_eq!(server.hear(A, None, r#"{"_pong":{"id":1,"received":1}}"#), Ok(false));
    assert_eq!(server.said(), [""; 0]);
}
