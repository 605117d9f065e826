//! Networks that want a login in a browser first.

use std::time::{Duration, Instant};

use convene_model::{Code, Evidence, Remedy, Stage};
use convene_tests_hostile::{
    Authority, Daemon, Families, House, Network, PATIENCE, PortalApi, SERVER_NAME, Settings, World,
    in_network, patiently,
};
use uuid::Uuid;

use crate::expect::{AT_ONCE, FAST, Told, WAIT, assert_told};
use crate::staying::{assert_heard, assert_said, forget_connections, joined};
use crate::tls::trusting;

/// How soon one is in after the login.
const AFTER_LOGIN: Duration = Duration::from_secs(5);
/// The page's answer to plain HTTP.
const PAGE: &str = "HTTP/1.1 302 Found\r\nServer: Lab Portal\r\nLocation: http://login.test/welcome\r\nContent-Length: 0\r\n\r\n";
/// The rules of the box for everything else.
const SHUT: &str = "meta l4proto tcp reject with tcp reset\ndrop";
/// The network's answer before the login.
const CAPTIVE: &str = r#"{"captive": true, "user-portal-url": "https://login.test/room/7"}"#;
/// And after it.
const FREE: &str =
    r#"{"captive": false, "user-portal-url": "https://login.test/room/7", "seconds-remaining": 3600}"#;

/// The login page that is told, if one is.
fn page_told(daemon: &Daemon<'_>) -> Option<Evidence> {
    let attempts = daemon.status()?.attempts;
    attempts.into_iter().find(|attempt| attempt.code == Code::CaptivePortal)?.evidence
}

/// Is connected within 5 s, without anybody's doing.
fn assert_in_after_login(daemon: &Daemon<'_>) {
    let began = Instant::now();
    let joined = patiently(WAIT, || (daemon.status()?.state == "connected").then_some(()));
    let took = began.elapsed();
    assert!(joined.is_some() && took <= AFTER_LOGIN, "{took:?} after the login: {:?}", daemon.status());
}

/// The router announces the address until the daemon has noticed.
fn announce(network: &Network, daemon: &Daemon<'_>, url: &str) {
    let heard = || daemon.log().matches("announces=true").count();
    let before = heard();
    let noticed = patiently(PATIENCE, || {
        network.announce_portal(url);
        (heard() > before).then_some(())
    });
    assert!(noticed.is_some(), "the announcement was not noticed");
}

#[test]
fn r78_a_login_page_is_told_with_its_address_and_joined_after_the_login() {
    in_network(Families::V4, |network| {
        let house = House { check_page: true, ..House::default() };
        let world = World::open_in(network, &house);
        world.network().answer_everybody("tcp dport 80", PAGE);
        world.network().filter(SHUT);
        let daemon = world.daemon("anna", &Settings::default());
        let target = format!("{SERVER_NAME}:80");
        let told =
            Told { stage: Stage::Http, target, code: Code::CaptivePortal, remedy: Remedy::LogInToNetwork };
        let status = assert_told(&daemon, &told);
        let portal = status.attempts.iter().find(|attempt| attempt.code == Code::CaptivePortal);
        let seen = portal.and_then(|attempt| attempt.evidence.clone()).expect("the page is named");
        assert_eq!(seen.page.as_deref(), Some("http://login.test/welcome"));
        assert_eq!(seen.name.as_deref(), Some("Lab Portal"));

        // The login.
        world.network().pass_everybody();
        world.network().filter("");
        assert_in_after_login(&daemon);
    });
}

#[test]
fn r78_a_web_server_in_the_servers_place_is_no_login_page() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let answer = "HTTP/1.1 301 Moved\r\nLocation: https://conference.test/\r\nContent-Length: 0\r\n\r\n";
        world.network().answer_everybody("tcp dport 80", answer);
        world.network().filter("meta l4proto tcp reject with tcp reset\ndrop");
        let daemon = world.daemon("anna", &Settings::default());
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(4), "{joined:?}");
        let status = daemon.status().expect("the server that is tried is listed");
        assert!(status.attempts.iter().all(|attempt| attempt.code != Code::CaptivePortal), "{status:?}");
    });
}

