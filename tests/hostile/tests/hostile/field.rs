//! What users of comparable software met in the field, each named by its number in the list of
//! them.

use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use convene_model::Rung;
use convene_tests_hostile::{
    Daemon, Desktop, Families, FileServer, HTTPS_PORT, Proxy, Scripted, Settings, Step, World, in_network,
};

use crate::expect::{FAST, WAIT, assert_joins, route};
use crate::proxy::{environment, refusing, through};
use crate::scripted::{joins, opens, side_by_side};

/// A daemon whose configuration names this script.
fn daemon<'a>(world: &'a World, url: &str) -> Daemon<'a> {
    let configuration = format!("[proxy]\npac_url = \"{url}\"\n");
    world.daemon("anna", &Settings { configuration, ..Settings::default() })
}

/// A script with this body.
fn script(body: &str) -> String {
    format!("function FindProxyForURL(url, host) {{ {body} }}\n")
}

/// A script that names this proxy alone.
fn naming(proxy: &Proxy) -> String {
    script(&format!("return 'PROXY {}'", proxy.address()))
}

/// Scripts of large organisations ask for many names, of which some are long gone.
#[test]
fn f01_a_script_that_asks_for_many_names() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let (router, address) = (world.network().router(), proxy.address());
        let gone = "for (var i = 0; i < 20; i++) isResolvable('x' + i + '.test');";
        let answer = format!("return isResolvable(host) ? 'PROXY {address}' : 'PROXY {router}:3900'");
        let files = FileServer::start(world.network(), script(&format!("{gone} {answer}")));
        assert_joins(&daemon(&world, &files.url()), WAIT, &through(&proxy));
    });
}

/// Scripts grow by a line for each site.
#[test]
fn f02_a_script_with_a_chain_of_900_questions() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let links = (0..900).map(|number| {
            format!("if (shExpMatch(host, '*.intern{number}.corp.test')) {{ return 'DIRECT'; }} else ")
        });
        let chain: String = links.collect();
        let file = script(&format!("{chain}{{ return 'PROXY {}'; }}", proxy.address()));
        let files = FileServer::start(world.network(), file);
        assert_joins(&daemon(&world, &files.url()), FAST, &through(&proxy));
    });
}

#[test]
fn f03_a_script_behind_redirects() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let files = FileServer::behind_redirects(world.network(), naming(&proxy));
        assert_joins(&daemon(&world, &files.url()), FAST, &through(&proxy));
        assert!(files.requests() >= 6, "{} requests", files.requests());
    });
}

/// RFC 9110, section 10.1.5: some boxes refuse whoever does not say who asks.
#[test]
fn f05_a_proxy_that_wants_to_know_who_asks() {
    side_by_side(&[joins("agent", |asked| {
        if asked.head.contains("\r\nUser-Agent: Convene/") {
            return opens("HTTP/1.1 200 OK\r\n\r\n");
        }
        opens("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    })]);
}

/// Policies and cookies make heads long, and old boxes spell their first line as they like.
#[test]
fn f17_heads_that_a_browser_takes_are_taken() {
    side_by_side(&[
        joins("large", |_| opens(format!("HTTP/1.1 200 OK\r\nX-Policy: {}\r\n\r\n", "y".repeat(200_000)))),
        joins("numerous", |_| opens(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Policy: yes\r\n".repeat(1_500)))),
        joins("blanks", |_| opens("HTTP/1.1  200\r\n\r\n")),
        joins("version", |_| opens("HTTP/1.2 200 OK\r\n\r\n")),
        joins("small", |_| opens("http/1.1 200 ok\r\n\r\n")),
        joins("unversioned", |_| opens("HTTP 200 OK\r\n\r\n")),
    ]);
}

/// As curl takes it; the address is written by hand in every shell's profile.
#[test]
fn f18_a_password_with_a_bare_percent_sign() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Scripted::start(&world, |asked| {
            // anna:50%off
            if asked.head.contains("\r\nProxy-Authorization: Basic YW5uYTo1MCVvZmY=\r\n") {
                return opens("HTTP/1.1 200 OK\r\n\r\n");
            }
            let challenge = "Proxy-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\n\r\n";
            vec![Step::says(format!("HTTP/1.1 407 Login\r\n{challenge}"))]
        });
        let daemon = world.daemon("anna", &environment(format!("http://anna:50%off@{}", proxy.address())));
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_joins(&daemon, FAST, &over);
    });
}

/// Notepad and some shells put one in front of every text.
#[test]
fn f19_a_password_file_with_a_byte_order_mark() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Scripted::start(&world, |asked| {
            // anna:secret
            if asked.head.contains("\r\nProxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n") {
                return opens("HTTP/1.1 200 OK\r\n\r\n");
            }
            let challenge = "Proxy-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\n\r\n";
            vec![Step::says(format!("HTTP/1.1 407 Login\r\n{challenge}"))]
        });
        let file = world.network().scratch().join("password");
        fs::write(&file, "\u{feff}secret\r\n").expect("the lab writes to its directory");
        let configuration = format!(
            "[proxy]\nurl = \"http://{}\"\nuser = \"anna\"\npassword_file = \"{}\"\n",
            proxy.address(),
            file.display()
        );
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_joins(&daemon, FAST, &over);
    });
}

/// The daemon is asked for scripts by whoever runs it, an upgrade behind it or not.
#[test]
fn f07_a_script_after_the_program_was_replaced() {
    joins_by_script(&Settings { replaced: true, ..Settings::default() });
}

/// Services are often started without the rights to become somebody else.
#[test]
fn f06_a_script_where_the_service_may_not_become_another_user() {
    joins_by_script(&Settings { keeps_its_user: true, ..Settings::default() });
}

/// Joins through the proxy that a script names, with a daemon of these settings.
fn joins_by_script(settings: &Settings) {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let files = FileServer::start(world.network(), naming(&proxy));
        let configuration = format!("[proxy]\npac_url = \"{}\"\n", files.url());
        let daemon = world.daemon("anna", &Settings { configuration, ..settings.clone() });
        assert_joins(&daemon, FAST, &through(&proxy));
    });
}

