//! Each limit, at its edge and beyond.

use convene_model::limits::{
    AUDIENCE_MAX, ENTRY_BYTES_MAX, ENTRY_EVENTS_MAX, MESSAGE_CHARS_MAX, NAME_CHARS_MAX, ORGANIZERS_MAX,
    PARTICIPANTS_MAX,
};

use super::*;

#[test]
fn a_message_outside_its_limits_is_refused_by_name() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    assert!(conference.does(person(1), &say(&"ä".repeat(MESSAGE_CHARS_MAX))));
    let longer = say(&"ä".repeat(MESSAGE_CHARS_MAX + 1));
    assert_eq!(conference.refuses(person(1), &longer), Refusal::TextTooLong);
    assert_eq!(conference.refuses(person(1), &say(" ")), Refusal::TextEmpty);
    assert_eq!(conference.refuses(person(1), &say("\u{1b}[2J")), Refusal::TextControl);
}

#[test]
fn the_longest_message_fits_into_an_entry() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    for widest in ["😀", "\\", "\n"] {
        let text = format!("x{}", widest.repeat(MESSAGE_CHARS_MAX - 1));
        assert!(conference.does(person(1), &say(&text)));
    }
}

#[test]
fn a_full_conference_takes_only_those_who_return_and_organizers() {
    let mut conference = Conference::default();
    for number in 1..=PARTICIPANTS_MAX - ORGANIZERS_MAX {
        let number = u32::try_from(number).unwrap();
        assert!(conference.does(newcomer(), &join(&format!("name {number}"))));
    }
    assert_eq!(conference.refuses(newcomer(), &join("Anna")), Refusal::ConferenceFull);
    conference.does(person(1), &Command::Leave);
    assert_eq!(conference.refuses(newcomer(), &join("Anna")), Refusal::ConferenceFull);
    assert!(conference.does(person(1), &join("Anna")));
    assert!(conference.does(returning(), &join("Anna")));
    assert_eq!(conference.names().last(), Some(&"Anna 2"));
    assert!(conference.does(organizer(), &join("Olga")));
    assert_eq!(conference.refuses(newcomer(), &join("Bernd")), Refusal::ConferenceFull);
}

#[test]
fn organizers_have_a_limit_of_their_own() {
    let mut conference = Conference::default();
    for number in 1..=ORGANIZERS_MAX {
        assert!(conference.does(organizer(), &join(&format!("Olga {number}"))));
    }
    conference.does(person(1), &Command::Leave);
    assert_eq!(conference.refuses(organizer(), &join("Otto")), Refusal::ConferenceFull);
    conference.does(person(1), &join("Olga 1"));
    assert!(conference.does(newcomer(), &join("Anna")));
    let returns = Actor::Newcomer { role: Role::Organizer, was_participant: true };
    assert!(conference.does(returns, &join("Otto")));
    assert!(conference.does(person(1), &say_in("organizers", "hello")));
}

#[test]
fn an_audience_names_a_limited_number_of_people() {
    let people = |count: usize| (1..).take(count).map(ParticipantId).collect::<BTreeSet<_>>();
    assert_eq!(People::new(people(AUDIENCE_MAX)).unwrap().iter().count(), AUDIENCE_MAX);
    assert_eq!(People::new(people(AUDIENCE_MAX + 1)), None);
    let mut state = State::default();
    for id in people(AUDIENCE_MAX + 1) {
        state.evolve(&joined(id.0, &format!("Olga {id}"), Role::Organizer));
    }
    let (codes, told) = (Codes::new(), BTreeSet::new());
    let (actor, now) = (person(1), Timestamp::from_millis(0));
    let context = Context { actor, now, random: [[0; 16]; 2], codes: &codes, told: &told };
    assert_eq!(decide(&state, &context, &say_in("organizers", "x")), Err(Refusal::EntryTooLarge));
}

#[test]
fn an_entry_has_a_limited_number_of_events_and_bytes() {
    let text = |bytes: usize| Json::of(&"x".repeat(bytes - 2)).unwrap();
    assert_eq!(check_entry(&vec![text(2); ENTRY_EVENTS_MAX]), Ok(()));
    assert_eq!(check_entry(&vec![text(2); ENTRY_EVENTS_MAX + 1]), Err(Refusal::EntryTooLarge));
    assert_eq!(check_entry(&[text(2), text(ENTRY_BYTES_MAX - 2)]), Ok(()));
    assert_eq!(check_entry(&[text(2), text(ENTRY_BYTES_MAX - 1)]), Err(Refusal::EntryTooLarge));
    assert_eq!(check_entry(&[]), Ok(()));
}

#[test]
fn a_name_at_its_limit_makes_room_for_a_number() {
    let mut conference = Conference::default();
    let longest = format!("{} ab", "ä".repeat(NAME_CHARS_MAX - 3));
    conference.does(newcomer(), &join(&longest));
    assert!(conference.does(returning(), &join(&longest)));
    let cut = format!("{} 2", "ä".repeat(NAME_CHARS_MAX - 3));
    assert_eq!(conference.names(), [longest.as_str(), cut.as_str()]);
}

#[test]
fn ids_of_participants_run_out_without_harm() {
    let mut conference = Conference::default();
    conference.state.evolve(&joined(u32::MAX, "Anna", Role::Participant));
    assert_eq!(conference.refuses(newcomer(), &join("Bernd")), Refusal::ConferenceFull);
    assert_eq!(conference.refuses(returning(), &join("Bernd")), Refusal::ConferenceFull);
}
