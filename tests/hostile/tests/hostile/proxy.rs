//! Through a proxy, because the firewall lets nothing else through.

use std::fs;
use std::net::SocketAddr;

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Families, HTTPS_PORT, Login, Network, Proxy, Route, SERVER_NAME, Scripted, Settings, Step, World,
    in_network,
};

use crate::expect::{FAST, Told, WAIT, assert_joins, assert_told, route};

/// A world whose firewall forwards nothing and says nothing.
pub(crate) fn silent(network: Network) -> World {
    network.filter("drop");
    World::open(network)
}

/// A world whose firewall forwards nothing and says so: all of the direct attempts fail at once.
pub(crate) fn refusing(network: Network) -> World {
    network.filter("meta l4proto tcp reject with tcp reset\ndrop");
    World::open(network)
}

pub(crate) fn through(proxy: &Proxy) -> Route {
    route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()))
}

/// The environment of a program of whom the proxy's URL is known.
pub(crate) fn environment(url: String) -> Settings {
    Settings { environment: vec![("https_proxy", url)], ..Settings::default() }
}

/// The configuration that names the proxy, and its login if there is one.
pub(crate) fn configuration(world: &World, proxy: &Proxy, login: Option<(&str, &str)>) -> Settings {
    let mut configuration = format!("[proxy]\nmode = \"manual\"\nurl = \"{}\"\n", proxy.url());
    if let Some((user, password)) = login {
        let file = world.network().scratch().join("proxy-password");
        fs::write(&file, format!("{password}\n")).expect("the lab writes to its directory");
        configuration += &format!("user = \"{user}\"\npassword_file = \"{}\"\n", file.display());
    }
    Settings { configuration, ..Settings::default() }
}

/// The server through that proxy, as an attempt names it.
pub(crate) fn via(proxy: SocketAddr) -> String {
    format!("{SERVER_NAME}:{HTTPS_PORT} via {proxy}")
}

/// The report about a proxy that wants another login.
pub(crate) fn login_told(proxy: &Proxy, code: Code) -> Told {
    Told { stage: Stage::Proxy, target: via(proxy.address()), code, remedy: Remedy::SetProxyLogin }
}

#[test]
fn r50_direct_dropped_squid_known_from_the_environment() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid(world.network(), &[], None);
        let daemon = world.daemon("anna", &environment(proxy.url()));
        let status = assert_joins(&daemon, FAST, &through(&proxy));
        assert_eq!(status.attempts, []);
    });
}

#[test]
fn r50_direct_dropped_tinyproxy_known_from_the_configuration() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::tinyproxy(world.network(), &[443], None);
        let daemon = world.daemon("anna", &configuration(&world, &proxy, None));
        assert_joins(&daemon, FAST, &through(&proxy));
    });
}

#[test]
fn r50_direct_reset_v6_only_squid_known_from_the_environment() {
    in_network(Families::V6, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[], None);
        assert_joins(&world.daemon("anna", &environment(proxy.url())), FAST, &through(&proxy));
    });
}

#[test]
fn r11_everything_accepted_by_a_box_that_says_nothing_loses_to_the_proxy() {
    in_network(Families::V4, |network| {
        // No route of the server's is open, but every port accepts.
        let world = World::open(network);
        let _box = world.network().swallow("iifname fw0 tcp dport { 443, 4500-4506 }");
        let proxy = Proxy::squid(world.network(), &[], None);
        assert_joins(&world.daemon("anna", &environment(proxy.url())), FAST, &through(&proxy));
    });
}

#[test]
fn r55_proxy_forbids_4500_and_allows_443_takes_443_and_asks_nobody() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let (answered, _) = world
            .network()
            .tunnel(proxy.address(), &format!("{SERVER_NAME}:4500"), None, FAST)
            .expect("the proxy answers");
        assert_eq!(answered, 403);
        let status = assert_joins(&world.daemon("anna", &environment(proxy.url())), FAST, &through(&proxy));
        let asks = |attempt: &&convene_model::Attempt| attempt.remedy == Remedy::SetProxyLogin;
        assert_eq!(status.attempts.iter().find(asks), None);
    });
}

#[test]
fn r57_basic_login_from_the_configuration() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let Login { user, password, .. } = Login::AWKWARD;
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::AWKWARD));
        let settings = configuration(&world, &proxy, Some((user, password)));
        let daemon = world.daemon("anna", &settings);
        assert_joins(&daemon, FAST, &through(&proxy));
        assert!(!daemon.log().contains(password), "the password is in the log");
    });
}

