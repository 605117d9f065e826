//! VPNs that come and go while people talk.

use convene_tests_hostile::{Families, World, in_network, patiently};

use crate::expect::{AT_ONCE, FAST, is_open};
use crate::staying::{assert_heard, assert_said, joined};

/// The link resumes when the VPN comes and when it goes, by itself, and nothing is lost.
fn resumes_with_a_vpn_that_takes(all: bool) {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = joined(&world);
        let server = world.network().servers()[0].to_string();
        assert_heard(&daemon, "before", AT_ONCE);
        for change in 1..=2 {
            let noticed = || daemon.log().matches("the network changed").count();
            let before = noticed();
            match (change, all) {
                (1, true) => world.network().raise_vpn(&["0.0.0.0/1", "128.0.0.0/1"]),
                (1, false) => world.network().raise_vpn(&[&server]),
                _ => world.network().end_vpn(),
            }
            let seen = patiently(FAST, || (noticed() > before).then_some(()));
            assert!(seen.is_some(), "change {change} was not noticed");
            assert_heard(&daemon, &format!("after change {change}"), FAST);
        }
        assert_said(&world, &["before", "after change 1", "after change 2"]);
        let over = daemon.status().and_then(|status| status.route);
        assert!(over.as_ref().is_some_and(is_open), "a VPN says nothing against a route: {over:?}");
    });
}

#[test]
fn r85_a_vpn_that_takes_everything_comes_and_goes() {
    resumes_with_a_vpn_that_takes(true);
}

#[test]
fn r85_a_vpn_that_takes_only_the_way_to_the_server_comes_and_goes() {
    resumes_with_a_vpn_that_takes(false);
}