#[test]
fn r79_a_login_that_expires_is_told_and_nothing_is_lost_meanwhile() {
    in_network(Families::V4, |network| {
        let world = World::open_in(network, &House { check_page: true, ..House::default() });
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        let say = |text: &str| {
            let said = daemon.say(text, &Uuid::new_v4().to_string(), AT_ONCE);
            assert_eq!(
                said.answer.map(|answer| answer.state).as_deref(),
                Some("queued"),
                "{}",
                said.complaint
            );
        };
        let mut said = vec!["before".to_owned()];
        for hour in 1..=2 {
            if hour == 1 {
                world.network().answer_everybody("tcp dport 80", PAGE);
            } else {
                world.network().answer_everybody_again("tcp dport 80");
            }
            world.network().filter(SHUT);
            forget_connections(world.network());
            let texts = [format!("{hour} o'clock"), format!("{hour} o'clock, again")];
            texts.iter().for_each(|text| say(text));
            let page = patiently(WAIT, || page_told(&daemon)?.page);
            assert_eq!(page.as_deref(), Some("http://login.test/welcome"), "{:?}", daemon.status());

            world.network().pass_everybody();
            world.network().filter("");
            assert_in_after_login(&daemon);
            let after = format!("{hour} o'clock, in again");
            assert_heard(&daemon, &after, FAST);
            said.extend(texts.into_iter().chain([after]));
        }
        assert_said(&world, &said.iter().map(String::as_str).collect::<Vec<_>>());
    });
}

/// Nothing but the announcement tells of the page: plain HTTP is not answered.
#[test]
fn r80_a_login_page_that_a_router_announces_is_told_and_joined_after_the_login() {
    in_network(Families::V4, |network| {
        let authority = Authority::new("Lab Authority");
        let api = PortalApi::start(&network, &authority, CAPTIVE);
        let world = World::open(network);
        world.network().filter("drop");
        let daemon = world.daemon("anna", &trusting(&world, &[&authority]));
        announce(world.network(), &daemon, &api.url());
        let began = Instant::now();
        let target = format!("{SERVER_NAME}:80");
        let told =
            Told { stage: Stage::Http, target, code: Code::CaptivePortal, remedy: Remedy::LogInToNetwork };
        assert_told(&daemon, &told);
        assert!(began.elapsed() <= AFTER_LOGIN, "told only after {:?}", began.elapsed());
        assert_eq!(
            page_told(&daemon).and_then(|seen| seen.page).as_deref(),
            Some("https://login.test/room/7")
        );

        api.say(FREE);
        world.network().filter("");
        assert_in_after_login(&daemon);
        assert_heard(&daemon, "inside", AT_ONCE);

        // The network's statement about itself breaks nothing that works.
        api.say(CAPTIVE);
        announce(world.network(), &daemon, &format!("{}/2", api.url()));
        assert_heard(&daemon, "still inside", AT_ONCE);
        assert_eq!(daemon.status().expect("the server is listed").state, "connected");
        assert_said(&world, &["inside", "still inside"]);
    });
}

#[test]
fn r80_a_login_page_that_networkd_knows_of_is_told_also_when_it_comes_later() {
    in_network(Families::V4, |network| {
        let authority = Authority::new("Lab Authority");
        let api = PortalApi::start(&network, &authority, CAPTIVE);
        let world = World::open(network);
        world.network().filter(SHUT);
        let settings = Settings { networkd: true, ..trusting(&world, &[&authority]) };
        for name in ["anna", "ben"] {
            // The first daemon sees the file come, the second finds it.
            let daemon = world.daemon(name, &settings);
            let joined = daemon.join(name, WAIT);
            assert_eq!(joined.exit, Some(4), "{joined:?}");
            world.network().note_portal(&api.url());
            let page = patiently(AFTER_LOGIN, || page_told(&daemon)?.page);
            assert_eq!(page.as_deref(), Some("https://login.test/room/7"), "{:?}", daemon.status());
        }
    });
}

#[test]
fn r80_who_is_not_trusted_says_nothing_about_login_pages() {
    in_network(Families::V4, |network| {
        let (known, stranger) = (Authority::new("Lab Authority"), Authority::new("A Stranger"));
        let api = PortalApi::start(&network, &stranger, CAPTIVE);
        let world = World::open(network);
        world.network().filter(SHUT);
        let daemon = world.daemon("anna", &trusting(&world, &[&known]));
        announce(world.network(), &daemon, &api.url());
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(4), "{joined:?}");
        assert_eq!(page_told(&daemon), None, "{:?}", daemon.status());
    });
}
