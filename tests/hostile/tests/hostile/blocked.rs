//! Nothing is let through: it is told, a letter is written, and the day the network opens people
//! are in.

use std::time::Duration;

use convene_model::{Code, Remedy, Stage};
use convene_tests_hostile::{
    CONFERENCE_PORTS, CheckStep, Families, HTTPS_PORT, Proxy, SERVER_NAME, Settings, World, in_network,
    patiently,
};

use crate::expect::{Told, WAIT, assert_told, tells};
use crate::proxy::{environment, via};

/// How soon a network that opens is noticed: within half a minute, as `reach::timing` says of its
/// pauses, and a join behind it. A round that was under way is silent to its end, for up to 11 s,
/// and the pause behind it takes up to 18 s.
const OPENED: Duration = Duration::from_secs(33);

#[test]
fn r95_everything_blocked_is_told_with_a_letter_and_joins_by_itself_when_opened() {
    in_network(Families::V4, |network| {
        network.filter("drop");
        let world = World::open(network);
        let configuration =
            format!("[[server]]\nhost = \"{SERVER_NAME}\"\ncontact = \"help@conference.test\"\n");
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        let target = format!("{SERVER_NAME}:{HTTPS_PORT}");
        let told = Told { stage: Stage::Tcp, target, code: Code::TimedOut, remedy: Remedy::AllowServer };
        assert_told(&daemon, &told);

        for (language, greeting) in [("en", "Dear administrator"), ("de", "Sehr geehrte Administration")] {
            let checked = daemon.check(language, Duration::from_secs(1));
            assert_eq!(checked.exit, Some(4), "{checked:?}");
            let answer = checked.answer.expect("`check` prints a line for each server");
            assert_eq!(
                (answer.state.as_str(), answer.contact.as_deref()),
                ("blocked", Some("help@conference.test"))
            );
            let letter = answer.letter.expect("a server that is not reached has its letter");
            for fact in [greeting, SERVER_NAME, "4500-4506", "443", "CONNECT", " ms)"] {
                assert!(letter.contains(fact), "{fact} is missing in\n{letter}");
            }
        }

        world.network().filter("");
        // Whichever way is open first: an attempt already under way on 443 may win over the
        // conference ports.
        let joined = patiently(OPENED, || (daemon.status()?.state == "connected").then_some(()));
        assert!(joined.is_some(), "not joined {OPENED:?} after the network opened: {:?}", daemon.status());
        let checked = daemon.check("en", WAIT);
        assert_eq!(checked.exit, Some(0), "{checked:?}");
        assert_eq!(checked.answer.and_then(|answer| answer.letter), None);
    });
}

/// How long a check may take in all.
const CHECKED: Duration = Duration::from_secs(60);

