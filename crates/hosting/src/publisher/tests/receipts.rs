//! Receipts: to whom, and when.

use convene_conference::{Outcome, Receipt, Refusal};
use convene_model::CommandId;

use super::world::{World, place};
use super::writing::{Log, id, key, person};
use crate::messages::{AnswerKind, Note};

/// Anna with two devices, and Ben.
fn three_devices() -> World {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.join(key(2), person(2), "Ben");
    log.device(key(11), person(1), false);
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    world.enter(place(2, 0), key(2));
    world.enter(place(3, 0), key(11));
    (1..=3).for_each(|link| drop(world.kinds(link)));
    world
}

fn ids(world: &World, link: u64) -> Vec<CommandId> {
    world.seat(place(link, 0)).receipts.iter().map(|receipt| receipt.id).collect()
}

fn repeated(number: u64, command: u128) -> AnswerKind {
    let receipt = Receipt { id: id(command), number, outcome: Outcome::Accepted };
    AnswerKind::Repeated { participant: person(1), receipt }
}

#[test]
fn a_receipt_goes_to_all_devices_of_its_participant_behind_the_events() {
    let mut world = three_devices();
    world.log.command(key(1), person(1), 1);
    world.log.refuse(key(1), person(1), 2);
    world.publish();
    assert_eq!(world.kinds(1), ["events 5..7", "receipts 0"]);
    assert_eq!(world.kinds(3), ["events 5..7", "receipts 0"]);
    assert_eq!(world.kinds(2), ["events 5..7"]);
    assert_eq!(world.seat(place(1, 0)).receipts[1].outcome, Outcome::Refused { code: Refusal::RoomClosed });
    assert_eq!(world.seat(place(1, 0)).receipts[1].number, 7);
    let told = Note::Receipts { index: 0, ids: vec![id(1), id(2)] };
    assert!(world.notes.iter().any(|(_, note)| *note == told));
}

#[test]
fn a_refusal_costs_no_frame_of_events() {
    let mut world = three_devices();
    world.log.refuse(key(2), person(2), 1);
    world.publish();
    assert_eq!(world.kinds(2), ["receipts 0"]);
    assert!(world.kinds(1).is_empty());
}

#[test]
fn one_that_is_behind_gets_it_after_what_lies_before() {
    let mut world = three_devices();
    for _ in 0..40 {
        world.log.say(&"x".repeat(4_000));
    }
    world.publish();
    world.is_full = true;
    world.enter(place(1, 0), key(1));
    world.log.command(key(1), person(1), 1);
    world.publish();
    assert_eq!(ids(&world, 1), []);
    assert_eq!(ids(&world, 3), [id(1)]);
    world.is_full = false;
    world.kinds(1);
    world.run();
    let kinds = world.kinds(1);
    assert_eq!(kinds[kinds.len() - 2..], ["receipts 0", "follow 0"]);
}

#[test]
fn a_key_that_has_ended_is_told_only_what_it_sent_itself() {
    let mut world = three_devices();
    world.log.device(key(9), person(1), true);
    world.publish();
    world.enter(place(4, 0), key(9));
    world.log.command(key(9), person(1), 1);
    world.log.refuse(key(1), person(1), 2);
    world.publish();
    assert_eq!(ids(&world, 1), [id(2)]);
    assert_eq!(ids(&world, 3), []);
    assert_eq!(ids(&world, 4), [id(1), id(2)]);
    // It is told the terms up to that number, although it may read no events there.
    assert_eq!(world.seat(place(1, 0)).cursor, 6);
    world.answer(place(1, 0), (8, 1), repeated(8, 2));
    assert_eq!(ids(&world, 3), []);
}

#[test]
fn a_receipt_tells_the_terms_up_to_its_number() {
    let mut world = three_devices();
    let left = world.log.leave(key(1), person(1), 1);
    world.publish();
    let begins = world.log.term(2);
    world.publish();
    world.ask_again();
    world.log.refuse(key(1), person(1), 2);
    world.publish();
    let seat = world.seat(place(1, 0));
    assert_eq!((seat.cursor, seat.terms.last().unwrap().from), (left, begins));
}

