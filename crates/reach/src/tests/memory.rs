//! The facts that are remembered, and for how long.

use std::time::Duration;

use convene_model::{Rung, Timestamp};

use super::world::route;
use crate::timing::NETWORKS_MAX;
use crate::{Memory, NetworkId};

const DAY: i64 = 24 * 60 * 60 * 1_000;

fn day(day: i64) -> Timestamp {
    Timestamp::from_millis(day * DAY)
}

#[test]
fn what_won_is_recalled_for_thirty_days_on_its_own_network() {
    let mut memory = Memory::default();
    let won = route(Rung::Proxy, 443, Some("proxy"));
    memory.remember(NetworkId(1), won.clone(), day(100));
    assert_eq!(memory.recall(NetworkId(1), day(130)), Some(&won));
    assert_eq!(memory.recall(NetworkId(1), Timestamp::from_millis(130 * DAY + 1)), None);
    assert_eq!(memory.recall(NetworkId(2), day(100)), None);
    assert_eq!(memory.recall(NetworkId(1), day(99)), Some(&won), "the clock was set back");
}

#[test]
fn the_oldest_networks_are_forgotten_first() {
    let mut memory = Memory::default();
    for network in 0..u64::try_from(NETWORKS_MAX).unwrap() + 2 {
        let at = Timestamp::from_millis(i64::try_from(network).unwrap());
        memory.remember(NetworkId(network), route(Rung::Https, 443, None), at);
    }
    let known = |network| memory.recall(NetworkId(network), day(0)).is_some();
    assert_eq!([known(0), known(1), known(2), known(65)], [false, false, true, true]);
}

#[test]
fn it_survives_being_written_and_read() {
    let mut memory = Memory::default();
    memory.remember(NetworkId(u64::MAX), route(Rung::Proxy, 443, Some("proxy")), day(20_000));
    let text = serde_json::to_string(&memory).unwrap();
    assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), memory);
}

#[test]
fn what_a_path_needs_outlasts_the_next_winner_there() {
    let mut memory = Memory::default();
    let needed = Duration::from_millis(12_500);
    assert!(!memory.remember_heartbeat(NetworkId(1), needed, day(0)), "nothing won there yet");
    assert_eq!(memory.heartbeat(NetworkId(1), day(0)), None);
    for rung in [Rung::Https, Rung::Direct] {
        memory.remember(NetworkId(1), route(rung, 443, None), day(0));
        assert!(memory.remember_heartbeat(NetworkId(1), needed, day(0)));
        assert!(memory.remember_hold(NetworkId(1), needed, day(0)));
        memory.remember(NetworkId(1), route(rung, 443, None), day(1));
    }
    assert_eq!((memory.hold(NetworkId(1), day(2)), memory.hold(NetworkId(1), day(40))), (Some(needed), None));
    assert_eq!(memory.heartbeat(NetworkId(1), day(2)), Some(needed));
    assert_eq!(memory.heartbeat(NetworkId(1), day(40)), None);
    assert!(!memory.remember_hold(NetworkId(1), needed, day(40)), "what won there is forgotten");
    assert!(!memory.remember_heartbeat(NetworkId(1), needed, day(40)));
    let mut later = memory.clone();
    later.remember(NetworkId(1), route(Rung::Https, 443, None), day(40));
    assert_eq!((later.hold(NetworkId(1), day(40)), later.heartbeat(NetworkId(1), day(40))), (None, None));
    let older = r#"{"1":{"route":{"rung":"https","target":{"host":"server","port":443},"proxy":null,"carrier":"websocket"},"at":"1970-01-01T00:00:00.000Z"}}"#;
    let older: Memory = serde_json::from_str(older).unwrap();
    assert_eq!(
        (older.recall(NetworkId(1), day(0)).is_some(), older.heartbeat(NetworkId(1), day(0))),
        (true, None)
    );
}
