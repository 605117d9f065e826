//! The forms by which everything travels and is stored.

use convene_model::{CommandId, RoomId};

use super::*;

fn body(text: &str) -> Body {
    serde_json::from_str(text).unwrap()
}

#[test]
fn an_event_travels_as_documented() {
    let said = Said { room: RoomId::PLENARY, text: "hi".to_owned() };
    let mut event = Event { seq: 5, by: Some(ParticipantId(1)), ..event(Body::Said(said)) };
    let json = r#"{"seq":5,"at":"1970-01-01T00:00:00.000Z","by":"p1","body":{"kind":"said","room":"plenary","text":"hi"}}"#;
    assert_eq!(serde_json::to_string(&event).unwrap(), json);
    assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    event.step = 2;
    let json = json.replace(r#""seq":5,"#, r#""seq":5,"step":2,"#);
    assert_eq!(serde_json::to_string(&event).unwrap(), json);
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::from_value::<Event>(value).unwrap(), event);
}

#[test]
fn the_events_of_an_entry_bear_its_number_and_their_places() {
    let decided = |body| Decided { body, audience: Audience::Everyone, is_secret: false };
    let stamp = Stamp { seq: 9, at: Timestamp::from_millis(1), by: None, command: None };
    let events = stamp.events(vec![decided(Body::Ended), decided(Body::Unknown), decided(Body::Ended)]);
    let places: Vec<_> = events.iter().map(|(event, _)| (event.seq, event.step)).collect();
    assert_eq!(places, [(9, 1), (9, 2), (9, 3)]);
}

