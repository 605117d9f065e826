//! Snapshots: when they are sent, in what form, and what comes behind them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_conference::{Public, Role};
use convene_model::limits::{SNAPSHOT_BASE_BYTES_MAX, SNAPSHOT_PARTICIPANT_BYTES_MAX};
use convene_protocol::{OpenedOutcome, Resumption};

use super::seat::FakeSeat;
use super::world::{LOG, World, place};
use super::writing::{Log, key, key_of, person};

/// Anna, Ben and Cem, with so many messages of a kilobyte.
fn with_messages(count: usize) -> World {
    let mut log = Log::begun();
    for (number, name) in [(1, "Anna"), (2, "Ben"), (3, "Cem")] {
        log.join(key(number), person(number.into()), name);
    }
    for _ in 0..count {
        log.say(&"x".repeat(1_000));
    }
    World::new(log)
}

fn number(world: &World, place: crate::messages::Place) -> Option<u64> {
    let OpenedOutcome::Open { resume: Resumption::Snapshot { number }, .. } = world.last_answer(place) else {
        return None;
    };
    Some(*number)
}

/// The public part that a seat got.
fn public(seat: &FakeSeat) -> Public {
    let data: String = seat.parts.iter().map(|part| part.data.as_str()).collect();
    let bytes = URL_SAFE_NO_PAD.decode(data).unwrap();
    let state = miniz_oxide::inflate::decompress_to_vec(&bytes).unwrap();
    serde_json::from_slice(&state).unwrap()
}

#[test]
fn who_missed_little_is_told_event_by_event_and_who_missed_much_gets_a_snapshot() {
    let mut world = with_messages(200);
    world.enter(place(1, 0), key(1));
    assert_eq!(number(&world, place(1, 0)), None);
    let mut world = with_messages(300);
    world.enter(place(1, 0), key(1));
    assert_eq!(number(&world, place(1, 0)), Some(305));
    assert_eq!(world.kinds(1), ["opened 0", "snapshot 305 part 0", "own 305 0", "follow 0"]);
    let seat = world.seat(place(1, 0));
    assert_eq!((seat.passed.as_slice(), seat.terms.len()), (&[(0, 305)][..], 1));
    assert_eq!(public(seat), *world.publisher.state().public());
    assert_eq!(public(seat).participants().get(person(2)).unwrap().role, Role::Participant);
    world.log.say("live");
    world.publish();
    assert_eq!(world.numbers(place(1, 0)), [306]);
}

#[test]
fn who_asks_for_a_snapshot_gets_one_that_goes_at_least_as_far_as_the_cursor() {
    let mut world = with_messages(3);
    world.enter(place(1, 0), key(1));
    world.enter(place(2, 0), key(2));
    world.seats.get_mut(&place(2, 0)).unwrap().wants_snapshot = true;
    world.open(place(2, 0));
    assert_eq!(number(&world, place(2, 0)), Some(8));
    world.log.say("on");
    world.publish();
    // The next may be made a second later: until then it waits.
    world.open(place(2, 0));
    assert_eq!(world.seat(place(2, 0)).answers.len(), 2);
    world.later(999);
    assert_eq!(world.seat(place(2, 0)).answers.len(), 2);
    world.later(1);
    assert_eq!(number(&world, place(2, 0)), Some(9));
}

#[test]
fn one_that_was_made_serves_until_much_has_come_behind_it() {
    let mut world = with_messages(300);
    world.enter(place(1, 0), key(1));
    for _ in 0..50 {
        world.log.say(&"x".repeat(1_000));
    }
    world.publish();
    world.later(5_000);
    world.enter(place(2, 0), key(2));
    assert_eq!(number(&world, place(2, 0)), Some(305));
    assert_eq!(world.numbers(place(2, 0)), (306..=355).collect::<Vec<u64>>());
    for _ in 0..20 {
        world.log.say(&"x".repeat(1_000));
    }
    world.publish();
    world.enter(place(3, 0), key(3));
    assert_eq!(number(&world, place(3, 0)), Some(375));
    assert_eq!(world.seat(place(1, 0)).cursor, 375);
}

#[test]
fn at_most_one_a_second_is_made() {
    let mut world = with_messages(300);
    world.enter(place(1, 0), key(1));
    for _ in 0..100 {
        world.log.say(&"x".repeat(1_000));
    }
    world.publish();
    world.enter(place(2, 0), key(2));
    assert_eq!(number(&world, place(2, 0)), Some(305), "the latest serves, and the rest is replayed");
    assert_eq!(world.seat(place(2, 0)).cursor, 405);
}

