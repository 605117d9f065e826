//! Once in, one stays in: the network moves, breaks and comes back.

use std::time::{Duration, Instant};

use convene_model::Rung;
use convene_tests_hostile::{Daemon, Families, Network, Place, Settings, World, in_network, patiently};
use uuid::Uuid;

use crate::expect::{AT_ONCE, FAST, WAIT, assert_joins, route};

/// A daemon that has joined over port 4500.
fn joined(world: &World) -> Daemon<'_> {
    let daemon = world.daemon("anna", &Settings::default());
    assert_joins(&daemon, FAST, &route(Rung::Direct, 4_500, None));
    daemon
}

/// Says something; the server has decided it within the limit.
fn assert_heard(daemon: &Daemon<'_>, text: &str, limit: Duration) {
    let began = Instant::now();
    let said = daemon.say(text, &Uuid::new_v4().to_string(), limit + WAIT);
    assert_eq!(
        said.answer.map(|answer| answer.state).as_deref(),
        Some("accepted"),
        "{text}: {}",
        said.complaint
    );
    assert!(began.elapsed() < limit, "{text}: only after {:?}", began.elapsed());
}

/// The messages of the conference, as the server keeps them, are these.
fn assert_said(world: &World, texts: &[&str]) {
    let said = world.events().into_iter().filter(|event| event.kind == "said");
    let said: Vec<_> = said.filter_map(|event| event.text).collect();
    assert_eq!(said, texts);
}

/// The client leaves its address for another one in the same network.
fn renumber(network: &Network) {
    let router = network.router().to_string();
    let subnet = router.strip_suffix('1').expect("the router has the first address");
    for change in [
        format!("addr del {subnet}2/25 dev cli0"),
        format!("addr add {subnet}3/25 dev cli0"),
        format!("route add default via {router}"),
    ] {
        let mut ip = network.command(Place::Client, "/usr/sbin/ip");
        let done = ip.args(change.split(' ')).status().expect("the lab changes its addresses");
        assert!(done.success(), "{change}");
    }
}

#[test]
fn r84_a_new_address_is_noticed_and_the_link_resumes_within_3_s() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        renumber(world.network());
        // Nothing is said meanwhile: the daemon notices by itself.
        let log = patiently(FAST, || daemon.log().contains("the network changed").then_some(()));
        assert!(log.is_some(), "nothing was noticed");
        assert_heard(&daemon, "after", FAST);
        assert_said(&world, &["before", "after"]);
        let over = daemon.status().and_then(|status| status.route);
        assert_eq!(over, Some(route(Rung::Direct, 4_500, None)), "moving says nothing against a route");
    });
}
