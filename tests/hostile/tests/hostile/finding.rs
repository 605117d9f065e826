//! Proxies that only a script names.

use std::fs;
use std::time::Duration;

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Daemon, Families, FileServer, HTTPS_PORT, Network, Place, Proxy, Settings, World, in_network, patiently,
};

use crate::expect::{FAST, Told, WAIT, assert_joins, assert_told, route};
use crate::staying::{assert_heard, ip};

/// A move, what a daemon says to its script's silence, and the next look at it.
const MOVED: Duration = Duration::from_secs(15);

/// A world whose firewall forwards nothing and says so.
fn world(network: Network) -> World {
    network.filter("meta l4proto tcp reject with tcp reset\ndrop");
    World::open(network)
}

/// A daemon whose configuration names this script.
fn daemon<'a>(world: &'a World, name: &str, files: &FileServer) -> Daemon<'a> {
    let configuration = format!("[proxy]\npac_url = \"{}\"\n", files.url());
    world.daemon(name, &Settings { configuration, ..Settings::default() })
}

fn script(body: &str) -> String {
    format!("function FindProxyForURL(url, host) {{ {body} }}\n")
}

#[test]
fn r51_a_proxy_that_only_the_script_names() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let body = format!(
            "if (dnsDomainIs(host, '.test') && url == 'https://conference.test/') return 'PROXY {}'; return 'DIRECT';",
            proxy.address()
        );
        let files = FileServer::start(world.network(), script(&body));
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_joins(&daemon(&world, "anna", &files), FAST, &over);
    });
}

/// A script that names this proxy alone.
fn naming(proxy: &Proxy) -> String {
    script(&format!("return 'PROXY {}'", proxy.address()))
}

fn over(proxy: &Proxy) -> convene_tests_hostile::Route {
    route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()))
}

#[test]
fn r51_a_script_in_a_file_that_the_configuration_names() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let file = world.network().scratch().join("proxy.pac");
        fs::write(&file, naming(&proxy)).expect("the lab writes to its directory");
        let configuration = format!("[proxy]\npac_url = \"file://{}\"\n", file.display());
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        assert_joins(&daemon, FAST, &over(&proxy));
    });
}

/// As after a machine woke up: its network is as it was, the proxy is there again, and the script's
/// host is not.
#[test]
fn r51_what_a_script_named_counts_on_in_its_network_while_nobody_gives_it() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let files = FileServer::start(world.network(), naming(&proxy));
        let daemon = daemon(&world, "anna", &files);
        assert_joins(&daemon, FAST, &over(&proxy));
        files.stop(world.network());
        drop(proxy);
        // Whatever changes in a network has its scripts looked at anew.
        let route = format!("route add 198.51.100.0/24 via {}", world.network().router());
        ip(world.network(), Place::Client, &route);
        let looked = patiently(WAIT, || daemon.log().contains("pac_unreachable").then_some(()));
        assert!(looked.is_some(), "{}", daemon.log());
        let proxy = Proxy::squid(world.network(), &[443], None);
        assert_heard(&daemon, "after", MOVED);
        assert_eq!(daemon.status().and_then(|status| status.route), Some(over(&proxy)));
    });
}

/// The client's way out leads over another router, so that it is in another network.
fn move_to(network: &Network, last: u8) {
    let router = network.router().to_string();
    let subnet = router.strip_suffix('1').expect("the router has the first address");
    ip(network, Place::Router, &format!("addr replace {subnet}{last}/25 dev fw0"));
    ip(network, Place::Client, &format!("route replace default via {subnet}{last}"));
}

/// At home nobody gives the script and everything is open; the next office's script names another
/// proxy.
#[test]
fn r51_a_laptop_goes_from_one_office_home_and_to_another_office() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let first = Proxy::squid(world.network(), &[443], None);
        let files = FileServer::start(world.network(), naming(&first));
        let daemon = daemon(&world, "anna", &files);
        assert_joins(&daemon, FAST, &over(&first));

        files.stop(world.network());
        drop(first);
        world.network().filter("");
        move_to(world.network(), 5);
        let rung = || daemon.status()?.route.map(|route| route.rung);
        assert!(patiently(MOVED, || (rung()? == Rung::Direct).then_some(())).is_some(), "{}", daemon.log());
        let forgotten = patiently(MOVED, || {
            // One that does not answer would be shown.
            let tested = daemon.proxy(&["test"]);
            (tested.exit == Some(1) && tested.answer.is_none()).then_some(())
        });
        assert!(forgotten.is_some(), "the office's proxy is known at home: {}", daemon.log());

        let second = Proxy::tinyproxy(world.network(), &[443], None);
        let files = FileServer::start(world.network(), naming(&second));
        world.network().filter("meta l4proto tcp reject with tcp reset\ndrop");
        move_to(world.network(), 6);
        let taken = patiently(MOVED, || (daemon.status()?.route? == over(&second)).then_some(()));
        assert!(taken.is_some(), "{:?} {}", daemon.status(), daemon.log());
        assert_heard(&daemon, "in the other office", FAST);
        files.stop(world.network());
    });
}

#[test]
fn r51_a_script_that_only_the_networks_domain_names_is_asked_for_where_that_is_switched_on() {
    in_network(Families::V4, |network| {
        network.offer_script();
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let files = FileServer::start(world.network(), naming(&proxy));
        let without = world.daemon("ben", &Settings::default());
        let joined = without.join("ben", WAIT);
        assert_eq!((joined.exit, files.requests()), (Some(4), 0), "{joined:?}");
        drop(without);
        let configuration = "[proxy]\nwpad = true\n".to_owned();
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        assert_joins(&daemon, FAST, &over(&proxy));
        assert!(files.requests() > 0);
    });
}

#[test]
fn r53_the_first_of_the_scripts_proxies_is_dead_and_the_second_is_taken() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let dead = world.network().router();
        let body = format!("return 'PROXY {dead}:3999; PROXY {}; DIRECT'", proxy.address());
        let files = FileServer::start(world.network(), script(&body));
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_joins(&daemon(&world, "anna", &files), FAST, &over);
    });
}

#[test]
fn r53_scripts_that_loop_or_throw_or_are_none_are_told() {
    in_network(Families::V4, |network| {
        let world = world(network);
        for (name, body) in [("anna", "while (true) {}"), ("ben", "throw 'x'"), ("carl", "return 7")] {
            let files = FileServer::start(world.network(), script(body));
            let told = Told {
                stage: Stage::Proxy,
                target: files.url(),
                code: Code::PacFailed,
                remedy: Remedy::CheckPac,
            };
            assert_told(&daemon(&world, name, &files), &told);
            files.stop(world.network());
        }
    });
}

#[test]
fn r51_a_script_that_cannot_be_fetched_is_told() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let files = FileServer::start(world.network(), String::new());
        let target = files.url();
        let told = Told { stage: Stage::Proxy, target, code: Code::PacUnreachable, remedy: Remedy::CheckPac };
        let configuration = format!("[proxy]\npac_url = \"{}\"\n", files.url());
        files.stop(world.network());
        assert_told(&world.daemon("anna", &Settings { configuration, ..Settings::default() }), &told);
    });
}

#[test]
fn r54_the_script_says_direct_and_direct_is_blocked() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let files = FileServer::start(world.network(), script("return 'DIRECT'"));
        let told = Told {
            stage: Stage::Proxy,
            target: files.url(),
            code: Code::PacSaysDirect,
            remedy: Remedy::SetProxy,
        };
        assert_told(&daemon(&world, "anna", &files), &told);
    });
}
