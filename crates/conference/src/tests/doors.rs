//! Removing people, locked doors, personal links and full conferences, on examples.

use std::collections::BTreeMap;

use super::*;

fn remove(number: u32) -> Command {
    Command::Remove(Remove { participant: ParticipantId(number) })
}

/// The codes that this participant knows, by the role that each gives.
fn known(conference: &Conference, number: u32) -> BTreeMap<Role, JoinCode> {
    let own = conference.state.own(ParticipantId(number));
    let codes = own.and_then(Own::codes).map(|known| known.by_code.clone()).unwrap_or_default();
    codes.into_iter().map(|(code, role)| (role, code)).collect()
}

/// The codes of before, by role.
fn first_codes() -> BTreeMap<Role, JoinCode> {
    codes().into_iter().map(|(code, role)| (role, code)).collect()
}

#[test]
fn who_is_removed_takes_part_no_more_and_cannot_come_back() {
    let mut conference = Conference::with(&Description::default(), 2);
    assert_eq!(conference.refuses(person(3), &remove(2)), Refusal::NotOrganizer);
    assert!(conference.does(person(1), &remove(2)));
    assert!(!conference.does(person(1), &remove(2)), "they are gone");
    let one = conference.state.public().participants().get(ParticipantId(2)).unwrap();
    assert!(one.removed && !one.takes_part);
    assert_eq!(conference.refuses(person(2), &say("x")), Refusal::Removed);
    assert_eq!(conference.refuses(person(2), &join("Anna")), Refusal::Removed);
    assert_eq!(conference.refuses(person(2), &Command::MakeLink), Refusal::Removed);
    assert!(!conference.does(person(2), &Command::Leave), "nobody is kept");
    assert_eq!(May::of(&conference.state, ParticipantId(2)).acts["say"].code, Some(Refusal::Removed));
    conference.does(person(1), &Command::OpenDoors);
    assert_eq!(conference.refuses(newcomer(), &join("Anna")), Refusal::NameTaken, "nobody speaks as them");
}

