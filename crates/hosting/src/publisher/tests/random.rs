//! Random conferences: in the end each seat holds what its key may read, and nothing else.

use std::collections::BTreeSet;

use convene_conference::{Audience, Event};
use convene_model::{ParticipantId, SeatKey};

use super::world::{World, place};
use super::writing::{Log, key, person};
use crate::entry::Entry;
use crate::messages::{Place, Wish};
use crate::roll::Roll;

/// Numbers that look random, and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let count = list.len() as u64;
        (count > 0).then(|| list[usize::try_from(self.below(count)).unwrap()])
    }
}

/// The participants, and the keys with which they take part.
#[derive(Default, Clone)]
struct People {
    keys: Vec<(SeatKey, ParticipantId)>,
    here: BTreeSet<ParticipantId>,
    count: u32,
    keys_made: u8,
}

impl People {
    fn key(&mut self) -> SeatKey {
        self.keys_made += 1;
        key(self.keys_made)
    }
}

/// Writes something into the log.
fn write(log: &mut Log, people: &mut People, random: &mut Random) {
    let here: Vec<ParticipantId> = people.here.iter().copied().collect();
    let command = u128::from(random.below(u64::MAX / 2));
    match random.below(16) {
        0..=2 if people.count < 6 => {
            people.count += 1;
            let (key, person) = (people.key(), person(people.count));
            log.join(key, person, &format!("{person}"));
            people.keys.push((key, person));
            people.here.insert(person);
        }
        3 => {
            if let Some((key, person)) =
                random.of(&people.keys).filter(|(_, person)| people.here.remove(person))
            {
                log.leave(key, person, command);
            }
        }
        4 => {
            if let Some((key, person)) =
                random.of(&people.keys).filter(|(_, person)| people.here.insert(*person))
            {
                log.come_back(key, person, command);
            }
        }
        5 => {
            if let Some(person) = random.of(&here).filter(|_| people.keys_made < 12) {
                let key = people.key();
                log.device(key, person, random.below(2) == 0);
                people.keys.push((key, person));
            }
        }
        6..=8 => {
            let some: Vec<_> = here.iter().copied().filter(|_| random.below(2) == 0).collect();
            log.whisper(&some, "psst");
        }
        9 => drop(random.of(&here).map(|person| log.vote(person))),
        10 => drop(random.of(&people.keys).map(|(key, person)| log.refuse(key, person, command))),
        11 if random.below(4) == 0 => {
            log.term(u8::try_from(log.last() % 251).unwrap() + 1);
        }
        _ => drop(log.say(&"x".repeat(if random.below(8) == 0 { 8_000 } else { 8 }))),
    }
}

/// The events that a key may read in a log.
fn readable(log: &Log, key: SeatKey) -> Vec<(u64, u32)> {
    let (mut roll, mut all) = (Roll::default(), Vec::new());
    for (number, text) in log.above(0) {
        let entry = Entry::parse(&text).unwrap();
        let events: Vec<Event> =
            entry.events.iter().map(|event| serde_json::from_str(event.text.get()).unwrap()).collect();
        roll.apply(number, &entry, events.iter().map(|event| &event.body));
        all.extend(
            events
                .into_iter()
                .zip(entry.events)
                .map(|(event, stored)| (event.seq, event.step, stored.audience)),
        );
    }
    let right = roll.key(key).unwrap();
    let until = roll.reads_until(key).unwrap_or(u64::MAX);
    let may_read = |(number, _, audience): &(u64, u32, Audience)| {
        let private = *number >= right.private_from && audience.includes(right.participant);
        *number <= until && (audience.is_everyone() || private)
    };
    all.into_iter().filter(may_read).map(|(number, step, _)| (number, step)).collect()
}

