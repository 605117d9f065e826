//! Restored logs, other logs, new terms, and what cannot be folded.

use convene_conference::{LEVEL, Refusal};
use convene_model::{LogId, TermId};
use convene_protocol::{Join, OpenedOutcome};

use super::world::{World, place};
use super::writing::{Log, key, person};
use crate::entry::Entry;
use crate::publisher::StoredPart;

/// Anna and Ben follow; the log ends with two messages.
fn two() -> World {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.join(key(2), person(2), "Ben");
    log.say("five");
    log.say("six");
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    world.enter(place(2, 0), key(2));
    (1..=2).for_each(|link| drop(world.kinds(link)));
    world
}

/// The same seats come to a server whose log is this one.
fn moved(from: &World, log: Log) -> World {
    let mut world = World::new(log);
    for (place, seat) in &from.seats {
        let mut seat = seat.clone();
        (seat.count, seat.is_open, seat.follows) = (0, false, false);
        world.seats.insert(*place, seat);
        world.open(*place);
    }
    world
}

#[test]
fn what_a_restored_log_does_not_hold_is_void() {
    let world = two();
    let mut restored = Log(world.log.0[..5].to_vec());
    restored.term(2);
    restored.say("another seven");
    let world = moved(&world, restored);
    let seat = world.seat(place(1, 0));
    assert_eq!(seat.answers.last().unwrap().void_after, Some(5));
    assert_eq!(seat.numbers(), [1, 3, 4, 5, 7]);
    assert_eq!(seat.terms.len(), 2);
    assert!(seat.follows);
}

#[test]
fn what_is_void_is_reckoned_from_the_highest_receipt_as_well() {
    let mut world = two();
    let left = world.log.leave(key(1), person(1), 1);
    world.log.refuse(key(1), person(1), 2);
    world.publish();
    let seat = world.seat(place(1, 0));
    assert_eq!((seat.cursor, seat.receipts.len()), (left, 2));
    let mut restored = Log(world.log.0[..7].to_vec());
    restored.term(2);
    let world = moved(&world, restored);
    let seat = world.seat(place(1, 0));
    assert_eq!(seat.answers.last().unwrap().void_after, Some(7));
    assert_eq!((seat.cursor, seat.receipts.len()), (left, 1));
}

#[test]
fn a_seat_that_is_only_ahead_waits() {
    let world = two();
    let mut log = world.log.clone();
    log.say("seven");
    let behind = Log(log.0[..4].to_vec());
    let mut world = moved(&world, behind);
    assert!(world.seat(place(1, 0)).answers.len() == 1, "nothing is answered yet");
    assert!(world.joins.is_empty());
    world.log = Log(log.0[..5].to_vec());
    world.publish();
    assert_eq!(world.seat(place(1, 0)).answers.len(), 1);
    world.log = log;
    world.publish();
    let seat = world.seat(place(1, 0));
    assert_eq!((seat.answers.len(), seat.answers[1].void_after), (2, None));
    assert_eq!(seat.numbers(), [1, 3, 4, 5, 6, 7]);
}

#[test]
fn one_that_was_ahead_of_a_log_that_goes_another_way_is_void_from_there() {
    let world = two();
    let mut world = moved(&world, Log(world.log.0[..4].to_vec()));
    world.log.term(2);
    world.publish();
    let seat = world.seat(place(2, 0));
    assert_eq!(seat.answers.last().unwrap().void_after, Some(4));
    assert!(seat.follows);
}

#[test]
fn where_the_joining_is_void_the_seat_joins_again() {
    let world = two();
    let mut restored = Log(world.log.0[..3].to_vec());
    restored.term(2);
    let mut world = moved(&world, restored);
    let wish = world.joins.pop().expect("a wish to join");
    assert_eq!((wish.key, wish.was_participant, wish.term), (key(2), true, TermId([2; 16])));
    let Join { name, .. } = wish.join;
    assert_eq!(name.as_str(), "Anna");
    world.log.join(key(2), person(2), "Ben again");
    world.publish();
    let seat = world.seat(place(2, 0));
    assert_eq!(seat.answers.last().unwrap().void_after, Some(3), "told with the answer");
    assert_eq!(seat.numbers(), [1, 3, 5]);
}

