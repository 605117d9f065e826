//! Long, lossy and narrow paths to the server.

use std::thread;
use std::time::Duration;

use convene_model::Rung;
use convene_tests_hostile::{
    Arrivals, Families, HTTPS_PORT, Path, Proxy, Settings, World, in_network, patiently,
};
use uuid::Uuid;

use crate::expect::{FAST, WAIT, assert_joins, assert_joins_openly, route};

/// People on a lossy path: chance rules there, and the most of them count.
const PEOPLE: usize = 5;
/// When the last of them is in and heard: repetitions of TCP's come later and later.
const ALL_IN: Duration = Duration::from_secs(60);
/// Connections that one of them may need: two rounds on every port, with another carrier beside
/// each WebSocket; and the same once for a check of the access.
const CONNECTIONS_MAX: usize = 40;

/// Joined while one is still willing to wait.
const SLOW: Duration = Duration::from_secs(15);

/// The messages that the server keeps, in their order.
fn kept(world: &World) -> Vec<String> {
    world.events().into_iter().filter_map(|event| event.text).collect()
}

/// Three of ten exchanges fail, because one of six packets vanishes in each direction, and an
/// answer takes 800 ms.
#[test]
fn r17_loss_and_long_delay_are_joined_through_without_a_storm_of_attempts() {
    in_network(Families::V4, |network| {
        let delay = Duration::from_millis(400);
        let _long = network.lengthen(Path { delay, opening_delay: delay, lost_percent: 16, ..Path::SHORT });
        let world = World::open(network);
        let arrivals = Arrivals::watch(world.network());
        let joined = thread::scope(|scope| {
            let people: Vec<_> = (0..PEOPLE)
                .map(|number| {
                    let world = &world;
                    scope.spawn(move || {
                        let daemon = world.daemon(&format!("person{number}"), &Settings::default());
                        let join = || daemon.join(daemon.name(), WAIT);
                        let joined = join();
                        let is_in = joined.exit == Some(0) || join().exit == Some(0);
                        assert!(is_in, "{joined:?} {}", daemon.log());
                        let said = daemon.say(daemon.name(), &Uuid::new_v4().to_string(), WAIT);
                        assert_eq!(said.exit, Some(0), "{said:?}");
                        let all = patiently(ALL_IN, || (kept(world).len() == PEOPLE).then_some(()));
                        assert!(all.is_some(), "{:?} {}", kept(world), daemon.log());
                        joined
                    })
                })
                .collect();
            people.into_iter().map(|person| person.join().expect("nobody is lost")).collect::<Vec<_>>()
        });
        let soon = joined.iter().filter(|joined| joined.exit == Some(0) && joined.took < SLOW).count();
        assert!(soon * 2 > PEOPLE, "{joined:?}");
        let mut texts = kept(&world);
        texts.sort_unstable();
        assert_eq!(texts, ["person0", "person1", "person2", "person3", "person4"]);
        let connections = arrivals.seen().len();
        assert!(connections <= PEOPLE * CONNECTIONS_MAX, "{connections} connections");
    });
}

/// Nobody is told that a packet was too long: only what stays short gets through.
#[test]
fn r18_packets_over_a_size_vanish_and_nothing_is_lost() {
    for bytes_max in [1_280, 1_400] {
        in_network(Families::V4, |network| {
            let _long = network.lengthen(Path { bytes_max, ..Path::SHORT });
            let world = World::open(network);
            let daemon = world.daemon("anna", &Settings::default());
            assert_joins_openly(&daemon, FAST);
            let texts: Vec<_> = (0..4).map(|number| format!("{number} {}", "word ".repeat(700))).collect();
            for text in &texts {
                let said = daemon.say(text, &Uuid::new_v4().to_string(), WAIT);
                let state = said.answer.map(|answer| answer.state);
                assert_eq!(state.as_deref(), Some("accepted"), "{:?} {}", said.took, daemon.log());
            }
            let heard = || -> Vec<_> { daemon.tail().into_iter().filter_map(|event| event.text).collect() };
            assert!(patiently(WAIT, || (heard() == texts).then_some(())).is_some(), "{:?}", heard());
            assert_eq!(kept(&world), texts);
        });
    }
}

/// The way of an onion router: it takes 10 s to be opened, and is as quick as any then.
#[test]
fn r77_a_socks_4a_proxy_that_takes_10_s_for_a_way_is_joined_through() {
    in_network(Families::V4, |network| {
        network.filter("meta l4proto tcp reject with tcp reset");
        let opening_delay = Duration::from_secs(10);
        let _long = network.lengthen(Path { opening_delay, ..Path::SHORT });
        let world = World::open(network);
        let proxy = Proxy::ssh(world.network());
        let [url, shown] = ["socks4a", "socks4"].map(|scheme| format!("{scheme}://{}", proxy.address()));
        let settings = Settings { environment: vec![("all_proxy", url)], ..Settings::default() };
        let daemon = world.daemon("anna", &settings);
        assert_joins(&daemon, SLOW, &route(Rung::Proxy, HTTPS_PORT, Some(shown)));
    });
}
