//! The server's end, told frame by frame what a daemon says.

mod acknowledging;

use std::time::Duration;

use convene_model::limits::{CONNECTION_QUEUE_BYTES_MAX, FRAME_BYTES_MAX};
use convene_model::{Nonce, Timestamp};

use super::*;
use crate::LinkSecret;
use crate::tests::zero;
use crate::timing::{ACK_BYTES, ACK_DELAY, ACK_OVERDUE, ANSWER_MAX, CHOICE_MAX, HELLO_MAX, SILENCE_MAX};

const A: PipeId = PipeId(1);
const B: PipeId = PipeId(2);
const C: PipeId = PipeId(3);
const HELLO: &str = r#"{"hello":{"versions":[9,2],"program":"convened 0.1.0"}}"#;
const CLOSE: &str = r#"{"close":{"index":0}}"#;
const MS: Duration = Duration::from_millis(1);

/// Signed for a server whose nonce is all zeros.
fn attach_text(epoch: u64, received: u64) -> String {
    ClientFrame::Attach(attach(epoch, received)).to_string()
}

fn attach(epoch: u64, received: u64) -> Attach {
    crate::tests::attach(epoch, received, 0)
}

fn greeted(nonce: u8) -> Greeted {
    Greeted { nonce: Nonce([nonce; 16]) }
}

struct Server {
    link: Acceptor<u64>,
    now: Instant,
    sent: u64,
}

impl Server {
    /// With a link begun on pipe A in epoch 1.
    fn new() -> Self {
        Self::begun_by(&attach(1, 0))
    }

