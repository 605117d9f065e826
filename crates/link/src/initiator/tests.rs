//! The daemon's end, told frame by frame what a server says.

mod silence;

use convene_model::limits::{CONNECTION_QUEUE_BYTES_MAX, FRAME_BYTES_MAX};
use convene_protocol::{Bye, HistoryRequest, RefuseCode};

use super::*;
use crate::tests::zero;
use crate::timing::{ANSWER_MAX, HEARTBEAT, ONE_WAY_MAX, PROBE_MAX, PROBE_MIN};

const A: PipeId = PipeId(1);
const B: PipeId = PipeId(2);
const HELLO: &str = r#"{"hello":{"version":2,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}"#;
/// A round trip after which a probe waits as long as any.
const SLOW: Duration = Duration::from_secs(1);
const BEGUN: &str = r#"{"attached":{"received":0,"resumed":false}}"#;
const PAGE: &str = r#"{"history":{"index":0,"after":0,"through":0,"list":[]}}"#;

struct Daemon {
    link: Initiator,
    now: Instant,
}

impl Daemon {
    fn new() -> Self {
        Self {
            link: Initiator::new(LinkSecret::from_random([0; 32]), "convened 0.1.0".to_owned()),
            now: zero(),
        }
    }

    /// With pipe A attached to a link that begins, everything polled.
    fn attached() -> Self {
        let mut daemon = Self::new();
        daemon.attach(A);
        daemon.pass(SLOW);
        daemon.hear(A, BEGUN);
        daemon.events();
        daemon
    }

    /// Opens, greets and attaches a pipe.
    fn attach(&mut self, pipe: PipeId) {
        self.link.handle_pipe_open(pipe);
        self.hear(pipe, HELLO);
        self.said();
        self.events();
        assert!(self.link.attach(pipe, Vec::new(), None, self.now));
        self.said();
    }

    fn hear(&mut self, pipe: PipeId, text: &str) {
        self.link.handle_frame(pipe, None, text, self.now);
    }

