//! Load balancers and proxies that look at the HTTP inside TLS: haproxy, squid, mitmproxy.

use convene_model::{Carrier, Code, Rung};
use convene_tests_hostile::{
    Authority, Balancing, Families, HTTPS_PORT, House, Network, Proxy, Route, Settings, World, in_network,
};

use crate::carriers::{assert_learns, assert_talks, https};
use crate::expect::{FAST, WAIT, assert_joins};
use crate::proxy::through;
use crate::tls::trusting;

/// A world in which nothing but 443 is open, where haproxy stands.
fn behind_haproxy(balancing: Balancing, run: impl FnOnce(&World)) {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let _balancer = world.balance("tcp dport 443", balancing);
        run(&world);
    });
}

fn haproxy_gives(balancing: Balancing, carrier: Carrier) {
    behind_haproxy(balancing, |world| {
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &https(carrier));
        assert_talks(&daemon, 3);
    });
}

#[test]
fn r27_haproxy_that_passes_bytes_passes_the_websocket() {
    haproxy_gives(Balancing::Bytes, Carrier::Websocket);
}

#[test]
fn r27_haproxy_that_ends_tls_passes_the_websocket() {
    haproxy_gives(Balancing::Http(""), Carrier::Websocket);
}

#[test]
fn r28_haproxy_that_strips_the_upgrade_takes_long_poll() {
    haproxy_gives(Balancing::Http("http-request del-header upgrade"), Carrier::Poll);
}

#[test]
fn r31_haproxy_that_forbids_the_upgrade_takes_long_poll_and_is_told() {
    let lines = "http-request deny if { req.hdr(upgrade) -m found }";
    behind_haproxy(Balancing::Http(lines), |world| {
        let daemon = world.daemon("anna", &Settings::default());
        let status = assert_joins(&daemon, FAST, &https(Carrier::Poll));
        // The answer of haproxy is meant for people: a page.
        let page = status.attempts.iter().find(|attempt| attempt.code == Code::BlockPage);
        let seen = page.and_then(|attempt| attempt.evidence.clone()).expect("the refusal is told");
        assert_eq!(seen.status, Some(403));
    });
}

/// The box offers compression to the server, in the client's name.
#[test]
fn r42_compression_that_a_box_offers_to_the_server_is_not_taken_up() {
    let lines = "http-request set-header sec-websocket-extensions permessage-deflate";
    haproxy_gives(Balancing::Http(lines), Carrier::Websocket);
}

/// Joins through haproxy with these lines, which cuts and logs each cut with these words.
fn haproxy_cuts(lines: &'static str, least: usize, words: &str) {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let balancer = world.balance("tcp dport 443", Balancing::Http(lines));
        let daemon = world.daemon("anna", &Settings::default());
        assert_eq!(daemon.join("anna", WAIT).exit, Some(0));
        assert_learns(&daemon, least, || balancer.printed().matches(words).count());
    });
}

/// It cuts a tunnel on which nothing was said for so long.
#[test]
fn r41_haproxy_that_cuts_idle_tunnels_costs_one_and_loses_nothing() {
    haproxy_cuts("option httplog\ntimeout tunnel 2500ms", 1, " 101 ");
}

#[test]
fn r41_haproxy_that_answers_in_the_servers_place_is_asked_for_less() {
    let lines = "option httplog\ntimeout server 2500ms\nhttp-request del-header upgrade";
    haproxy_cuts(lines, 2, " 504 ");
}

/// A world whose firewall forwards nothing, and whose server has a certificate of this authority.
fn certified(network: Network, own: &Authority) -> World {
    network.filter("meta l4proto tcp reject with tcp reset\ndrop");
    World::open_in(network, &House { certificate: Some(own.issued((2020, 2099))), check_page: false })
}

/// A world that only mitmproxy with this script leads out of, and what a daemon needs to know of
/// it.
fn in_mitmproxy(script: &str, run: impl FnOnce(&World, &Settings, &Proxy)) {
    in_network(Families::V4, |network| {
        let (own, inspector) = (Authority::new("Lab Authority"), Authority::new("Lab Inspector"));
        let world = certified(network, &own);
        let proxy = Proxy::mitmproxy(world.network(), &inspector, script);
        let mut settings = trusting(&world, &[&own, &inspector]);
        settings.environment.push(("https_proxy", proxy.url()));
        run(&world, &settings, &proxy);
    });
}

