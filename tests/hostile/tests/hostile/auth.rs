//! Through proxies that want more than a password in clear.

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Families, HTTPS_PORT, Proxy, Route, SERVER_NAME, Settings, TicketOffice, World, in_network,
};

use crate::expect::{FAST, Told, assert_joins, assert_told, route};
use crate::proxy::{configuration, refusing, silent, through};

/// The configuration that names the proxy by its name, and the environment of a user with or without a ticket.
fn with_tickets(world: &World, office: &TicketOffice, proxy: &Proxy, logged_in: bool) -> Settings {
    Settings {
        configuration: format!("[proxy]\nmode = \"manual\"\nurl = \"{}\"\n", proxy.named_url()),
        environment: office.environment(world.network(), logged_in),
        ..Settings::default()
    }
}

fn by_name(proxy: &Proxy) -> Route {
    route(Rung::Proxy, HTTPS_PORT, Some(proxy.named_address()))
}

/// `ntlm_fake_auth` takes any password: what is shown here are the legs on one connection.
#[test]
fn r59_ntlm_on_one_connection() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid_with_ntlm_of_any_password(world.network());
        let settings = configuration(&world, &proxy, Some(("LAB\\\\anna", "secret")));
        assert_joins(&world.daemon("anna", &settings), FAST, &through(&proxy));
        assert!(proxy.log().lines().any(|line| line.contains("anna")), "{}", proxy.log());
    });
}

#[test]
fn r62_kerberos_with_the_ticket_of_the_machine() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, false);
        let settings = with_tickets(&world, &office, &proxy, true);
        assert_joins(&world.daemon("anna", &settings), FAST, &by_name(&proxy));
        assert!(proxy.log().lines().any(|line| line.contains("anna")), "{}", proxy.log());
    });
}

#[test]
fn r62_without_a_ticket_the_password_follows() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, true);
        let with_password = configuration(&world, &proxy, Some(("anna", "secret")));
        let mut settings = with_tickets(&world, &office, &proxy, false);
        settings.configuration = with_password.configuration.replace(&proxy.url(), &proxy.named_url());
        assert_joins(&world.daemon("anna", &settings), FAST, &by_name(&proxy));
    });
}

#[test]
fn r62_without_a_ticket_and_a_password_the_scheme_is_told() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, false);
        let daemon = world.daemon("anna", &with_tickets(&world, &office, &proxy, false));
        let target = format!("{SERVER_NAME}:{HTTPS_PORT} via {}", proxy.named_address());
        let (code, remedy) = (Code::ProxySchemeUnsupported, Remedy::AllowServerInProxy);
        assert_told(&daemon, &Told { stage: Stage::Proxy, target, code, remedy });
    });
}
