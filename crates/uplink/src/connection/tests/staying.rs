//! The pipe in use, when the machine moves or sleeps.

use convene_model::PortRange;

use super::super::*;
use super::start;

const HELLO: &str = r#"{"hello":{"version":2,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}"#;
const BEGUN: &str = r#"{"attached":{"received":0,"resumed":false}}"#;
const A_MINUTE: Duration = Duration::from_secs(60);

/// A connection on its first pipe, everything polled, and that pipe.
fn attached(now: Instant) -> (Connection, AttemptId) {
    let targets = Targets {
        host: "conference.example.org".to_owned(),
        direct_ports: PortRange::new(4500, 4506).unwrap(),
        https_port: 443,
        proxies: Vec::new(),
    };
    let mut connection = Connection::new(
        Ladder::new(targets, None, 7),
        LinkSecret::from_random([0; 32]),
        "convened 0.1.0".to_owned(),
        Inspection::Allow,
    );
    connection.with_ladder(now, |ladder| ladder.handle_start(now));
    let Some(PipeAction::Open { attempt, .. }) = connection.poll_action() else {
        panic!("nothing is opened")
    };
    attach(&mut connection, attempt, now);
    (connection, attempt)
}

/// The link begins on this pipe, and everything is polled.
fn attach(connection: &mut Connection, attempt: AttemptId, now: Instant) {
    connection.handle_opened(attempt, None, now);
    connection.handle_frame(attempt, None, HELLO, now);
    says(connection, now);
    connection.handle_frame(attempt, None, BEGUN, now);
    assert!(connection.is_attached());
    while connection.poll_action().is_some() {}
    says(connection, now);
}

/// Waits until a pipe is opened.
fn next_open(connection: &mut Connection, now: &mut Instant) -> (AttemptId, Route) {
    loop {
        match connection.poll_action() {
            Some(PipeAction::Open { attempt, route }) => return (attempt, route),
            Some(PipeAction::Close { .. } | PipeAction::AskPortal(_)) => {}
            None => {
                *now = connection.poll_timeout().unwrap();
                connection.handle_timeout(*now);
            }
        }
    }
}

fn says(connection: &mut Connection, now: Instant) -> Vec<String> {
    let next = |connection: &mut Connection| {
        connection.with_conversation(now, |conversation| conversation.poll_transmit(now))
    };
    std::iter::from_fn(|| next(connection)).map(|transmit| transmit.text.to_string()).collect()
}

