//! Through proxies that want more than a password in clear.

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Accounts, Families, HTTPS_PORT, Proxy, Route, SERVER_NAME, Settings, Standing, TicketOffice, World,
    in_network, patiently,
};

use crate::expect::{FAST, Told, WAIT, assert_joins, assert_told, route, schemes};
use crate::proxy::{configuration, login_told, refusing, silent, through};

/// The configuration that names the proxy by its name, and the environment of this standing.
fn with_tickets(world: &World, office: &TicketOffice, proxy: &Proxy, standing: Standing) -> Settings {
    Settings {
        configuration: format!("[proxy]\nmode = \"manual\"\nurl = \"{}\"\n", proxy.named_url()),
        environment: office.environment(world.network(), standing),
        ..Settings::default()
    }
}

/// The proxy tells of this client. squid writes of a tunnel when it has ended, a moment after the
/// daemon has.
fn assert_logged(proxy: &Proxy, client: &str) {
    let logged = patiently(WAIT, || proxy.log().contains(client).then_some(()));
    assert!(logged.is_some(), "{}", proxy.log());
}

fn by_name(proxy: &Proxy) -> Route {
    route(Rung::Proxy, HTTPS_PORT, Some(proxy.named_address()))
}

#[test]
fn r59_ntlm_with_the_right_password() {
    assert_ntlm_joins("LAB\\\\anna", false);
}

#[test]
fn r60_ntlm_where_the_proxy_closes_behind_its_first_refusal() {
    assert_ntlm_joins("LAB\\\\anna", true);
}

fn assert_ntlm_joins(user: &str, closes: bool) {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let accounts = Accounts::open(world.network());
        let proxy = Proxy::squid_with_ntlm(world.network(), &accounts, closes);
        let daemon = world.daemon("anna", &configuration(&world, &proxy, Some((user, "secret"))));
        assert_joins(&daemon, FAST, &through(&proxy));
        // squid writes of a tunnel when it ends; the refusals before it stand there.
        assert!(proxy.log().contains("/407 "), "{}", proxy.log());
        assert_eq!(accounts.wrong_passwords(world.network()), 0);
        assert!(!daemon.log().contains("secret"), "the password is in the log");
    });
}

#[test]
fn r64_a_wrong_password_counts_once_at_the_domain_and_not_after_a_restart_either() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let accounts = Accounts::open(world.network());
        let proxy = Proxy::squid_with_ntlm(world.network(), &accounts, false);
        let settings = configuration(&world, &proxy, Some(("LAB\\\\anna", "wrong")));
        let told = login_told(&proxy, Code::ProxyLoginRejected);
        for _ in 0..2 {
            assert_told(&world.daemon("anna", &settings), &told);
        }
        assert_eq!(accounts.wrong_passwords(world.network()), 1, "{}", proxy.log());
    });
}

/// Basic would not take this password.
#[test]
fn r63_the_strongest_way_that_is_offered_is_taken() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid_with_two_ways(world.network());
        let settings = configuration(&world, &proxy, Some(("anna", "secret")));
        assert_joins(&world.daemon("anna", &settings), FAST, &through(&proxy));
    });
}

/// `ntlm_fake_auth` takes any password; its messages have the form that proxies wrote before
/// Unicode.
#[test]
fn r59_ntlm_of_the_old_form() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid_with_ntlm_of_any_password(world.network());
        let settings = configuration(&world, &proxy, Some(("LAB\\\\anna", "secret")));
        assert_joins(&world.daemon("anna", &settings), FAST, &through(&proxy));
        assert_logged(&proxy, "anna");
    });
}

#[test]
fn r62_kerberos_with_the_ticket_of_the_machine() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, false);
        let settings = with_tickets(&world, &office, &proxy, Standing::Person);
        assert_joins(&world.daemon("anna", &settings), FAST, &by_name(&proxy));
        assert_logged(&proxy, "anna");
    });
}

/// The daemon knows neither the proxy nor a ticket: a user's session knows both.
#[test]
fn r62_kerberos_with_the_ticket_of_a_users_session() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, false);
        let mut session = office.environment(world.network(), Standing::Person);
        session.push(("https_proxy", proxy.named_url()));
        let settings = Settings {
            environment: office.environment(world.network(), Standing::Nobody),
            session,
            ..Settings::default()
        };
        assert_joins(&world.daemon("anna", &settings), FAST, &by_name(&proxy));
        assert_logged(&proxy, "anna");
    });
}

#[test]
fn r62_kerberos_with_the_key_of_the_machine() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, false);
        let settings = with_tickets(&world, &office, &proxy, Standing::Machine);
        assert_joins(&world.daemon("anna", &settings), FAST, &by_name(&proxy));
        assert_logged(&proxy, "convene/client.corp.test");
    });
}

/// Inside TLS, to a proxy that takes tickets of one channel alone.
fn with_bound_tickets(to_another: bool, assert: impl FnOnce(&World, &Proxy, &Settings)) {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let office = TicketOffice::open(world.network());
        let ca = world.network().scratch().join("proxy-ca.pem");
        let proxy = Proxy::squid_with_bound_tickets(world.network(), &office, &ca, to_another);
        let mut settings = with_tickets(&world, &office, &proxy, Standing::Person);
        settings.configuration +=
            &format!("[[server]]\nhost = \"{SERVER_NAME}\"\nca_file = \"{}\"\n", ca.display());
        assert(&world, &proxy, &settings);
    });
}

#[test]
fn r62_a_ticket_is_bound_to_the_channel_on_which_it_is_shown() {
    with_bound_tickets(false, |world, proxy, settings| {
        assert_joins(&world.daemon("anna", settings), FAST, &by_name(proxy));
        assert_logged(proxy, "anna@CORP.TEST");
    });
}

#[test]
fn r62_a_ticket_that_was_shown_on_another_channel_opens_nothing() {
    with_bound_tickets(true, |world, proxy, settings| {
        let target = format!("{SERVER_NAME}:{HTTPS_PORT} via {}", proxy.named_address());
        let (code, remedy) = (Code::ProxySchemeUnsupported, Remedy::AllowServerInProxy);
        assert_told(&world.daemon("anna", settings), &Told { stage: Stage::Proxy, target, code, remedy });
        let complaints = std::fs::read_to_string(world.network().scratch().join("squid-cache.log"));
        let complaints = complaints.expect("squid writes its log");
        assert!(complaints.contains("BadChannelBindingsError"), "{complaints}");
    });
}

#[test]
fn r62_without_a_ticket_the_password_follows() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let office = TicketOffice::open(world.network());
        let proxy = Proxy::squid_with_tickets(world.network(), &office, true);
        let with_password = configuration(&world, &proxy, Some(("anna", "secret")));
        let mut settings = with_tickets(&world, &office, &proxy, Standing::Nobody);
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
        let daemon = world.daemon("anna", &with_tickets(&world, &office, &proxy, Standing::Nobody));
        let target = format!("{SERVER_NAME}:{HTTPS_PORT} via {}", proxy.named_address());
        let (code, remedy) = (Code::ProxySchemeUnsupported, Remedy::AllowServerInProxy);
        let status = assert_told(&daemon, &Told { stage: Stage::Proxy, target, code, remedy });
        assert_eq!(schemes(&status.attempts, code), ["Negotiate"]);
    });
}
