//! Seats that come back after they missed something.

use convene_protocol::{OpenedOutcome, Resumption};

use super::world::{LOG, World, place};
use super::writing::{Log, key, person};
use crate::messages::Note;
use crate::publisher::Publisher;

fn one() -> World {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    world
}

fn resumption(world: &World, place: crate::messages::Place) -> Resumption {
    let answer = world.last_answer(place);
    let OpenedOutcome::Open { resume, .. } = answer else { panic!("{answer:?}") };
    *resume
}

#[test]
fn a_seat_goes_on_from_its_cursor() {
    let mut world = one();
    world.log.say("live");
    world.publish();
    world.reconnect(place(1, 0), place(2, 0));
    assert_eq!(resumption(&world, place(2, 0)), Resumption::Current);
    world.publisher.handle_link_gone(place(2, 0).link, world.now);
    world.log.say("missed");
    world.publish();
    world.reconnect(place(2, 0), place(3, 7));
    assert_eq!(resumption(&world, place(3, 7)), Resumption::Replay);
    assert_eq!(world.numbers(place(3, 7)), [1, 3, 4, 5]);
    let OpenedOutcome::Open { participant, credit, .. } = world.last_answer(place(3, 7)) else { panic!() };
    assert_eq!((*participant, *credit), (person(1), 256));
}

#[test]
fn it_gets_more_only_when_its_link_has_room() {
    let mut world = one();
    world.publisher.handle_link_gone(place(1, 0).link, world.now);
    for _ in 0..60 {
        world.log.say(&"x".repeat(4_000));
    }
    world.publish();
    world.is_full = true;
    world.reconnect(place(1, 0), place(2, 0));
    assert_eq!(world.kinds(2), ["opened 0"]);
    let last = world.log.last();
    world.log.say("meanwhile");
    world.publish();
    assert!(world.kinds(2).is_empty());
    world.is_full = false;
    world.run();
    let kinds = world.kinds(2);
    assert_eq!((kinds.len(), kinds.last().unwrap().as_str()), (5, "follow 0"));
    assert_eq!(world.seat(place(2, 0)).cursor, last + 1);
    let notes: Vec<_> = world.notes.iter().rev().take(2).map(|(_, note)| note.clone()).collect();
    assert_eq!(notes, [Note::None, Note::Enough { index: 0 }]);
}

#[test]
fn what_is_not_in_memory_is_read_from_the_log() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.join(key(2), person(2), "Ben");
    for number in 0..900 {
        if number % 3 == 0 {
            log.say("public")
        } else {
            log.whisper(&[person(1)], "private")
        };
    }
    let stored = World::new(log.clone()).publisher.stored();
    for page in [1, 10, 1_000] {
        let publisher =
            Publisher::from_stored(convene_model::ConferenceId::from_random(1), LOG, stored.clone());
        let mut world = World::with(publisher, log.clone());
        world.page = page;
        world.enter(place(1, 0), key(1));
        world.enter(place(2, 0), key(2));
        assert_eq!(world.numbers(place(1, 0)).len(), 903);
        assert_eq!(world.numbers(place(2, 0)).len(), 303);
        world.log.say("live");
        world.publish();
        assert_eq!(world.seat(place(2, 0)).cursor, world.log.last());
    }
}

#[test]
fn a_seat_that_is_closed_while_its_page_is_read_is_not_sent_it() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.say("old");
    let stored = World::new(log.clone()).publisher.stored();
    let publisher = Publisher::from_stored(convene_model::ConferenceId::from_random(1), LOG, stored);
    let mut world = World::with(publisher, log);
    world.is_silent = true;
    world.enter(place(1, 0), key(1));
    assert_eq!(world.reads.len(), 1);
    world.open(place(1, 0));
    world.is_silent = false;
    world.run();
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4]);
    assert!(world.seat(place(1, 0)).follows);
}

#[test]
fn a_seat_is_told_every_term_that_begins_in_what_it_missed() {
    let mut world = one();
    world.publisher.handle_link_gone(place(1, 0).link, world.now);
    for term in 2..=9 {
        world.log.term(term);
        world.log.say("on");
    }
    world.publish();
    world.reconnect(place(1, 0), place(2, 0));
    assert_eq!(world.seat(place(2, 0)).terms.len(), 9);
    assert_eq!(world.seat(place(2, 0)).terms[8].from, 18);
}

#[test]
fn thousands_of_terms_come_in_frames_below_the_limit() {
    let mut world = one();
    world.publisher.handle_link_gone(place(1, 0).link, world.now);
    for _ in 0..3 {
        for _ in 0..2_000 {
            world.log.term(2);
        }
        world.log.say(&"x".repeat(4_000));
    }
    world.publish();
    world.reconnect(place(1, 0), place(2, 0));
    let seat = world.seat(place(2, 0));
    assert_eq!((seat.terms.len(), seat.numbers().len(), seat.cursor), (6_001, 5, world.log.last()));
    assert!(seat.follows);
}

#[test]
fn many_seats_follow_at_the_cost_of_one_frame() {
    let mut log = Log::begun();
    for number in 0..2_000 {
        log.join(super::writing::key_of(number), person(number + 1), &format!("{number}"));
    }
    let mut world = World::new(log);
    // Their cursors are already here, as after a restart of the server.
    for number in 0..2_000 {
        let mut seat = super::seat::FakeSeat::new(super::writing::key_of(number), 0, LOG);
        (seat.cursor, seat.has_replica) = (2_002, true);
        seat.terms = vec![convene_protocol::TermStart { term: convene_model::TermId([1; 16]), from: 2 }];
        let place = place(number.into(), 0);
        world.seats.insert(place, seat);
        world.open(place);
        assert!(world.seat(place).follows);
    }
    let told = world.told;
    world.log.say("all");
    world.publish();
    assert_eq!((world.shared, world.recipients, world.told - told), (1, 2_000, 0));
}
