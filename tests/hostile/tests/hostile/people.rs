//! Several users of one machine, and whoever else is on it.

use convene_tests_hostile::{Families, Place, Settings, World, in_network};

use crate::expect::{FAST, assert_joins_openly};

#[test]
fn r97_two_users_at_one_daemon_and_a_second_daemon_are_apart() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins_openly(&daemon, FAST);
        let seats = || daemon.list().into_iter().map(|seat| seat["participant"].clone()).collect::<Vec<_>>();
        let own = seats();
        assert_eq!(own.len(), 1, "{own:?}");
        // Nothing of it is another user's.
        let nothing = daemon.ask_as_stranger(&["list"]);
        assert_eq!((nothing.exit, nothing.answer), (Some(0), None), "{}", nothing.complaint);
        let foreign = daemon.ask_as_stranger(&["say", world.conference(), "in her name"]);
        assert_eq!(foreign.exit, Some(1), "{foreign:?}");
        let joined = daemon.ask_as_stranger(&["join", "-", "--name", "Ben", "--wait", "20"]);
        assert_eq!(joined.exit, Some(0), "{joined:?} {}", daemon.log());
        let said = daemon.ask_as_stranger(&["say", world.conference(), "in his own", "--wait", "20"]);
        assert_eq!(said.exit, Some(0), "{said:?}");
        let other = daemon.ask_as_stranger(&["list"]).answer.expect("he has a seat");
        assert_eq!(other["conference"], *world.conference());
        assert_ne!(other["participant"], own[0]);
        assert_eq!(seats(), own);
        let second = world.daemon("carla", &Settings::default());
        assert_joins_openly(&second, FAST);
        assert_eq!((second.list().len(), seats()), (1, own));
        let texts: Vec<_> = world.events().into_iter().filter_map(|event| event.text).collect();
        assert_eq!(texts, ["in his own"]);
    });
}

/// A page in a browser can ask every port of its machine: there is none to ask.
#[test]
fn r98_nothing_of_the_daemon_listens_to_the_network() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins_openly(&daemon, FAST);
        let (listeners, connections) = world.network().listeners(Place::Client);
        assert!(listeners.is_empty() && connections > 0, "{connections} connections, and {listeners:?}");
    });
}