#[test]
fn after_a_short_sleep_the_pipe_is_asked_whether_it_lives() {
    let now = start();
    let (mut connection, _) = attached(now);
    connection.handle_woken(2 * A_MINUTE, now + A_MINUTE);
    assert_eq!(says(&mut connection, now + A_MINUTE), [r#"{"_ping":{"id":1}}"#]);
    assert!(connection.is_attached());
}

#[test]
fn who_comes_much_later_than_due_was_paused_and_asks_whether_the_pipe_lives() {
    let now = start();
    let (mut connection, _) = attached(now);
    let due = connection.poll_timeout().unwrap();
    assert!(!connection.handle_due(Some(due), due + FROZEN_MIN / 2), "a busy machine");
    assert!(says(&mut connection, due - FROZEN_MIN).is_empty());
    assert!(!connection.handle_due(None, due + A_MINUTE));
    assert!(connection.handle_due(Some(due), due + A_MINUTE));
    assert_eq!(says(&mut connection, due + A_MINUTE), [r#"{"_ping":{"id":1}}"#]);
    let answered_by = connection.poll_timeout().unwrap();
    assert!(
        answered_by <= due + A_MINUTE + Duration::from_secs(3),
        "silence would be noticed only in {answered_by:?}"
    );
}

#[test]
fn after_a_long_sleep_another_pipe_is_opened_at_once_on_the_same_rung() {
    let now = start();
    let (mut connection, pipe) = attached(now);
    let before = connection.ladder().current().unwrap().0.clone();
    connection.handle_woken(2 * A_MINUTE + Duration::from_secs(1), now);
    assert_eq!(connection.poll_action(), Some(PipeAction::Close { attempt: pipe }));
    let again = now + convene_reach::timing::RECONNECT_JITTER;
    connection.handle_timeout(again);
    let Some(PipeAction::Open { route, .. }) = connection.poll_action() else { panic!("nothing is opened") };
    assert_eq!(route, before, "a sleep says nothing against a route");
}

#[test]
fn a_server_that_cuts_a_slow_reader_says_nothing_against_the_route() {
    let cut = r#"{"_bye":{"code":"silent"}}"#;
    let slow = r#"{"_bye":{"code":"too_slow"}}"#;
    let slow_with_a_time = r#"{"_bye":{"code":"too_slow","retry_after_ms":2000}}"#;
    for (bye, is_excused) in [(cut, false), (slow, true), (slow_with_a_time, true)] {
        let mut now = start();
        let (mut connection, mut pipe) = attached(now);
        let before = connection.ladder().current().unwrap().0.clone();
        // As often as makes a young pipe's end count against its carrier.
        for round in 0..4 {
            connection.handle_frame(pipe, None, bye, now);
            assert_eq!(connection.poll_action(), Some(PipeAction::Close { attempt: pipe }));
            let (next, route) = next_open(&mut connection, &mut now);
            assert!(route == before || !is_excused, "{bye} in round {round}: {route}");
            if route != before {
                break;
            }
            assert!(is_excused || round < 3, "{bye} is no cut");
            attach(&mut connection, next, now);
            pipe = next;
        }
    }
}

#[test]
fn in_another_network_the_pipe_is_asked_only_if_something_could_answer() {
    let now = start();
    for (leads_out, said) in [(true, 1), (false, 0)] {
        let (mut connection, _) = attached(now);
        connection.handle_network_changed(None, leads_out, now);
        assert_eq!(says(&mut connection, now).len(), said);
    }
}

#[test]
fn what_won_in_the_new_network_is_tried_first_there() {
    let now = start();
    let (mut connection, pipe) = attached(now);
    let target = convene_reach::Target { host: "conference.example.org".to_owned(), port: 443 };
    let (rung, carrier) = (convene_model::Rung::Https, convene_model::Carrier::Poll);
    let known = Route { rung, target, proxy: None, carrier };
    connection.handle_network_changed(Some(known.clone()), true, now);
    connection.handle_closed(pipe, now);
    while connection.poll_action().is_some() {}
    connection.handle_timeout(now + convene_reach::timing::RECONNECT_JITTER);
    let Some(PipeAction::Open { route, .. }) = connection.poll_action() else { panic!("nothing is opened") };
    assert_eq!(route, known);
}

#[test]
fn a_connection_that_is_configured_anew_gives_up_its_pipe_and_opens_others_at_once() {
    let now = start();
    let (mut connection, first) = attached(now);
    let later = now + Duration::from_secs(1);
    let direct_ports = PortRange::new(4600, 4600).unwrap();
    let host = "conference.example.org".to_owned();
    let targets = Targets { host, direct_ports, https_port: 443, proxies: Vec::new() };
    connection.handle_reconfigured(targets, Inspection::Refuse, later);
    assert!(!connection.is_attached());
    let due = connection.poll_timeout().unwrap();
    assert!(due <= later + Duration::from_millis(100), "a pipe that was given up tells nothing of its route");
    connection.handle_timeout(due);
    let actions: Vec<_> = std::iter::from_fn(|| connection.poll_action()).collect();
    assert!(actions.contains(&PipeAction::Close { attempt: first }), "{actions:?}");
    let opened = actions.iter().find_map(|action| match action {
        PipeAction::Open { route, .. } => Some(route.target.port),
        PipeAction::Close { .. } | PipeAction::AskPortal(_) => None,
    });
    assert_eq!(opened, Some(4600), "{actions:?}");
}
