//! From pipe to pipe: losses, upgrades, flapping.

use std::time::Duration;

use super::world::{Fate, REFUSED, World, by_rung, ms, secs, targets};
use crate::timing::{RETRY_AFTER_MAX, YOUNG};
use crate::{Ladder, LadderEvent, Reason};

const HOUR: Duration = Duration::from_secs(3_600);

/// Connected over 443 (at 130 ms), conference ports silent.
fn on_https() -> World {
    let mut world =
        World::new(targets(2, &["a"]), None, by_rung(Fate::Silent, Fate::Hello(100), Fate::Hello(100)));
    world.until(secs(1));
    assert_eq!(world.current().as_deref(), Some("server:443"));
    world.take_story();
    world
}

/// Connected directly (at 100 ms).
fn on_direct() -> World {
    let mut world = World::new(targets(2, &["a"]), None, |_| Fate::Hello(100));
    world.until(secs(1));
    assert_eq!(world.current().as_deref(), Some("server:4500"));
    world.take_story();
    world
}

/// The route that is opened next, and how long after now.
fn next_start(world: &mut World) -> (u64, String) {
    let now = world.at();
    world.take_story();
    let mut step = 0;
    loop {
        if let [(at, route), ..] = &world.starts()[..] {
            return (at - now, route.clone());
        }
        step += 1;
        world.until(ms(now + step));
    }
}

#[test]
fn what_won_is_to_be_remembered() {
    let world = on_https();
    let [(130, LadderEvent::Remember(route))] = &world.told[..] else { panic!("{:?}", world.told) };
    assert_eq!(route.to_string(), "server:443");
}

#[test]
fn a_lost_pipe_is_reopened_within_the_jitter_and_its_route_has_the_head_start() {
    let mut world = on_https();
    world.until(HOUR);
    world.network(|_| Fate::Silent);
    world.lose(None);
    assert_eq!(world.next_reason(), Some(Reason::Retry));
    let (after, route) = next_start(&mut world);
    assert!(after <= 100 && route == "server:443", "{route} after {after} ms");
    let began = world.at();
    world.until(ms(began + 2_000));
    let rest: Vec<_> = world.starts().into_iter().map(|(at, route)| (at - began, route)).collect();
    let expected = [(250, "server:4500"), (280, "server:443 via a:3128"), (1_250, "server:4501")];
    assert_eq!(rest, super::world::starts(&expected));
}

/// Lets the pipe that stands break, and waits for the next one.
fn break_and_return(world: &mut World) -> String {
    world.lose(None);
    while world.current().is_none() && world.at() < 3_600_000 {
        world.until(ms(world.at() + 20));
    }
    world.current().expect("retries never stop")
}

#[test]
fn a_pipe_that_dies_young_brings_single_requests_beside_the_next_class() {
    let mut world = on_direct();
    world.until(YOUNG);
    world.network(|_| Fate::Silent);
    world.lose(None);
    let (after, route) = next_start(&mut world);
    assert!(after <= 100 && route == "server:4500 by poll", "{route} after {after} ms");
    let began = world.at();
    world.until(ms(began + 2_000));
    let rest: Vec<_> = world.starts().into_iter().map(|(at, route)| (at - began, route)).collect();
    // Its rung goes last.
    let expected =
        [(250, "server:443"), (280, "server:443 via a:3128"), (500, "server:4500"), (1_250, "server:4501")];
    assert_eq!(rest, super::world::starts(&expected));
}

#[test]
fn single_requests_that_die_young_force_the_next_class() {
    let mut world = on_direct();
    assert_eq!(break_and_return(&mut world), "server:4500 by poll");
    assert_eq!(break_and_return(&mut world), "server:443");
}

#[test]
fn where_what_bettered_a_pipe_dies_young_the_way_leads_back() {
    let mut world = on_https();
    world.network(|_| Fate::Hello(40));
    world.until(secs(61));
    assert_eq!(world.current().as_deref(), Some("server:4500"));
    assert_eq!(break_and_return(&mut world), "server:443");
    world.take_story();
    world.until(secs(600));
    assert!(world.take_story().is_empty(), "and stays there for ten minutes");
}

#[test]
fn where_another_proxy_is_named_the_pipe_moves_there_and_stays_where_that_is_dead() {
    for (fate, ends_at) in [(Fate::Hello(100), "b"), (Fate::Silent, "a")] {
        let mut world = World::new(targets(1, &["a"]), None, move |route| {
            match route.proxy.as_ref().map(|proxy| &*proxy.host) {
                Some("a") => Fate::Hello(100),
                Some(_) => fate,
                None => Fate::Silent,
            }
        });
        world.until(secs(10));
        world.tell(|ladder, now| ladder.handle_targets(targets(1, &["b"]), now));
        world.until(ms(10_130));
        assert_eq!(world.current(), Some(format!("server:443 via {ends_at}:3128")));
        world.until(secs(120));
        assert_eq!(world.current(), Some(format!("server:443 via {ends_at}:3128")));
    }
}

