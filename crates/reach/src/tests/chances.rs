//! Random networks: whatever they do, a way that exists is found in time and nothing storms.

use std::time::Duration;

use convene_model::{Carrier, Code, Rung, Stage};
use proptest::prelude::*;

use super::world::{Fate, World, ms, name, polled, route, secs, targets, zero};
use crate::{Action, AttemptId, Failure, Ladder, Route};

const PROXIES: [&str; 3] = ["a", "b", "c"];

fn any_failure() -> impl Strategy<Value = Failure> {
    let stage = proptest::sample::select(Stage::ALL);
    let code = proptest::sample::select(Code::ALL);
    // Refusals have a rule of their own: half of all failures are some.
    prop_oneof![
        Just(Failure { stage: Stage::Tcp, code: Code::Refused }),
        (stage, code).prop_map(|(stage, code)| Failure { stage, code }),
    ]
}

fn any_obstacle() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Silent),
        (0..9_000_u64, proptest::sample::select(Stage::ALL)).prop_map(|(at, stage)| Fate::Stuck(at, stage)),
        (0..70_000_u64, any_failure()).prop_map(|(at, failure)| Fate::Fails(at, failure)),
        (0..100_u64, any_failure()).prop_map(|(at, failure)| Fate::Fails(at, failure)),
    ]
}

/// An obstacle that keeps a route from getting as far as HTTP: it says nothing of the carrier.
fn any_obstacle_before_http() -> impl Strategy<Value = Fate> {
    any_obstacle().prop_map(|fate| match fate {
        Fate::Stuck(at, stage) if stage >= Stage::Http => Fate::Stuck(at, Stage::Tls),
        Fate::Fails(at, failure) if failure.stage >= Stage::Http => {
            Fate::Fails(at, Failure { stage: Stage::Tls, ..failure })
        }
        Fate::Silent | Fate::Stuck(..) | Fate::Fails(..) | Fate::Hello(_) => fate,
    })
}

fn any_carrier() -> impl Strategy<Value = Carrier> {
    proptest::sample::select(vec![Carrier::Websocket, Carrier::Stream, Carrier::Poll])
}

/// The answer of a box that lets no WebSocket through.
fn any_refusal() -> impl Strategy<Value = Failure> {
    let codes = vec![Code::HttpRefused, Code::BlockPage, Code::NotHttp, Code::Reset, Code::Closed];
    proptest::sample::select(codes).prop_map(|code| Failure { stage: Stage::Http, code })
}

/// The place of a route in the list, whatever its carrier.
fn nth(all: &[Route], route: &Route) -> usize {
    all.iter().position(|known| polled(known.clone()) == polled(route.clone())).unwrap()
}

/// All routes of a server with so many ports, in the order of the timetable, and the latest start
/// of each.
fn routes(ports: u16, remembered: bool) -> Vec<(Route, u64)> {
    let head = if remembered { 2_000 } else { 0 };
    let proxies = PROXIES.iter().map(|proxy| route(Rung::Proxy, 443, Some(proxy)));
    let counted = [route(Rung::Direct, 4500, None), route(Rung::Https, 443, None)].into_iter().chain(proxies);
    let late = [0, 250, 750, 1_250, 1_750].map(|at| at + head);
    let beside = (4501..4500 + ports).map(|port| (route(Rung::Direct, port, None), 1_000 + head));
    counted.zip(late).chain(beside).collect()
}

