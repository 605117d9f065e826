//! Participants who leave, come back, or have their keys replaced.

use convene_conference::Refusal;
use convene_protocol::{OpenedOutcome, Resumption};

use super::world::{World, place};
use super::writing::{Log, key, person};
use crate::messages::AnswerKind;

fn two_on_a_link() -> World {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.join(key(2), person(2), "Ben");
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    world.enter(place(1, 1), key(2));
    world.kinds(1);
    world
}

#[test]
fn who_leaves_is_told_so_and_nothing_behind_and_all_of_it_once_back() {
    let mut world = two_on_a_link();
    world.log.say("before");
    let left = world.log.leave(key(1), person(1), 1);
    world.log.say("behind");
    world.publish();
    assert_eq!(
        world.kinds(1),
        ["events 4..6 [0]", "unfollow 0", "events 4..7", "receipts 0"],
        "a frame of its own that ends there, before the shared one"
    );
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, left]);
    assert_eq!(world.numbers(place(1, 1)), [1, 3, 4, 5, 6, 7]);
    world.log.say("more");
    world.publish();
    assert_eq!(world.seat(place(1, 0)).cursor, left);

    world.log.come_back(key(1), person(1), 2);
    world.log.say("again");
    world.publish();
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert!(world.seat(place(1, 0)).follows);
    assert_eq!(world.seat(place(1, 0)).receipts.len(), 2);
}

#[test]
fn a_seat_that_left_is_opened_up_to_its_leaving_and_joins_nobody_again() {
    let mut world = two_on_a_link();
    world.log.say("before");
    let left = world.log.leave(key(1), person(1), 1);
    world.log.say("behind");
    world.publish();
    world.enter(place(2, 0), key(1));
    assert!(world.joins.is_empty());
    let seat = world.seat(place(2, 0));
    assert_eq!((seat.cursor, seat.follows), (left, false));
    assert_eq!(seat.numbers(), [1, 3, 4, 5, 6]);
    world.open(place(2, 0));
    assert!(matches!(
        world.last_answer(place(2, 0)),
        OpenedOutcome::Open { resume: Resumption::Current, .. }
    ));
    world.log.come_back(key(1), person(1), 2);
    world.publish();
    assert_eq!(world.numbers(place(2, 0)), [1, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn who_is_back_reads_up_to_where_their_key_was_ended_meanwhile() {
    let mut world = two_on_a_link();
    world.log.leave(key(1), person(1), 1);
    world.publish();
    world.log.come_back(key(1), person(1), 2);
    world.log.say("meanwhile");
    let replaced = world.log.device(key(9), person(1), true);
    world.log.say("behind");
    world.publish();
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7, replaced]);
    assert!(!world.seat(place(1, 0)).follows);
}

#[test]
fn who_leaves_and_is_back_within_a_batch_misses_nothing() {
    let mut world = two_on_a_link();
    world.log.leave(key(1), person(1), 1);
    world.log.say("meanwhile");
    world.log.come_back(key(1), person(1), 2);
    world.publish();
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7]);
    assert!(world.seat(place(1, 0)).follows);
}

#[test]
fn who_leaves_while_being_brought_up_is_brought_up_to_there() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    let mut world = World::new(log);
    world.is_full = true;
    world.enter(place(1, 0), key(1));
    let left = world.log.leave(key(1), person(1), 1);
    world.log.say("behind");
    world.publish();
    world.is_full = false;
    world.run();
    assert_eq!((world.seat(place(1, 0)).cursor, world.seat(place(1, 0)).follows), (left, false));
    assert_eq!(world.seat(place(1, 0)).receipts.len(), 1);
}

#[test]
fn a_replaced_key_reads_up_to_its_end_and_the_new_one_private_things_from_there() {
    let mut world = two_on_a_link();
    let secret = world.log.whisper(&[person(1)], "for the old key");
    world.publish();
    let replaced = world.log.device(key(9), person(1), true);
    let newer = world.log.whisper(&[person(1)], "for the new key");
    world.log.say("all");
    world.publish();
    let old = world.seat(place(1, 0));
    assert_eq!((old.cursor, old.follows), (replaced, false));
    assert!(old.numbers().contains(&secret) && old.numbers().contains(&replaced));
    assert!(!old.numbers().contains(&newer));

    world.enter(place(2, 0), key(9));
    let new = world.seat(place(2, 0));
    assert!(new.follows && !new.numbers().contains(&secret));
    assert!(new.numbers().contains(&replaced) && new.numbers().contains(&newer));
    world.log.whisper(&[person(1)], "live");
    world.publish();
    assert_eq!(world.seat(place(2, 0)).cursor, world.log.last());
}

#[test]
fn a_further_device_reads_all() {
    let mut world = two_on_a_link();
    let secret = world.log.whisper(&[person(1)], "psst");
    world.publish();
    world.enter(place(2, 0), key(9));
    assert_eq!(world.joins.len(), 1);
    world.log.device(key(9), person(1), false);
    world.publish();
    assert!(world.numbers(place(2, 0)).contains(&secret));
    world.log.whisper(&[person(1)], "both");
    world.publish();
    assert_eq!(world.numbers(place(2, 0)), world.numbers(place(1, 0)));
}

#[test]
fn a_key_that_is_nobodys_waits_for_the_decider() {
    let mut world = two_on_a_link();
    world.enter(place(2, 0), key(3));
    let wish = world.joins.pop().expect("a wish to join");
    assert_eq!((wish.place, wish.count, wish.was_participant), (place(2, 0), 1, false));
    assert!(world.seat(place(2, 0)).answers.is_empty());
    world.log.join(key(3), person(3), "Cem");
    world.publish();
    assert_eq!(world.numbers(place(2, 0)), [1, 3, 4, 5]);
    assert!(world.seat(place(2, 0)).follows);
}

#[test]
fn the_refusal_of_a_join_is_final_only_where_the_seat_never_was_a_participants() {
    let refused = |count| AnswerKind::JoinRefused { count, code: Refusal::NameTaken };
    let mut world = two_on_a_link();
    world.enter(place(2, 0), key(3));
    world.answer(place(2, 0), (4, 1), refused(1));
    assert!(matches!(world.last_answer(place(2, 0)), OpenedOutcome::Refused { code: Refusal::NameTaken }));

    world.enter(place(3, 0), key(4));
    world.seats.get_mut(&place(3, 0)).unwrap().was_participant = true;
    world.open(place(3, 0));
    world.answer(place(3, 0), (4, 1), refused(2));
    assert!(matches!(world.last_answer(place(3, 0)), OpenedOutcome::Later { code: Refusal::NameTaken, .. }));
}

#[test]
fn the_refusal_of_an_earlier_wish_is_not_taken_for_that_of_the_next() {
    let mut world = two_on_a_link();
    world.enter(place(2, 0), key(3));
    world.open(place(2, 0));
    world.answer(place(2, 0), (4, 1), AnswerKind::JoinRefused { count: 1, code: Refusal::NameTaken });
    assert!(world.seat(place(2, 0)).answers.is_empty());
    world.log.join(key(3), person(3), "Cem");
    world.publish();
    assert!(world.seat(place(2, 0)).is_open);
}

#[test]
fn a_closed_seat_is_told_nothing_more() {
    let mut world = two_on_a_link();
    world.wish(place(1, 0), crate::messages::Wish::Close { index: 0 });
    world.seats.get_mut(&place(1, 0)).unwrap().is_open = false;
    world.seats.get_mut(&place(1, 0)).unwrap().follows = false;
    world.log.vote(person(1));
    world.publish();
    assert_eq!(world.kinds(1), ["events 4..5"]);
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4]);
}