/// Something happens to the seats.
fn disturb(world: &mut World, people: &People, random: &mut Random, links: &mut u64) {
    let places: Vec<Place> = world.seats.keys().copied().collect();
    match random.below(8) {
        0 | 1 => {
            let known: Vec<SeatKey> = world.seats.values().map(|seat| seat.key).collect();
            let absent: Vec<_> =
                people.keys.iter().map(|(key, _)| *key).filter(|key| !known.contains(key)).collect();
            if let Some(key) = random.of(&absent) {
                *links += 1;
                // Some seats share a link.
                let link = if random.below(2) == 0 { 1 } else { *links };
                world.enter(place(link, u32::try_from(*links).unwrap()), key);
            }
        }
        2 => {
            if let Some(from) = random.of(&places) {
                *links += 1;
                world.publisher.handle_wish(
                    from.link,
                    from.link,
                    Wish::Close { index: from.index },
                    world.now,
                );
                let alone = place(*links, u32::try_from(*links).unwrap());
                let mut seat = world.seats.remove(&from).unwrap();
                (seat.index, seat.count, seat.is_open, seat.follows) = (alone.index, 0, false, false);
                seat.wants_snapshot = random.below(4) == 0;
                world.seats.insert(alone, seat);
                world.open(alone);
            }
        }
        3 => world.is_full = true,
        4 | 5 => world.is_full = false,
        6 => world.is_silent = random.below(2) == 0,
        _ => world.later(700),
    }
    world.run();
}

/// A backup is restored: what came later is gone.
fn restore(world: &mut World, backup: &(Log, People), people: &mut People, term: u8) {
    (world.log, *people) = (backup.0.clone(), People { keys_made: people.keys_made, ..backup.1.clone() });
    world.log.term(term);
    world.publisher.handle_log_lost(None);
    world.run();
    world.ask_again();
    let known: BTreeSet<SeatKey> = people.keys.iter().map(|(key, _)| *key).collect();
    let lost: Vec<Place> =
        world.seats.iter().filter(|(_, seat)| !known.contains(&seat.key)).map(|(place, _)| *place).collect();
    for place in lost {
        world.wish(place, Wish::Close { index: place.index });
        world.seats.remove(&place);
    }
}

fn play(seed: u64) {
    let mut random = Random(seed);
    let mut people = People::default();
    let mut world = World::new(Log::begun());
    let (mut links, mut backup) = (1, None);
    for step in 0..120_u8 {
        for _ in 0..random.below(4) {
            write(&mut world.log, &mut people, &mut random);
        }
        world.publish();
        if random.below(3) > 0 {
            world.ask_again();
        }
        disturb(&mut world, &people, &mut random, &mut links);
        match (step, &backup) {
            (60, _) if seed.is_multiple_of(2) => backup = Some((world.log.clone(), people.clone())),
            (90, Some(backup)) => restore(&mut world, backup, &mut people, 255),
            _ => {}
        }
    }
    (world.is_full, world.is_silent) = (false, false);
    for _ in 0..3 {
        world.run();
        world.later(1_000);
        world.ask_again();
    }
    // Private events bring the others' cursors along only later.
    world.log.say("the end");
    world.publish();
    for (place, seat) in &world.seats {
        assert!(seat.is_open, "seed {seed}: {place:?} is not open");
        let mut held: Vec<(u64, u32)> =
            seat.events.iter().map(|(number, step, _)| (*number, *step)).collect();
        let passed =
            |number: u64| seat.passed.iter().any(|(after, through)| *after < number && number <= *through);
        let mut expected = readable(&world.log, seat.key);
        expected.retain(|(number, _)| !passed(*number) || held.iter().any(|(held, _)| held == number));
        // A participant who had come back, and whose return is void, keeps what they read
        // meanwhile.
        let common = backup.as_ref().map_or(0, |(log, _)| log.last());
        let end = expected.last().map_or(0, |(number, _)| *number);
        held.retain(|(number, _)| *number <= end || *number > common);
        assert_eq!(held, expected, "seed {seed}: {place:?}");
    }
}

#[test]
fn each_seat_holds_in_the_end_what_its_key_may_read() {
    for seed in 0..12 {
        play(seed);
    }
}
