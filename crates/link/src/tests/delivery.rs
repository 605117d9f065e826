//! The guarantees that hold whatever happens to pipes. The world itself checks that every frame is
//! taken once and in order.

use std::time::Duration;

use convene_protocol::RefuseCode;
use proptest::prelude::*;

use super::world::{Way, World};
use crate::PipeDeath;
use crate::timing::{ACK_DELAY, ACK_OVERDUE, ANSWER_MAX, CHOICE_MAX, HEARTBEAT, LINK_KEPT, SILENCE_MAX};

/// Longer than any wait of a link for its next step.
const LONG: Duration = Duration::from_secs(70);
/// Until a daemon that has no pipe has found one.
const SOON: Duration = Duration::from_secs(10);

/// Both ends have taken everything that the other sent.
fn assert_nothing_is_missing(world: &World) {
    assert_eq!(world.at_daemon.took, world.at_server.sent);
    assert_eq!(world.at_server.took, world.at_daemon.sent);
}

#[test]
fn a_link_carries_frames_both_ways() {
    let (mut world, _) = World::attached(false);
    for _ in 0..100 {
        world.send_up();
        world.send_down();
    }
    world.settle();
    assert_nothing_is_missing(&world);
    world.pass(ACK_DELAY);
    assert_eq!(world.daemon.bytes_waiting(), 0);
}

#[test]
fn an_idle_link_lives_on_heartbeats_alone() {
    let (mut world, pipe) = World::attached(false);
    world.pass(ACK_DELAY);
    let frames = world.said.len();
    world.pass(HEARTBEAT * 100);
    assert_eq!((world.deaths.len(), world.server_deaths.len()), (0, 0));
    assert!(world.pipes.contains_key(&pipe));
    assert_eq!(world.count(Way::Up, "_ping"), world.count(Way::Down, "_pong"));
    assert!(world.said.len() - frames <= 202, "a heartbeat is two frames");
}

#[test]
fn what_was_under_way_on_a_cut_pipe_comes_on_the_next() {
    let (mut world, pipe) = World::attached(false);
    for _ in 0..10 {
        world.send_up();
        world.send_down();
    }
    for _ in 0..3 {
        world.deliver(pipe, Way::Up);
        world.deliver(pipe, Way::Down);
    }
    world.cut(pipe);
    world.send_up();
    world.send_down();
    let pipe = world.greet(false);
    world.attach(pipe);
    world.settle();
    assert_nothing_is_missing(&world);
    assert_eq!((world.at_daemon.begun, world.at_server.begun), (1, 1));
}

#[test]
fn a_pipe_taken_over_while_frames_fly_loses_and_doubles_nothing() {
    let (mut world, older) = World::attached(false);
    for _ in 0..10 {
        world.send_up();
        world.send_down();
    }
    let newer = world.greet(true);
    world.attach(newer);
    world.send_up();
    world.deliver(older, Way::Up);
    world.deliver(newer, Way::Up);
    world.settle();
    assert_nothing_is_missing(&world);
    assert_eq!(world.deaths, [(older, PipeDeath::Superseded)]);
    assert_eq!(world.server_deaths, [(older, PipeDeath::Superseded)]);
    assert_eq!(world.pipes.keys().collect::<Vec<_>>(), [&newer]);
}

#[test]
fn an_attach_that_is_overtaken_by_a_newer_one_is_refused() {
    let mut world = World::new();
    let (first, second) = (world.greet(false), world.greet(false));
    world.attach(first);
    world.attach(second);
    world.deliver(second, Way::Up);
    world.deliver(first, Way::Up);
    assert_eq!((world.count(Way::Down, "refused"), world.at_server.begun), (1, 1));
    world.settle();
    world.send_up();
    world.settle();
    assert_nothing_is_missing(&world);
    assert_eq!(world.pipes.keys().collect::<Vec<_>>(), [&second]);
}

#[test]
fn pipes_that_are_not_chosen_leave_in_time() {
    let (mut world, chosen) = World::attached(false);
    let spare = world.greet(false);
    world.pass(CHOICE_MAX);
    assert_eq!(world.refused, [(spare, RefuseCode::Silent)]);
    assert_eq!(world.deaths, []);
    assert_eq!(world.pipes.keys().collect::<Vec<_>>(), [&chosen]);
}