    /// Answers ping `id`.
    fn hear_pong(&mut self, id: u64) {
        self.hear(A, &format!(r#"{{"_pong":{{"id":{id},"received":0}}}}"#));
    }

    fn pass(&mut self, span: Duration) {
        self.now += span;
        self.link.handle_timeout(self.now);
    }

    fn said(&mut self) -> Vec<String> {
        let now = self.now;
        std::iter::from_fn(|| self.link.poll_transmit(now))
            .map(|transmit| transmit.text.to_string())
            .collect()
    }

    fn events(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.link.poll_event()).map(|event| brief(&event)).collect()
    }

    /// Sends an empty request for history.
    fn send(&mut self) -> Result<(), QueueFull> {
        self.link.send(&ClientFrame::History(HistoryRequest {
            index: 0,
            after: 0,
            through: 0,
            newest: false,
        }))
    }

    fn due(&self) -> Option<Duration> {
        self.link.poll_timeout().map(|(due, _)| due - self.now)
    }
}

fn brief(event: &InitiatorEvent) -> String {
    match event {
        InitiatorEvent::Greeted { pipe, .. } => format!("greeted {}", pipe.0),
        InitiatorEvent::Attached { pipe, attached } => {
            format!("{} {}", if attached.resumed { "resumed" } else { "begun" }, pipe.0)
        }
        InitiatorEvent::Refused { pipe, refused } => format!("refused {} {:?}", pipe.0, refused.code),
        InitiatorEvent::Frame(frame) => frame.to_string(),
        InitiatorEvent::Presence(presence) => format!("online {}", presence.online),
        InitiatorEvent::Dead { pipe, why } => format!("dead {} {why:?}", pipe.0),
    }
}

#[test]
fn every_pipe_says_hello_and_waits() {
    let mut daemon = Daemon::new();
    daemon.link.handle_pipe_open(A);
    daemon.link.handle_pipe_open(B);
    let hello = r#"{"hello":{"versions":[2],"program":"convened 0.1.0"}}"#;
    assert_eq!(daemon.said(), [hello, hello]);
    assert_eq!(daemon.due(), None);
    daemon.hear(B, HELLO);
    assert_eq!(daemon.events(), ["greeted 2"]);
    assert_eq!(daemon.said(), [""; 0]);
}

#[test]
fn only_a_greeted_pipe_can_be_attached_and_only_once() {
    let mut daemon = Daemon::new();
    daemon.link.handle_pipe_open(A);
    assert!(!daemon.link.attach(A, Vec::new(), None, daemon.now));
    assert!(!daemon.link.attach(B, Vec::new(), None, daemon.now));
    daemon.hear(A, HELLO);
    assert!(daemon.link.attach(A, Vec::new(), None, daemon.now));
    assert!(!daemon.link.attach(A, Vec::new(), None, daemon.now));
    assert!(!daemon.link.is_attached());
    daemon.hear(A, BEGUN);
    assert!(daemon.link.is_attached());
}

#[test]
fn one_of_several_greeted_pipes_is_chosen_and_the_others_stay() {
    let mut daemon = Daemon::new();
    for pipe in [A, B] {
        daemon.link.handle_pipe_open(pipe);
        daemon.hear(pipe, HELLO);
    }
    assert!(daemon.link.attach(B, Vec::new(), None, daemon.now));
    daemon.hear(B, BEGUN);
    assert_eq!(daemon.events(), ["greeted 1", "greeted 2", "begun 2"]);
    assert!(daemon.link.attach(A, Vec::new(), None, daemon.now));
    assert_eq!(daemon.events(), ["dead 2 Superseded"]);
}

#[test]
fn a_version_that_was_not_offered_is_not_spoken() {
    let mut daemon = Daemon::new();
    daemon.link.handle_pipe_open(A);
    daemon.hear(A, &HELLO.replace(r#""version":2"#, r#""version":1"#));
    assert_eq!(daemon.events(), ["dead 1 Malformed"]);
}

#[test]
fn a_refusal_is_told_wherever_the_pipe_stands_before_it_is_attached() {
    let refusal = r#"{"refused":{"code":"version_unsupported","retry_after_ms":1000}}"#;
    let mut daemon = Daemon::new();
    daemon.link.handle_pipe_open(A);
    daemon.hear(A, refusal);
    assert_eq!(daemon.events(), ["refused 1 VersionUnsupported"]);

    daemon.link.handle_pipe_open(B);
    daemon.hear(B, HELLO);
    daemon.hear(B, refusal);
    assert_eq!(daemon.events(), ["greeted 2", "refused 2 VersionUnsupported"]);

    daemon.attach(PipeId(3));
    daemon.hear(PipeId(3), refusal);
    assert_eq!(daemon.events(), ["refused 3 VersionUnsupported"]);
    assert_eq!(daemon.due(), None);
}

#[test]
fn a_pipe_that_is_refused_or_closed_is_told_once() {
    let mut daemon = Daemon::attached();
    daemon.link.handle_pipe_closed(A);
    daemon.link.handle_pipe_closed(A);
    daemon.hear(A, PAGE);
    daemon.hear(A, "rubbish");
    assert_eq!(daemon.events(), ["dead 1 Closed"]);
    assert_eq!((daemon.link.is_attached(), daemon.due()), (false, None));
}

#[test]
fn a_goodbye_is_told_with_its_reason() {
    let mut daemon = Daemon::attached();
    daemon.hear(A, r#"{"_bye":{"code":"restarting","retry_after_ms":500}}"#);
    let bye = Bye { code: RefuseCode::Restarting, retry_after_ms: Some(500) };
    assert_eq!(daemon.events(), [format!("dead 1 {:?}", PipeDeath::Bye(bye))]);
}

#[test]
fn each_attach_has_a_higher_epoch_and_says_what_was_received() {
    let mut daemon = Daemon::attached();
    daemon.hear(A, PAGE);
    daemon.hear(A, PAGE);
    daemon.link.handle_pipe_open(B);
    daemon.hear(B, HELLO);
    daemon.said();
    daemon.link.attach(B, Vec::new(), None, daemon.now);
    let said = daemon.said();
    let Ok(ClientFrame::Attach(attach)) = ClientFrame::parse(&said[0]) else { panic!("{said:?}") };
    assert_eq!((attach.epoch, attach.received, attach.link), (2, 2, daemon.link.key()));
    let context = Context::of(&attach, Nonce([0; 16]));
    assert!(proof::attach_holds(&context, &attach));
}

#[test]
fn an_attach_supersedes_the_one_under_way() {
    let mut daemon = Daemon::new();
    daemon.attach(A);
    daemon.attach(B);
    daemon.hear(A, BEGUN);
    assert!(!daemon.link.is_attached());
    daemon.hear(B, BEGUN);
    assert_eq!(daemon.events(), ["dead 1 Superseded", "begun 2"]);
}

#[test]
fn frames_on_a_superseded_pipe_are_passed_over() {
    let mut daemon = Daemon::attached();
    daemon.hear(A, PAGE);
    daemon.attach(B);
    daemon.hear(A, PAGE);
    daemon.hear(B, r#"{"attached":{"received":0,"resumed":true}}"#);
    daemon.hear(A, PAGE);
    daemon.hear(A, r#"{"_bye":{"code":"superseded"}}"#);
    assert_eq!(daemon.events(), ["dead 1 Superseded", "resumed 2"]);
    assert!(daemon.link.is_attached());
}

#[test]
fn an_attach_is_answered_in_time_or_the_pipe_is_dead() {
    let mut daemon = Daemon::new();
    daemon.attach(A);
    assert_eq!(daemon.link.poll_timeout(), Some((daemon.now + ATTACH_MAX, Reason::AttachOverdue)));
    daemon.pass(ATTACH_MAX - Duration::from_millis(1));
    assert_eq!(daemon.events(), [""; 0]);
    daemon.pass(Duration::from_millis(1));
    assert_eq!(daemon.events(), ["dead 1 NotAttached"]);
    assert_eq!(daemon.due(), None);
}

#[test]
fn nothing_can_be_sent_before_the_link_begins() {
    let mut daemon = Daemon::new();
    assert_eq!(daemon.send(), Err(QueueFull));
    daemon.attach(A);
    assert_eq!(daemon.send(), Err(QueueFull));
    daemon.hear(A, BEGUN);
    assert_eq!(daemon.send(), Ok(()));
    assert_eq!(daemon.said().len(), 1);
}

#[test]
fn what_is_sent_without_a_pipe_waits_for_the_next_one() {
    let mut daemon = Daemon::attached();
    daemon.link.handle_pipe_closed(A);
    assert_eq!(daemon.send(), Ok(()));
    assert_eq!(daemon.said(), [""; 0]);
    daemon.attach(B);
    assert_eq!(daemon.said(), [""; 0]);
    daemon.hear(B, r#"{"attached":{"received":0,"resumed":true}}"#);
    assert_eq!(daemon.said().len(), 1);
}

#[test]
fn what_was_sent_is_void_where_the_link_begins_afresh() {
    let mut daemon = Daemon::attached();
    assert_eq!(daemon.send(), Ok(()));
    daemon.attach(B);
    daemon.hear(B, BEGUN);
    assert_eq!(daemon.said(), [""; 0]);
    assert_eq!(daemon.link.bytes_waiting(), 0);
}

#[test]
fn only_what_the_server_has_not_received_is_sent_again() {
    let mut daemon = Daemon::attached();
    for _ in 0..3 {
        assert_eq!(daemon.send(), Ok(()));
    }
    daemon.said();
    daemon.attach(B);
    daemon.hear(B, r#"{"attached":{"received":1,"resumed":true}}"#);
    let again = std::iter::from_fn(|| daemon.link.poll_transmit(daemon.now));
    assert_eq!(again.map(|sent| (sent.pipe, sent.number)).collect::<Vec<_>>(), [(B, Some(2)), (B, Some(3))]);
}

/// It resumes with more than was sent, with less than it acknowledged, or what never began: the
/// next attach begins afresh.
#[test]
fn an_account_of_the_link_that_cannot_be_ends_the_link() {
    for account in [3, 1] {
        let mut daemon = Daemon::attached();
        daemon.hear(A, PAGE);
        assert_eq!((daemon.send(), daemon.send()), (Ok(()), Ok(())));
        daemon.said();
        daemon.hear(A, r#"{"_ack":{"received":2}}"#);
        daemon.events();
        daemon.attach(B);
        daemon.hear(B, &format!(r#"{{"attached":{{"received":{account},"resumed":true}}}}"#));
        assert_eq!(daemon.events(), ["dead 1 Superseded", "dead 2 Malformed"]);
        daemon.link.handle_pipe_open(A);
        daemon.hear(A, HELLO);
        daemon.link.attach(A, Vec::new(), None, daemon.now);
        assert!(daemon.said()[1].contains(r#""epoch":3,"received":0"#));
    }
    for account in
        [r#"{"attached":{"received":0,"resumed":true}}"#, r#"{"attached":{"received":1,"resumed":false}}"#]
    {
        let mut daemon = Daemon::new();
        daemon.attach(A);
        daemon.hear(A, account);
        assert_eq!(daemon.events(), ["dead 1 Malformed"]);
    }
}

#[test]
fn a_frame_of_an_unknown_kind_counts_unless_its_kind_says_that_it_does_not() {
    let mut daemon = Daemon::attached();
    daemon.hear(A, r#"{"of_a_later_version":{}}"#);
    daemon.hear(A, r#"{"_of_a_later_version":{}}"#);
    daemon.link.handle_pipe_open(B);
    daemon.hear(B, HELLO);
    daemon.said();
    assert!(daemon.link.attach(B, Vec::new(), None, daemon.now));
    let attach = daemon.said().concat();
    assert!(attach.contains(r#""epoch":2,"received":1,"#), "{attach}");
}

#[test]
fn an_unknown_kind_is_answered_and_harms_nothing() {
    let mut daemon = Daemon::attached();
    daemon.hear(A, r#"{"of_a_later_version":{}}"#);
    assert_eq!(daemon.said(), [r#"{"_unknown":{"kind":"of_a_later_version"}}"#]);
    daemon.hear(A, r#"{"_unknown":{"kind":"mine"}}"#);
    assert_eq!(daemon.said(), [""; 0]);
    assert!(daemon.link.is_attached());
}

#[test]
fn what_is_no_frame_or_not_at_its_time_kills_the_pipe() {
    let long = format!(r#"{{"of_a_later_version":"{}"}}"#, "x".repeat(FRAME_BYTES_MAX));
    let early = [BEGUN, PAGE, r#"{"_ack":{"received":0}}"#];
    for text in ["<html>", "{}", "", r#"{"_ack":{}}"#, &long].into_iter().chain(early) {
        let mut daemon = Daemon::new();
        daemon.link.handle_pipe_open(A);
        daemon.hear(A, text);
        assert_eq!(daemon.events(), ["dead 1 Malformed"], "{text}");
        assert_eq!(daemon.said(), [""; 0]);
    }
    let never_sent = [r#"{"_ack":{"received":1}}"#, r#"{"_pong":{"id":0,"received":1}}"#];
    for text in ["<html>", r#"{"_ack":{}}"#, &long, HELLO, BEGUN].into_iter().chain(never_sent) {
        let mut daemon = Daemon::attached();
        daemon.hear(A, text);
        assert_eq!(daemon.events(), ["dead 1 Malformed"], "{text}");
        assert!(!daemon.link.is_attached());
    }
}

#[test]
fn a_full_queue_takes_nothing_until_the_server_acknowledges() {
    let mut daemon = Daemon::attached();
    let body = "x".repeat(FRAME_BYTES_MAX / 2);
    let id = "00000000-0000-0000-0000-000000000007";
    let text = format!(r#"{{"commands":{{"index":0,"count":1,"list":[{{"id":"{id}","body":"{body}"}}]}}}}"#);
    let frame = ClientFrame::parse(&text).unwrap();
    let fit = CONNECTION_QUEUE_BYTES_MAX / text.len();
    for _ in 0..fit {
        assert_eq!(daemon.link.send(&frame), Ok(()));
    }
    assert_eq!(daemon.link.send(&frame), Err(QueueFull));
    assert_eq!(daemon.link.bytes_waiting(), fit * text.len());
    assert_eq!(daemon.said().len(), fit);
    assert_eq!(daemon.link.send(&frame), Err(QueueFull));
    daemon.hear(A, r#"{"_ack":{"received":1}}"#);
    assert_eq!(daemon.link.send(&frame), Ok(()));
    let number = daemon.link.poll_transmit(daemon.now).and_then(|sent| sent.number);
    assert_eq!(number, u64::try_from(fit).ok().map(|fit| fit + 1), "what was refused was not numbered");
}