/// An administrator locks the section, says that variables count, and names one of her own.
#[test]
fn f14_kde_settings_that_an_administrator_made() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let desktop = Desktop::new(world.network(), "anna");
        desktop.set_kde("[Proxy Settings]\nProxyType=0\n");
        let folder = world.network().scratch().join("xdg");
        fs::create_dir_all(&folder).expect("the lab writes to its directory");
        let settings = "[Proxy Settings][$i]\nProxyType=4\nhttpsProxy=CORP_PROXY\n";
        fs::write(folder.join("kioslaverc"), settings).expect("the lab writes to its directory");
        let mut session = desktop.environment();
        session.push(("XDG_CONFIG_DIRS", folder.display().to_string()));
        session.push(("CORP_PROXY", format!("http://{}", proxy.address())));
        let daemon = world.daemon("anna", &Settings { session, ..Settings::default() });
        assert_joins(&daemon, FAST, &through(&proxy));
    });
}

/// How long the server of the script thinks.
const THINKS: Duration = Duration::from_secs(7);

/// Browsers wait for it as well.
#[test]
fn f04_a_server_of_scripts_that_is_slow() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let file = naming(&proxy);
        let (end, ended) = mpsc::channel::<()>();
        let files = FileServer::answering(world.network(), move |_| {
            assert!(ended.recv_timeout(THINKS).is_err(), "the test goes on meanwhile");
            FileServer::answer(&file)
        });
        let daemon = daemon(&world, &files.url());
        assert_joins(&daemon, THINKS + FAST, &through(&proxy));
        drop(end);
    });
}

#[test]
fn f20_a_script_that_the_second_search_domain_names() {
    in_network(Families::V4, |network| {
        network.offer_script_in("corp.test lab.test", "lab.test");
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let _files = FileServer::start(world.network(), naming(&proxy));
        let configuration = "[proxy]\nwpad = true\n".to_owned();
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        assert_joins(&daemon, WAIT, &through(&proxy));
    });
}

/// Offices without a way out still have a proxy, and scripts that ask where they run.
#[test]
fn f12_a_script_that_asks_for_the_own_address_without_a_default_route() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let (router, address) = (world.network().router(), proxy.address());
        let inside = format!("isInNet(myIpAddress(), '{router}', '255.255.255.128')");
        let file = script(&format!("return {inside} ? 'PROXY {address}' : 'DIRECT'"));
        let files = FileServer::start(world.network(), file);
        world.network().lose_way_out();
        assert_joins(&daemon(&world, &files.url()), WAIT, &through(&proxy));
    });
}

/// Lists grow, and nobody takes out what is gone.
#[test]
fn f16_the_thirteenth_of_a_scripts_proxies_is_the_first_that_lives() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let router = world.network().router();
        let dead: String = (3_900..3_912).map(|port| format!("PROXY {router}:{port}; ")).collect();
        let file = script(&format!("return '{dead}PROXY {}'", proxy.address()));
        let files = FileServer::start(world.network(), file);
        assert_joins(&daemon(&world, &files.url()), WAIT, &through(&proxy));
    });
}
