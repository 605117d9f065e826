//! Carriers: what follows a WebSocket that is refused or swallowed, and when.

use convene_model::{Carrier, Code, Rung, Stage};

use super::world::{Fate, World, by_rung, ms, polled, route, secs, starts, targets};
use crate::timing::{UPGRADE_AFTER, UPGRADE_EVERY};
use crate::{Failure, Ladder, Reason, Route};

const STRIPPED: Failure = Failure { stage: Stage::Http, code: Code::HttpRefused };

/// A network in which WebSockets have one fate and single requests another.
fn by_carrier(websocket: Fate, poll: Fate) -> impl Fn(&Route) -> Fate {
    move |route| if route.carrier == Carrier::Websocket { websocket } else { poll }
}

/// When the race over one rung's only route opens its long-poll, and when it is connected.
fn polls_at(rung: Rung, websocket: Fate, poll: Fate) -> (Option<u64>, Option<u64>) {
    let shut = Fate::Fails(0, Failure { stage: Stage::Tcp, code: Code::Unreachable });
    let mut world = World::new(targets(1, &["a"]), None, move |route| {
        if route.rung != rung {
            shut
        } else if route.carrier == Carrier::Websocket {
            websocket
        } else {
            poll
        }
    });
    world.until(secs(9));
    let story = world.take_story();
    let at = |wanted: &str| {
        story
            .iter()
            .find(|(_, what, route)| *what == wanted && route.ends_with(" by poll"))
            .map(|(at, ..)| *at)
    };
    (at("open"), at("adopt"))
}

#[test]
fn on_every_rung_a_refused_websocket_is_followed_at_once_and_a_swallowed_one_after_some_round_trips() {
    for rung in [Rung::Direct, Rung::Https, Rung::Proxy] {
        for (websocket, opens) in [
            (Fate::Fails(80, STRIPPED), Some(80)),
            (Fate::Fails(80, Failure { stage: Stage::Http, code: Code::BlockPage }), Some(80)),
            (Fate::Fails(80, Failure { stage: Stage::Hello, code: Code::Closed }), Some(80)),
            // Twice the two round trips that it needs, but a server takes its time, and nobody
            // waits for more than two seconds.
            (Fate::Stuck(5, Stage::Http), Some(35)),
            (Fate::Stuck(60, Stage::Http), Some(300)),
            (Fate::Stuck(60, Stage::Hello), Some(300)),
            (Fate::Stuck(400, Stage::Http), Some(2_000)),
            (Fate::Stuck(900, Stage::Http), Some(2_900)),
            // An attempt that does not come so far says nothing about the carrier.
            (Fate::Stuck(60, Stage::Tls), None),
            (Fate::Silent, None),
            (Fate::Fails(80, Failure { stage: Stage::Tls, code: Code::CertificateUntrusted }), None),
            // And what the server itself says is not changed by another.
            (Fate::Fails(80, Failure { stage: Stage::Hello, code: Code::ServerBusy }), None),
            (Fate::Hello(299), None),
        ] {
            let (opened, adopted) = polls_at(rung, websocket, Fate::Hello(50));
            assert_eq!((opened, adopted), (opens, opens.map(|at| at + 50)), "{rung:?} {websocket:?}");
        }
    }
}

#[test]
fn a_websocket_that_is_only_slow_still_wins() {
    let late = by_carrier(Fate::Stuck(60, Stage::Hello), Fate::Silent);
    let mut world = World::new(targets(1, &[]), None, by_rung_direct(late));
    world.until(ms(1_100));
    let [first, ..] = world.open.keys().copied().collect::<Vec<_>>()[..] else { panic!("nothing is open") };
    world.tell(|ladder, now| ladder.handle_hello(first, now));
    assert_eq!(world.current().as_deref(), Some("server:4500"));
    assert!(world.open.is_empty());
}