    fn begun_by(attach: &Attach) -> Self {
        let now = zero();
        let mut server = Self { link: Acceptor::new(attach, &greeted(1), A, Some(true), now), now, sent: 0 };
        assert_eq!(server.said(), [r#"{"attached":{"received":0,"resumed":false,"end_point_known":true}}"#]);
        server
    }

    /// Attaches and gives what the server says to it.
    fn attach(&mut self, epoch: u64, received: u64, pipe: PipeId) -> (String, Vec<String>) {
        let outcome = self.link.handle_attach(&attach(epoch, received), &greeted(2), pipe, None, self.now);
        (format!("{outcome:?}"), self.said())
    }

    fn hear(&mut self, pipe: PipeId, number: Option<u64>, text: &str) -> Result<bool, PipeDeath> {
        self.link.handle_frame(pipe, number, text, self.now).map(|frame| frame.is_some())
    }

    fn pass(&mut self, span: Duration) -> Result<(), PipeDeath> {
        self.now += span;
        self.link.handle_timeout(self.now)
    }

    /// Sends so many frames, each its own number; gives what is said.
    fn send(&mut self, frames: u64) -> Vec<String> {
        for _ in 0..frames {
            self.sent += 1;
            assert_eq!(self.link.send(self.sent, 10), Ok(()));
        }
        self.said()
    }

    fn said(&mut self) -> Vec<String> {
        let now = self.now;
        let said = std::iter::from_fn(|| self.link.poll_transmit(now));
        said.map(|outbound| match outbound {
            Outbound::Data(number, frame) => {
                assert_eq!(number, frame);
                number.to_string()
            }
            Outbound::Uncounted(frame) => format!("uncounted {frame}"),
            Outbound::Control(frame) => frame.to_string(),
        })
        .collect()
    }
}

fn greeting(now: Instant) -> Greeting {
    Greeting::new(Nonce([0; 16]), now)
}

/// The effect of a frame on a greeting.
fn greet(greeting: &mut Greeting, text: &str, now: Instant) -> String {
    match greeting.handle_frame(text, "conference.example.org", &[], Timestamp::from_millis(0), now) {
        GreetingStep::Say(frame) => format!("say {frame}"),
        GreetingStep::Attach(attach) => format!("attach {}", attach.epoch),
        GreetingStep::Refuse(frame) => format!("refuse {frame}"),
    }
}

#[test]
fn a_hello_is_answered_in_the_best_version_of_both_and_may_be_followed_by_an_attach() {
    let mut greeting = greeting(zero());
    assert_eq!(
        greet(&mut greeting, HELLO, zero()),
        r#"say {"hello":{"version":2,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}"#
    );
    assert_eq!(greet(&mut greeting, &attach_text(5, 0), zero()), "attach 5");
    assert_eq!(greeting.greeted(), &greeted(0));
}

#[test]
fn an_attach_that_the_link_did_not_sign_here_and_so_is_refused() {
    let refused = r#"refuse {"refused":{"code":"proof_invalid"}}"#;
    let elsewhere = crate::tests::attach(1, 0, 9);
    let wrong: [fn(&mut Attach); 4] = [
        |attach| attach.epoch += 1,
        |attach| attach.received += 1,
        |attach| attach.end_point = Some([1; 32]),
        |attach| attach.link = LinkSecret::from_random([8; 32]).key(),
    ];
    let changed = wrong.map(|change| {
        let mut attach = attach(1, 0);
        change(&mut attach);
        attach
    });
    for attach in changed.into_iter().chain([elsewhere]) {
        let mut greeting = greeting(zero());
        greet(&mut greeting, HELLO, zero());
        let text = ClientFrame::Attach(attach).to_string();
        assert_eq!(greet(&mut greeting, &text, zero()), refused, "{text}");
    }
}

#[test]
fn presence_is_not_counted_and_only_the_latest_is_sent() {
    let mut server = Server::new();
    let (one, other) = (ConferenceId::from_random(1), ConferenceId::from_random(2));
    for (conference, frame) in [(one, 7), (other, 8), (one, 9)] {
        server.link.send_presence(conference, frame);
    }
    assert_eq!(server.send(1), ["1", "uncounted 9", "uncounted 8"]);
    assert_eq!(server.send(1), ["2"]);
}

#[test]
fn a_frame_of_an_unknown_kind_counts_unless_its_kind_says_that_it_does_not() {
    let mut server = Server::new();
    assert_eq!(server.hear(A, None, r#"{"of_a_later_version":{}}"#), Ok(false));
    assert_eq!(server.hear(A, None, r#"{"_of_a_later_version":{}}"#), Ok(false));
    assert_eq!(server.hear(A, None, CLOSE), Ok(true), "frame 2");
    server.said();
    // Behind a new attach the daemon sends again what is not acknowledged, and nothing is taken
    // twice.
    let (_, said) = server.attach(2, 0, B);
    assert_eq!(said.first().map(String::as_str), Some(r#"{"attached":{"received":0,"resumed":false}}"#));
    let mut server = Server::new();
    server.send(1);
    assert_eq!(server.hear(A, None, r#"{"of_a_later_version":{}}"#), Ok(false));
    let (_, said) = server.attach(2, 1, B);
    assert_eq!(said.first().map(String::as_str), Some(r#"{"attached":{"received":1,"resumed":true}}"#));
    assert_eq!(server.hear(B, None, CLOSE), Ok(true), "frame 2 comes next");
}

#[test]
fn a_daemon_without_a_common_version_is_refused() {
    for versions in ["", "1", "3", "3,1"] {
        let hello = format!(r#"{{"hello":{{"versions":[{versions}],"program":"convened 9"}}}}"#);
        let refused = r#"refuse {"refused":{"code":"version_unsupported","versions":[2]}}"#;
        assert_eq!(greet(&mut greeting(zero()), &hello, zero()), refused);
    }
}

#[test]
fn what_is_not_a_greeting_is_refused() {
    let malformed = r#"refuse {"refused":{"code":"malformed"}}"#;
    let long = " ".repeat(FRAME_BYTES_MAX) + HELLO;
    for text in ["GET / HTTP/1.1", "{}", CLOSE, &attach_text(1, 0), &long] {
        assert_eq!(greet(&mut greeting(zero()), text, zero()), malformed, "{text}");
    }
    for text in [HELLO, CLOSE, r#"{"_ping":{"id":1}}"#] {
        let mut greeting = greeting(zero());
        greet(&mut greeting, HELLO, zero());
        assert_eq!(greet(&mut greeting, text, zero()), malformed, "{text}");
    }
}

#[test]
fn a_pipe_that_is_nobodys_stands_for_so_long_and_no_longer() {
    let silent = || Some(r#"{"refused":{"code":"silent"}}"#.to_owned());
    let began = zero();
    let mut greeting = greeting(began);
    let told = |greeting: &Greeting, now| greeting.handle_timeout(now).map(|frame| frame.to_string());
    assert_eq!(greeting.poll_timeout(), (began + HELLO_MAX, Reason::Silence));
    assert_eq!(told(&greeting, began + HELLO_MAX - MS), None);
    assert_eq!(told(&greeting, began + HELLO_MAX), silent());
    let greeted = began + HELLO_MAX - MS;
    greet(&mut greeting, HELLO, greeted);
    assert_eq!(greeting.poll_timeout(), (greeted + CHOICE_MAX, Reason::Silence));
    assert_eq!(told(&greeting, greeted + CHOICE_MAX - MS), None);
    assert_eq!(told(&greeting, greeted + CHOICE_MAX), silent());
}

#[test]
fn an_attach_of_an_old_epoch_is_refused_and_changes_nothing() {
    let mut server = Server::begun_by(&attach(5, 0));
    for epoch in [0, 4, 5] {
        assert_eq!(server.attach(epoch, 0, B), ("Refused(OldEpoch)".to_owned(), vec![]));
        assert_eq!((server.link.pipe(), server.link.context().epoch), (Some(A), 5));
    }
    assert_eq!(server.hear(A, None, CLOSE), Ok(true));
}

#[test]
fn a_resumed_link_sends_what_was_not_received_and_keeps_what_its_seats_signed() {
    let mut server = Server::new();
    assert_eq!(server.send(4), ["1", "2", "3", "4"]);
    assert_eq!(server.hear(A, None, CLOSE), Ok(true));
    let context = *server.link.context();
    let (outcome, said) = server.attach(7, 2, B);
    assert_eq!(outcome, "Resumed { superseded: Some(PipeId(1)) }");
    assert_eq!(said, [r#"{"attached":{"received":1,"resumed":true}}"#, "3", "4"]);
    assert_eq!(server.link.context(), &context);
    assert_eq!(server.attach(7, 2, C).0, "Refused(OldEpoch)");
}

#[test]
fn a_link_begins_afresh_where_the_daemon_has_received_nothing() {
    let mut server = Server::new();
    server.send(2);
    assert_eq!(server.hear(A, None, CLOSE), Ok(true));
    let (outcome, said) = server.attach(2, 0, B);
    assert_eq!(outcome, "Begun { superseded: Some(PipeId(1)) }");
    assert_eq!(said, [r#"{"attached":{"received":0,"resumed":false}}"#]);
    let Context { nonce, epoch, .. } = *server.link.context();
    assert_eq!((nonce, epoch), (Nonce([2; 16]), 2));
    server.sent = 0;
    assert_eq!(server.send(1), ["1"]);
}

/// More than was sent, or less than it has acknowledged itself.
#[test]
fn a_link_begins_afresh_where_the_daemons_count_cannot_be() {
    for received in [1, 4] {
        let mut server = Server::new();
        server.send(3);
        assert_eq!(server.hear(A, None, r#"{"_ack":{"received":2}}"#), Ok(false));
        assert_eq!(server.attach(2, received, B).0, "Begun { superseded: Some(PipeId(1)) }");
    }
}

#[test]
fn the_count_with_which_a_link_began_afresh_is_of_another_link_until_the_daemon_speaks() {
    let mut server = Server::begun_by(&attach(8, 3));
    server.send(3);
    assert_eq!(server.attach(9, 3, B).0, "Begun { superseded: Some(PipeId(1)) }");
    server.sent = 0;
    server.send(3);
    assert_eq!(server.hear(B, None, r#"{"_ack":{"received":1}}"#), Ok(false));
    assert_eq!(server.attach(10, 3, C).0, "Resumed { superseded: Some(PipeId(2)) }");
    let mut server = Server::begun_by(&attach(8, 3));
    server.send(3);
    assert_eq!(server.attach(9, 2, B).0, "Resumed { superseded: Some(PipeId(1)) }");
    assert_eq!(server.attach(10, 3, C).0, "Resumed { superseded: Some(PipeId(2)) }");
}

#[test]
fn frames_on_a_superseded_pipe_are_passed_over() {
    let mut server = Server::new();
    server.send(1);
    server.attach(2, 1, B);
    for text in [CLOSE, "rubbish", r#"{"_ack":{"received":9}}"#] {
        assert_eq!(server.hear(A, None, text), Ok(false));
    }
    server.link.handle_pipe_closed(A, server.now);
    assert_eq!(server.link.pipe(), Some(B));
    assert_eq!(server.hear(B, None, CLOSE), Ok(true));
}

#[test]
fn frames_that_come_twice_are_taken_once() {
    let mut server = Server::new();
    for (number, is_next) in [(1, true), (1, false), (2, true), (0, false), (1, false), (4, false), (3, true)]
    {
        assert_eq!(server.hear(A, Some(number), CLOSE), Ok(is_next), "{number}");
    }
}

#[test]
fn a_silent_pipe_is_dead_after_its_limit_and_not_before() {
    let mut server = Server::new();
    assert_eq!(server.link.poll_timeout(), (server.now + SILENCE_MAX, Reason::Silence));
    assert_eq!(server.pass(SILENCE_MAX - MS), Ok(()));
    assert_eq!(server.hear(A, None, r#"{"of_a_later_version":{}}"#), Ok(false));
    assert_eq!(server.pass(SILENCE_MAX - MS), Ok(()));
    assert_eq!(server.pass(MS), Err(PipeDeath::Silent));
}

#[test]
fn a_question_does_not_lengthen_the_limit_of_silence() {
    let mut server = Server::new();
    let began = server.now;
    assert_eq!(server.pass(SILENCE_MAX - ACK_OVERDUE - ANSWER_MAX / 2), Ok(()));
    server.send(1);
    assert_eq!(server.pass(ACK_OVERDUE), Ok(()));
    assert_eq!(server.said(), [r#"{"_ping":{"id":1}}"#]);
    assert_eq!(server.link.poll_timeout(), (began + SILENCE_MAX, Reason::Silence));
    assert_eq!(server.pass(ANSWER_MAX / 2), Err(PipeDeath::Silent));
}

#[test]
fn a_server_that_asked_and_hears_nothing_gives_the_pipe_up() {
    let mut server = Server::new();
    server.send(1);
    assert_eq!(server.pass(ACK_OVERDUE), Ok(()));
    server.said();
    assert_eq!(server.link.poll_timeout(), (server.now + ANSWER_MAX, Reason::PongOverdue));
    assert_eq!(server.pass(ANSWER_MAX), Err(PipeDeath::Silent));
}

#[test]
fn an_unknown_kind_is_answered_and_harms_nothing() {
    let mut server = Server::new();
    assert_eq!(server.hear(A, None, r#"{"of_a_later_version":{}}"#), Ok(false));
    assert_eq!(server.said(), [r#"{"_unknown":{"kind":"of_a_later_version"}}"#]);
    assert_eq!(server.hear(A, None, r#"{"_unknown":{"kind":"mine"}}"#), Ok(false));
    assert_eq!(server.said(), [""; 0]);
}

#[test]
fn what_is_no_frame_or_not_at_its_time_kills_the_pipe() {
    let long = format!(r#"{{"of_a_later_version":"{}"}}"#, "x".repeat(FRAME_BYTES_MAX));
    let never_sent = [r#"{"_ack":{"received":1}}"#, r#"{"_pong":{"id":0,"received":1}}"#];
    for text in ["", "{}", "<html>", &long, HELLO, &attach_text(2, 0)].into_iter().chain(never_sent) {
        assert_eq!(Server::new().hear(A, None, text), Err(PipeDeath::Malformed), "{text}");
    }
}

#[test]
fn a_full_queue_takes_nothing_until_the_daemon_acknowledges() {
    let mut server = Server::new();
    let half = CONNECTION_QUEUE_BYTES_MAX / 2;
    assert_eq!((server.link.send(1, half), server.link.send(2, half)), (Ok(()), Ok(())));
    assert_eq!(server.link.send(3, 1), Err(QueueFull));
    assert_eq!(server.said(), ["1", "2"]);
    assert_eq!(server.hear(A, None, r#"{"_ack":{"received":1}}"#), Ok(false));
    assert_eq!(server.link.bytes_waiting(), half);
    assert_eq!(server.link.send(3, half + 1), Err(QueueFull));
    assert_eq!(server.link.send(3, half), Ok(()));
    assert_eq!(server.said(), ["3"]);
}

#[test]
fn a_link_without_a_pipe_is_kept_for_a_while() {
    let mut server = Server::new();
    assert_eq!(server.pass(SILENCE_MAX), Err(PipeDeath::Silent));
    server.link.handle_pipe_closed(A, server.now);
    assert_eq!(server.link.pipe(), None);
    assert_eq!(server.send(1), [""; 0]);
    assert_eq!(server.link.poll_timeout(), (server.now + LINK_KEPT, Reason::Silence));
    assert_eq!(server.pass(LINK_KEPT - MS), Ok(()));
    server.link.handle_pipe_closed(A, server.now);
    assert!(!server.link.is_forgotten(server.now));
    assert_eq!(server.pass(MS), Ok(()));
    assert!(server.link.is_forgotten(server.now));
    server.attach(2, 0, B);
    assert!(!server.link.is_forgotten(server.now + LINK_KEPT));
}
