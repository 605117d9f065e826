//! Seats that are told together, and those that see more.

use super::world::{World, place};
use super::writing::{Log, key, key_of, person};
use crate::publisher::Output;

/// Anna, Ben and Cem, each on a link of their own, follow.
fn three() -> World {
    let mut log = Log::begun();
    for (number, name) in [(1, "Anna"), (2, "Ben"), (3, "Cem")] {
        log.join(key(number), person(number.into()), name);
    }
    let mut world = World::new(log);
    for number in 1..=3 {
        world.enter(place(number.into(), 0), key(number));
        assert!(world.seat(place(number.into(), 0)).follows);
        world.kinds(number.into());
    }
    world
}

#[test]
fn what_everyone_sees_is_one_frame_for_all() {
    let mut world = three();
    let told = world.told;
    world.log.say("one");
    world.log.say("two");
    world.publish();
    assert_eq!((world.shared, world.recipients, world.told), (1, 3, told));
    for link in 1..=3 {
        assert_eq!(world.kinds(link), ["events 5..7"]);
        assert_eq!(world.numbers(place(link, 0)), [1, 3, 4, 5, 6, 7]);
    }
}

#[test]
fn what_is_for_a_few_costs_nobody_else_anything() {
    let mut world = three();
    world.log.whisper(&[person(1), person(2)], "psst");
    world.publish();
    assert_eq!(world.shared, 0);
    assert_eq!(world.kinds(1), ["events 5..6 [0]"]);
    assert_eq!(world.kinds(2), ["events 5..6 [0]"]);
    assert!(world.kinds(3).is_empty());
    // Those who were told alone find nothing new in what was told before.
    world.log.say("all");
    world.publish();
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7]);
    assert_eq!(world.numbers(place(3, 0)), [1, 3, 4, 5, 7]);
    assert_eq!(world.seat(place(3, 0)).cursor, 7);
}

#[test]
fn what_tables_say_is_told_once_to_each_who_sits_there_however_many_tables_there_are() {
    const SEATS: u32 = 5;
    // Frames and bytes for each who sits at a table, where each table says as much as any.
    let each = |tables: u32| {
        let mut log = Log::begun();
        for number in 0..tables * SEATS {
            log.join(key_of(number), person(number + 1), &format!("{number}"));
        }
        let mut world = World::new(log);
        for number in 0..tables * SEATS {
            world.enter(place(number.into(), 0), key_of(number));
        }
        let (told, shared) = (world.told, world.shared);
        world.frames.clear();
        for table in 0..tables {
            let people: Vec<_> = (1..=SEATS).map(|seat| person(table * SEATS + seat)).collect();
            world.log.whisper(&people, &"x".repeat(1_000));
        }
        world.publish();
        let bytes: usize = world.frames.values().flatten().map(String::len).sum();
        let people = (tables * SEATS) as usize;
        assert_eq!((world.told - told, world.shared - shared), (people, 0));
        bytes / people
    };
    let (few, many) = (each(2), each(50));
    assert!(few > 1_000 && many < few + 20, "{few} bytes, then {many}");
}

