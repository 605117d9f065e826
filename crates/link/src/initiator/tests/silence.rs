//! Whether the pipe still carries anything: heartbeats and probes.

use super::*;

#[test]
fn a_heartbeat_is_asked_and_answered() {
    let mut daemon = Daemon::attached();
    for id in 1..=3 {
        assert_eq!(daemon.link.poll_timeout(), Some((daemon.now + HEARTBEAT, Reason::PingDue)));
        daemon.pass(HEARTBEAT);
        assert_eq!(daemon.said(), [format!(r#"{{"_ping":{{"id":{id}}}}}"#)]);
        assert_eq!(daemon.link.poll_timeout(), Some((daemon.now + ANSWER_MAX, Reason::PongOverdue)));
        daemon.hear_pong(id);
    }
}

#[test]
fn an_unanswered_heartbeat_on_a_silent_pipe_is_its_death() {
    let mut daemon = Daemon::attached();
    daemon.pass(HEARTBEAT);
    daemon.said();
    daemon.pass(ANSWER_MAX - Duration::from_millis(1));
    assert_eq!(daemon.events(), [""; 0]);
    daemon.pass(Duration::from_millis(1));
    assert_eq!(daemon.events(), ["dead 1 Silent"]);
}

#[test]
fn a_pipe_on_which_the_other_end_speaks_but_does_not_hear_dies_too() {
    for frame in [PAGE, r#"{"of_a_later_version":{}}"#] {
        let mut daemon = Daemon::attached();
        daemon.pass(HEARTBEAT);
        daemon.said();
        let asked = daemon.now;
        let step = ANSWER_MAX / 2;
        while daemon.now + step < asked + ONE_WAY_MAX {
            daemon.pass(step);
            daemon.hear(A, frame);
            assert!(daemon.link.is_attached());
            daemon.said();
        }
        daemon.pass(asked + ONE_WAY_MAX - daemon.now);
        assert_eq!(daemon.events().last().map(String::as_str), Some("dead 1 Silent"));
    }
}

#[test]
fn a_probe_waits_for_four_round_trips_within_its_limits() {
    for (round_trip, limit) in [
        (None, PROBE_MAX),
        (Some(Duration::from_millis(10)), PROBE_MIN),
        (Some(Duration::from_millis(300)), Duration::from_millis(1_200)),
        (Some(Duration::from_secs(2)), PROBE_MAX),
    ] {
        let mut daemon = Daemon::attached();
        if let Some(round_trip) = round_trip {
            daemon.pass(HEARTBEAT);
            daemon.said();
            daemon.pass(round_trip);
            daemon.hear_pong(1);
        }
        daemon.link.handle_probe();
        assert_eq!(daemon.said().len(), 1);
        assert_eq!(daemon.due(), Some(limit));
        daemon.pass(limit);
        assert_eq!(daemon.events(), ["dead 1 Silent"]);
    }
}

#[test]
fn a_probe_before_the_first_ping_knows_how_long_attaching_took() {
    let mut daemon = Daemon::new();
    daemon.attach(A);
    daemon.pass(PROBE_MIN / 4);
    daemon.hear(A, BEGUN);
    daemon.link.handle_probe();
    daemon.said();
    assert_eq!(daemon.due(), Some(PROBE_MIN));
}

#[test]
fn a_probe_beside_an_unanswered_heartbeat_asks_at_once() {
    let mut daemon = Daemon::attached();
    daemon.pass(HEARTBEAT);
    daemon.said();
    daemon.link.handle_probe();
    assert_eq!(daemon.said(), [r#"{"_ping":{"id":2}}"#]);
    daemon.pass(PROBE_MAX);
    assert_eq!(daemon.events(), ["dead 1 Silent"]);
}

/// Only an answer ends the time in which one must come.
#[test]
fn probes_do_not_keep_alive_a_pipe_that_does_not_hear() {
    let mut daemon = Daemon::attached();
    let asked = daemon.now;
    while daemon.now < asked + ONE_WAY_MAX {
        assert!(daemon.link.is_attached());
        daemon.link.handle_probe();
        daemon.said();
        daemon.pass(Duration::from_secs(1));
        daemon.hear(A, PAGE);
    }
    assert!(!daemon.link.is_attached());
}

#[test]
fn what_was_measured_on_one_pipe_says_nothing_of_the_next() {
    let mut daemon = Daemon::attached();
    daemon.pass(HEARTBEAT);
    daemon.said();
    daemon.hear_pong(1);
    daemon.attach(B);
    daemon.pass(SLOW);
    daemon.hear(B, BEGUN);
    daemon.link.handle_probe();
    daemon.said();
    assert_eq!(daemon.due(), Some(PROBE_MAX));
    let mut daemon = Daemon::attached();
    daemon.pass(HEARTBEAT);
    daemon.said();
    daemon.hear_pong(1);
    daemon.hear(A, PAGE);
    daemon.attach(B);
    daemon.pass(SLOW);
    daemon.hear(B, r#"{"attached":{"received":0,"resumed":true}}"#);
    daemon.link.handle_probe();
    daemon.said();
    assert_eq!(daemon.due(), Some(PROBE_MAX));
}

#[test]
fn a_probe_without_a_pipe_is_forgotten() {
    let mut daemon = Daemon::attached();
    daemon.link.handle_pipe_closed(A);
    daemon.link.handle_probe();
    daemon.attach(B);
    daemon.hear(B, r#"{"attached":{"received":0,"resumed":true}}"#);
    assert_eq!(daemon.said(), [""; 0]);
    daemon.pass(HEARTBEAT);
    daemon.said();
    assert_eq!(daemon.due(), Some(ANSWER_MAX));
}