fn mitmproxy_gives(script: &str, carrier: Carrier) {
    in_mitmproxy(script, |world, settings, proxy| {
        let daemon = world.daemon("anna", settings);
        let status = assert_joins(&daemon, FAST, &Route { carrier, ..through(proxy) });
        let named = status.inspected_by.expect("who inspects is named");
        assert!(named.contains("Lab Inspector"), "{named}");
        assert_talks(&daemon, 3);
    });
}

#[test]
fn r43_mitmproxy_passes_the_websocket_and_is_named() {
    mitmproxy_gives("", Carrier::Websocket);
}

/// It keeps answers back until they are whole, too.
#[test]
fn r28_mitmproxy_that_strips_the_upgrade_takes_long_poll() {
    let script = "def request(flow):\n    flow.request.headers.pop('upgrade', None)\n";
    mitmproxy_gives(script, Carrier::Poll);
}

#[test]
fn r41_mitmproxy_that_cuts_every_request_after_a_while_is_asked_for_less() {
    let script = "import asyncio\n\
        def cut(flow):\n    if flow.killable and flow.response is None:\n        \
        print('the lab cuts', flush=True)\n        flow.kill()\n\
        def request(flow):\n    flow.request.headers.pop('upgrade', None)\n    \
        asyncio.get_event_loop().call_later(2.5, cut, flow)\n";
    in_mitmproxy(script, |world, settings, proxy| {
        let daemon = world.daemon("anna", settings);
        assert_eq!(daemon.join("anna", WAIT).exit, Some(0));
        assert_learns(&daemon, 2, || proxy.log().matches("the lab cuts").count());
    });
}

#[test]
fn r43_squid_that_lets_upgrades_pass_passes_the_websocket() {
    in_network(Families::V4, |network| {
        let (own, inspector) = (Authority::new("Lab Authority"), Authority::new("Lab Inspector"));
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world =
            World::open_in(network, &House { certificate: Some(own.issued((2020, 2099))), check_page: true });
        let _inspector = world.inspect_and_upgrade("tcp dport 443", &inspector);
        let daemon = world.daemon("anna", &trusting(&world, &[&own, &inspector]));
        let status = assert_joins(&daemon, FAST, &https(Carrier::Websocket));
        assert!(status.inspected_by.is_some_and(|name| name.contains("Lab Inspector")));
        assert_talks(&daemon, 3);
    });
}

/// A proxy that lets each client have so many connections.
fn few_connections(count: usize, strips_upgrade: bool, carrier: Carrier) {
    in_network(Families::V4, |network| {
        network.filter("meta l4proto tcp reject with tcp reset\ndrop");
        let world = World::open(network);
        let lines = if strips_upgrade { "http-request del-header upgrade" } else { "" };
        // It stands between squid and the server.
        let _balancer = world.balance_for_squid(Balancing::Http(lines));
        let proxy = Proxy::squid_for_few_connections(world.network(), count);
        let url = proxy.url();
        let settings = Settings { environment: vec![("https_proxy", url)], ..Settings::default() };
        let daemon = world.daemon("anna", &settings);
        let over = Route { carrier, ..through(&proxy) };
        assert_eq!(over.rung, Rung::Proxy);
        assert_eq!(over.target, format!("conference.test:{HTTPS_PORT}"));
        assert_joins(&daemon, FAST, &over);
        assert_talks(&daemon, 5);
    });
}

#[test]
fn r71_one_connection_is_enough_for_the_websocket() {
    few_connections(1, false, Carrier::Websocket);
}

#[test]
fn r71_one_connection_is_enough_for_long_poll() {
    few_connections(1, true, Carrier::Poll);
}

#[test]
fn r71_two_connections_are_enough_for_long_poll() {
    few_connections(2, true, Carrier::Poll);
}