#[test]
fn who_sees_more_of_a_batch_gets_all_of_it_in_one_frame() {
    let mut world = three();
    world.log.say("before");
    world.log.vote(person(2));
    world.log.say("behind");
    world.publish();
    assert_eq!(world.recipients, 2);
    assert_eq!(world.kinds(2), ["events 5..8 [0]"]);
    assert_eq!(world.kinds(1), ["events 5..8"]);
    let steps: Vec<_> =
        world.seat(place(2, 0)).events[4..].iter().map(|(seq, step, _)| (*seq, *step)).collect();
    assert_eq!(steps, [(6, 1), (7, 1), (7, 2), (8, 1)]);
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_batch_larger_than_a_frame_is_cut_between_entries() {
    let mut world = three();
    for _ in 0..40 {
        world.log.say(&"x".repeat(4_000));
    }
    world.log.vote(person(1));
    for number in 0..600 {
        world.log.say(&format!("{number}"));
    }
    world.publish();
    for link in 1..=3 {
        let seat = world.seat(place(link, 0));
        assert_eq!(seat.cursor, world.log.last());
        let expected: Vec<u64> = (1..=world.log.last()).filter(|number| *number != 2).collect();
        let mut numbers = seat.numbers();
        numbers.dedup();
        assert_eq!(numbers, expected);
    }
}

#[test]
fn cursors_come_along_although_nothing_is_public() {
    let mut world = three();
    for _ in 0..300 {
        world.log.whisper(&[person(1)], "psst");
    }
    world.publish();
    assert!(world.seat(place(3, 0)).cursor > 250);
    assert!(world.shared <= 2);
}

#[test]
fn on_a_link_own_frames_come_before_the_shared_one() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.join(key(2), person(2), "Ben");
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    world.enter(place(1, 1), key(2));
    world.kinds(1);
    world.log.vote(person(2));
    world.publish();
    assert_eq!(world.kinds(1), ["events 4..5 [1]", "events 4..5"]);
    assert_eq!(world.seat(place(1, 1)).events.len(), 5);
    assert_eq!(world.seat(place(1, 0)).events.len(), 4);
    // Both see more, and the same: one frame, and none for those who have it all.
    world.log.whisper(&[person(1), person(2)], "psst");
    world.log.say("all");
    world.publish();
    assert_eq!(world.kinds(1), ["events 5..7 [0, 1]"]);
}

#[test]
fn one_that_is_behind_does_not_stop_the_others_of_its_link() {
    let mut log = Log::begun();
    log.join(key(1), person(1), "Anna");
    log.join(key(2), person(2), "Ben");
    let mut world = World::new(log);
    world.enter(place(1, 0), key(1));
    world.is_full = true;
    world.enter(place(1, 1), key(2));
    for _ in 0..3 {
        world.log.say("on");
        world.publish();
    }
    assert_eq!(world.numbers(place(1, 0)), [1, 3, 4, 5, 6, 7]);
    assert!(world.numbers(place(1, 1)).is_empty());
    world.is_full = false;
    world.run();
    assert_eq!(world.numbers(place(1, 1)), [1, 3, 4, 5, 6, 7]);
    assert!(world.seat(place(1, 1)).follows);
}

#[test]
fn seats_of_one_text_share_it_across_links() {
    let mut world = three();
    let people: Vec<_> = (1..=3).map(person).collect();
    world.log.whisper(&people, "psst");
    let entries = world.log.above(world.publisher.last());
    world.publisher.handle_entries(&entries, world.now);
    let texts: Vec<_> = std::iter::from_fn(|| world.publisher.poll_output())
        .map(|output| {
            let Output::Tell { told, .. } = output else { panic!("{output:?}") };
            told.text
        })
        .collect();
    assert_eq!(texts.len(), 3);
    assert!(texts.iter().all(|text| std::sync::Arc::ptr_eq(text, &texts[0])));
}

#[test]
fn who_is_connected_is_told_when_it_changed_and_now_and_then() {
    let mut world = three();
    world.later(0);
    let (links, presence) = world.presences.pop().expect("presence");
    assert_eq!((links.len(), presence.online.as_str()), (3, "Bw"));
    world.later(10_000);
    assert!(world.presences.is_empty());
    world.publisher.handle_link_gone(place(2, 0).link, world.now);
    world.publisher.handle_link_living(place(3, 0).link, false, world.now);
    world.later(0);
    assert_eq!(world.presences.pop().expect("presence").1.online, "AQ");
    world.publisher.handle_link_living(place(3, 0).link, true, world.now);
    world.later(999);
    assert!(world.presences.is_empty(), "at most once a second");
    world.later(1);
    assert_eq!(world.presences.pop().expect("presence").1.online, "BQ");
    world.later(24_999);
    assert!(world.presences.is_empty());
    world.later(1);
    assert_eq!(world.presences.len(), 1);
    // A seat that begins to follow is told soon.
    world.is_full = true;
    world.enter(place(4, 0), key(2));
    world.later(1_000);
    assert_eq!(world.presences.pop().expect("presence").0.len(), 2);
    world.is_full = false;
    world.run();
    world.later(1_000);
    assert_eq!(world.presences.pop().expect("presence").0.len(), 3);
    for link in [1, 3, 4] {
        world.publisher.handle_link_gone(place(link, 0).link, world.now);
    }
    assert_eq!(world.publisher.poll_timeout(), None);
}