#[test]
fn a_proxy_that_was_withdrawn_is_not_gone_back_to() {
    let only_proxy = || by_rung(Fate::Silent, Fate::Silent, Fate::Hello(100));
    let withdraw = |ladder: &mut Ladder, now| ladder.handle_targets(targets(1, &[]), now);
    // While the pipe through it stands, after that has died, and behind the pipe that has replaced
    // it.
    for case in 0..3 {
        let mut world = World::new(targets(1, &["a"]), None, only_proxy());
        world.until(secs(1));
        if case == 2 {
            world.network(|_| Fate::Hello(100));
            world.until(secs(61));
            world.network(only_proxy());
        }
        assert_eq!(world.current().is_some_and(|route| route.contains(" via a")), case != 2);
        if case != 1 {
            world.tell(withdraw);
        }
        world.lose(None);
        if case == 1 {
            world.tell(withdraw);
        }
        world.take_story();
        world.until(secs(180));
        let starts = world.starts();
        assert!(
            !starts.is_empty() && starts.iter().all(|(_, route)| !route.contains(" via ")),
            "{case}: {starts:?}"
        );
    }
}

#[test]
fn a_rung_under_which_a_pipe_died_is_still_tried_last() {
    let mut world = on_direct();
    world.network(by_rung(Fate::Hello(100), Fate::Silent, Fate::Silent));
    assert_eq!(break_and_return(&mut world), "server:4500 by poll");
    assert_eq!(break_and_return(&mut world), "server:4500");
}