#[test]
fn another_log_touches_nothing() {
    let mut world = two();
    world.seats.get_mut(&place(1, 0)).unwrap().log = LogId([9; 8]);
    world.open(place(1, 0));
    let answer = world.last_answer(place(1, 0));
    let OpenedOutcome::Later { code: Refusal::OtherLog, log, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(*log, Some(LogId([1; 8])));
    assert_eq!(world.seat(place(1, 0)).answers.last().unwrap().void_after, None);
}

#[test]
fn a_term_opens_all_seats_again_and_asks_to_join_again() {
    let mut world = two();
    world.enter(place(3, 0), key(3));
    world.log.say("seven");
    let begins = world.log.term(2);
    world.log.say("nine");
    world.publish();
    assert_eq!(world.kinds(1), ["events 6..8", "reopen [0]"]);
    assert_eq!(world.seat(place(1, 0)).cursor, begins);
    assert!(world.kinds(3).is_empty());
    let terms: Vec<_> = world.joins.iter().map(|wish| (wish.term, wish.count)).collect();
    assert_eq!(terms, [(TermId([1; 16]), 1), (TermId([2; 16]), 1)]);
    world.ask_again();
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7, 9]);
    assert_eq!(world.kinds(1), ["opened 0", "events 8..9 [0]", "follow 0"]);
}

#[test]
fn seats_of_a_link_are_opened_again_in_one_frame() {
    let mut world = two();
    world.enter(place(1, 1), key(2));
    world.kinds(1);
    world.publisher.handle_decider_lost();
    world.run();
    assert_eq!(world.kinds(1), ["reopen [0, 1]"]);
    assert_eq!(world.kinds(2), ["reopen [0]"]);
}

#[test]
fn where_the_path_to_the_decider_breaks_joins_are_asked_again() {
    let mut world = two();
    world.enter(place(3, 0), key(3));
    world.publisher.handle_decider_lost();
    world.run();
    assert_eq!(world.joins.len(), 2);
    assert!(world.seat(place(1, 0)).reopened && !world.seat(place(3, 0)).reopened);
}

#[test]
fn a_log_that_was_cut_is_read_anew() {
    let mut world = two();
    world.enter(place(3, 0), key(3));
    world.log.0.truncate(5);
    world.log.term(2);
    world.publisher.handle_log_lost(None);
    world.run();
    assert!(world.seat(place(1, 0)).reopened && !world.seat(place(3, 0)).reopened);
    assert_eq!(world.publisher.last(), 0);
    world.ask_again();
    assert_eq!(world.seat(place(1, 0)).answers.len(), 1, "it waits for the log to be read");
    world.publish();
    assert_eq!(world.seat(place(1, 0)).answers.last().unwrap().void_after, Some(5));
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5]);
    assert_eq!(world.joins.last().expect("a wish to join").key, key(3));
    world.log.join(key(3), person(3), "Cem");
    world.publish();
    assert!(world.seat(place(3, 0)).follows);
}

#[test]
fn what_a_later_version_wrote_stops_it_and_ends_nothing() {
    for (text, code) in [
        (later_entry(), Refusal::ConferenceOfLaterVersion),
        (r#"{"level":77,"shape":"other"}"#.into(), Refusal::ConferenceOfLaterVersion),
        ("rubbish".into(), Refusal::ConferenceDamaged),
    ] {
        let mut world = two();
        world.enter(place(3, 0), key(3));
        world.log.say("seven");
        world.log.0.push(text.into());
        world.log.say("nine");
        world.publish();
        assert_eq!((world.publisher.stopped(), world.publisher.last()), (Some(code), 7));
        assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7], "what lies before is told");
        assert!(matches!(world.last_answer(place(3, 0)), OpenedOutcome::Later { .. }));
        world.ask_again();
        for link in 1..=2 {
            let answer = world.last_answer(place(link, 0));
            let OpenedOutcome::Later { code: told, .. } = answer else { panic!("{answer:?}") };
            assert_eq!(*told, code);
        }
        world.log.say("ten");
        world.publish();
        assert_eq!(world.publisher.last(), 7);
    }
}

