//! Pages of the past.

use super::world::{World, place};
use super::writing::{Log, key, person};
use crate::publisher::Publisher;

/// Anna, with 500 messages: more than a page. The log is read up to its end, and the tail is here
/// or not.
fn long(from_stored: bool) -> World {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    for number in 0..500 {
        log.say(&format!("{number}"));
    }
    let mut world = World::new(log.clone());
    if from_stored {
        let stored = world.publisher.stored();
        world =
            World::with(Publisher::from_stored(world.publisher.conference(), super::world::LOG, stored), log);
    }
    world.enter(place(1, 0), key(1));
    world
}

/// Pages to the end of a span, as a daemon turns them; gives the numbers of the events.
fn turn(world: &mut World, mut after: u64, mut through: u64, newest: bool) -> Vec<u64> {
    world.seats.get_mut(&place(1, 0)).unwrap().events.clear();
    for _ in 0..100 {
        world.history(place(1, 0), after, through, newest);
        let (from, to, _) = *world.seat(place(1, 0)).pages.last().expect("a page");
        if from == to {
            break;
        }
        if newest {
            assert!(to <= through);
            through = from;
        } else {
            assert_eq!(from, after);
            after = to;
        }
        if after >= through {
            break;
        }
    }
    let mut numbers = world.numbers(place(1, 0));
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "nothing twice");
    numbers
}

#[test]
fn all_of_a_span_is_had_from_either_end() {
    for from_stored in [false, true] {
        let mut world = long(from_stored);
        for newest in [false, true] {
            for page in [7, 100] {
                world.page = page;
                let numbers = turn(&mut world, 0, 503, newest);
                assert_eq!(numbers.len(), 502, "stored {from_stored}, newest {newest}, pages of {page}");
                assert_eq!(turn(&mut world, 10, 20, newest), (11..=20).collect::<Vec<u64>>());
            }
        }
    }
}

#[test]
fn long_messages_come_in_pages_below_the_limit() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    for _ in 0..100 {
        log.say(&"ä".repeat(4_000));
    }
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    assert_eq!(turn(&mut world, 0, 103, false).len(), 102);
    assert_eq!(turn(&mut world, 0, 103, true).len(), 102);
}

#[test]
fn beyond_the_end_there_is_nothing_to_be_had() {
    let mut world = long(false);
    world.history(place(1, 0), 600, 700, false);
    assert_eq!(world.seat(place(1, 0)).pages, [(600, 600, 0)]);
    assert_eq!(turn(&mut world, 490, 10_000, false), (491..=503).collect::<Vec<u64>>());
    assert_eq!(turn(&mut world, 490, 10_000, true), (491..=503).collect::<Vec<u64>>());
    world.history(place(1, 0), u64::MAX, 0, true);
    assert_eq!(*world.seat(place(1, 0)).pages.last().unwrap(), (u64::MAX, u64::MAX, 0));
}

#[test]
fn a_seat_that_left_pages_up_to_its_leaving() {
    let mut world = long(false);
    let left = world.log.leave(key(1), person(1), 1);
    world.log.say("behind");
    world.publish();
    for newest in [false, true] {
        assert_eq!(turn(&mut world, 500, 10_000, newest), (501..=left).collect::<Vec<u64>>());
        world.history(place(1, 0), left, 10_000, newest);
        assert_eq!(*world.seat(place(1, 0)).pages.last().unwrap(), (left, left, 0));
    }
}

#[test]
fn only_what_the_key_may_read_is_in_a_page() {
    let mut world = long(false);
    let private = world.log.whisper(&[person(1)], "mine");
    world.log.whisper(&[person(2)], "not mine");
    world.log.device(key(9), person(1), true);
    world.publish();
    assert_eq!(turn(&mut world, 502, 506, false), [503, private, 506]);
    world.enter(place(1, 0), key(9));
    assert_eq!(turn(&mut world, 502, 506, true), [503, 506]);
}

#[test]
fn a_page_that_cannot_be_read_harms_its_seat_alone_and_with_a_pause() {
    let mut world = long(true);
    world.log.join(key(2), person(2), "Ben");
    world.publish();
    world.enter(place(2, 0), key(2));
    world.is_silent = true;
    world.history(place(1, 0), 0, 100, false);
    let read = world.reads.pop_front().expect("a page is wanted");
    world.publisher.handle_read_failed(&read);
    world.run();
    assert!(world.seat(place(1, 0)).reopened);
    assert!(!world.seat(place(2, 0)).reopened);
    world.ask_again();
    assert!(matches!(
        world.last_answer(place(1, 0)),
        convene_protocol::OpenedOutcome::Later { code: convene_conference::Refusal::NotHereNow, .. }
    ));
    world.is_silent = false;
    world.open(place(1, 0));
    assert!(world.seat(place(1, 0)).is_open);
    // Text that is no entry is as bad as no page.
    world.is_silent = true;
    world.history(place(1, 0), 0, 100, true);
    let read = world.reads.pop_front().expect("a page is wanted");
    let after = read.after;
    world.publisher.handle_page(read, &[(after + 1, "rubbish".into())]);
    world.run();
    assert!(world.seat(place(1, 0)).reopened);
}

#[test]
fn who_asks_for_too_many_pages_at_once_must_ask_again() {
    let mut world = long(true);
    world.is_silent = true;
    for _ in 0..9 {
        world.history(place(1, 0), 0, 100, false);
    }
    assert_eq!(world.reads.len(), 1, "one is read at a time");
    assert!(world.seat(place(1, 0)).reopened);
    // Its page is not given to the opening that follows.
    world.ask_again();
    world.is_silent = false;
    let pages = world.seat(place(1, 0)).pages.len();
    world.run();
    assert_eq!(world.seat(place(1, 0)).pages.len(), pages);
}

#[test]
fn a_page_that_was_read_for_an_earlier_opening_answers_nothing() {
    let mut world = long(true);
    world.is_silent = true;
    world.history(place(1, 0), 0, 100, false);
    world.open(place(1, 0));
    world.history(place(1, 0), 200, 300, false);
    world.is_silent = false;
    world.seats.get_mut(&place(1, 0)).unwrap().events.clear();
    world.run();
    let seat = world.seat(place(1, 0));
    assert_eq!(seat.pages, [(200, 300, 100)]);
    assert_eq!(seat.numbers(), (201..=300).collect::<Vec<u64>>());
}