#[test]
fn r57_basic_login_from_the_url() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::AWKWARD));
        let url = format!("http://anna:se%3Acr%40et@{}", proxy.address());
        let daemon = world.daemon("anna", &environment(url));
        assert_joins(&daemon, FAST, &through(&proxy));
        let log = daemon.log();
        assert!(
            !log.contains("se%3Acr%40et") && !log.contains(Login::AWKWARD.password),
            "the password is in the log"
        );
    });
}

#[test]
fn r57_basic_login_at_a_proxy_that_closes_after_407() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::tinyproxy(world.network(), &[443], Some(Login::PLAIN));
        let url = format!("http://anna:secret@{}", proxy.address());
        assert_joins(&world.daemon("anna", &environment(url)), FAST, &through(&proxy));
    });
}

#[test]
fn r57_without_a_login_it_is_told_that_one_is_needed() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::PLAIN));
        let daemon = world.daemon("anna", &environment(proxy.url()));
        assert_told(&daemon, &login_told(&proxy, Code::ProxyLoginNeeded));
    });
}

#[test]
fn r57_with_a_wrong_login_it_is_told_that_it_was_rejected() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::PLAIN));
        let daemon = world.daemon("anna", &configuration(&world, &proxy, Some(("anna", "wrong"))));
        assert_told(&daemon, &login_told(&proxy, Code::ProxyLoginRejected));
    });
}

#[test]
fn r57_tinyproxy_answers_a_wrong_login_with_401_and_that_is_a_rejection() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::tinyproxy(world.network(), &[443], Some(Login::PLAIN));
        let daemon = world.daemon("anna", &configuration(&world, &proxy, Some(("anna", "wrong"))));
        assert_told(&daemon, &login_told(&proxy, Code::ProxyLoginRejected));
    });
}

/// The proxy forbids the conference ports with 403; 443 goes.
fn allows_443_alone(make: fn(&Network) -> Proxy) {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = make(world.network());
        let target = format!("{SERVER_NAME}:4500");
        let (answered, _) =
            world.network().tunnel(proxy.address(), &target, None, FAST).expect("the proxy answers");
        assert_eq!(answered, 403);
        assert_joins(&world.daemon("anna", &environment(proxy.url())), FAST, &through(&proxy));
    });
}

#[test]
fn r55_apache_allows_443_alone() {
    allows_443_alone(|network| Proxy::apache(network, None));
}

#[test]
fn r55_privoxy_allows_443_alone() {
    allows_443_alone(Proxy::privoxy);
}

#[test]
fn r69_a_proxy_that_wants_tls_itself() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let ca = world.network().scratch().join("proxy-ca.pem");
        let proxy = Proxy::apache(world.network(), Some(&ca));
        let configuration = format!("[[server]]\nhost = \"{SERVER_NAME}\"\nca_file = \"{}\"\n", ca.display());
        let settings = Settings { configuration, ..environment(proxy.url()) };
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.url()));
        assert_joins(&world.daemon("anna", &settings), FAST, &over);
    });
}

#[test]
fn r69_a_proxy_whose_certificate_nobody_here_trusts_is_told() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::apache(world.network(), Some(&world.network().scratch().join("proxy-ca.pem")));
        let target = format!("{SERVER_NAME}:{HTTPS_PORT} via {}", proxy.url());
        let told = Told {
            stage: Stage::Proxy,
            target,
            code: Code::CertificateUntrusted,
            remedy: Remedy::AddInspectionCertificate,
        };
        assert_told(&world.daemon("anna", &environment(proxy.url())), &told);
    });
}

#[test]
fn r50_proxy_known_from_the_systems_environment_file() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let system_environment = format!("PATH=\"/bin\"\nhttps_proxy=\"{}\"\n", proxy.url());
        let settings = Settings { system_environment, ..Settings::default() };
        assert_joins(&world.daemon("anna", &settings), FAST, &through(&proxy));
    });
}

/// Lists that name the server in one way each.
const NAMING: [&str; 4] = ["*", ".test", "conference.test:443", "localhost,CONFERENCE.test"];

/// A proxy that leads to the server whoever asks for it, and what a daemon is told of it.
fn open_proxy(world: &World, no_proxy: &str) -> (Scripted, Settings) {
    let proxy = Scripted::start(world, |_| vec![Step::says("HTTP/1.1 200 OK\r\n\r\n"), Step::Passes]);
    let environment =
        vec![("https_proxy", format!("http://{}", proxy.address())), ("no_proxy", no_proxy.to_owned())];
    (proxy, Settings { environment, ..Settings::default() })
}