#[test]
fn age_an_announcement_and_a_changed_network_excuse_the_route() {
    let old = |world: &mut World| {
        world.until(YOUNG + secs(1));
        world.lose(None);
    };
    let announced = |world: &mut World| world.lose(Some(Duration::ZERO));
    let changed = |world: &mut World| {
        world.tell(Ladder::handle_network_changed);
        world.lose(None);
    };
    let changed_after = |world: &mut World| {
        world.lose(None);
        world.tell(Ladder::handle_network_changed);
    };
    type Losing<'a> = (&'a str, &'a dyn Fn(&mut World));
    let excuses: [Losing<'_>; 4] =
        [("age", &old), ("announcement", &announced), ("change", &changed), ("change after", &changed_after)];
    for (excuse, lose) in excuses {
        let mut world = on_direct();
        lose(&mut world);
        world.until(ms(world.at() + 100));
        let first = world.starts().into_iter().next().map(|(_, route)| route);
        assert_eq!(first.as_deref(), Some("server:4500"), "{excuse}");
    }
}

#[test]
fn where_no_route_opens_the_server_was_down_and_the_route_is_excused() {
    let mut world = on_direct();
    world.network(|_| Fate::Fails(1, REFUSED));
    world.lose(None);
    // The first pause is 2 s at most.
    world.until(ms(world.at() + 3_200));
    let starts = world.starts();
    assert_eq!(starts[0].1, "server:4500 by poll");
    assert_eq!(starts[5].1, "server:4500", "the next round begins with what won before: {starts:?}");
}

#[test]
fn a_pipe_that_keeps_dying_young_is_not_reopened_in_a_rush() {
    let mut world = World::new(targets(2, &["a"]), None, |_| Fate::Hello(1));
    let mut adopted = 0;
    while world.at() < 3_600_000 {
        world.until(ms(world.at() + 10));
        if world.current().is_some() {
            adopted += 1;
            world.lose(None);
        }
    }
    assert!((120..500).contains(&adopted), "{adopted} pipes in an hour");
}

#[test]
fn the_server_may_ask_to_stay_away_but_not_for_ever() {
    let mut world = on_direct();
    world.lose(Some(secs(20)));
    let (after, route) = next_start(&mut world);
    assert!((20_000..=30_000).contains(&after) && route == "server:4500", "{route} after {after} ms");
    world.until(ms(world.at() + 200));
    world.lose(Some(Duration::MAX));
    let now = world.now;
    let retry = world.ladder.poll_timeout().unwrap();
    assert_eq!(retry.1, Reason::Verdict);
    world.until(ms(world.at() + 15_000));
    let (at, reason) = world.ladder.poll_timeout().unwrap();
    assert!(reason == Reason::Retry && at - now <= RETRY_AFTER_MAX * 3 / 2);
}

#[test]
fn a_worse_rung_is_tried_to_be_bettered_after_a_minute_and_then_every_ten() {
    let mut world = on_https();
    world.until(secs(1_300));
    let upgrades: Vec<_> = world.starts();
    let at = |minute: u64| 60_130 + minute * 60_000;
    let expected = [
        (at(0), "server:4500"),
        (at(0) + 1_000, "server:4501"),
        (at(10), "server:4500"),
        (at(10) + 1_000, "server:4501"),
        (at(20), "server:4500"),
        (at(20) + 1_000, "server:4501"),
    ];
    assert_eq!(upgrades, super::world::starts(&expected));
    assert_eq!(world.current().as_deref(), Some("server:443"));
}

#[test]
fn the_better_pipe_is_adopted_before_the_old_one_is_closed() {
    let mut world = on_https();
    world.network(|_| Fate::Hello(40));
    world.until(secs(61));
    let expected = [
        (60_130, "open", "server:4500".to_owned()),
        (60_170, "adopt", "server:4500".to_owned()),
        // The world names a replaced pipe by the route that replaced it.
        (60_170, "abandon", "server:4500".to_owned()),
    ];
    assert_eq!(world.take_story(), expected);
    world.until(HOUR);
    assert!(world.take_story().is_empty(), "there is nothing better than a conference port");
    assert_eq!(world.ladder.poll_timeout(), None);
}

#[test]
fn from_a_proxy_both_better_rungs_are_tried() {
    let network = by_rung(Fate::Silent, Fate::Fails(10, REFUSED), Fate::Hello(100));
    let mut world = World::new(targets(1, &["a"]), None, network);
    world.until(secs(1));
    world.take_story();
    world.network(by_rung(Fate::Silent, Fate::Hello(50), Fate::Silent));
    world.until(secs(62));
    assert_eq!(world.current().as_deref(), Some("server:443"));
    let starts: Vec<_> = world.starts().into_iter().map(|(_, route)| route).collect();
    assert_eq!(starts, ["server:4500", "server:443"]);
}

#[test]
fn a_changed_network_is_reason_to_try_at_once_and_the_pipe_stays() {
    let mut world = on_https();
    world.until(secs(10));
    world.tell(Ladder::handle_network_changed);
    assert_eq!(world.starts(), [(10_000, "server:4500".to_owned())]);
    assert_eq!(world.current().as_deref(), Some("server:443"));
}

#[test]
fn a_rung_that_killed_its_pipe_is_left_alone_for_ten_minutes() {
    let mut world = on_direct();
    assert_eq!(break_and_return(&mut world), "server:4500 by poll");
    assert_eq!(break_and_return(&mut world), "server:443");
    world.take_story();
    world.until(secs(600));
    assert!(world.take_story().is_empty());
    world.until(secs(605));
    assert_eq!(world.current().as_deref(), Some("server:4500"));
}

#[test]
fn flapping_is_damped() {
    let mut world = on_https();
    // Adopted at 0.35 s over 443; twice more: each time the changed network brings the direct port,
    // which is lost.
    for at in [10, 20] {
        world.until(secs(at));
        world.lose(None);
        world.until(secs(at + 2));
        assert!(world.current().is_some());
    }
    let paused_from = world.ladder.current().unwrap().1;
    world.take_story();
    world.network(|_| Fate::Hello(40));
    world.tell(Ladder::handle_network_changed);
    world.until(paused_from + secs(299) - world.start);
    assert!(world.take_story().is_empty(), "five minutes of peace");
    world.until(paused_from + secs(301) - world.start);
    assert_eq!(world.current().as_deref(), Some("server:4500"));
}

#[test]
fn a_loss_during_an_upgrade_keeps_what_is_already_open() {
    let mut world = on_https();
    world.network(by_rung(Fate::Hello(2_000), Fate::Silent, Fate::Silent));
    world.until(secs(61));
    world.lose(None);
    world.until(ms(62_350));
    assert_eq!(world.current().as_deref(), Some("server:4500"));
    assert!(world.open.is_empty());
}

#[test]
fn reports_about_attempts_that_are_gone_change_nothing() {
    let mut world = on_https();
    for id in [0, 1, 99] {
        let attempt = crate::AttemptId(id);
        world.tell(|ladder, now| ladder.handle_hello(attempt, now));
        world.tell(|ladder, now| ladder.handle_failed(attempt, REFUSED, now));
    }
    assert_eq!(world.current().as_deref(), Some("server:443"));
    assert!(world.take_story().is_empty());
}

#[test]
fn the_failure_of_the_adopted_attempt_is_its_loss() {
    let mut world = on_https();
    let attempt = world.adopted.take().unwrap();
    world.tell(|ladder, now| ladder.handle_failed(attempt, REFUSED, now));
    assert_eq!(world.current(), None);
    world.until(secs(3));
    assert!(world.current().is_some());
}