#[test]
fn a_body_of_another_form_is_unknown() {
    for text in [
        r#"{"kind":"danced","how":3}"#,
        r#"{"kind":"said"}"#,
        r#"{"kind":"said","room":7,"text":"x"}"#,
        r#"{"kind":"left","participant":"p0"}"#,
        r#"{"kind":"opened","settings":[]}"#,
        r#"{"kind":["said"]}"#,
        r#"{"kind":"ended","kind":"ended"}"#,
        "{}",
        "[]",
        "7",
        "null",
    ] {
        assert_eq!(body(text), Body::Unknown, "{text}");
        assert_eq!(level_of(&body(text)), LEVEL + 1);
    }
    assert_eq!(body(r#"{"kind":"ended","why":"later"}"#), Body::Ended);
    let deep = format!(r#"{{"kind":"said","room":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(body(&deep), Body::Unknown);
}

#[test]
fn limits_do_not_bind_events() {
    let name = "x".repeat(1_000);
    let long = body(&format!(r#"{{"kind":"joined","participant":"p1","name":"{name}","role":"chair"}}"#));
    let expected = Joined { participant: ParticipantId(1), name, role: Role::Other };
    assert_eq!(long, Body::Joined(expected));
    let text = "y".repeat(10_000);
    let long = body(&format!(r#"{{"kind":"said","room":"foyer","text":"{text}\u0007"}}"#));
    assert_eq!(long, Body::Said(Said { room: RoomId::FOYER, text: format!("{text}\u{7}") }));
}

#[test]
fn logs_of_format_1_are_read() {
    let old = body(r#"{"kind":"joined","participant":"p1","name":"Olga","right":"organizer"}"#);
    let new = body(r#"{"kind":"joined","participant":"p1","name":"Olga","role":"organizer"}"#);
    assert_eq!(old, new);
    assert_ne!(old, Body::Unknown);
}

#[test]
fn everything_that_happens_has_a_level_that_this_code_folds() {
    let settings = Settings::default();
    let participant = ParticipantId(1);
    let (name, role) = (String::new(), Role::Participant);
    for body in [
        Body::Opened(Opened { settings }),
        Body::Joined(Joined { participant, name, role }),
        Body::Left(Left { participant, removed: false }),
        Body::Said(Said { room: RoomId::FOYER, text: String::new() }),
        Body::Ended,
        Body::AccessTold(AccessTold { participant, verdict: AccessVerdict::Red, version: String::new() }),
        Body::AccessesTold(AccessesTold { participant, groups: Vec::new() }),
        Body::CodesReplaced(CodesReplaced { people: people(&[1]), codes: codes() }),
        Body::LinkTold(LinkTold { participant, code: JoinCode([3; 16]) }),
        Body::DoorsLocked,
        Body::DoorsOpened,
        Body::Filled(Filled { percent: 80 }),
    ] {
        assert!((1..=LEVEL).contains(&level_of(&body)));
    }
}

#[test]
fn hosts_are_told_where_they_are_known_and_every_level_folds_them() {
    let without = r#"{"kind":"opened","settings":{"title":"t"}}"#;
    let with = r#"{"kind":"opened","settings":{"title":"t","hosts":"The staff council"}}"#;
    for (text, hosts) in [(without, ""), (with, "The staff council")] {
        let Body::Opened(opened) = body(text) else { panic!("{text}") };
        assert_eq!(opened.settings.hosts, hosts);
        let opened = Body::Opened(opened);
        assert_eq!(serde_json::to_string(&opened).unwrap(), text);
        assert_eq!(level_of(&opened), 1);
    }
}

#[test]
fn audiences_travel_as_a_word_or_as_numbers() {
    let read = |text: &str| serde_json::from_str::<Audience>(text).unwrap();
    for text in [r#""everyone""#, "[]", "[1,17]"] {
        assert_eq!(serde_json::to_string(&read(text)).unwrap(), text);
    }
    assert!(read(r#""everyone""#).includes(ParticipantId(9)));
    assert!(read("[1,17]").includes(ParticipantId(17)));
    for text in [r#""organizers""#, r#"["everyone"]"#, r#"{"table":4}"#, "null", "7", "[-1]"] {
        assert_eq!(serde_json::to_string(&read(text)).unwrap(), "[]", "{text} is nobody");
    }
}

#[test]
fn receipts_travel_as_documented() {
    let id: CommandId = "67e55044-10b1-426f-9247-bb680e5fe0c8".parse().unwrap();
    for (outcome, rest) in [
        (Outcome::Accepted, r#""outcome":"accepted""#),
        (Outcome::Refused { code: Refusal::RoomClosed }, r#""outcome":"refused","code":"room_closed""#),
    ] {
        let json = format!(r#"{{"id":"{id}","number":12,{rest}}}"#);
        let receipt = Receipt { id, number: 12, outcome };
        assert_eq!(serde_json::to_string(&receipt).unwrap(), json);
        assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
    }
    let later = format!(r#"{{"id":"{id}","number":12,"outcome":"merged","into":13}}"#);
    assert_eq!(serde_json::from_str::<Receipt>(&later).unwrap().outcome, Outcome::Other);
    let code = format!(r#"{{"id":"{id}","number":12,"outcome":"refused","code":"on_fire"}}"#);
    let refused = Outcome::Refused { code: Refusal::Other };
    assert_eq!(serde_json::from_str::<Receipt>(&code).unwrap().outcome, refused);
}

#[test]
fn a_command_that_lacks_something_is_not_an_unknown_one() {
    for command in [join("Anna"), Command::Leave, say("x"), say_in("foyer", "x"), Command::End] {
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(Command::read(&text), Ok(command.clone()));
        assert!(!command.names_by_id());
    }
    assert_eq!(Command::read(r#"{"kind":"leave","now":true}"#), Ok(Command::Leave));
    for text in [r#"{"kind":"say"}"#, r#"{"kind":"say","text":7}"#, r#"{"kind":"join","name":""}"#] {
        assert_eq!(Command::read(text), Err(Refusal::CommandInvalid), "{text}");
    }
    for text in [r#"{"kind":"dance"}"#, "{}", "7", "", r#"{"kind":"say""#] {
        assert_eq!(Command::read(text), Err(Refusal::CommandUnknown), "{text}");
    }
}

#[test]
fn an_access_check_travels_as_documented() {
    let text = r#"{"kind":"access","verdict":"green","version":"0.1.0"}"#;
    let tell = TellAccess { verdict: AccessVerdict::Green, version: "0.1.0".to_owned() };
    let command = Command::Access(tell);
    assert_eq!(serde_json::to_string(&command).unwrap(), text);
    assert_eq!(Command::read(text), Ok(command.clone()));
    assert!(!command.names_by_id());
    assert_eq!(Command::read(r#"{"kind":"access"}"#), Err(Refusal::CommandInvalid));
    for verdict in [AccessVerdict::Green, AccessVerdict::Yellow, AccessVerdict::Red, AccessVerdict::Other] {
        assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
    }
    assert_eq!(serde_json::from_str::<AccessVerdict>(r#""blue""#).unwrap(), AccessVerdict::Other);
    let told = r#"{"kind":"access_told","participant":"p2","verdict":"red","version":"0.1.0"}"#;
    assert_eq!(serde_json::to_string(&body(told)).unwrap(), told);
    let told = r#"{"kind":"accesses_told","participant":"p1","groups":[{"verdict":"red","version":"","people":["p2","p3"]}]}"#;
    assert_eq!(serde_json::to_string(&body(told)).unwrap(), told);
}

#[test]
fn a_removal_travels_as_a_leaving_that_earlier_programs_fold() {
    let left = r#"{"kind":"left","participant":"p2"}"#;
    let removed = r#"{"kind":"left","participant":"p2","removed":true}"#;
    for (text, level) in [(left, 1), (removed, 4)] {
        assert_eq!(serde_json::to_string(&body(text)).unwrap(), text);
        assert_eq!(level_of(&body(text)), level);
    }
    let remove = Command::Remove(Remove { participant: ParticipantId(2) });
    assert_eq!(serde_json::to_string(&remove).unwrap(), r#"{"kind":"remove","participant":"p2"}"#);
    assert!(remove.names_by_id());
    for (command, text) in [
        (Command::LockDoors, r#"{"kind":"lock_doors"}"#),
        (Command::OpenDoors, r#"{"kind":"open_doors"}"#),
        (Command::MakeLink, r#"{"kind":"make_link"}"#),
    ] {
        assert_eq!(serde_json::to_string(&command).unwrap(), text);
        assert_eq!(Command::read(text), Ok(command.clone()));
        assert!(!command.names_by_id());
    }
    for text in [
        r#"{"kind":"codes_replaced","people":["p1"],"codes":{"AQEBAQEBAQEBAQEBAQEBAQ":"participant"}}"#,
        r#"{"kind":"link_told","participant":"p2","code":"AQEBAQEBAQEBAQEBAQEBAQ"}"#,
        r#"{"kind":"doors_locked"}"#,
        r#"{"kind":"doors_opened"}"#,
        r#"{"kind":"filled","percent":80}"#,
    ] {
        assert_eq!(serde_json::to_string(&body(text)).unwrap(), text);
        assert_eq!(level_of(&body(text)), 4, "{text}");
    }
}

/// What is not so is left out: a state of before reads and writes as it did.
#[test]
fn a_state_without_removals_is_written_as_before() {
    let mut conference = Conference::with(&Description::default(), 1);
    let written = |conference: &Conference| {
        serde_json::to_string(&StoredState::from(conference.state.clone())).unwrap()
    };
    let before = written(&conference);
    assert!(["removed", "doors_locked", "filled", "link"].iter().all(|word| !before.contains(word)));
    assert!(conference.does(person(1), &Command::Remove(Remove { participant: ParticipantId(2) })));
    let after = written(&conference);
    assert!(after.contains(r#""removed":true"#) && after.contains(r#""doors_locked":true"#), "{after}");
    assert_eq!(stored(&conference.state), conference.state);
}

#[test]
fn refusals_travel_as_their_words() {
    for refusal in Refusal::ALL {
        let word = format!("{:?}", refusal.as_str());
        assert_eq!(serde_json::to_string(refusal).unwrap(), word);
        assert_eq!(serde_json::from_str::<Refusal>(&word).unwrap(), *refusal);
    }
    assert_eq!(serde_json::from_str::<Refusal>(r#""on_fire""#).unwrap(), Refusal::Other);
}

#[test]
fn a_seat_ends_by_few_words() {
    let ends = |was_participant: bool| -> Vec<&str> {
        let all = Refusal::ALL.iter();
        all.filter(|refusal| refusal.is_final(was_participant)).map(|refusal| refusal.as_str()).collect()
    };
    let before = [
        "conference_ended",
        "code_unknown",
        "conference_deleted",
        "name_taken",
        "name_of_role",
        "conference_full",
    ];
    assert_eq!(ends(false), before);
    assert_eq!(ends(true), ["conference_deleted"]);
}

#[test]
fn a_snapshot_that_lacks_something_is_an_error_and_not_an_empty_conference() {
    assert!(serde_json::from_str::<StoredState>("{}").is_err());
    assert!(serde_json::from_str::<Public>("{}").is_err());
    let later = r#"{"settings":{"title":"t"},"ended":true,"participants":{},"phases":{"p":1}}"#;
    assert!(serde_json::from_str::<Public>(later).unwrap().ended());
    assert_eq!(serde_json::from_str::<Own>(r#"{"votes":{}}"#).unwrap(), Own::default());
}

#[test]
fn roles_of_later_versions_give_nothing() {
    let role: Role = serde_json::from_str(r#""observer""#).unwrap();
    assert_eq!(role, Role::Other);
    let mut conference = Conference::default();
    conference.state.evolve(&joined(1, "Anna", role));
    assert_eq!(conference.refuses(person(1), &say_in("organizers", "x")), Refusal::RoomClosed);
    assert!(conference.does(person(1), &say("x")));
}