proptest! {
    #[test]
    fn a_way_that_exists_is_found_within_its_bound(
        ports in 1..=16_u16,
        obstacles in proptest::collection::vec(any_obstacle(), 20),
        open in any::<proptest::sample::Index>(),
        hello in 1..30_000_u64,
        remembered in proptest::option::of((any::<proptest::sample::Index>(), any_carrier())),
    ) {
        let routes = routes(ports, remembered.is_some());
        let (way, latest_start) = routes[open.index(routes.len())].clone();
        let remembered = remembered.map(|(index, carrier)| Route { carrier, ..routes[index.index(routes.len())].0.clone() });
        let all: Vec<_> = routes.iter().map(|(route, _)| route.clone()).collect();
        let only = way.clone();
        let mut world = World::new(targets(ports, &PROXIES), remembered, move |route| {
            if *route == only { Fate::Hello(hello) } else { obstacles[nth(&all, route)] }
        });
        world.until(ms(latest_start + hello));
        prop_assert_eq!(world.current(), Some(name(&way)));
        prop_assert!(world.open.is_empty());
    }

    #[test]
    fn a_way_that_passes_no_websocket_is_found_within_its_bound(
        ports in 1..=16_u16,
        obstacles in proptest::collection::vec(any_obstacle_before_http(), 20),
        open in any::<proptest::sample::Index>(),
        secured in 1..2_000_u64,
        refusal in proptest::option::of((any_refusal(), 0..900_u64)),
        hello in 1..20_000_u64,
    ) {
        let routes = routes(ports, false);
        let (way, latest_start) = routes[open.index(routes.len())].clone();
        let all: Vec<_> = routes.iter().map(|(route, _)| route.clone()).collect();
        let only = way.clone();
        // A WebSocket is refused by an answer, or swallowed after TLS.
        let fate = refusal.map_or(Fate::Stuck(secured, Stage::Http), |(failure, after)| Fate::Fails(secured + after, failure));
        let known = refusal.map_or(secured + 2_000, |(_, after)| secured + after);
        let mut world = World::new(targets(ports, &PROXIES), None, move |route| {
            if *route == only {
                fate
            } else if *route == polled(only.clone()) {
                Fate::Hello(hello)
            } else {
                obstacles[nth(&all, route)]
            }
        });
        world.until(ms(latest_start + known + hello));
        prop_assert_eq!(world.current(), Some(name(&polled(way))));
        prop_assert!(world.open.is_empty());
    }

    #[test]
    fn without_a_way_retries_never_stop_nothing_piles_up_and_the_verdict_comes_in_time(
        ports in 1..=16_u16,
        obstacles in proptest::collection::vec(any_obstacle(), 20),
    ) {
        let routes = routes(ports, false);
        let all: Vec<_> = routes.iter().map(|(route, _)| route.clone()).collect();
        let mut world = World::new(targets(ports, &PROXIES), None, move |route| {
            obstacles[nth(&all, route)]
        });
        world.until(secs(15));
        prop_assert!(world.ladder.verdict().is_some());
        world.until(secs(3_600));
        // Each with two carriers, and each of these under way and late.
        prop_assert!(world.most_open <= 4 * routes.len());
        for (route, _) in &routes {
            let name = name(route);
            let starts: Vec<_> =
                world.story.iter().filter(|(_, what, to)| *what == "open" && *to == name).map(|(at, ..)| *at).collect();
            // A round takes a minute at most, a pause half of one, and the last start of a round
            // comes within 5 s.
            let longest = starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            prop_assert!(longest <= 95_000, "{} was not tried for {} ms", name, longest);
            prop_assert!(starts.len() < 500, "{} was tried {} times in an hour", name, starts.len());
            // The pauses are drawn: ten in a row that make up less than 10 s are not met in a
            // lifetime.
            let shortest = starts.windows(11).map(|some| some[10] - some[0]).min().unwrap_or(u64::MAX);
            prop_assert!(shortest > 10_000, "{} was tried 11 times in {} ms", name, shortest);
            let polls = format!("{name} by poll");
            let polls = world.story.iter().filter(|(_, what, to)| *what == "open" && *to == polls).count();
            prop_assert!(polls <= starts.len(), "{} was polled {} times", name, polls);
        }
    }

    #[test]
    fn no_order_of_reports_breaks_it(steps in proptest::collection::vec(any_step(), 1..120)) {
        let mut now = zero();
        let mut ladder = Ladder::new(targets(3, &PROXIES), None, 1);
        let mut open = std::collections::BTreeSet::new();
        let mut adopted = None;
        ladder.handle_start(now);
        for (wait, step) in steps {
            now += wait;
            match step {
                Step::Timeout => ladder.handle_timeout(now),
                Step::Stage(id, stage) => ladder.handle_stage(id, stage, now),
                Step::Hello(id) => ladder.handle_hello(id, now),
                Step::Failed(id, failure) => {
                    open.remove(&id);
                    adopted = adopted.filter(|adopted| *adopted != id);
                    ladder.handle_failed(id, failure, now);
                }
                Step::Lost(announced) => {
                    adopted = None;
                    ladder.handle_lost(announced, now);
                }
                Step::Changed => ladder.handle_network_changed(now),
                Step::Targets(ports, proxies) => ladder.handle_targets(targets(ports, &PROXIES[..proxies]), now),
                Step::Retry => ladder.handle_retry(now),
            }
            while let Some(action) = ladder.poll_action() {
                match action {
                    Action::Open { attempt, .. } => prop_assert!(open.insert(attempt)),
                    Action::Adopt { attempt } => {
                        prop_assert!(open.remove(&attempt));
                        open.extend(adopted.replace(attempt));
                    }
                    Action::Abandon { attempt } => prop_assert!(open.remove(&attempt)),
                }
            }
            while ladder.poll_event().is_some() {}
            prop_assert_eq!(ladder.current().is_some(), adopted.is_some());
            prop_assert!(ladder.current().is_some() || ladder.poll_timeout().is_some());
            // Every target list of this test is a part of the longest.
            prop_assert!(open.len() <= 4 * (3 + 1 + 3));
            prop_assert!(ladder.attempts().len() <= convene_model::limits::ATTEMPTS_MAX);
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Timeout,
    Stage(AttemptId, Stage),
    Hello(AttemptId),
    Failed(AttemptId, Failure),
    Lost(Option<Duration>),
    Changed,
    Targets(u16, usize),
    Retry,
}

fn any_step() -> impl Strategy<Value = (Duration, Step)> {
    let id = || (1..60_u64).prop_map(AttemptId);
    let stage = proptest::sample::select(Stage::ALL);
    let step = prop_oneof![
        6 => Just(Step::Timeout),
        2 => (id(), stage).prop_map(|(id, stage)| Step::Stage(id, stage)),
        1 => id().prop_map(Step::Hello),
        4 => (id(), any_failure()).prop_map(|(id, failure)| Step::Failed(id, failure)),
        1 => proptest::option::of(any::<Duration>()).prop_map(Step::Lost),
        1 => Just(Step::Changed),
        1 => (1..=3_u16, 0..=3_usize).prop_map(|(ports, proxies)| Step::Targets(ports, proxies)),
        1 => Just(Step::Retry),
    ];
    let wait = prop_oneof![(0..600_u64).prop_map(ms), (0..100_u64).prop_map(secs)];
    (wait, step)
}
