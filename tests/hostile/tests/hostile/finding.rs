//! Proxies that only a script names.

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Daemon, Families, FileServer, HTTPS_PORT, Network, Proxy, Settings, World, in_network,
};

use crate::expect::{FAST, Told, assert_joins, assert_told, route};

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
