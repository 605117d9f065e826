//! Logs, people and answers that break a promise.

use convene_hosting::{Entry, StoredReceipt};
use convene_model::{ParticipantId, SeatKey, Timestamp};
use convene_seat::SeatSecret;

use super::*;
use crate::books::Kept;
use crate::plan::{Admission, Plan, SeatPlan, name};

const LOG: LogId = LogId([1; 8]);

fn term(first: u8) -> TermId {
    TermId([first; 16])
}

/// An entry in this term, which begins with it or not.
fn kept(number: u64, of: u8, begins: bool) -> Kept {
    let mut entry = Entry::term(term(of), Timestamp::from_millis(0));
    entry.term = entry.term.filter(|_| begins);
    Kept { number, term: term(of), entry, events: Vec::new() }
}

fn truth_of(entries: Vec<Kept>) -> Truth {
    let mut truth = Truth::default();
    entries.into_iter().for_each(|kept| truth.push(kept));
    truth
}

fn broken(entries: Vec<Kept>) -> Option<Promise> {
    let judged = judge_log(ConferenceId::from_random(1), Some(LOG), &truth_of(entries));
    judged.err().map(|violation| violation.promise)
}

#[test]
fn an_entry_of_a_term_that_is_over_is_found() {
    let entries = || vec![kept(1, 1, true), kept(2, 1, false), kept(3, 2, true)];
    assert_eq!(broken(entries()), None);
    let late = entries().into_iter().chain([kept(4, 1, false)]).collect();
    assert_eq!(broken(late), Some(Promise::Terms));
}

#[test]
fn what_is_written_behind_an_entry_of_a_later_version_is_found() {
    let mut later = kept(2, 1, false);
    later.entry.level = LEVEL + 1;
    assert_eq!(broken(vec![kept(1, 1, true), later.clone()]), None);
    assert_eq!(broken(vec![kept(1, 1, true), later, kept(3, 1, false)]), Some(Promise::Levels));
}

#[test]
fn a_command_that_stands_twice_is_found() {
    let receipt = StoredReceipt {
        participant: ParticipantId(1),
        key: SeatKey([1; 32]),
        id: CommandId(uuid::Uuid::nil()),
        hash: BodyHash::of(&Json::of(&0).unwrap()),
        outcome: Outcome::Accepted,
    };
    let with = |number| {
        let mut kept = kept(number, 1, false);
        kept.entry.receipt = Some(receipt.clone());
        kept
    };
    assert_eq!(broken(vec![kept(1, 1, true), with(2)]), None);
    assert_eq!(broken(vec![kept(1, 1, true), with(2), with(3)]), Some(Promise::Accepted));
}

/// Why what was told last is wrong, where the log holds this of the command.
fn told(told: Told, decided: Option<(u64, Outcome)>) -> Option<Promise> {
    let body = Json::of(&0).unwrap();
    let told = vec![(Some(LOG), told)];
    let wish = Wish {
        id: CommandId(uuid::Uuid::nil()),
        body,
        told,
        order: BTreeMap::new(),
        is_taken: false,
        is_over: false,
        seen: None,
    };
    judge_wish(&wish, Some(LOG), decided, (true, false, false, false)).map(|(promise, _)| promise)
}

#[test]
fn an_answer_that_the_log_does_not_bear_out_is_found() {
    let (accepted, refused) = (Outcome::Accepted, Outcome::Refused { code: Refusal::CommandInvalid });
    assert_eq!(told(Told::Accepted(7), Some((7, accepted))), None);
    assert_eq!(told(Told::Accepted(7), Some((8, accepted))), Some(Promise::Accepted));
    assert_eq!(told(Told::Accepted(7), None), Some(Promise::Accepted));
    assert_eq!(told(Told::Lost, None), Some(Promise::Accepted), "no restore removed it");
    assert_eq!(told(Told::Nothing, None), None);
    assert_eq!(told(Told::Nothing, Some((7, accepted))), Some(Promise::Nothing));
    let invalid = Told::Refused(7, Refusal::CommandInvalid);
    assert_eq!(told(invalid, Some((7, refused))), None);
    assert_eq!(told(invalid, Some((7, accepted))), Some(Promise::Nothing));
    assert_eq!(told(Told::Refused(0, Refusal::IdReused), None), Some(Promise::Refusals));
    assert_eq!(told(Told::Queued, None), Some(Promise::Rest));
}

/// A device of each of these people, by a key that an organizer has let in.
fn people(persons: [usize; 2]) -> World {
    let seat = |(nth, person): (usize, usize)| SeatPlan {
        daemon: 0,
        conference: 0,
        person,
        organizer: false,
        name: name(person),
        secret: SeatSecret::from_bytes(&[1 + u8::try_from(nth).unwrap(); 32]),
        admission: Admission::Written,
        comes: None,
    };
    World::new(Plan::quiet(0, 1, persons.into_iter().enumerate().map(seat).collect()), false)
}

#[test]
fn who_is_somebody_else_is_found() {
    let mut world = people([0, 0]);
    assert_eq!(judge_people(&world), Ok(()));
    world.seats[1].plan.person = 1;
    let promise = judge_people(&world).unwrap_err().promise;
    assert_eq!(promise, Promise::People);
}
