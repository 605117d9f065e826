//! Firewalls that judge a connection by its first bytes.

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Families, Filtering, HTTPS_PORT, Network, SERVER_NAME, Settings, World, in_network,
};

use crate::expect::{FAST, Told, assert_joins, assert_told, route};

/// With 4500 as the only port that the firewall lets through to be judged: which of two open ports
/// wins is chance.
fn passes(rules: &str) {
    in_network(Families::V4, |network| {
        network.filter(&format!("tcp dport {{ {HTTPS_PORT}, 4501-4506 }} drop\n{rules}"));
        let world = World::open(network);
        let over = route(Rung::Direct, 4_500, None);
        assert_joins(&world.daemon("anna", &Settings::default()), FAST, &over);
    });
}

#[test]
fn r14_where_only_tls_and_http_pass_the_conference_ports_pass() {
    passes(Network::TLS_OR_HTTP_ALONE);
}

#[test]
fn r19_where_a_client_hello_of_two_packets_is_dropped_ours_passes() {
    passes(Network::CLIENT_HELLO_OF_ONE_PACKET);
}

fn cut(filtering: Filtering) {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let _box = world.filter_name("tcp dport { 443, 4500-4506 }", filtering);
        let target = format!("{SERVER_NAME}:{HTTPS_PORT}");
        let (code, remedy) = (Code::NameFiltered, Remedy::AllowServer);
        let daemon = world.daemon("anna", &Settings::default());
        assert_told(&daemon, &Told { stage: Stage::Tls, target, code, remedy });
    });
}

#[test]
fn r35_connections_that_name_the_server_are_closed_and_that_is_told() {
    cut(Filtering::Closes);
}

#[test]
fn r35_connections_that_name_the_server_are_reset_and_that_is_told() {
    cut(Filtering::Resets);
}

#[test]
fn r35_connections_that_name_the_server_are_met_with_silence_and_that_is_told() {
    cut(Filtering::Silences);
}