#[test]
fn r74_no_proxy_names_the_server_and_it_is_reached_directly() {
    in_network(Families::V4, |network| {
        network.filter("");
        let world = World::open(network);
        let (proxy, settings) = open_proxy(&world, NAMING[1]);
        let daemon = world.daemon("anna", &settings);
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(0), "{joined:?}");
        let status = daemon.status().expect("the server is listed");
        assert_eq!(status.route.map(|route| route.rung), Some(Rung::Direct));
        assert_eq!((status.attempts, proxy.connections()), (vec![], 0));
    });
}

/// The proxy is the only way: a daemon that overlooks the list takes it.
#[test]
fn r74_a_proxy_is_left_alone_where_no_proxy_names_the_server_and_taken_where_it_does_not() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        for (at, rule) in NAMING.into_iter().enumerate() {
            let (proxy, settings) = open_proxy(&world, rule);
            let daemon = world.daemon(&format!("anna{at}"), &settings);
            let joined = daemon.join("anna", WAIT);
            assert_eq!((joined.exit, proxy.connections()), (Some(4), 0), "{rule}: {joined:?}");
        }
        // Networks count for addresses alone, as they do for curl: the name that leads there is not
        // looked up for it.
        let servers_network = format!("{}/25", world.network().servers()[0]);
        for (at, rule) in ["other.test,conference.test:80", &servers_network].into_iter().enumerate() {
            let (proxy, settings) = open_proxy(&world, rule);
            let daemon = world.daemon(&format!("ben{at}"), &settings);
            assert_joins(&daemon, FAST, &route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string())));
            assert!(proxy.connections() > 0, "{rule}");
        }
    });
}

#[test]
fn r25_a_name_that_only_the_proxy_can_resolve() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        world.network().hide_names();
        assert_joins(&world.daemon("anna", &environment(proxy.url())), FAST, &through(&proxy));
    });
}

#[test]
fn r58_digest_with_the_right_password() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::squid_with_digest(world.network());
        let settings = configuration(&world, &proxy, Some(("anna", "secret")));
        let daemon = world.daemon("anna", &settings);
        assert_joins(&daemon, FAST, &through(&proxy));
        assert!(!daemon.log().contains("secret"), "the password is in the log");
    });
}

/// The second way needs a nonce of its own, and apache gives it before it is asked for; ours is
/// that of a fresh challenge.
#[test]
fn r58_digest_at_apache_where_each_nonce_counts_once() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Proxy::apache_with_digest(world.network());
        let settings = configuration(&world, &proxy, Some(("anna", "secret")));
        for name in ["anna", "ben"] {
            assert_joins(&world.daemon(name, &settings), FAST, &through(&proxy));
        }
        let log = proxy.log();
        assert!(log.contains(" anna 200 ") && !log.contains(" anna 407 "), "{log}");
    });
}

#[test]
fn r64_a_wrong_password_is_shown_once_and_not_after_a_restart_either() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid_with_digest(world.network());
        let settings = configuration(&world, &proxy, Some(("anna", "wrong")));
        let told = login_told(&proxy, Code::ProxyLoginRejected);
        for _ in 0..2 {
            // The second is a daemon that was started again, on what the first has kept.
            assert_told(&world.daemon("anna", &settings), &told);
        }
        // squid's log tells the requests that showed a login by the user's name.
        let shown = proxy.log().lines().filter(|line| line.contains(" anna ")).count();
        assert_eq!(shown, 1, "{}", proxy.log());
        // Another password is another login.
        let right = configuration(&world, &proxy, Some(("anna", "secret")));
        assert_joins(&world.daemon("anna", &right), FAST, &through(&proxy));
    });
}

/// The proxy passes plain requests and forbids every CONNECT: nothing is sent through it that it
/// could read.
#[test]
fn r72_a_proxy_that_forbids_connect_is_told() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[80], None);
        let target = format!("{SERVER_NAME}:{HTTPS_PORT} via {}", proxy.address());
        let told = Told {
            stage: Stage::Proxy,
            target,
            code: Code::ProxyForbidden,
            remedy: Remedy::AllowServerInProxy,
        };
        let status = assert_told(&world.daemon("anna", &environment(proxy.url())), &told);
        let seen =
            status.attempts.into_iter().find_map(|attempt| attempt.evidence).expect("the proxy names itself");
        assert!(seen.name.is_some_and(|name| name.contains("squid")), "the box is named");
        assert_eq!(seen.status, Some(403));
    });
}