#[test]
fn an_answer_waits_for_the_entry_on_which_it_rests() {
    let mut world = three_devices();
    world.answer(place(1, 0), (6, 1), repeated(4, 7));
    assert_eq!(ids(&world, 1), []);
    world.log.say("that entry");
    world.publish();
    assert_eq!(ids(&world, 1), [id(7)]);
    assert_eq!(ids(&world, 3), [id(7)], "a repeated receipt is for all devices");
    assert_eq!(ids(&world, 2), []);
    world.answer(place(1, 0), (6, 1), repeated(4, 8));
    assert_eq!(ids(&world, 1), [id(7), id(8)], "or goes out at once");
}

#[test]
fn a_repeated_receipt_for_one_that_is_behind_waits() {
    let mut world = three_devices();
    world.is_full = true;
    world.enter(place(1, 0), key(1));
    world.answer(place(1, 0), (5, 1), repeated(4, 7));
    assert_eq!(ids(&world, 1), []);
    world.is_full = false;
    world.run();
    assert_eq!(ids(&world, 1), [id(7)]);
}

#[test]
fn an_answer_of_an_earlier_term_is_dropped() {
    let mut world = three_devices();
    world.answer(place(1, 0), (7, 1), repeated(4, 7));
    world.log.say("not that of the decider");
    world.log.term(2);
    world.publish();
    world.ask_again();
    world.log.say("more");
    world.publish();
    assert_eq!(ids(&world, 1), []);
    world.answer(place(1, 0), (5, 1), repeated(4, 7));
    assert_eq!(ids(&world, 1), [], "also one that comes late");
    world.answer(place(1, 0), (8, 2), repeated(4, 7));
    assert_eq!(ids(&world, 1), [id(7)]);
}

#[test]
fn that_an_id_was_used_twice_is_told_to_the_one_that_asked() {
    let mut world = three_devices();
    world.answer(place(3, 0), (5, 1), AnswerKind::IdReused { id: id(7) });
    assert_eq!(ids(&world, 1), []);
    assert_eq!(world.seat(place(3, 0)).receipts[0].outcome, Outcome::Refused { code: Refusal::IdReused });
}

#[test]
fn an_answer_for_a_seat_that_is_gone_goes_nowhere() {
    let mut world = three_devices();
    world.publisher.handle_link_gone(place(1, 0).link, world.now);
    world.answer(place(1, 0), (5, 1), AnswerKind::IdReused { id: id(7) });
    world.answer(place(1, 0), (5, 1), repeated(4, 7));
    assert_eq!(ids(&world, 3), [id(7)]);
}

#[test]
fn ten_thousand_receipts_come_in_order_and_in_frames_below_the_limit() {
    let mut world = three_devices();
    for command in 0..10_000 {
        world.log.refuse(key(1), person(1), command);
    }
    world.publish();
    assert_eq!(ids(&world, 1), (0..10_000).map(id).collect::<Vec<_>>());
    let longest = world.frames.values().flatten().map(String::len).max().unwrap();
    assert!(longest <= convene_model::limits::BATCH_BYTES_MAX, "{longest} bytes");
    let frames = world.kinds(1).iter().filter(|kind| *kind == "receipts 0").count();
    assert_eq!(frames, 25);
}

#[test]
fn a_seat_for_which_too_many_receipts_are_kept_must_ask_again() {
    let mut world = three_devices();
    world.is_full = true;
    world.enter(place(3, 0), key(11));
    for command in 0..10_001 {
        world.log.refuse(key(1), person(1), command);
    }
    world.publish();
    assert!(world.seat(place(3, 0)).reopened);
    assert!(!world.seat(place(1, 0)).reopened);
}
