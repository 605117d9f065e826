//! Access checks, on examples.

use convene_model::limits::{ACCESS_VERSION_CHARS_MAX, ACCESSES_MAX, FRAME_BYTES_MAX, ORGANIZERS_MAX};

use super::*;

fn tell_version(verdict: AccessVerdict, version: &str) -> Command {
    Command::Access(TellAccess { verdict, version: version.to_owned() })
}

fn tell(verdict: AccessVerdict) -> Command {
    tell_version(verdict, "0.1.0")
}

/// The access checks that a participant knows of, by whose they are.
fn known(conference: &Conference, number: u32) -> Vec<(u32, AccessVerdict)> {
    let accesses = conference.state.accesses(ParticipantId(number));
    accesses.into_iter().map(|(whose, known)| (whose.0, known.verdict)).collect()
}

/// The bytes of the part that a participant alone may know, as it is sent.
fn bytes_of_own(conference: &Conference, number: u32) -> usize {
    let own = conference.state.own_parts().of(ParticipantId(number));
    assert_eq!(own, conference.state.seen_by(ParticipantId(number)).own);
    serde_json::to_string(&own).unwrap().len()
}

/// Those who may read the last event.
fn audience(conference: &Conference) -> Vec<u32> {
    match conference.audience() {
        Audience::Everyone => Vec::new(),
        Audience::Only(people) => people.iter().map(|one| one.0).collect(),
    }
}

#[test]
fn an_access_check_is_told_to_the_organizers_and_to_the_one_whose_it_is() {
    let mut conference = Conference::with(&Description::default(), 2);
    assert!(conference.does(person(2), &tell(AccessVerdict::Red)));
    assert_eq!(audience(&conference), [1, 2]);
    assert!(conference.does(person(1), &tell(AccessVerdict::Green)));
    assert_eq!(audience(&conference), [1]);
    assert_eq!(known(&conference, 1), [(1, AccessVerdict::Green), (2, AccessVerdict::Red)]);
    assert_eq!(known(&conference, 2), [(2, AccessVerdict::Red)]);
    assert!(known(&conference, 3).is_empty());
    assert!(!conference.does(person(2), &tell(AccessVerdict::Red)), "that is known");
    assert!(conference.does(person(2), &tell_version(AccessVerdict::Red, "0.2.0")));
    assert!(conference.does(person(2), &tell(AccessVerdict::Yellow)));
    assert_eq!(known(&conference, 1), [(1, AccessVerdict::Green), (2, AccessVerdict::Yellow)]);
}

#[test]
fn who_becomes_an_organizer_is_told_what_is_known_and_who_is_none_any_more_forgets_it() {
    let mut conference = Conference::with(&Description::default(), 3);
    for number in [2, 3] {
        assert!(conference.does(person(number), &tell(AccessVerdict::Yellow)));
    }
    let add = Command::AddOrganizer(AddOrganizer { participant: ParticipantId(3) });
    let told = conference.wish(person(1), &add).unwrap();
    let kinds: Vec<_> = told.iter().map(|(event, _)| level_of(&event.body)).collect();
    assert_eq!(kinds, [2, 2, 3], "the role, the codes, and the access checks");
    assert_eq!(audience(&conference), [3]);
    assert_eq!(known(&conference, 3), [(2, AccessVerdict::Yellow), (3, AccessVerdict::Yellow)]);
    let remove = Command::RemoveOrganizer(RemoveOrganizer { participant: ParticipantId(3) });
    assert!(conference.does(person(1), &remove));
    assert_eq!(known(&conference, 3), [(3, AccessVerdict::Yellow)]);
    assert!(conference.does(person(4), &tell(AccessVerdict::Red)));
    assert_eq!(known(&conference, 3), [(3, AccessVerdict::Yellow)]);
    assert_eq!(known(&conference, 1).len(), 3);
}

#[test]
fn an_organizer_who_comes_later_or_comes_back_is_told_what_was_told_before() {
    let mut conference = Conference::default();
    conference.does(newcomer(), &join("Anna"));
    assert!(conference.does(person(1), &tell(AccessVerdict::Red)));
    assert_eq!(audience(&conference), [1], "nobody leads it yet");
    conference.does(organizer(), &join("Olga"));
    assert_eq!(known(&conference, 2), [(1, AccessVerdict::Red)]);
    conference.does(person(2), &Command::Leave);
    assert!(conference.does(person(1), &tell(AccessVerdict::Green)));
    assert!(known(&conference, 2).is_empty(), "who left is no organizer of this moment");
    assert!(conference.does(person(2), &join("Olga")));
    assert_eq!(known(&conference, 2), [(1, AccessVerdict::Green)]);
}

