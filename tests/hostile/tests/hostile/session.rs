//! Proxies that only a user's session knows, and settings that change meanwhile.

use std::time::Duration;

use convene_model::Rung;
use convene_tests_hostile::{
    Desktop, Families, FileServer, HTTPS_PORT, Login, Network, PATIENCE, Person, Proxy, Settings, World,
    in_network, patiently,
};

use crate::expect::{FAST, WAIT, assert_joins, route};

/// A world whose firewall forwards nothing and says so.
fn world(network: Network) -> World {
    network.filter("meta l4proto tcp reject with tcp reset\ndrop");
    World::open(network)
}

/// A daemon that nobody told anything, and frontends in this desktop's session.
fn session(desktop: &Desktop) -> Settings {
    Settings { session: desktop.environment(), ..Settings::default() }
}

fn gnome(proxy: &Proxy) -> String {
    let address = proxy.address();
    format!(
        "[system/proxy]\nmode='manual'\nignore-hosts=['localhost', '127.0.0.0/8']\n\
         [system/proxy/https]\nhost='{}'\nport={}\n",
        address.ip(),
        address.port()
    )
}

fn over(proxy: &Proxy) -> convene_tests_hostile::Route {
    route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()))
}

#[test]
fn r50_a_proxy_that_only_gnome_knows() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let desktop = Desktop::new(world.network(), "anna");
        desktop.set_gnome(&gnome(&proxy));
        assert_joins(&world.daemon("anna", &session(&desktop)), FAST, &over(&proxy));
    });
}

#[test]
fn r50_a_proxy_that_only_kde_knows() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let desktop = Desktop::new(world.network(), "anna");
        let address = proxy.address();
        desktop.set_kde(&format!(
            "[Proxy Settings]\nProxyType=1\nhttpsProxy=http://{} {}\n",
            address.ip(),
            address.port()
        ));
        assert_joins(&world.daemon("anna", &session(&desktop)), FAST, &over(&proxy));
    });
}

#[test]
fn r50_a_proxy_that_only_a_terminals_environment_knows() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let session = vec![("https_proxy", format!("http://{}", proxy.address()))];
        let settings = Settings { session, ..Settings::default() };
        assert_joins(&world.daemon("anna", &settings), FAST, &over(&proxy));
    });
}

#[test]
fn r51_a_script_that_only_gnome_knows() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let script = format!("function FindProxyForURL(url, host) {{ return 'PROXY {}' }}", proxy.address());
        let files = FileServer::start(world.network(), script);
        let desktop = Desktop::new(world.network(), "anna");
        desktop.set_gnome(&format!("[system/proxy]\nmode='auto'\nautoconfig-url='{}'\n", files.url()));
        assert_joins(&world.daemon("anna", &session(&desktop)), FAST, &over(&proxy));
    });
}

/// A daemon that knows a proxy and no login for it.
fn without_login(proxy: &Proxy) -> Settings {
    Settings {
        configuration: format!("[proxy]\nurl = \"http://{}\"\n", proxy.address()),
        ..Settings::default()
    }
}

#[test]
fn r57_a_person_is_asked_for_the_login_once_and_not_after_a_restart() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::AWKWARD));
        let daemon = world.daemon("anna", &without_login(&proxy));
        let person = Person::attach(&daemon.socket(), &[("anna", Login::AWKWARD.password)]);
        assert_joins(&daemon, FAST, &over(&proxy));
        let asked = person.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(
            (asked[0]["proxy"].as_str(), asked[0].get("rejected")),
            (Some(&*proxy.address().to_string()), None)
        );
        assert!(!daemon.log().contains(Login::AWKWARD.password), "the password is in the log");
        drop((person, daemon));
        let daemon = world.daemon("anna", &without_login(&proxy));
        let person = Person::attach(&daemon.socket(), &[]);
        let connected = patiently(FAST, || daemon.status().filter(|status| status.state == "connected"));
        assert_eq!(connected.and_then(|status| status.route), Some(over(&proxy)), "{}", daemon.log());
        assert_eq!(person.asked(), Vec::<serde_json::Value>::new());
    });
}

