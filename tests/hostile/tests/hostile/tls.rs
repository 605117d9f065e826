//! Boxes that look into TLS or at its first bytes, and clocks that are wrong.

use std::fs;

use convene_model::{Carrier, Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Authority, Daemon, Families, HTTPS_PORT, House, Issued, Network, Route, SERVER_NAME, Settings, World,
    in_network, patiently,
};

use crate::expect::{FAST, Told, WAIT, assert_joins, assert_told, route, tells};

/// The answer of a web filter in the place of TLS.
const BLOCK_PAGE: &str =
    "HTTP/1.1 403 Forbidden\r\nServer: Lab Filter\r\nContent-Type: text/html\r\n\r\n<html>Blocked</html>";

fn told(stage: Stage, code: Code, remedy: Remedy) -> Told {
    Told { stage, target: format!("{SERVER_NAME}:{HTTPS_PORT}"), code, remedy }
}

/// A world whose server has a certificate of the authority, and whose conference ports are closed
/// on the way.
fn world(network: Network, authority: &Authority, years: (i32, i32)) -> World {
    network.filter("tcp dport 4500-4506 reject with tcp reset");
    World::open_in(network, &House { certificate: Some(authority.issued(years)), check_page: true })
}

/// The client's store of trusted authorities, as the system's library finds it.
pub(crate) fn trusting(world: &World, authorities: &[&Authority]) -> Settings {
    let store = world.network().scratch().join("trusted.pem");
    let all: Vec<_> = authorities.iter().map(|authority| authority.certificate()).collect();
    fs::write(&store, all.concat()).expect("the lab writes to its directory");
    let environment = vec![("SSL_CERT_FILE", store.display().to_string())];
    Settings { environment, ..Settings::default() }
}

#[test]
fn r13_a_block_page_in_place_of_tls_is_told_and_the_next_way_taken() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4501-4506 reject with tcp reset");
        let world = World::open(network);
        world.network().answer_everybody("tcp dport 4500", BLOCK_PAGE);
        let daemon = world.daemon("anna", &Settings::default());
        let status = assert_joins(&daemon, FAST, &route(Rung::Https, HTTPS_PORT, None));
        let page = status.attempts.iter().find(|attempt| attempt.code == Code::BlockPage);
        let page = page.expect("the page is told");
        assert_eq!((page.stage, page.target.as_str()), (Stage::Tls, "conference.test:4500"));
        assert_eq!(page.evidence.as_ref().and_then(|seen| seen.name.as_deref()), Some("Lab Filter"));
    });
}

#[test]
fn r34_a_box_that_speaks_only_old_tls_is_told() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let _old = world.speak_old_tls("tcp dport 443");
        let daemon = world.daemon("anna", &Settings::default());
        assert_told(&daemon, &told(Stage::Tls, Code::TlsVersion, Remedy::AllowServer));
    });
}

#[test]
fn r43_an_inspector_that_is_trusted_lets_join_and_is_named() {
    in_network(Families::V4, |network| {
        let (own, inspector) = (Authority::new("Lab Authority"), Authority::new("Lab Inspector"));
        let world = world(network, &own, (2020, 2099));
        let settings = trusting(&world, &[&own, &inspector]);
        let inspected_by = |daemon: &Daemon<'_>, name: &str| {
            let joined = daemon.join(name, WAIT);
            assert_eq!(joined.exit, Some(0), "{joined:?}");
            daemon.status().expect("the server that was joined is listed").inspected_by
        };
        assert_eq!(inspected_by(&world.daemon("free", &settings), "ben"), None);

        let _inspector = world.inspect("tcp dport 443", &inspector);
        let daemon = world.daemon("anna", &settings);
        // squid takes the upgrade out of requests.
        let by_poll = Route { carrier: Carrier::Poll, ..route(Rung::Https, HTTPS_PORT, None) };
        let status = assert_joins(&daemon, FAST, &by_poll);
        let named = status.inspected_by.expect("who inspects is named");
        assert!(named.contains("Lab Inspector"), "{named}");

        let configuration = "[policy]\ntls_inspection = \"allow\"\n".to_owned();
        let silent = world.daemon("silent", &Settings { configuration, ..settings });
        assert_eq!(inspected_by(&silent, "cleo"), None);
    });
}

#[test]
fn r43_r46_a_policy_refuses_the_inspected_way_and_takes_another() {
    in_network(Families::V4, |network| {
        let (own, inspector) = (Authority::new("Lab Authority"), Authority::new("Lab Inspector"));
        let world = world(network, &own, (2020, 2099));
        let _inspector = world.inspect("tcp dport 443", &inspector);
        let configuration = "[policy]\ntls_inspection = \"refuse\"\n".to_owned();
        let settings = Settings { configuration, ..trusting(&world, &[&own, &inspector]) };
        let daemon = world.daemon("anna", &settings);
        let refused = told(Stage::Hello, Code::InspectionRefused, Remedy::AllowServer);
        let status = assert_told(&daemon, &refused);
        let attempt = status.attempts.iter().find(|attempt| attempt.code == Code::InspectionRefused);
        let name = attempt.and_then(|attempt| attempt.evidence.clone()).and_then(|seen| seen.name);
        assert!(name.as_deref().is_some_and(|name| name.contains("Lab Inspector")), "{name:?}");

        world.network().filter("");
        let direct = patiently(WAIT, || (daemon.status()?.route?.rung == Rung::Direct).then_some(()));
        assert!(direct.is_some(), "{:?}", daemon.status());
    });
}

