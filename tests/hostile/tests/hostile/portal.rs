//! Networks that want a login in a browser first.

use std::time::{Duration, Instant};

use convene_model::{Code, Remedy, Stage};
use convene_tests_hostile::{Families, House, SERVER_NAME, Settings, World, in_network, patiently};

use crate::expect::{Told, WAIT, assert_told};

/// How soon one is in after the login.
const AFTER_LOGIN: Duration = Duration::from_secs(5);

#[test]
fn r78_a_login_page_is_told_with_its_address_and_joined_after_the_login() {
    in_network(Families::V4, |network| {
        let house = House { check_page: true, ..House::default() };
        let world = World::open_in(network, &house);
        world.network().answer_everybody(
            "tcp dport 80",
            "HTTP/1.1 302 Found\r\nServer: Lab Portal\r\nLocation: http://login.test/welcome\r\nContent-Length: 0\r\n\r\n",
        );
        world.network().filter("meta l4proto tcp reject with tcp reset\ndrop");
        let daemon = world.daemon("anna", &Settings::default());
        let target = format!("{SERVER_NAME}:80");
        let told =
            Told { stage: Stage::Http, target, code: Code::CaptivePortal, remedy: Remedy::LogInToNetwork };
        let status = assert_told(&daemon, &told);
        let portal = status.attempts.iter().find(|attempt| attempt.code == Code::CaptivePortal);
        let seen = portal.and_then(|attempt| attempt.seen.clone()).expect("the page is named");
        assert_eq!(seen.page.as_deref(), Some("http://login.test/welcome"));
        assert_eq!(seen.name.as_deref(), Some("Lab Portal"));

        // The login.
        world.network().pass_everybody();
        world.network().filter("");
        let began = Instant::now();
        let joined = patiently(WAIT, || (daemon.status()?.state == "connected").then_some(()));
        let took = began.elapsed();
        assert!(joined.is_some() && took <= AFTER_LOGIN, "{took:?} after the login: {:?}", daemon.status());
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