#[test]
fn one_command_removes_locks_and_replaces() {
    let mut conference = Conference::with(&Description::default(), 2);
    conference.does(organizer(), &join("Otto"));
    let told = conference.wish(person(1), &remove(2)).unwrap();
    let [(left, everyone), (locked, _), (replaced, organizers)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(left.body, Body::Left(Left { participant: ParticipantId(2), removed: true }));
    assert_eq!((left.by, everyone.is_everyone()), (Some(ParticipantId(1)), true));
    assert_eq!(locked.body, Body::DoorsLocked);
    assert_eq!(serde_json::to_string(organizers).unwrap(), "[1,4]");
    assert!(matches!(replaced.body, Body::CodesReplaced(_)));
    assert!(conference.state.public().doors_locked());
    for number in [1, 4] {
        let known = known(&conference, number);
        assert_ne!(known.get(&Role::Participant), first_codes().get(&Role::Participant));
        assert_eq!(known.get(&Role::Organizer), first_codes().get(&Role::Organizer), "it is not known");
    }
    let told = conference.wish(person(1), &remove(3)).unwrap();
    assert_eq!(told.len(), 2, "the doors are locked already");
}

#[test]
fn a_removed_organizer_knows_no_code_any_more() {
    let mut conference = Conference::with(&Description::default(), 1);
    conference.does(organizer(), &join("Otto"));
    assert_eq!(conference.refuses(person(1), &remove(1)), Refusal::PersonUnknown, "one leaves by oneself");
    assert_eq!(conference.refuses(person(1), &remove(9)), Refusal::PersonUnknown);
    assert!(conference.does(person(1), &remove(3)));
    assert!(known(&conference, 3).is_empty());
    let (now, before) = (known(&conference, 1), first_codes());
    assert_eq!(now.len(), 2);
    assert!([Role::Participant, Role::Organizer].iter().all(|role| now.get(role) != before.get(role)));
    assert_eq!(conference.audience(), &Audience::Only(People::new(people(&[1])).unwrap()));
}

#[test]
fn who_was_an_organizer_knows_the_codes_of_organizers_still() {
    let mut conference = Conference::with(&Description::default(), 1);
    conference.does(organizer(), &join("Otto"));
    let take = Command::RemoveOrganizer(RemoveOrganizer { participant: ParticipantId(3) });
    assert!(conference.does(person(1), &take) && conference.does(person(1), &remove(3)));
    assert_ne!(known(&conference, 1).get(&Role::Organizer), first_codes().get(&Role::Organizer));
}

#[test]
fn an_organizer_who_comes_back_knows_the_codes_of_now() {
    let mut conference = Conference::with(&Description::default(), 1);
    conference.does(organizer(), &join("Otto"));
    conference.does(person(3), &Command::Leave);
    conference.does(person(1), &remove(2));
    assert_eq!(known(&conference, 3), first_codes());
    assert!(conference.does(person(3), &join("Otto")));
    assert_eq!(known(&conference, 3), known(&conference, 1));
    conference.does(person(3), &Command::Leave);
    assert_eq!(conference.wish(person(3), &join("Otto")).unwrap().len(), 1, "they know them already");
}

#[test]
fn who_left_may_be_removed_too() {
    let mut conference = Conference::with(&Description::default(), 1);
    conference.does(person(2), &Command::Leave);
    assert!(conference.does(person(1), &remove(2)));
    assert_eq!(conference.refuses(person(2), &join("Anna")), Refusal::Removed);
}

#[test]
fn locked_doors_keep_newcomers_out_and_nobody_else() {
    let mut conference = Conference::with(&Description::default(), 2);
    conference.does(person(3), &Command::Leave);
    assert_eq!(conference.refuses(person(2), &Command::LockDoors), Refusal::NotOrganizer);
    assert!(conference.does(person(1), &Command::LockDoors));
    assert!(!conference.does(person(1), &Command::LockDoors));
    assert_eq!(conference.refuses(newcomer(), &join("Emil")), Refusal::DoorsLocked);
    assert_eq!(conference.refuses(returning(), &join("Emil")), Refusal::DoorsLocked, "anyone may say so");
    assert!(conference.does(person(3), &join("Bernd")), "who is known comes back");
    assert!(conference.does(organizer(), &join("Otto")), "organizers come always");
    assert!(conference.does(person(1), &Command::OpenDoors));
    assert!(!conference.does(person(1), &Command::OpenDoors));
    assert!(conference.does(newcomer(), &join("Emil")));
    assert!(!Refusal::DoorsLocked.is_final(false) && !Refusal::CodeReplaced.is_final(false));
}

#[test]
fn a_participant_has_one_personal_link_that_nobody_else_knows() {
    let mut conference = Conference::with(&Description::default(), 2);
    assert!(conference.does(person(2), &Command::MakeLink));
    assert_eq!(conference.audience(), &Audience::Only(People::new(people(&[2])).unwrap()));
    assert!(!conference.does(person(2), &Command::MakeLink), "it stays the same");
    let link = |conference: &Conference, number| {
        let own = conference.state.seen_by(ParticipantId(number)).own;
        own.link().map(|link| link.code)
    };
    assert!(link(&conference, 2).is_some());
    assert_eq!((link(&conference, 1), link(&conference, 3)), (None, None));
    conference.does(person(3), &Command::MakeLink);
    assert!(conference.does(person(1), &remove(2)));
    assert_eq!(link(&conference, 2), None);
    assert!(link(&conference, 3).is_some(), "those of others stay");
}

#[test]
fn a_crowd_that_says_it_was_there_shuts_no_organizer_out() {
    let mut conference = Conference::default();
    for number in 1..=u32::try_from(convene_model::limits::PARTICIPANTS_MAX).unwrap() {
        conference.state.evolve(&joined(number, &format!("name {number}"), Role::Participant));
    }
    assert_eq!(conference.refuses(newcomer(), &join("Anna")), Refusal::ConferenceFull);
    assert!(conference.does(organizer(), &join("Olga")));
}

#[test]
fn who_was_removed_makes_room() {
    let mut conference = Conference::default();
    conference.does(organizer(), &join("Olga"));
    let others = convene_model::limits::PARTICIPANTS_MAX - convene_model::limits::ORGANIZERS_MAX;
    for number in 2..=u32::try_from(others).unwrap() + 1 {
        conference.state.evolve(&joined(number, &format!("name {number}"), Role::Participant));
    }
    assert_eq!(conference.refuses(newcomer(), &join("Anna")), Refusal::ConferenceFull);
    assert!(conference.does(person(1), &remove(2)));
    assert!(conference.does(person(1), &Command::OpenDoors));
    assert!(conference.does(newcomer(), &join("Anna")));
    assert_eq!(conference.refuses(newcomer(), &join("Bernd")), Refusal::ConferenceFull);
}

#[test]
fn in_a_full_conference_nothing_is_written_and_all_else_goes_on() {
    let options = ["yes", "no"].map(str::to_owned).to_vec();
    let open = Command::OpenBallot(OpenBallot { question: "Shall we?".to_owned(), options });
    let vote = Command::Vote(Vote { ballot: convene_model::BallotId(1), option: convene_model::OptionId(1) });
    let mut conference = Conference::with(&Description::default(), 2);
    let filled = |conference: &mut Conference, percent| {
        let decided = fill(&conference.state, percent);
        decided.is_some_and(|decided| conference.put(None, vec![decided]).is_ok())
    };
    assert!(filled(&mut conference, 80));
    assert!(!filled(&mut conference, 80), "it is told once");
    assert!(conference.does(person(2), &say("there is room")));
    assert!(filled(&mut conference, 100));
    let full = Some(Refusal::ConferenceFullOfData);
    assert_eq!(conference.refuses(person(2), &say("x")), Refusal::ConferenceFullOfData);
    let may = May::of(&conference.state, ParticipantId(2));
    assert_eq!((may.acts["say"].code, may.speak.values().all(|room| room.code == full)), (full, true));
    let foyer = Command::Go(Go { room: "foyer".parse().unwrap() });
    assert!(conference.does(person(2), &foyer) && conference.does(person(1), &open));
    assert!(conference.does(person(2), &vote) && conference.does(newcomer(), &join("Emil")));
    assert!(conference.does(person(1), &remove(3)) && conference.does(person(2), &Command::Leave));
    assert!(filled(&mut conference, 0), "its server lets it hold more");
    assert!(conference.does(person(1), &say("again")));
    conference.does(Actor::Operator, &Command::End);
    assert!(!filled(&mut conference, 100), "nothing happens any more");
}