/// The firewall is silent, and the proxy lets nothing through to the server.
#[test]
fn access_check_in_a_blocked_network_ends_in_a_letter() {
    in_network(Families::V4, |network| {
        network.filter("drop");
        let world = World::open(network);
        let proxy = Proxy::squid(world.network(), &[80], None);
        let daemon = world.daemon("anna", &environment(proxy.url()));
        let joined = daemon.join("anna", WAIT);
        assert_eq!(joined.exit, Some(4), "{joined:?}");

        let checked = daemon.check("en", CHECKED);
        assert_eq!(checked.exit, Some(4), "{checked:?}");
        assert!(checked.took < CHECKED, "{:?}", checked.took);
        let answer = checked.answer.expect("`check` prints a line for each server");
        let check = answer.check.expect("the check is told with it");
        assert_eq!(check.verdict.as_deref(), Some("red"), "{check:?}");
        let of =
            |kind: &str| -> Vec<&CheckStep> { check.steps.iter().filter(|step| step.kind == kind).collect() };
        let targets = |kind: &str| -> Vec<String> {
            let failed = of(kind).into_iter().filter(|step| step.state == "failed");
            failed.map(|step| step.target.clone()).collect()
        };
        let ports: Vec<_> = CONFERENCE_PORTS.map(|port| format!("{SERVER_NAME}:{port}")).collect();
        assert_eq!(targets("port"), ports, "each port is tried");
        assert_eq!(targets("https"), [format!("{SERVER_NAME}:{HTTPS_PORT}")]);
        let proxies = of("proxy");
        let [through] = &proxies[..] else { panic!("{check:?}") };
        let named = (through.target.as_str(), through.named_by.as_deref());
        assert_eq!(named, (&*proxy.address().to_string(), Some("environment")));
        let attempts: Vec<_> = check.steps.iter().filter_map(|step| step.attempt.clone()).collect();
        let silent = Told {
            stage: Stage::Tcp,
            target: format!("{SERVER_NAME}:4506"),
            code: Code::TimedOut,
            remedy: Remedy::AllowServer,
        };
        let forbidden = Told {
            stage: Stage::Proxy,
            target: via(proxy.address()),
            code: Code::ProxyForbidden,
            remedy: Remedy::AllowServerInProxy,
        };
        assert!(tells(&attempts, &silent) && tells(&attempts, &forbidden), "{attempts:?}");
        for kind in ["inspection", "clock", "version"] {
            assert_eq!(of(kind).iter().map(|step| &*step.state).collect::<Vec<_>>(), ["skipped"], "{kind}");
        }
        let letter = answer.letter.expect("a server that is not reached has its letter");
        let via = via(proxy.address());
        for fact in
            ["Dear administrator", "nothing answered", "the proxy does not let it through", "squid", &via]
        {
            assert!(letter.contains(fact), "{fact} is missing in\n{letter}");
        }
        assert!(
            letter.contains(&format!("{SERVER_NAME}:{HTTPS_PORT}, 4500-4506:")),
            "one line for all: {letter}"
        );
    });
}

/// The ways in which a firewall says no, and the code by which the system's error is told. A router
/// that does not find the server says the same to a program as one that forbids it.
#[test]
fn r95_each_way_to_say_no_has_its_code() {
    let v4 = [
        ("icmp type admin-prohibited", Code::Forbidden),
        ("icmp type host-unreachable", Code::Forbidden),
        ("icmp type net-unreachable", Code::Forbidden),
        ("icmp type port-unreachable", Code::Refused),
        ("tcp reset", Code::Refused),
    ];
    let v6 = [
        ("icmpv6 type admin-prohibited", Code::Forbidden),
        ("icmpv6 type addr-unreachable", Code::Forbidden),
        ("icmpv6 type no-route", Code::Forbidden),
        ("icmpv6 type port-unreachable", Code::Refused),
    ];
    for (families, answers) in [(Families::V4, &v4[..]), (Families::V6, &v6[..])] {
        in_network(families, |network| {
            let world = World::open(network);
            for (name, (with, code)) in ["anna", "ben", "cleo", "dora", "emil"].into_iter().zip(answers) {
                world.network().filter(&format!("meta l4proto tcp reject with {with}"));
                let daemon = world.daemon(name, &Settings::default());
                for port in [4_500, HTTPS_PORT] {
                    let target = format!("{SERVER_NAME}:{port}");
                    let told = Told { stage: Stage::Tcp, target, code: *code, remedy: Remedy::AllowServer };
                    assert_told(&daemon, &told);
                }
            }
        });
    }
}

/// No firewall is to blame, and no administrator to be asked, whether or not the server's address
/// is known.
#[test]
fn r87_a_router_that_is_off_is_a_matter_of_this_machines_network() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        world.network().silence_router();
        for (name, stage) in [("anna", Stage::Dns), ("ben", Stage::Tcp)] {
            if stage == Stage::Tcp {
                world.network().move_name(world.network().servers()[0]);
            }
            let daemon = world.daemon(name, &Settings::default());
            let joined = daemon.join(name, WAIT);
            assert_eq!(joined.exit, Some(4), "{joined:?}");
            let status = daemon.status().expect("the server that is tried is listed");
            assert_eq!(status.state, "offline", "{status:?}");
            let target = format!("{SERVER_NAME}:{HTTPS_PORT}");
            let told = Told { stage, target, code: Code::Unreachable, remedy: Remedy::CheckNetwork };
            assert!(tells(&status.attempts, &told), "{status:?}");
        }
    });
}