/// The direct rung as given, the others silent.
fn by_rung_direct(direct: impl Fn(&Route) -> Fate + 'static) -> impl Fn(&Route) -> Fate + 'static {
    move |route| if route.rung == Rung::Direct { direct(route) } else { Fate::Silent }
}

#[test]
fn each_route_is_polled_once_in_a_round_and_the_timetable_does_not_notice() {
    let network = by_carrier(Fate::Stuck(15, Stage::Http), Fate::Silent);
    let mut world = World::new(targets(2, &["a"]), None, network);
    world.until(secs(2));
    let expected = [
        (0, "server:4500"),
        (30, "server:443"),
        (30, "server:443 via a:3128"),
        (75, "server:4500 by poll"),
        (105, "server:443 by poll"),
        (105, "server:443 via a:3128 by poll"),
        (1_000, "server:4501"),
        (1_075, "server:4501 by poll"),
    ];
    assert_eq!(world.starts(), starts(&expected));
}

#[test]
fn what_follows_a_late_websocket_may_win_and_holds_up_no_round() {
    // The answer that refuses the WebSocket comes long after the limit of 10 s.
    let refused = Fate::Fails(40_000, STRIPPED);
    for (poll, adopted) in [(Fate::Silent, None), (Fate::Hello(9_000), Some("server:4500 by poll"))] {
        let mut world = World::new(targets(1, &[]), None, by_rung_direct(by_carrier(refused, poll)));
        world.until(ms(49_000));
        assert_eq!(world.current().as_deref(), adopted);
        let story = world.take_story();
        let polls = story.iter().filter(|(_, what, route)| *what == "open" && route.ends_with(" by poll"));
        assert_eq!(polls.map(|(at, ..)| *at).collect::<Vec<_>>(), [40_000]);
        assert!(adopted.is_some() || world.next_reason() == Some(Reason::Retry), "{:?}", world.next_reason());
    }
}

#[test]
fn a_remembered_carrier_is_tried_first() {
    let remembered = polled(route(Rung::Https, 443, None));
    let network = by_carrier(Fate::Fails(40, STRIPPED), Fate::Hello(90));
    let mut world = World::new(targets(1, &[]), Some(remembered), network);
    world.until(secs(1));
    assert_eq!(world.starts(), starts(&[(0, "server:443 by poll")]));
    assert_eq!(world.current().as_deref(), Some("server:443 by poll"));
}

#[test]
fn the_best_carrier_is_tried_again_and_a_worse_one_is_no_improvement() {
    let network = by_rung(Fate::Silent, Fate::Silent, Fate::Silent);
    let mut world = World::new(targets(1, &[]), Some(polled(route(Rung::Https, 443, None))), move |route| {
        if *route == polled(super::world::route(Rung::Https, 443, None)) {
            Fate::Hello(50)
        } else {
            network(route)
        }
    });
    world.until(ms(100));
    assert_eq!(world.next_reason(), Some(Reason::Upgrade));
    world.take_story();
    // Both the better rung and the better carrier lose their WebSocket: neither is followed by a
    // poll.
    world.network(|route| match route.carrier {
        Carrier::Websocket => Fate::Fails(30, STRIPPED),
        Carrier::Stream => Fate::Stuck(30, Stage::Hello),
        Carrier::Poll => Fate::Hello(10),
    });
    world.until(UPGRADE_AFTER + secs(10));
    let at = 50 + 60_000;
    let expected = [(at, "server:4500"), (at + 30, "server:443"), (at + 60, "server:443 by stream")];
    assert_eq!(world.starts(), starts(&expected));
    assert_eq!(world.current().as_deref(), Some("server:443 by poll"));
    world.network(by_rung(Fate::Silent, Fate::Hello(20), Fate::Silent));
    world.until(UPGRADE_AFTER + UPGRADE_EVERY + secs(10));
    assert_eq!(world.current().as_deref(), Some("server:443"));
}

#[test]
fn on_the_best_rung_a_poll_is_bettered_too() {
    let remembered = polled(route(Rung::Direct, 4500, None));
    let mut world = World::new(targets(1, &[]), Some(remembered), by_carrier(Fate::Silent, Fate::Hello(20)));
    world.until(secs(1));
    world.network(by_carrier(Fate::Hello(20), Fate::Silent));
    world.until(UPGRADE_AFTER + secs(1));
    assert_eq!(world.current().as_deref(), Some("server:4500"));
    assert_eq!(world.next_reason(), None);
}

#[test]
fn a_stream_is_tried_only_to_better_a_poll_and_bettered_itself_by_a_websocket() {
    let by = |websocket, stream| {
        move |route: &Route| match (route.rung, route.carrier) {
            (Rung::Https, Carrier::Websocket) => websocket,
            (Rung::Https, Carrier::Stream) => stream,
            (Rung::Https, Carrier::Poll) => Fate::Hello(40),
            (Rung::Direct | Rung::Proxy, _) => Fate::Fails(10, super::world::REFUSED),
        }
    };
    let mut world = World::new(targets(1, &["a"]), None, by(Fate::Fails(30, STRIPPED), Fate::Hello(40)));
    world.until(secs(10));
    assert_eq!(world.current().as_deref(), Some("server:443 by poll"));
    assert!(!world.starts().iter().any(|(.., route)| route.ends_with("by stream")));
    world.until(UPGRADE_AFTER + secs(10));
    assert_eq!(world.current().as_deref(), Some("server:443 by stream"));
    world.network(by(Fate::Hello(40), Fate::Silent));
    world.until(2 * UPGRADE_AFTER + secs(20));
    assert_eq!(world.current().as_deref(), Some("server:443"));
}

#[test]
fn a_remembered_stream_that_is_kept_back_now_is_followed_by_a_poll() {
    let remembered = Route { carrier: Carrier::Stream, ..route(Rung::Https, 443, None) };
    let network = |route: &Route| match (route.rung, route.carrier) {
        (Rung::Https, Carrier::Poll) => Fate::Hello(40),
        (Rung::Https, _) => Fate::Stuck(60, Stage::Hello),
        (Rung::Direct | Rung::Proxy, _) => Fate::Silent,
    };
    let mut world = World::new(targets(1, &[]), Some(remembered), network);
    world.until(ms(1_100));
    assert_eq!(world.current().as_deref(), Some("server:443 by poll"), "{:?}", world.story);
}

/// Lets the pipe that stands break, and gives the route of the next one.
fn next_after_a_break(world: &mut World) -> String {
    world.lose(None);
    while world.current().is_none() && world.at() < 600_000 {
        world.until(ms(world.at() + 50));
    }
    world.current().expect("retries never stop")
}

#[test]
fn where_websockets_die_young_again_the_ways_are_polled_until_the_network_changes() {
    let mut world = World::new(targets(1, &["a"]), None, |_| Fate::Hello(50));
    world.until(secs(1));
    // Single requests are slow here, so that another WebSocket wins against those on the same way.
    world.network(by_carrier(Fate::Hello(50), Fate::Hello(500)));
    assert_eq!(next_after_a_break(&mut world), "server:443");
    assert_eq!(next_after_a_break(&mut world), "server:443 by poll", "the second that died young");
    // A pipe by single requests that died young did not die of its carrier.
    assert_eq!(next_after_a_break(&mut world), "server:443 via a:3128");
    assert_eq!(next_after_a_break(&mut world), "server:443 via a:3128 by poll", "one more is enough now");
    world.network(|_| Fate::Hello(50));
    world.tell(Ladder::handle_network_changed);
    world.until(ms(world.at() + 400_000));
    assert_eq!(world.current().as_deref(), Some("server:4500"), "a change is worth a try, behind the pause");
}