#[test]
fn what_is_no_access_check_is_refused() {
    let mut conference = Conference::with(&Description::default(), 1);
    let long = "1".repeat(ACCESS_VERSION_CHARS_MAX + 1);
    for version in ["", "0.1.0 ", "ö", "\u{1b}", long.as_str()] {
        let refused = conference.refuses(person(2), &tell_version(AccessVerdict::Green, version));
        assert_eq!(refused, Refusal::CommandInvalid, "{version:?}");
    }
    assert_eq!(conference.refuses(person(2), &tell(AccessVerdict::Other)), Refusal::CommandInvalid);
    assert_eq!(conference.refuses(person(9), &tell(AccessVerdict::Green)), Refusal::NotParticipant);
    assert_eq!(conference.refuses(Actor::Operator, &tell(AccessVerdict::Green)), Refusal::NotParticipant);
    conference.does(Actor::Operator, &Command::End);
    assert_eq!(conference.refuses(person(2), &tell(AccessVerdict::Green)), Refusal::ConferenceEnded);
}

#[test]
fn a_key_that_replaced_others_is_given_the_access_checks_that_came_or_were_told_since() {
    let mut conference = Conference::with(&Description::default(), 3);
    for number in [2, 3] {
        assert!(conference.does(person(number), &tell(AccessVerdict::Yellow)));
    }
    let replaced = conference.entries + 1;
    let given = |conference: &Conference, number| {
        let own = conference.state.own_parts().of(ParticipantId(number)).since(replaced);
        let own = serde_json::to_value(own).unwrap();
        own["accesses"].as_object().map(|all| all.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    assert!(conference.does(person(4), &tell(AccessVerdict::Red)));
    assert_eq!(given(&conference, 1), ["p4"]);
    let add = Command::AddOrganizer(AddOrganizer { participant: ParticipantId(2) });
    assert!(conference.does(person(1), &add));
    assert_eq!(given(&conference, 2), ["p3", "p4"], "their own was told before");
    assert_eq!(given(&conference, 3), [""; 0]);
}

/// Each with a version of its own, as long as one may be.
#[test]
fn as_many_as_are_known_fit_into_an_entry_and_a_frame() {
    let mut conference = Conference::default();
    conference.does(organizer(), &join("Olga"));
    for number in 2..ACCESSES_MAX + 3 {
        let number = u32::try_from(number).unwrap();
        conference.state.evolve(&joined(number, &format!("name {number}"), Role::Participant));
        let version = format!("{number:0>ACCESS_VERSION_CHARS_MAX$}");
        let is_known = usize::try_from(number).unwrap() < ACCESSES_MAX + 2;
        assert_eq!(conference.does(person(number), &tell_version(AccessVerdict::Yellow, &version)), is_known);
    }
    assert!(conference.does(person(2), &tell(AccessVerdict::Green)), "one that is known may change");
    assert!(!conference.does(person(1_000), &tell(AccessVerdict::Yellow)), "its version is one too many");
    assert!(bytes_of_own(&conference, 1) < FRAME_BYTES_MAX * 3 / 4);
    let add = Command::AddOrganizer(AddOrganizer { participant: ParticipantId(3) });
    assert!(conference.does(person(1), &add));
    assert_eq!(known(&conference, 3).len(), ACCESSES_MAX);
    let versions = |number| {
        let all = conference.state.accesses(ParticipantId(number)).into_values();
        all.filter(|known| !known.version.is_empty()).count()
    };
    assert_eq!((versions(1), versions(3)), (64, 64), "each organizer knows the same");
}

/// However many organizers know of them.
#[test]
fn a_stored_state_holds_each_access_check_once() {
    let mut conference = Conference::default();
    conference.does(organizer(), &join("Olga 1"));
    let version = "9".repeat(ACCESS_VERSION_CHARS_MAX);
    for number in 1..=u32::try_from(ACCESSES_MAX).unwrap() {
        if number > 1 {
            conference.state.evolve(&joined(number, &format!("name {number}"), Role::Participant));
        }
        assert!(conference.does(person(number), &tell_version(AccessVerdict::Yellow, &version)));
    }
    for number in 2..=ORGANIZERS_MAX {
        assert!(conference.does(organizer(), &join(&format!("Olga {number}"))));
    }
    let organizers: Vec<_> = conference.state.public().participants().organizers().collect();
    assert_eq!(organizers.len(), ORGANIZERS_MAX);
    for organizer in organizers {
        assert_eq!(known(&conference, organizer.0).len(), ACCESSES_MAX);
        assert!(bytes_of_own(&conference, organizer.0) < FRAME_BYTES_MAX * 3 / 4);
    }
    assert_eq!(known(&conference, 2), [(2, AccessVerdict::Yellow)]);
    let text = serde_json::to_string(&StoredState::from(conference.state.clone())).unwrap();
    assert!(text.len() < 512 * 1_024, "{} bytes", text.len());
    assert_eq!(stored(&conference.state), conference.state);
}
