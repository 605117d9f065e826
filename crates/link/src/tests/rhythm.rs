//! A box on the way that forgets connections which are not used, and says nothing.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::zero;
use crate::timing::{HEARTBEAT, HEARTBEAT_MIN};
use crate::{Initiator, InitiatorEvent, PipeId};

const HELLO: &str = r#"{"hello":{"version":2,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}"#;
const BEGUN: &str = r#"{"attached":{"received":0,"resumed":false}}"#;
/// The time that is played. It is enough for every pipe of the longest lesson, and for a long
/// silence after it.
const SPAN: Duration = Duration::from_secs(30 * 60);

/// A daemon whose pipes pass a box that forgets what is idle.
struct Path {
    link: Initiator,
    now: Instant,
    pipes: u64,
    pings: u64,
}

impl Path {
    fn new() -> Self {
        let link = Initiator::new(crate::LinkSecret::from_random([0; 32]), "convened 0.1.0".to_owned());
        Self { link, now: zero(), pipes: 0, pings: 0 }
    }

    fn open(&mut self) -> PipeId {
        self.pipes += 1;
        let pipe = PipeId(self.pipes);
        self.link.handle_pipe_open(pipe);
        self.link.handle_frame(pipe, None, HELLO, self.now);
        assert!(self.link.attach(pipe, Vec::new(), None, self.now));
        self.link.handle_frame(pipe, None, BEGUN, self.now);
        self.pings = 0;
        pipe
    }

    /// Lives for [`SPAN`] on new pipes; the box forgets them after `idle`. Gives when the last pipe
    /// died.
    fn live(&mut self, idle: Duration) -> Option<Instant> {
        self.link.handle_pipe_closed(PipeId(self.pipes));
        while self.link.poll_event().is_some() {}
        let end = self.now + SPAN;
        let mut last_death = None;
        let (mut pipe, mut used) = (self.open(), self.now);
        while self.now < end {
            self.now = self.link.poll_timeout().map_or(end, |(due, _)| due);
            self.link.handle_timeout(self.now);
            while let Some(sent) = self.link.poll_transmit(self.now) {
                if sent.text.contains("ping") {
                    self.pings += 1;
                    if self.now - used < idle {
                        used = self.now;
                        let pong = format!(r#"{{"_pong":{{"id":{},"received":0}}}}"#, self.pings);
                        self.link.handle_frame(pipe, None, &pong, self.now);
                    }
                }
            }
            while let Some(event) = self.link.poll_event() {
                if matches!(event, InitiatorEvent::Dead { .. }) {
                    last_death = Some(self.now);
                    (pipe, used) = (self.open(), self.now);
                }
            }
        }
        last_death
    }
}

proptest! {
    #[test]
    fn a_box_that_forgets_is_kept_awake_after_at_most_four_pipes(seconds in 7_u64..120) {
        let mut path = Path::new();
        let idle = Duration::from_secs(seconds);
        let died = path.live(idle);
        prop_assert!(path.link.heartbeat() < idle);
        prop_assert!(path.pipes <= 5, "{} pipes", path.pipes);
        if idle > HEARTBEAT {
            prop_assert_eq!((path.link.heartbeat(), died), (HEARTBEAT, None), "a patient box costs nothing");
        }
    }

    #[test]
    fn what_was_learned_serves_from_the_first_pipe_on(seconds in 7_u64..25) {
        let idle = Duration::from_secs(seconds);
        let mut path = Path::new();
        path.live(idle);
        let learned = path.link.heartbeat();
        let mut next = Path::new();
        next.link.set_heartbeat(learned);
        prop_assert_eq!(next.live(idle), None);
    }
}

#[test]
fn one_outage_teaches_nothing_and_nothing_teaches_haste() {
    let mut path = Path::new();
    path.live(HEARTBEAT * 2);
    // One ping is lost with its pipe; on the next pipe all is well.
    while path.link.is_attached() {
        path.now = path.link.poll_timeout().unwrap().0;
        path.link.handle_timeout(path.now);
        while path.link.poll_transmit(path.now).is_some() {}
    }
    path.live(HEARTBEAT * 2);
    assert_eq!(path.link.heartbeat(), HEARTBEAT);
    path.live(Duration::ZERO);
    assert_eq!(path.link.heartbeat(), HEARTBEAT_MIN);
    path.link.set_heartbeat(Duration::ZERO);
    assert_eq!(path.link.heartbeat(), HEARTBEAT_MIN);
}
