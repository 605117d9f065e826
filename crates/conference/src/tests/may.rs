//! What a participant may do, on examples. That it is what is decided, random histories show.

use std::collections::BTreeMap;

use convene_model::RoomId;

use super::*;
use crate::command::KINDS;

fn may(conference: &Conference, number: u32) -> May {
    May::of(&conference.state, ParticipantId(number))
}

/// Why a participant may not do this; `None`, where they may.
fn refused(conference: &Conference, number: u32, kind: &str) -> Option<Refusal> {
    let permit = &may(conference, number).acts[kind];
    assert_eq!(permit.allowed, permit.code.is_none(), "{kind}");
    permit.code
}

/// Why a participant may not speak in rooms, by room.
fn silent(conference: &Conference, number: u32) -> BTreeMap<String, Option<Refusal>> {
    let speak = may(conference, number).speak;
    speak.into_iter().map(|(room, permit)| (room.to_string(), permit.code)).collect()
}

fn rooms(list: &[(&str, Option<Refusal>)]) -> BTreeMap<String, Option<Refusal>> {
    list.iter().map(|(room, code)| ((*room).to_owned(), *code)).collect()
}

#[test]
fn every_kind_of_command_but_to_join_stands_in_it() {
    let may = May::of(&State::default(), ParticipantId(1));
    let known: BTreeSet<&str> = may.acts.keys().map(String::as_str).collect();
    let kinds: BTreeSet<&str> = KINDS.into_iter().filter(|kind| *kind != "join").collect();
    assert_eq!(known, kinds);
    assert!(may.acts.values().all(|permit| permit.code.is_some()), "nobody may do anything");
}

#[test]
fn a_participant_may_do_what_everyone_may_and_an_organizer_the_rest() {
    let mut conference = Conference::with(&Description::default(), 1);
    let leading = ["end", "add_organizer", "remove_organizer", "add_room", "open_ballot"];
    for kind in ["leave", "say", "rename", "go", "ask_to_table"] {
        assert_eq!((refused(&conference, 2, kind), refused(&conference, 1, kind)), (None, None), "{kind}");
    }
    for kind in leading {
        assert_eq!(refused(&conference, 2, kind), Some(Refusal::NotOrganizer), "{kind}");
        assert_eq!(refused(&conference, 1, kind), None, "{kind}");
    }
    let appoint = Command::AddOrganizer(AddOrganizer { participant: ParticipantId(2) });
    assert!(conference.does(person(1), &appoint));
    for kind in leading {
        assert_eq!(refused(&conference, 2, kind), None, "{kind}");
    }
}

#[test]
fn where_nothing_can_be_meant_nothing_may_be_done() {
    let mut conference = Conference::with(&Description::default(), 1);
    assert_eq!(refused(&conference, 1, "close_room"), Some(Refusal::RoomUnknown));
    assert_eq!(refused(&conference, 1, "skip_phase"), Some(Refusal::NoPhase));
    assert_eq!(refused(&conference, 1, "extend_phase"), Some(Refusal::NoPhase));
    assert_eq!(refused(&conference, 2, "accept_table"), Some(Refusal::NotAsked));
    assert_eq!(refused(&conference, 2, "leave_table"), Some(Refusal::NotAtTable));
    assert_eq!(refused(&conference, 1, "close_ballot"), Some(Refusal::NoBallot));
    assert_eq!(refused(&conference, 2, "vote"), Some(Refusal::NoBallot));
    let options = ["yes", "no"].map(str::to_owned).to_vec();
    let open = Command::OpenBallot(OpenBallot { question: "Shall we?".to_owned(), options });
    assert!(conference.does(person(1), &open));
    assert_eq!(refused(&conference, 1, "open_ballot"), Some(Refusal::BallotOpen));
    assert_eq!((refused(&conference, 1, "close_ballot"), refused(&conference, 2, "vote")), (None, None));
    assert!(conference.does(person(1), &Command::CloseBallot));
    assert_eq!(refused(&conference, 2, "vote"), Some(Refusal::BallotClosed));
    assert!(conference.does(person(2), &Command::AskToTable(AskToTable { people: people(&[1]) })));
    assert_eq!(
        (refused(&conference, 1, "accept_table"), refused(&conference, 2, "leave_table")),
        (None, None)
    );
    assert!(conference.does(person(2), &Command::Leave));
    assert_eq!(refused(&conference, 1, "ask_to_table"), Some(Refusal::PersonUnknown), "nobody is there");
}