/// Basic, at a proxy that nobody named but a script: a browser asks there too.
#[test]
fn r57_a_person_is_asked_where_only_a_script_names_the_proxy_and_not_after_a_restart() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::PLAIN));
        let script = format!("function FindProxyForURL(url, host) {{ return 'PROXY {}' }}", proxy.address());
        let files = FileServer::start(world.network(), script);
        let configuration = format!("[proxy]\npac_url = \"{}\"\n", files.url());
        let settings = Settings { configuration, ..Settings::default() };
        let daemon = world.daemon("anna", &settings);
        let person = Person::attach(&daemon.socket(), &[("anna", Login::PLAIN.password)]);
        assert_joins(&daemon, FAST, &over(&proxy));
        assert_eq!(person.asked().len(), 1, "{:?}", person.asked());
        drop((person, daemon));
        let daemon = world.daemon("anna", &settings);
        let person = Person::attach(&daemon.socket(), &[]);
        let connected = patiently(FAST, || daemon.status().filter(|status| status.state == "connected"));
        assert_eq!(connected.and_then(|status| status.route), Some(over(&proxy)), "{}", daemon.log());
        assert_eq!(person.asked(), Vec::<serde_json::Value>::new());
    });
}

#[test]
fn r64_a_wrong_password_is_asked_for_once_more_and_then_no_more() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid_with_digest(world.network());
        let daemon = world.daemon("anna", &without_login(&proxy));
        let person =
            Person::attach(&daemon.socket(), &[("anna", "wrong"), ("anna", "worse"), ("anna", "worst")]);
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(4), "{joined:?}");
        // On a busy machine the verdict comes before the second question.
        let asked = patiently(WAIT, || Some(person.asked()).filter(|asked| asked.len() > 1));
        let asked = asked.unwrap_or_default();
        let rejected: Vec<_> = asked.iter().map(|asked| asked["rejected"].as_str()).collect();
        assert_eq!(rejected, [None, Some("anna")], "{}", daemon.log());
        let shown = || proxy.log().lines().filter(|line| line.contains(" anna ")).count();
        assert_eq!(patiently(WAIT, || (shown() > 1).then(&shown)), Some(2), "{}", proxy.log());
        // A person who wants to connect once more is asked once more; nothing that was rejected is
        // shown again meanwhile.
        let person = {
            drop(person);
            Person::attach(&daemon.socket(), &[("anna", "secret")])
        };
        assert_joins(&daemon, FAST, &over(&proxy));
        // squid writes of a tunnel when it ends: what opened is not in the log yet.
        assert_eq!((person.asked().len(), shown()), (1, 2), "{}", proxy.log());
    });
}

#[test]
fn r65_a_password_expires_meanwhile() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::PLAIN));
        let configuration =
            format!("[proxy]\nurl = \"http://anna:{}@{}\"\n", Login::PLAIN.password, proxy.address());
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        assert_joins(&daemon, FAST, &over(&proxy));
        let said = daemon.say("before", "00000000-0000-4000-8000-000000000001", WAIT);
        assert_eq!(said.exit, Some(0), "{said:?}");
        drop(proxy);
        let proxy = Proxy::squid(world.network(), &[443], Some(Login::AWKWARD));
        let queued = daemon.say("meanwhile", "00000000-0000-4000-8000-000000000002", Duration::ZERO);
        assert_eq!(queued.answer.map(|said| said.state).as_deref(), Some("queued"));
        let told = patiently(WAIT, || {
            let attempts = daemon.status()?.attempts;
            attempts.into_iter().find(|attempt| attempt.code == convene_model::Code::ProxyLoginRejected)
        });
        assert!(told.is_some(), "{}", daemon.log());
        let person = Person::attach(&daemon.socket(), &[("anna", Login::AWKWARD.password)]);
        let said = daemon.say("after", "00000000-0000-4000-8000-000000000003", WAIT);
        assert_eq!(said.answer.map(|said| said.state).as_deref(), Some("accepted"), "{}", daemon.log());
        assert_eq!(person.asked().len(), 1);
        let texts: Vec<_> = world.events().into_iter().filter_map(|event| event.text).collect();
        assert_eq!(texts, ["before", "meanwhile", "after"]);
        let log = proxy.log();
        assert!(log.lines().filter(|line| line.contains(" anna ")).count() <= 2, "{log}");
    });
}

