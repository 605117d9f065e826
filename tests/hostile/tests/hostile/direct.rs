//! Straight to the server: conference ports, then 443.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use convene_model::{Code, Rung};
use convene_tests_hostile::{
    Arrivals, CONFERENCE_PORTS, Families, HTTPS_PORT, Network, Settings, World, in_network, patiently,
};

use crate::expect::{AT_ONCE, FAST, assert_joins, assert_joins_openly, refused, route, tells};

/// How long the first address of a name may keep the second waiting.
const OTHER_FAMILY_MAX: Duration = Duration::from_millis(300);

/// A world in that network, after the router got its rules.
fn world(network: Network, rules: &str) -> World {
    network.filter(rules);
    World::open(network)
}

#[test]
fn r01_all_open_v4_joins_at_once() {
    in_network(Families::V4, |network| {
        let world = world(network, "");
        let status = assert_joins_openly(&world.daemon("anna", &Settings::default()), AT_ONCE);
        assert_eq!(status.attempts, []);
    });
}

#[test]
fn r02_all_open_v6_only_joins() {
    in_network(Families::V6, |network| {
        let world = world(network, "");
        let status = assert_joins_openly(&world.daemon("anna", &Settings::default()), FAST);
        assert_eq!(status.attempts, []);
    });
}

#[test]
fn r03_v6_published_but_black_holed_takes_v4_within_300_ms() {
    in_network(Families::Both, |network| {
        let world = world(network, "tcp dport { 443, 4501-4506 } drop");
        // Behind the router, which sees what was tried and when.
        world.network().deafen_server("meta nfproto ipv6 meta l4proto tcp");
        let arrivals = Arrivals::watch(world.network());
        let over = route(Rung::Direct, 4_500, None);
        assert_joins(&world.daemon("anna", &Settings::default()), FAST, &over);

        let first = |is: fn(&IpAddr) -> bool| {
            let seen = arrivals.seen();
            seen.into_iter().find(|arrival| arrival.to.port() == 4_500 && is(&arrival.to.ip()))
        };
        let v4 = patiently(FAST, || first(IpAddr::is_ipv4)).expect("v4 was used");
        let waited = first(IpAddr::is_ipv6).map_or(Duration::ZERO, |v6| v4.at.saturating_sub(v6.at));
        assert!(waited <= OTHER_FAMILY_MAX, "v4 had to wait {waited:?}");
    });
}

#[test]
fn r06_4500_reset_takes_the_next_port() {
    in_network(Families::V4, |network| {
        let world = world(network, "tcp dport { 443, 4502-4506 } drop\ntcp dport 4500 reject with tcp reset");
        let status = assert_joins(
            &world.daemon("anna", &Settings::default()),
            FAST,
            &route(Rung::Direct, 4_501, None),
        );
        assert!(tells(&status.attempts, &refused(4_500)), "{:?}", status.attempts);
    });
}

#[test]
fn r08_conference_ports_dropped_goes_to_443() {
    in_network(Families::V4, |network| {
        let world = world(network, "tcp dport 4500-4506 drop");
        let over = route(Rung::Https, HTTPS_PORT, None);
        let status = assert_joins(&world.daemon("anna", &Settings::default()), FAST, &over);
        // Silence is no failure before its limit, and 443 has won long before that.
        assert_eq!(status.attempts, []);
    });
}

#[test]
fn r09_conference_ports_reset_goes_to_443_at_once() {
    in_network(Families::V4, |network| {
        let world = world(network, "tcp dport 4500-4506 reject with tcp reset");
        let over = route(Rung::Https, HTTPS_PORT, None);
        let status = assert_joins(&world.daemon("anna", &Settings::default()), AT_ONCE, &over);
        // One after the other: 443 may have won before the last of them is refused.
        assert!(tells(&status.attempts, &refused(4_500)), "{:?}", status.attempts);
        let told = CONFERENCE_PORTS.filter(|port| tells(&status.attempts, &refused(*port))).count();
        assert_eq!(told, status.attempts.len(), "{:?}", status.attempts);
    });
}

#[test]
fn r11_ports_accepted_by_a_box_that_says_nothing_lose_to_443() {
    in_network(Families::V4, |network| {
        let world = world(network, "");
        let _box = world.network().swallow("tcp dport 4500-4506");
        let arrivals = Arrivals::watch(world.network());
        let over = route(Rung::Https, HTTPS_PORT, None);
        let status = assert_joins(&world.daemon("anna", &Settings::default()), FAST, &over);
        assert!(
            status.attempts.iter().all(|attempt| attempt.code == Code::TimedOut),
            "{:?}",
            status.attempts
        );
        let swallowed = SocketAddr::new(world.network().servers()[0], 4_500);
        let tried = patiently(FAST, || arrivals.seen().into_iter().find(|arrival| arrival.to == swallowed));
        assert!(tried.is_some(), "the box was never asked");
    });
}

#[test]
fn r11_one_port_accepted_by_a_box_that_says_nothing_does_not_hold_up_the_rest() {
    in_network(Families::V4, |network| {
        let world = world(network, "tcp dport 443 drop");
        let _box = world.network().swallow("tcp dport 4500");
        let daemon = world.daemon("anna", &Settings::default());
        let joined = daemon.join("anna", FAST);
        assert_eq!(joined.exit, Some(0), "{joined:?}");
        assert!(joined.took < FAST, "{:?}", joined.took);
        let taken = daemon.status().and_then(|status| status.route).expect("it is connected");
        // The remaining ports open together: any of them may win.
        let others = (4_501..=4_506).map(|port| route(Rung::Direct, port, None));
        assert!(others.into_iter().any(|other| other == taken), "{taken:?}");
    });
}

#[test]
fn r07_all_conference_ports_but_the_last_dropped_is_fast_either_way() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport { 443, 4500-4505 } drop");
        let world = World::open(network);
        let daemon = world.daemon("anna", &Settings::default());
        // 443 is closed too: only the last port is left.
        assert_joins(&daemon, FAST, &route(Rung::Direct, 4_506, None));
        // And where 443 is open, it is taken no later.
        world.network().filter("tcp dport 4500-4505 drop");
        let other = world.daemon("ben", &Settings::default());
        let joined = other.join("ben", FAST);
        assert_eq!(joined.exit, Some(0), "{joined:?}");
        assert!(joined.took < FAST, "{joined:?}");
    });
}

/// The firewall lets connections to the conference ports stand, and drops whatever is said on them.
#[test]
fn r15_what_is_said_on_other_ports_is_dropped_goes_to_443() {
    in_network(Families::V4, |network| {
        let world = world(network, "tcp dport 4500-4506 tcp flags & (psh | ack) == psh | ack drop");
        let status = assert_joins(
            &world.daemon("anna", &Settings::default()),
            FAST,
            &route(Rung::Https, HTTPS_PORT, None),
        );
        assert!(status.attempts.iter().all(|attempt| attempt.code != Code::Refused), "{:?}", status.attempts);
    });
}
