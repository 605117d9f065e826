//! SOCKS proxies, where the firewall lets nothing else through.

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Families, HTTPS_PORT, Network, Proxy, RefusingSocks, SERVER_NAME, Settings, World, in_network,
};

use crate::expect::{FAST, Told, assert_joins, assert_told, route};

/// A world whose firewall forwards nothing and says so.
fn world(network: Network) -> World {
    network.filter("meta l4proto tcp reject with tcp reset\ndrop");
    World::open(network)
}

/// The proxy as the environment names it, and as a status shows it.
fn socks(proxy: &Proxy, login: &str) -> (Settings, String) {
    let url = format!("socks5://{login}{}", proxy.address());
    (
        Settings { environment: vec![("all_proxy", url)], ..Settings::default() },
        format!("socks5://{}", proxy.address()),
    )
}

fn told(proxy: &str, code: Code, remedy: Remedy) -> Told {
    Told { stage: Stage::Proxy, target: format!("{SERVER_NAME}:{HTTPS_PORT} via {proxy}"), code, remedy }
}

#[test]
fn r75_dante_without_a_login() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), false, None);
        let (settings, shown) = socks(&proxy, "");
        assert_joins(&world.daemon("anna", &settings), FAST, &route(Rung::Proxy, HTTPS_PORT, Some(shown)));
    });
}

/// dante takes no names in SOCKS 4. Scripts call that `SOCKS`.
#[test]
fn r75_dante_takes_the_address_in_socks_4() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), false, None);
        let url = format!("socks4://{}", proxy.address());
        let settings = Settings { environment: vec![("all_proxy", url.clone())], ..Settings::default() };
        assert_joins(&world.daemon("anna", &settings), FAST, &route(Rung::Proxy, HTTPS_PORT, Some(url)));
    });
}

#[test]
fn r75_dante_with_user_and_password() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), true, None);
        let (settings, shown) = socks(&proxy, "anna:secret@");
        let daemon = world.daemon("anna", &settings);
        assert_joins(&daemon, FAST, &route(Rung::Proxy, HTTPS_PORT, Some(shown)));
        assert!(!daemon.log().contains("anna:secret"), "the login is in the log");
    });
}

#[test]
fn r75_dante_tells_a_missing_login_from_a_wrong_one() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), true, None);
        for (name, login, code) in
            [("anna", "", Code::ProxyLoginNeeded), ("ben", "anna:wrong@", Code::ProxyLoginRejected)]
        {
            let (settings, shown) = socks(&proxy, login);
            assert_told(&world.daemon(name, &settings), &told(&shown, code, Remedy::SetProxyLogin));
        }
    });
}

#[test]
fn r64_dante_is_shown_a_wrong_password_once_and_not_after_a_restart_either() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), true, None);
        let (settings, shown) = socks(&proxy, "anna:wrong@");
        let told = told(&shown, Code::ProxyLoginRejected, Remedy::SetProxyLogin);
        for _ in 0..2 {
            assert_told(&world.daemon("anna", &settings), &told);
        }
        // The second is a daemon that was started again; it offers no login at all.
        let log = proxy.log();
        assert_eq!(log.matches("password authentication failed for user \"anna\"").count(), 1, "{log}");
        assert!(log.contains("client offered no acceptable authentication method"), "{log}");
    });
}

#[test]
fn r75_dante_forbids_the_port() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), false, Some(HTTPS_PORT));
        let (settings, shown) = socks(&proxy, "");
        let told = told(&shown, Code::SocksForbidden, Remedy::AllowServerInProxy);
        assert_told(&world.daemon("anna", &settings), &told);
    });
}

#[test]
fn r75_dante_finds_the_servers_port_closed() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::dante(world.network(), false, None);
        world.network().close_server(HTTPS_PORT);
        let (settings, shown) = socks(&proxy, "");
        let told = told(&shown, Code::SocksTargetRefused, Remedy::AllowServerInProxy);
        assert_told(&world.daemon("anna", &settings), &told);
    });
}

/// Side by side: each reply has a code of its own.
#[test]
fn r75_every_reply_is_told_distinctly() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let (allow, check) = (Remedy::AllowServerInProxy, Remedy::CheckProxy);
        let replies = [
            (1, Code::SocksFailed, allow),
            (2, Code::SocksForbidden, allow),
            (3, Code::SocksNetworkUnreachable, allow),
            (4, Code::SocksHostUnreachable, allow),
            (5, Code::SocksTargetRefused, allow),
            (6, Code::SocksTtlExpired, allow),
            (7, Code::SocksCommandUnsupported, check),
            (8, Code::SocksAddressUnsupported, check),
        ];
        std::thread::scope(|scope| {
            for (reply, code, remedy) in replies {
                let world = &world;
                scope.spawn(move || {
                    let proxy = RefusingSocks::start(world, reply);
                    let url = format!("socks5://{}", proxy.address());
                    let settings =
                        Settings { environment: vec![("all_proxy", url.clone())], ..Settings::default() };
                    let daemon = world.daemon(&format!("reply{reply}"), &settings);
                    assert_told(&daemon, &told(&url, code, remedy));
                });
            }
        });
    });
}