#[test]
fn a_pipe_that_falls_silent_is_given_up_by_both_ends() {
    let (mut world, pipe) = World::attached(false);
    for way in [Way::Up, Way::Down] {
        world.pipes.get_mut(&pipe).unwrap().lane(way).is_blocked = true;
    }
    world.pass(HEARTBEAT + ANSWER_MAX);
    assert_eq!(world.deaths, [(pipe, PipeDeath::Silent)]);
    world.pass(SILENCE_MAX - HEARTBEAT - ANSWER_MAX);
    assert_eq!(world.server_deaths, [(pipe, PipeDeath::Silent)]);
}

#[test]
fn a_last_frame_that_is_lost_comes_again_on_the_same_pipe() {
    for way in [Way::Up, Way::Down] {
        let (mut world, pipe) = World::attached(true);
        world.pass(ACK_DELAY);
        match way {
            Way::Up => world.send_up(),
            Way::Down => world.send_down(),
        }
        world.pipes.get_mut(&pipe).unwrap().lane(way).flying.clear();
        world.pass(ACK_OVERDUE);
        assert_nothing_is_missing(&world);
        assert_eq!(world.deaths, []);
    }
}

#[test]
fn a_lost_frame_comes_again_as_soon_as_the_next_one_is_seen() {
    let (mut world, pipe) = World::attached(true);
    for _ in 0..5 {
        world.send_down();
    }
    world.pipes.get_mut(&pipe).unwrap().down.flying.pop_front();
    world.settle();
    assert_nothing_is_missing(&world);
    assert_eq!(world.count(Way::Up, "_ack"), 1);
}

#[test]
fn a_forgotten_link_begins_afresh() {
    let (mut world, pipe) = World::attached(false);
    world.cut(pipe);
    world.send_up();
    world.pass(LINK_KEPT);
    assert!(world.server.is_none());
    let pipe = world.greet(false);
    world.attach(pipe);
    world.settle();
    assert_eq!((world.at_daemon.begun, world.at_server.begun), (2, 2));
    world.send_up();
    world.send_down();
    world.settle();
    assert_nothing_is_missing(&world);
}

/// The daemon's count is of the link that the server forgot, and means nothing on the one that
/// began since.
#[test]
fn a_daemon_that_missed_that_its_link_began_afresh_does_not_resume_it() {
    let (mut world, pipe) = World::attached(false);
    world.cut(pipe);
    world.forget();
    let pipe = world.greet(false);
    world.attach(pipe);
    world.deliver(pipe, Way::Up);
    for _ in 0..5 {
        world.send_down();
    }
    world.cut(pipe);
    let pipe = world.greet(false);
    world.attach(pipe);
    world.settle();
    for _ in 0..5 {
        world.send_up();
        world.send_down();
    }
    world.settle();
    assert_nothing_is_missing(&world);
}

/// A thing that may happen to a link.
#[derive(Debug, Clone, Copy)]
enum Blow {
    SendUp,
    SendDown,
    Deliver(Way, usize),
    /// The daemon changes to another pipe.
    Attach {
        is_numbered: bool,
    },
    Cut,
    /// Nothing comes through this way any more.
    Block(Way),
    /// On pipes with numbers, to frames other than those that greet and attach.
    Lose(Way, usize),
    Repeat(Way, usize),
    Swap(Way, usize),
    Sleep(u64),
    Settle,
    Probe,
    Forget,
}