/// Two thousand people with names of so many random letters.
fn crowd(length: usize) -> Log {
    let mut log = Log::begun();
    let mut random = 1_u64;
    for number in 0..2_000 {
        let letters = std::iter::repeat_with(|| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'a' + u8::try_from((random >> 33) % 26).unwrap())
        });
        let name: String = letters.take(length).collect();
        log.join(key_of(number), person(number + 1), &name);
    }
    log
}

#[test]
fn two_thousand_people_fit_into_the_limit_and_into_parts() {
    let mut world = World::new(crowd(18));
    world.is_full = true;
    world.enter(place(1, 0), key_of(0));
    world.enter(place(1, 1), key_of(1));
    world.enter(place(2, 0), key_of(2));
    world.is_full = false;
    world.run();
    let texts = |world: &World, link| -> Vec<String> {
        let texts = &world.frames[&place(link, 0).link];
        texts.iter().filter(|text| text.starts_with(r#"{"snapshot""#)).cloned().collect()
    };
    let bytes: usize = texts(&world, 1).iter().map(String::len).sum();
    assert!(bytes <= SNAPSHOT_BASE_BYTES_MAX + 2_000 * SNAPSHOT_PARTICIPANT_BYTES_MAX, "{bytes} bytes");
    println!("{bytes} bytes: {:.1} for each of 2,000", bytes as f64 / 2_000.0);
    assert_eq!(texts(&world, 1), texts(&world, 2), "the same bytes, and once for both seats of a link");
    for place in [place(1, 0), place(1, 1), place(2, 0)] {
        assert_eq!(public(world.seat(place)).participants().len(), 2_000);
        assert!(world.seat(place).follows);
    }
}

#[test]
fn a_seat_that_comes_while_parts_are_sent_gets_all_of_them_afterwards() {
    let mut world = World::new(crowd(60));
    world.is_full = true;
    world.enter(place(1, 0), key_of(0));
    // The link has room for one part.
    let ready = || crate::messages::Wish::Ready { index: 0 };
    world.wish(place(1, 0), ready());
    world.enter(place(1, 1), key_of(1));
    assert!(world.seat(place(1, 1)).answers.is_empty(), "it waits until the other is through");
    world.enter(place(2, 0), key_of(2));
    assert!(!world.seat(place(2, 0)).answers.is_empty(), "which does not concern other links");
    world.log.say("meanwhile");
    world.publish();
    world.is_full = false;
    world.run();
    for place in [place(1, 0), place(1, 1), place(2, 0)] {
        let seat = world.seat(place);
        assert_eq!(public(seat).participants().len(), 2_000);
        assert!(seat.parts.len() > 1, "{}", seat.parts.len());
        assert!(seat.follows);
        assert_eq!(seat.cursor, world.log.last());
    }
}

#[test]
fn a_download_ends_with_its_last_seat() {
    let mut world = World::new(crowd(18));
    world.is_full = true;
    world.enter(place(1, 0), key_of(0));
    world.wish(place(1, 0), crate::messages::Wish::Ready { index: 0 });
    world.enter(place(1, 1), key_of(1));
    assert!(world.seat(place(1, 1)).answers.is_empty());
    world.publisher.handle_decider_lost();
    world.run();
    assert!(world.seat(place(1, 0)).reopened);
    world.later(1_000);
    assert!(number(&world, place(1, 1)).is_some());
    world.is_full = false;
    world.ask_again();
    assert!(world.seat(place(1, 0)).follows && world.seat(place(1, 1)).follows);
}

#[test]
fn who_may_read_no_more_is_replayed_and_gets_no_snapshot() {
    let mut world = with_messages(300);
    let left = world.log.leave(key(1), person(1), 1);
    world.log.say("behind");
    world.publish();
    world.enter(place(1, 0), key(1));
    world.seats.get_mut(&place(1, 0)).unwrap().wants_snapshot = true;
    world.open(place(1, 0));
    assert_eq!(number(&world, place(1, 0)), None);
    assert_eq!(world.seat(place(1, 0)).cursor, left);
}

#[test]
fn receipts_wait_for_the_snapshot() {
    let mut world = with_messages(300);
    world.is_full = true;
    world.enter(place(1, 0), key(1));
    world.log.command(key(1), person(1), 1);
    world.publish();
    assert!(world.seat(place(1, 0)).receipts.is_empty());
    world.is_full = false;
    world.run();
    assert_eq!(world.seat(place(1, 0)).receipts.len(), 1);
    let kinds = world.kinds(1);
    assert_eq!(kinds[3..], ["events 305..306 [0]", "receipts 0", "follow 0"]);
}

#[test]
fn a_snapshot_tells_every_term() {
    let mut world = with_messages(300);
    for term in 2..=5 {
        world.log.term(term);
    }
    world.publish();
    world.enter(place(1, 0), key(1));
    assert_eq!(world.seat(place(1, 0)).terms.len(), 5);
    assert_eq!(world.seat(place(1, 0)).log, LOG);
}
