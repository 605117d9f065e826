//! Decisions, on examples.

use super::*;

#[test]
fn a_newcomer_joins_under_a_name_of_their_own() {
    let mut conference = Conference::default();
    assert!(conference.does(newcomer(), &join("Anna")));
    assert_eq!(conference.refuses(newcomer(), &join("ANNA")), Refusal::NameTaken);
    assert!(conference.does(newcomer(), &join("Bernd")));
    assert_eq!(conference.names(), ["Anna", "Bernd"]);
}

#[test]
fn who_left_may_come_back_and_nobody_else_gets_the_name() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    assert!(conference.does(person(1), &Command::Leave));
    assert!(!conference.does(person(1), &Command::Leave));
    assert_eq!(conference.refuses(person(1), &say("x")), Refusal::NotParticipant);
    assert_eq!(conference.refuses(newcomer(), &join("Anna")), Refusal::NameTaken);
    assert!(conference.does(person(1), &join("Anna")));
    assert!(!conference.does(person(1), &join("Anna")));
    assert!(conference.does(person(1), &say("x")));
    assert_eq!(conference.names(), ["Anna"]);
}

#[test]
fn who_comes_back_under_a_taken_name_gets_a_number() {
    let mut conference = Conference::default();
    for name in ["Anna", "Bernd", "bernd 2"] {
        conference.does(newcomer(), &join(name));
    }
    conference.does(person(1), &Command::Leave);
    assert!(conference.does(person(1), &join("Bernd")));
    assert_eq!(conference.names(), ["Bernd 3", "Bernd", "bernd 2"]);
    assert!(conference.does(newcomer(), &join("Anna")), "a name that was given up is free");
}

#[test]
fn who_was_a_participant_before_a_backup_was_restored_joins_under_a_number() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    assert!(conference.does(returning(), &join("Anna")));
    assert!(conference.does(returning(), &join("Anna")));
    assert!(conference.does(returning(), &join("Bernd")));
    assert_eq!(conference.names(), ["Anna", "Anna 2", "Anna 3", "Bernd"]);
    conference.does(Actor::Operator, &Command::End);
    assert_eq!(conference.refuses(returning(), &join("Carla")), Refusal::ConferenceEnded);
}

#[test]
fn everyone_speaks_in_plenary_and_foyer_and_nobody_on_the_wall_of_news() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    assert!(conference.does(person(1), &say("hello")));
    assert!(conference.does(person(1), &say_in("foyer", "hello")));
    assert!(conference.audience().is_everyone());
    assert_eq!(conference.refuses(person(1), &say_in("organizers", "hello")), Refusal::RoomClosed);
    assert_eq!(conference.refuses(person(1), &say_in("news", "hello")), Refusal::RoomClosed);
    assert_eq!(conference.refuses(person(1), &say_in("nowhere", "hello")), Refusal::RoomUnknown);
}

#[test]
fn organizers_are_heard_by_the_organizers_of_that_moment() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    for name in ["Olga", "Otto", "Omar"] {
        conference.does(organizer(), &join(name));
    }
    conference.does(person(3), &Command::Leave);
    assert!(conference.does(person(2), &say_in("organizers", "psst")));
    let audience = conference.audience().clone();
    assert_eq!(serde_json::to_string(&audience).unwrap(), "[2,4]");
    conference.does(person(3), &join("Otto"));
    conference.does(organizer(), &join("Oya"));
    let may_read: Vec<u32> = (1..=5).filter(|number| audience.includes(ParticipantId(*number))).collect();
    assert_eq!(may_read, [2, 4], "talk is not told backwards");
}

#[test]
fn only_organizers_and_the_operator_end_it_and_then_nothing_happens_any_more() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    conference.does(organizer(), &join("Olga"));
    conference.does(organizer(), &join("Otto"));
    conference.does(person(3), &Command::Leave);
    for actor in [person(1), person(3), person(9), organizer(), Actor::Clock] {
        assert_eq!(conference.refuses(actor, &Command::End), Refusal::NotOrganizer);
    }
    assert!(conference.does(person(2), &Command::End));
    assert!(!conference.does(Actor::Operator, &Command::End));
    assert_eq!(conference.refuses(person(1), &say("x")), Refusal::ConferenceEnded);
    assert_eq!(conference.refuses(newcomer(), &join("Bernd")), Refusal::ConferenceEnded);
    assert!(conference.does(person(1), &Command::Leave), "leaving is possible still");
}

#[test]
fn who_is_no_participant_only_joins() {
    let mut conference = Conference::default();
    for actor in [newcomer(), person(1), Actor::Operator, Actor::Clock] {
        assert_eq!(conference.refuses(actor, &say("x")), Refusal::NotParticipant);
        assert_eq!(conference.refuses(actor, &Command::Leave), Refusal::NotParticipant);
    }
    for actor in [person(1), Actor::Operator, Actor::Clock] {
        assert_eq!(conference.refuses(actor, &join("Anna")), Refusal::NotParticipant);
    }
}

#[test]
fn a_code_with_a_role_of_a_later_version_lets_nobody_in() {
    let actor = Actor::Newcomer { role: Role::Other, was_participant: false };
    let refusal = Conference::default().refuses(actor, &join("Anna"));
    assert_eq!(refusal, Refusal::ConferenceOfLaterVersion);
    assert!(!refusal.is_final(false));
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let mut state = State::default();
    state.evolve(&joined(1, "Anna", Role::Participant));
    let before = state.clone();
    for body in [
        Body::Left(Left { participant: ParticipantId(2), removed: true }),
        Body::Said(Said { room: "nowhere".parse().unwrap(), text: String::new() }),
        Body::Unknown,
    ] {
        state.evolve(&event(body));
    }
    assert_eq!(state, before);
}

#[test]
fn a_name_that_only_a_later_version_allows_is_folded_and_kept_apart() {
    let mut conference = Conference::default();
    let long = "x".repeat(100);
    for (number, name) in [(1, long.as_str()), (2, "Anna"), (3, "ANNA")] {
        conference.state.evolve(&joined(number, name, Role::Participant));
    }
    assert_eq!(conference.names(), [long.as_str(), "Anna", "ANNA"]);
    assert_eq!(stored(&conference.state), conference.state);
    conference.does(person(2), &Command::Leave);
    conference.does(person(2), &join("Bernd"));
    assert_eq!(conference.refuses(newcomer(), &join("anna")), Refusal::NameTaken, "one holder remains");
}

#[test]
fn a_seat_begins_with_the_two_parts_of_a_snapshot() {
    let mut conference = Conference::default();
    conference.does(organizer(), &join("Olga"));
    let seen = conference.state.seen_by(ParticipantId(1));
    let text = serde_json::to_value(&seen).unwrap();
    let public = serde_json::from_value(text["public"].clone()).unwrap();
    let own = serde_json::from_value(text["own"].clone()).unwrap();
    let state = State::of_seat(ParticipantId(1), public, own);
    assert_eq!(state.seen_by(ParticipantId(1)), seen);
    assert_eq!(state.public().participants().organizers().count(), 1);
}