fn blows(with_forgetting: bool) -> impl Strategy<Value = Vec<Blow>> {
    let way = || prop_oneof![Just(Way::Up), Just(Way::Down)];
    let blow = prop_oneof![
        6 => Just(Blow::SendUp),
        6 => Just(Blow::SendDown),
        8 => (way(), 1..5_usize).prop_map(|(way, frames)| Blow::Deliver(way, frames)),
        2 => any::<bool>().prop_map(|is_numbered| Blow::Attach { is_numbered }),
        1 => Just(Blow::Cut),
        1 => way().prop_map(Blow::Block),
        2 => (way(), 0..8_usize).prop_map(|(way, place)| Blow::Lose(way, place)),
        2 => (way(), 0..8_usize).prop_map(|(way, place)| Blow::Repeat(way, place)),
        2 => (way(), 0..8_usize).prop_map(|(way, place)| Blow::Swap(way, place)),
        2 => (0..20_000_u64).prop_map(Blow::Sleep),
        2 => Just(Blow::Settle),
        1 => Just(Blow::Probe),
        1 => Just(if with_forgetting { Blow::Forget } else { Blow::Settle }),
    ];
    prop::collection::vec(blow, 0..150)
}

fn is_opener(text: &str) -> bool {
    ["hello", "attach", "attached", "refused"].iter().any(|kind| text.starts_with(&format!(r#"{{"{kind}":"#)))
}

fn strike(world: &mut World, blow: Blow) {
    let current = world.pipes.keys().next_back().copied();
    match (blow, current) {
        (Blow::SendUp, _) => world.send_up(),
        (Blow::SendDown, _) => world.send_down(),
        (Blow::Deliver(way, frames), _) => {
            for pipe in world.pipes.keys().copied().collect::<Vec<_>>() {
                (0..frames).for_each(|_| _ = world.deliver(pipe, way));
            }
        }
        (Blow::Attach { is_numbered }, _) => {
            let pipe = world.greet(is_numbered);
            world.attach(pipe);
        }
        (Blow::Block(way), Some(pipe)) => {
            if let Some(pipe) = world.pipes.get_mut(&pipe) {
                pipe.lane(way).is_blocked = true;
            }
        }
        (Blow::Cut, Some(pipe)) => world.cut(pipe),
        (Blow::Sleep(ms), _) => world.sleep(Duration::from_millis(ms)),
        (Blow::Settle, _) => world.settle(),
        (Blow::Probe, _) => world.daemon.handle_probe(),
        (Blow::Forget, _) => world.forget(),
        (Blow::Lose(way, place) | Blow::Repeat(way, place) | Blow::Swap(way, place), Some(pipe)) => {
            let Some(pipe) = world.pipes.get_mut(&pipe).filter(|pipe| pipe.is_numbered) else { return };
            let flying = &mut pipe.lane(way).flying;
            let Some(frame) = flying.get(place).filter(|(_, text)| !is_opener(text)).cloned() else { return };
            if matches!(blow, Blow::Lose(..)) {
                flying.remove(place);
            } else if matches!(blow, Blow::Repeat(..)) {
                flying.push_back(frame);
            } else if place + 1 < flying.len() {
                flying.swap(place, place + 1);
            }
        }
        (Blow::Cut | Blow::Block(_) | Blow::Lose(..) | Blow::Repeat(..) | Blow::Swap(..), None) => {}
    }
}

/// The network is well again: the daemon finds a pipe soon whenever it has none.
fn heal(world: &mut World) {
    for _ in 0..4 * LONG.as_secs() / SOON.as_secs() {
        if !world.daemon.is_attached() {
            let pipe = world.greet(false);
            world.attach(pipe);
        }
        world.pass(SOON);
    }
    assert!(world.daemon.is_attached());
    assert_nothing_is_missing(world);
    assert_eq!(world.daemon.bytes_waiting(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_frame_is_taken_once_and_in_order_while_neither_end_forgets(blows in blows(false)) {
        let (mut world, _) = World::attached(true);
        blows.into_iter().for_each(|blow| strike(&mut world, blow));
        // A link without a pipe is forgotten in time; these blows may well take longer than that.
        prop_assume!(world.at_server.begun == 1 && world.server.is_some());
        heal(&mut world);
        prop_assert_eq!((world.at_daemon.begun, world.at_server.begun), (1, 1));
    }

    #[test]
    fn a_link_that_begins_afresh_mixes_nothing_in_from_before(blows in blows(true)) {
        let (mut world, _) = World::attached(true);
        blows.into_iter().for_each(|blow| strike(&mut world, blow));
        heal(&mut world);
    }
}