#[test]
fn r73_the_desktops_proxy_becomes_another() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let office = Proxy::squid(world.network(), &[443], None);
        let home = Proxy::tinyproxy(world.network(), &[443], None);
        let desktop = Desktop::new(world.network(), "anna");
        desktop.set_gnome(&gnome(&office));
        let daemon = world.daemon("anna", &session(&desktop));
        assert_joins(&daemon, FAST, &over(&office));
        let said = daemon.say("in the office", "00000000-0000-4000-8000-000000000001", WAIT);
        assert_eq!(said.exit, Some(0), "{said:?}");
        // A frontend that stays attached tells of it by itself.
        let tail = daemon.follow();
        assert!(patiently(PATIENCE, || (!daemon.followed(&tail).is_empty()).then_some(())).is_some());
        drop(office);
        desktop.set_gnome(&gnome(&home));
        let moved =
            patiently(PATIENCE, || daemon.status().filter(|status| status.route == Some(over(&home))));
        assert!(moved.is_some(), "{}", daemon.log());
        let said = daemon.say("at home", "00000000-0000-4000-8000-000000000002", WAIT);
        assert_eq!(said.answer.map(|said| said.state).as_deref(), Some("accepted"), "{}", daemon.log());
        let texts: Vec<_> = world.events().into_iter().filter_map(|event| event.text).collect();
        assert_eq!(texts, ["in the office", "at home"]);
    });
}

#[test]
fn r73_the_configuration_becomes_another_and_counts_at_once() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let daemon = world.daemon("anna", &Settings::default());
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(4), "{joined:?}");
        daemon.configure("[proxy]\nurl = damaged\n");
        daemon.configure(&format!("[proxy]\nurl = \"http://{}\"\n", proxy.address()));
        let connected = patiently(FAST, || daemon.status().filter(|status| status.state == "connected"));
        assert_eq!(connected.and_then(|status| status.route), Some(over(&proxy)), "{}", daemon.log());
    });
}

#[test]
fn r50_a_proxy_that_its_user_sets_and_tests() {
    in_network(Families::V4, |network| {
        let world = world(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let daemon = world.daemon("anna", &Settings::default());
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(4), "{joined:?}");
        let none = daemon.proxy(&["test"]);
        assert_eq!((none.exit, none.answer), (Some(1), None));
        let refused = daemon.proxy(&["set", "ftp://proxy.test"]);
        assert_eq!(refused.exit, Some(2), "{refused:?}");
        let apart = daemon.proxy(&["set", "http://anna:secret@proxy.test"]);
        assert_eq!(apart.exit, Some(2), "{apart:?}");
        let file = daemon.proxy(&["set", "--pac", "file:///etc/proxy.pac"]);
        assert_eq!(file.exit, Some(2), "the daemon reads no file for a user: {file:?}");
        let set = daemon.proxy(&["set", &format!("http://{}", proxy.address())]);
        assert_eq!(set.exit, Some(0), "{set:?}");
        let connected = patiently(PATIENCE, || daemon.status().filter(|status| status.state == "connected"));
        assert_eq!(connected.and_then(|status| status.route), Some(over(&proxy)), "{}", daemon.log());
        let tested = daemon.proxy(&["test"]);
        let answer = tested.answer.expect("there is a proxy to test");
        assert_eq!(
            (answer["proxy"].as_str(), answer.get("attempt")),
            (Some(&*proxy.address().to_string()), None)
        );
        assert!(tested.took < Duration::from_secs(5) && tested.exit == Some(0), "{:?}", tested.took);
    });
}
