//! The start time of every attempt of a race.

use convene_model::{Code, Rung, Stage};

use super::world::{Fate, REFUSED, UNREACHABLE, World, by_rung, ms, route, secs, starts, targets, zero};
use crate::{Failure, Pace};

const SILENCE: fn(&crate::Route) -> Fate = |_| Fate::Silent;

#[test]
fn the_remembered_route_has_a_head_start_and_is_not_counted() {
    let remembered = route(Rung::Proxy, 443, Some("b"));
    let mut world = World::new(targets(2, &["a", "b"]), Some(remembered), SILENCE);
    world.until(ms(9_999));
    let expected = [
        (0, "server:443 via b:3128"),
        (250, "server:4500"),
        (280, "server:443"),
        (280, "server:443 via a:3128"),
        (1_250, "server:4501"),
    ];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn a_remembered_conference_port_stands_beside_the_first_of_the_others() {
    let mut world = World::new(targets(3, &[]), Some(route(Rung::Direct, 4502, None)), SILENCE);
    world.until(ms(9_999));
    let expected = [(0, "server:4502"), (250, "server:4500"), (280, "server:443"), (1_250, "server:4501")];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn a_remembered_route_that_comes_to_tls_is_waited_for_as_its_server_may_be_besieged() {
    let head = || Some(route(Rung::Direct, 4501, None));
    let busy = |route: &crate::Route| match route.target.port {
        4501 => Fate::Stuck(100, Stage::Tls),
        _ => Fate::Silent,
    };
    let mut world = World::new(targets(3, &["a"]), head(), busy);
    world.until(ms(9_999));
    let expected = [
        (0, "server:4501"),
        (2_000, "server:4500"),
        (2_030, "server:443"),
        (2_030, "server:443 via a:3128"),
        (3_000, "server:4502"),
    ];
    assert_eq!(world.starts(), starts(&expected));
    // However far it comes.
    let mut world = World::new(targets(3, &["a"]), head(), busy);
    let first = *world.open.keys().next().unwrap();
    for (at, stage) in [(1_000, Stage::Http), (1_900, Stage::Hello)] {
        world.until(ms(at));
        world.tell(|ladder, now| ladder.handle_stage(first, stage, now));
    }
    world.take_story();
    world.until(ms(2_000));
    assert_eq!(world.starts(), starts(&[(2_000, "server:4500")]));
    // One that comes to it later has lost that by then.
    let mut world = World::new(targets(3, &["a"]), head(), |route| match route.target.port {
        4501 => Fate::Stuck(251, Stage::Tls),
        _ => Fate::Silent,
    });
    world.until(ms(290));
    assert_eq!(world.starts().len(), 4);
}

#[test]
fn the_others_start_at_once_when_the_remembered_route_fails() {
    let https = Fate::Fails(30, UNREACHABLE);
    let network = by_rung(Fate::Silent, https, Fate::Silent);
    let mut world = World::new(targets(1, &["a"]), Some(route(Rung::Https, 443, None)), network);
    world.until(ms(9_999));
    let expected = [(0, "server:443"), (30, "server:4500"), (60, "server:443 via a:3128")];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn a_remembered_route_to_another_server_or_port_is_passed_over() {
    let mut elsewhere = route(Rung::Https, 443, None);
    elsewhere.target.host = "other".into();
    for remembered in [elsewhere, route(Rung::Https, 8443, None), route(Rung::Direct, 5000, None)] {
        let mut world = World::new(targets(1, &[]), Some(remembered), SILENCE);
        world.until(ms(9_999));
        assert_eq!(world.starts(), starts(&[(0, "server:4500"), (30, "server:443")]));
    }
}

#[test]
fn a_port_of_two_rungs_is_tried_once() {
    let mut both = targets(2, &[]);
    both.https_port = 4500;
    let mut world = World::new(both, None, SILENCE);
    world.until(ms(9_999));
    assert_eq!(world.starts(), starts(&[(0, "server:4501"), (30, "server:4500")]));
}

#[test]
fn refusing_ports_are_followed_at_once_and_the_timetable_does_not_notice() {
    let network = by_rung(Fate::Fails(100, REFUSED), Fate::Silent, Fate::Silent);
    let mut world = World::new(targets(5, &["a", "b"]), None, network);
    world.until(ms(9_999));
    let expected = [
        (0, "server:4500"),
        (30, "server:443"),
        (30, "server:443 via a:3128"),
        (100, "server:4501"),
        (200, "server:4502"),
        (250, "server:443 via b:3128"),
        (300, "server:4503"),
        (400, "server:4504"),
    ];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn the_last_refusing_port_starts_443_at_once() {
    let network = by_rung(Fate::Fails(5, REFUSED), Fate::Hello(20), Fate::Silent);
    let mut world = World::new(targets(3, &[]), None, network);
    world.until(secs(1));
    let expected = [(0, "server:4500"), (5, "server:4501"), (10, "server:4502"), (15, "server:443")];
    assert_eq!(world.starts(), starts(&expected));
    assert_eq!(world.current().as_deref(), Some("server:443"));
}

#[test]
fn a_failure_starts_the_next_at_once_and_ports_that_are_left_do_not_wait() {
    let mut world = World::new(targets(2, &["a"]), None, |_| Fate::Fails(8, UNREACHABLE));
    world.until(ms(99));
    let expected =
        [(0, "server:4500"), (8, "server:443"), (16, "server:443 via a:3128"), (24, "server:4501")];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn the_hello_wins_and_not_the_port_that_accepts_first() {
    let network = by_rung(Fate::Stuck(20, Stage::Hello), Fate::Hello(700), Fate::Silent);
    let mut world = World::new(targets(1, &["a"]), None, network);
    world.until(ms(729));
    assert_eq!(world.current(), None);
    world.until(ms(730));
    assert_eq!(world.current().as_deref(), Some("server:443"));
    let expected = [
        (0, "open", "server:4500"),
        (30, "open", "server:443"),
        (30, "open", "server:443 via a:3128"),
        (100, "open", "server:4500 by poll"),
        (730, "adopt", "server:443"),
        (730, "abandon", "server:4500"),
        (730, "abandon", "server:443 via a:3128"),
        (730, "abandon", "server:4500 by poll"),
    ];
    assert_eq!(world.take_story(), expected.map(|(at, what, route)| (at, what, route.to_owned())));
}

#[test]
fn limits_depend_on_the_stage_and_on_how_slow_the_path_is() {
    // The failure is known, and so the only route's round over, so long after the start.
    let quick = [
        (Stage::Dns, 100 + 8_000, Code::DnsTimedOut),
        (Stage::Proxy, 100 + 13_000, Code::TimedOut),
        (Stage::Tls, 100 + 3_000, Code::TimedOut),
        (Stage::Http, 100 + 3_000, Code::TimedOut),
        (Stage::Hello, 100 + 3_000, Code::NoHello),
    ];
    let slow = [(Stage::Tls, 2_000 + 10_000, Code::TimedOut), (Stage::Hello, 2_000 + 8_000, Code::NoHello)];
    let quick = quick.map(|case| (100, case));
    for (after, (stage, known, code)) in quick.into_iter().chain(slow.map(|case| (2_000, case))) {
        let mut world = World::new(targets(1, &[]), None, move |_| Fate::Stuck(after, stage));
        world.until(ms(known - 1));
        assert!(world.ladder.attempts().is_empty(), "{stage} was cut short");
        world.until(ms(known));
        let [attempt] = world.ladder.attempts().try_into().unwrap();
        assert_eq!((attempt.stage, attempt.code, attempt.ms), (stage, code, known));
        assert!(world.open.values().any(|open| open.to_string() == "server:4500"), "late ones stay open");
    }
}

#[test]
fn tls_that_was_slow_gives_what_follows_more_time() {
    let begin = zero();
    let mut pace = Pace::new(begin);
    assert!(pace.reach(Stage::Tls, begin + ms(100)) && pace.reach(Stage::Http, begin + ms(2_100)));
    assert_eq!(pace.limit(), begin + ms(2_100 + 4 * 2_000));
}

#[test]
fn a_late_hello_still_wins() {
    for after in [20_000, 40_000, 59_999] {
        let mut world =
            World::new(targets(7, &["a"]), None, by_rung(Fate::Silent, Fate::Silent, Fate::Hello(after)));
        world.until(ms(29 + after));
        assert_eq!(world.current(), None);
        world.until(ms(30 + after));
        assert_eq!(world.current().as_deref(), Some("server:443 via a:3128"), "{after} ms");
        assert!(world.open.is_empty());
    }
}

#[test]
fn nothing_stays_open_longer_than_a_minute() {
    let mut world = World::new(targets(7, &["a"]), None, SILENCE);
    world.until(ms(59_999));
    let first = *world.open.keys().next().unwrap();
    assert_eq!(world.open[&first].to_string(), "server:4500", "the oldest is there to the end");
    world.until(secs(60));
    assert!(!world.open.contains_key(&first));
    assert!(world.take_story().contains(&(60_000, "abandon", "server:4500".to_owned())));
}

#[test]
fn proxies_found_during_the_race_go_to_the_head_of_the_queue() {
    let mut world = World::new(targets(1, &["a", "b"]), None, SILENCE);
    world.until(ms(100));
    world.tell(|ladder, now| ladder.handle_targets(targets(1, &["a", "b", "found"]), now));
    world.until(ms(9_999));
    let expected = [
        (0, "server:4500"),
        (30, "server:443"),
        (30, "server:443 via a:3128"),
        (250, "server:443 via found:3128"),
        (750, "server:443 via b:3128"),
    ];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn a_conference_port_is_as_far_ahead_of_443_behind_a_lookup_and_no_proxy_waits_for_that() {
    for (known_at, opens_at) in [(90, 120), (220, 250), (900, 250)] {
        let mut world = World::new(targets(1, &["a"]), None, SILENCE);
        let first = *world.open.keys().next().unwrap();
        world.tell(|ladder, now| ladder.handle_stage(first, Stage::Dns, now));
        world.until(ms(known_at));
        world.tell(|ladder, now| ladder.handle_stage(first, Stage::Tcp, now));
        world.until(ms(999));
        let expected = [(0, "server:4500"), (30, "server:443 via a:3128"), (opens_at, "server:443")];
        assert_eq!(world.starts(), starts(&expected), "known after {known_at} ms");
    }
}

#[test]
fn the_first_proxy_that_is_found_starts_as_soon_as_a_browser_would_take_it() {
    for (found, starts_at) in [(10, 30), (150, 150)] {
        let mut world = World::new(targets(1, &[]), None, SILENCE);
        world.until(ms(found));
        world.tell(|ladder, now| ladder.handle_targets(targets(1, &["a", "b"]), now));
        world.until(ms(9_999));
        let expected = [
            (0, "server:4500"),
            (30, "server:443"),
            (starts_at, "server:443 via a:3128"),
            (250, "server:443 via b:3128"),
        ];
        assert_eq!(world.starts(), starts(&expected), "found after {found} ms");
    }
}

#[test]
fn of_proxies_found_where_nothing_else_is_left_the_first_is_tried_first() {
    let refused = Fate::Fails(10, REFUSED);
    let mut world = World::new(targets(1, &[]), None, by_rung(refused, refused, Fate::Silent));
    world.until(ms(15));
    world.tell(|ladder, now| ladder.handle_targets(targets(1, &["a", "b"]), now));
    world.until(ms(18));
    world.take_story();
    world.until(ms(600));
    let expected = [(20, "server:443 via a:3128"), (270, "server:443 via b:3128")];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn a_proxy_found_after_the_others_have_started_starts_at_once() {
    let mut world = World::new(targets(1, &[]), None, SILENCE);
    world.until(ms(5_000));
    world.tell(|ladder, now| ladder.handle_targets(targets(1, &["found"]), now));
    assert_eq!(world.starts().last(), Some(&(5_000, "server:443 via found:3128".to_owned())));
}

#[test]
fn a_proxy_that_is_withdrawn_is_let_go() {
    let mut world = World::new(targets(1, &["a"]), None, SILENCE);
    world.until(ms(2_000));
    world.take_story();
    world.tell(|ladder, now| ladder.handle_targets(targets(1, &[]), now));
    assert_eq!(world.take_story(), [(2_000, "abandon", "server:443 via a:3128".to_owned())]);
}

#[test]
fn more_proxies_than_one_round_tries_are_left_out() {
    let names: Vec<_> = (0..30).map(|n| format!("p{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut world = World::new(targets(16, &names), None, SILENCE);
    world.until(ms(9_999));
    assert_eq!(world.starts().len(), 16 + 1 + crate::timing::PROXIES_MAX);
}

#[test]
fn a_failure_after_the_limit_replaces_what_silence_was_called() {
    let reset = Failure { stage: Stage::Tls, code: Code::Reset };
    let mut world =
        World::new(targets(1, &[]), None, by_rung(Fate::Fails(12_000, reset), Fate::Silent, Fate::Silent));
    world.until(ms(11_999));
    assert_eq!(world.ladder.attempts()[0].code, Code::TimedOut);
    world.until(ms(12_000));
    assert_eq!(world.ladder.attempts()[0].code, Code::Reset);
}