#[test]
fn where_one_may_speak_is_said_of_each_room() {
    let name = RoomNames::from([("de".to_owned(), "Garten".to_owned())]);
    let description = Description { rooms: vec![RoomPlan { name }], ..Description::default() };
    let mut conference = Conference::with(&description, 2);
    let closed = Some(Refusal::RoomClosed);
    let public = [("foyer", None), ("news", closed), ("plenary", None), ("r1", None)];
    let of_participant = rooms(&[&public[..], &[("organizers", closed)]].concat());
    assert_eq!(silent(&conference, 2), of_participant);
    assert_eq!(silent(&conference, 1), rooms(&[&public[..], &[("organizers", None)]].concat()));
    assert!(conference.does(person(2), &Command::AskToTable(AskToTable { people: people(&[3]) })));
    assert_eq!(silent(&conference, 2).get("t1"), Some(&None));
    assert_eq!(silent(&conference, 3), of_participant, "a table is known to those who sit there");
}

#[test]
fn until_it_opens_it_says_when_that_is() {
    let settings = Settings { start: Some(minute(10)), ..Settings::default() };
    let mut conference = Conference::with(&Description { settings, ..Description::default() }, 1);
    let early = may(&conference, 2);
    let permit = &early.speak[&RoomId::PLENARY];
    assert_eq!((permit.code, permit.opens), (Some(Refusal::NotOpenYet), Some(minute(10))));
    assert!(early.speak[&RoomId::FOYER].allowed && early.acts["say"].allowed && early.acts["go"].allowed);
    assert_eq!(early.speak[&RoomId::NEWS].opens, None, "it does not open with the conference");
    assert_eq!(refused(&conference, 1, "skip_phase"), None, "it opens now");
    conference.wait(10);
    assert_eq!(may(&conference, 2).speak[&RoomId::PLENARY], Permit { allowed: true, ..Permit::default() });
}

#[test]
fn who_left_or_never_came_does_nothing_and_from_an_ended_conference_one_only_leaves() {
    let mut conference = Conference::with(&Description::default(), 2);
    assert!(conference.does(person(3), &Command::Leave));
    for (number, leaves) in [(3, None), (9, Some(Refusal::NotParticipant))] {
        assert_eq!(refused(&conference, number, "leave"), leaves);
        assert_eq!(refused(&conference, number, "say"), Some(Refusal::NotParticipant));
        assert_eq!(refused(&conference, number, "end"), Some(Refusal::NotOrganizer));
        assert!(silent(&conference, number).values().all(|code| *code == Some(Refusal::NotParticipant)));
    }
    assert!(conference.does(Actor::Operator, &Command::End));
    assert_eq!((refused(&conference, 2, "leave"), refused(&conference, 1, "end")), (None, None));
    for kind in ["say", "go", "rename", "vote", "open_ballot"] {
        assert_eq!(refused(&conference, 1, kind), Some(Refusal::ConferenceEnded), "{kind}");
    }
}

#[test]
fn it_travels_as_documented() {
    let code = Some(Refusal::NotOpenYet);
    let may = May {
        acts: BTreeMap::from([("say".to_owned(), Permit { allowed: true, ..Permit::default() })]),
        speak: BTreeMap::from([(RoomId::PLENARY, Permit { allowed: false, code, opens: Some(minute(0)) })]),
    };
    let json = r#"{"acts":{"say":{"allowed":true}},"speak":{"plenary":{"allowed":false,"code":"not_open_yet","opens":"1970-01-01T00:00:00.000Z"}}}"#;
    assert_eq!(serde_json::to_string(&may).unwrap(), json);
    assert_eq!(serde_json::from_str::<May>(json).unwrap(), may);
}