#[test]
fn r44_an_inspector_that_is_not_trusted_is_told_with_name_and_key() {
    in_network(Families::V4, |network| {
        let (own, inspector) = (Authority::new("Lab Authority"), Authority::new("Lab Inspector"));
        let world = world(network, &own, (2020, 2099));
        let _inspector = world.inspect("tcp dport 443", &inspector);
        let daemon = world.daemon("anna", &trusting(&world, &[&own]));
        let untrusted = told(Stage::Tls, Code::CertificateUntrusted, Remedy::AddInspectionCertificate);
        let status = assert_told(&daemon, &untrusted);
        let attempt = status.attempts.iter().find(|attempt| attempt.code == Code::CertificateUntrusted);
        let seen = attempt.and_then(|attempt| attempt.evidence.clone()).expect("the inspector is named");
        assert!(seen.name.is_some_and(|name| name.contains("Lab Inspector")));
        assert!(seen.fingerprint.is_some());
    });
}

/// Administrators add the authority that issues their certificates, and often not its root.
#[test]
fn f08_an_issuing_authority_alone_is_trusted_by_the_machine() {
    in_network(Families::V4, |network| {
        let issuer = Authority::new("Lab Authority").vouch_for("Lab Issuer", 2099);
        let below = issuer.vouch_for("Lab Branch", 2099);
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let certificate = Issued { with_issuer: true, ..below.issued((2020, 2099)) };
        let world = World::open_in(network, &House { certificate: Some(certificate), check_page: true });
        let daemon = world.daemon("anna", &trusting(&world, &[&issuer]));
        assert_joins(&daemon, FAST, &route(Rung::Https, HTTPS_PORT, None));
    });
}

/// The server sends its own certificate and one between it and the root. That one, or the root as
/// the machine has it, has expired.
#[test]
fn f11_an_issuing_authority_that_has_expired_is_told_by_its_name() {
    for (of_root, of_issuer, expired, code, remedy) in [
        (2099, 2021, "Lab Issuer", Code::CertificateExpired, Remedy::CheckClock),
        (2021, 2099, "Lab Root", Code::AuthorityExpired, Remedy::AddInspectionCertificate),
    ] {
        in_network(Families::V4, |network| {
            let root = Authority::until("Lab Root", of_root);
            let issuer = root.vouch_for("Lab Issuer", of_issuer);
            network.filter("tcp dport 4500-4506 reject with tcp reset");
            let certificate = Issued { with_issuer: true, ..issuer.issued((2020, 2099)) };
            let world = World::open_in(network, &House { certificate: Some(certificate), check_page: true });
            let daemon = world.daemon("anna", &trusting(&world, &[&root]));
            let status = assert_told(&daemon, &told(Stage::Tls, code, remedy));
            let attempt = status.attempts.iter().find(|attempt| attempt.code == code);
            let name = attempt.and_then(|attempt| attempt.evidence.clone()).and_then(|seen| seen.name);
            assert!(name.as_deref().is_some_and(|name| name.contains(expired)), "{name:?}");
        });
    }
}

/// The box looks no closer than a load balancer does, and browsers take it.
#[test]
fn f10_a_box_without_secure_renegotiation() {
    in_network(Families::V4, |network| {
        let own = Authority::new("Lab Authority");
        let world = world(network, &own, (2020, 2099));
        let _legacy = world.speak_legacy_tls("tcp dport 443");
        let daemon = world.daemon("anna", &trusting(&world, &[&own]));
        assert_joins(&daemon, FAST, &route(Rung::Https, HTTPS_PORT, None));

        let stranger = world.daemon("stranger", &trusting(&world, &[&Authority::new("Another")]));
        let untrusted = told(Stage::Tls, Code::CertificateUntrusted, Remedy::AddInspectionCertificate);
        assert_told(&stranger, &untrusted);
    });
}

#[test]
fn r46_a_link_with_a_fingerprint_lets_no_inspector_in() {
    in_network(Families::V4, |network| {
        let inspector = Authority::new("Lab Inspector");
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let _inspector = world.inspect("tcp dport 443", &inspector);
        let daemon = world.daemon("anna", &trusting(&world, &[&inspector]));
        assert_told(&daemon, &told(Stage::Tls, Code::FingerprintMismatch, Remedy::AskForNewLink));
        world.network().filter("");
        let direct = patiently(WAIT, || (daemon.status()?.route?.rung == Rung::Direct).then_some(()));
        assert!(direct.is_some(), "{:?}", daemon.status());
    });
}

#[test]
fn r47_a_certificate_that_has_expired_is_told_as_that() {
    in_network(Families::V4, |network| {
        let own = Authority::new("Lab Authority");
        let world = world(network, &own, (2020, 2021));
        let daemon = world.daemon("anna", &trusting(&world, &[&own]));
        assert_told(&daemon, &told(Stage::Tls, Code::CertificateExpired, Remedy::CheckClock));
    });
}

#[test]
fn r47_a_clock_that_is_wrong_is_told_as_that() {
    in_network(Families::V4, |network| {
        let own = Authority::new("Lab Authority");
        let world = world(network, &own, (2020, 2099));
        for (name, offset) in [("behind", "-10000d"), ("ahead", "+40000d")] {
            let mut settings = trusting(&world, &[&own]);
            settings.environment.extend([
                ("LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1".to_owned()),
                ("FAKETIME", offset.to_owned()),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ]);
            let daemon = world.daemon(name, &settings);
            let status = assert_told(&daemon, &told(Stage::Tls, Code::ClockWrong, Remedy::CheckClock));
            let expired = told(Stage::Tls, Code::CertificateExpired, Remedy::CheckClock);
            assert!(!tells(&status.attempts, &expired), "{status:?}");
        }
    });
}