fn later_entry() -> String {
    let entry = Entry::term(TermId([5; 16]), convene_model::Timestamp::from_millis(0));
    Entry { level: LEVEL + 1, ..entry }.text().to_string()
}

#[test]
fn a_stored_snapshot_of_a_later_level_stops_it_as_well() {
    let stored = two().publisher.stored();
    let mut written = serde_json::to_value(&stored).unwrap();
    written["level"] = (LEVEL + 1).into();
    let stored: StoredPart = serde_json::from_value(written).unwrap();
    let mut world = two();
    world.publisher.handle_log_lost(Some(stored));
    world.run();
    world.ask_again();
    assert_eq!(world.publisher.stopped(), Some(Refusal::ConferenceOfLaterVersion));
    assert!(matches!(world.last_answer(place(1, 0)), OpenedOutcome::Later { .. }));
}

#[test]
fn two_publishers_that_are_fed_alike_tell_the_same() {
    let mut log = Log::begun();
    let mut worlds = [World::new(log.clone()), World::new(log.clone())];
    for number in 1..=6 {
        log.join(key(number), person(number.into()), &format!("{number}"));
    }
    let steps: [&dyn Fn(&mut Log); 7] = [
        &|_| {},
        &|log| {
            log.say("all");
        },
        &|log| {
            log.vote(person(2));
        },
        &|log| {
            log.whisper(&[person(1), person(3), person(5)], "few");
        },
        &|log| {
            log.leave(key(4), person(4), 1);
            log.say("behind");
        },
        &|log| {
            log.term(2);
        },
        &|log| {
            log.come_back(key(4), person(4), 2);
            log.device(key(9), person(1), true);
            log.vote(person(1));
        },
    ];
    for step in steps {
        step(&mut log);
        for world in &mut worlds {
            world.log = log.clone();
            world.publish();
            if world.seats.is_empty() {
                (1..=6)
                    .for_each(|number| world.enter(place(u64::from(number) % 4, number.into()), key(number)));
            }
            world.ask_again();
        }
    }
    let [one, other] = worlds;
    assert_eq!(one.frames, other.frames);
    assert!(one.frames.values().map(Vec::len).sum::<usize>() > 40);
}

#[test]
fn a_publisher_that_begins_with_a_snapshot_goes_on_as_one_that_read_it_all() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.device(key(2), person(1), true);
    log.join(key(3), person(3), "Cem");
    log.leave(key(3), person(3), 1);
    let read = World::new(log.clone());
    let text = serde_json::to_string(&read.publisher.stored()).unwrap();
    let stored: StoredPart = serde_json::from_str(&text).unwrap();
    assert_eq!(stored.point(super::world::LOG).number, 6);
    let publisher =
        crate::publisher::Publisher::from_stored(read.publisher.conference(), super::world::LOG, stored);
    let mut worlds = [read, World::with(publisher, log.clone())];
    for world in &mut worlds {
        for number in 1..=3 {
            world.enter(place(number.into(), 0), key(number));
        }
        world.log.whisper(&[person(1)], "live");
        world.log.come_back(key(3), person(3), 2);
        world.publish();
    }
    let [read, begun] = worlds;
    assert_eq!(read.publisher.stored(), begun.publisher.stored());
    for link in 1..=3 {
        assert_eq!(read.seat(place(link, 0)).events, begun.seat(place(link, 0)).events);
        assert_eq!(read.seat(place(link, 0)).follows, begun.seat(place(link, 0)).follows);
    }
}
