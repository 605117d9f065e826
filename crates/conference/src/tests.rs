//! The rules, on examples and on random histories.

use convene_model::{ParticipantId, RoomId, Timestamp};
use proptest::prelude::*;

use super::*;

fn newcomer() -> Actor {
    Actor::Newcomer { right: Right::Participant }
}

fn organizer() -> Actor {
    Actor::Newcomer { right: Right::Organizer }
}

fn person(n: u32) -> Actor {
    Actor::Participant(ParticipantId(n))
}

fn join(name: &str) -> Command {
    Command::Join { name: name.parse().unwrap() }
}

fn say(text: &str) -> Command {
    Command::Say { room: None, text: text.to_owned() }
}

fn say_in(room: &str, text: &str) -> Command {
    Command::Say { room: Some(room.parse().unwrap()), text: text.to_owned() }
}

/// A conference as the server runs it.
#[derive(Default)]
struct Conference {
    state: State,
    log: Vec<(Event, Audience)>,
}

impl Conference {
    fn wish(&mut self, actor: Actor, command: Command) -> Result<bool, Refusal> {
        let Some(decided) = decide(&self.state, &actor, &command)? else { return Ok(false) };
        let seq = self.log.len() as u64 + 1;
        let by = if let Actor::Participant(id) = actor { Some(id) } else { None };
        let event =
            Event { seq, at: Timestamp::from_millis(seq as i64), by, command: None, body: decided.body };
        self.state.evolve(&event);
        self.log.push((event, decided.audience));
        Ok(true)
    }
}

#[test]
fn a_newcomer_joins_under_a_name_of_their_own() {
    let mut conference = Conference::default();
    assert_eq!(conference.wish(newcomer(), join("Anna")), Ok(true));
    assert_eq!(conference.wish(newcomer(), join("ANNA")), Err(Refusal::NameTaken));
    assert_eq!(conference.wish(newcomer(), join("Bernd")), Ok(true));
    let names: Vec<_> =
        conference.state.participants().map(|(id, one)| (id.0, one.name.to_string())).collect();
    assert_eq!(names, [(1, "Anna".to_owned()), (2, "Bernd".to_owned())]);
}

#[test]
fn who_left_may_come_back_and_nobody_else_gets_the_name() {
    let mut conference = Conference::default();
    conference.wish(newcomer(), join("Anna")).unwrap();
    assert_eq!(conference.wish(person(1), Command::Leave), Ok(true));
    assert_eq!(conference.wish(person(1), Command::Leave), Ok(false));
    assert_eq!(conference.wish(person(1), say("x")), Err(Refusal::NotParticipant));
    assert_eq!(conference.wish(newcomer(), join("Anna")), Err(Refusal::NameTaken));
    assert_eq!(conference.wish(person(1), join("Anna")), Ok(true));
    assert_eq!(conference.wish(person(1), join("Anna")), Ok(false));
    assert_eq!(conference.wish(person(1), say("x")), Ok(true));
}

#[test]
fn everyone_speaks_in_plenary_and_foyer_and_organizers_among_themselves() {
    let mut conference = Conference::default();
    conference.wish(newcomer(), join("Anna")).unwrap();
    conference.wish(organizer(), join("Olga")).unwrap();
    assert_eq!(conference.wish(person(1), say("hello")), Ok(true));
    assert_eq!(conference.wish(person(1), say_in("foyer", "hello")), Ok(true));
    assert_eq!(conference.wish(person(1), say_in("organizers", "hello")), Err(Refusal::RoomClosed));
    assert_eq!(conference.wish(person(1), say_in("nowhere", "hello")), Err(Refusal::RoomUnknown));
    assert_eq!(conference.wish(person(2), say_in("organizers", "hello")), Ok(true));
    let (_, audience) = conference.log.last().unwrap();
    assert!(conference.state.may_see(ParticipantId(2), *audience));
    assert!(!conference.state.may_see(ParticipantId(1), *audience));
}

#[test]
fn a_message_outside_its_limits_is_refused_by_name() {
    let mut conference = Conference::default();
    conference.wish(newcomer(), join("Anna")).unwrap();
    assert_eq!(conference.wish(person(1), say(&"ä".repeat(4000))), Ok(true));
    assert_eq!(conference.wish(person(1), say(&"ä".repeat(4001))), Err(Refusal::TextTooLong));
    assert_eq!(conference.wish(person(1), say(" ")), Err(Refusal::TextEmpty));
    assert_eq!(conference.wish(person(1), say("\u{1b}[2J")), Err(Refusal::TextControl));
}

#[test]
fn only_organizers_and_the_operator_end_it_and_then_nothing_happens_any_more() {
    let mut conference = Conference::default();
    conference.wish(newcomer(), join("Anna")).unwrap();
    assert_eq!(conference.wish(person(1), Command::End), Err(Refusal::NotOrganizer));
    assert_eq!(conference.wish(Actor::Operator, Command::End), Ok(true));
    assert_eq!(conference.wish(Actor::Operator, Command::End), Ok(false));
    assert_eq!(conference.wish(person(1), say("x")), Err(Refusal::ConferenceEnded));
    assert_eq!(conference.wish(newcomer(), join("Bernd")), Err(Refusal::ConferenceEnded));
}

#[test]
fn words_travel_as_documented() {
    let event = Event {
        seq: 5,
        at: Timestamp::from_millis(0),
        by: Some(ParticipantId(1)),
        command: None,
        body: Body::Said { room: RoomId::PLENARY, text: "hi".parse().unwrap() },
    };
    let json = r#"{"seq":5,"at":"1970-01-01T00:00:00.000Z","by":"p1","body":{"kind":"said","room":"plenary","text":"hi"}}"#;
    assert_eq!(serde_json::to_string(&event).unwrap(), json);
    assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    assert_eq!(serde_json::from_str::<Body>(r#"{"kind":"danced","how":3}"#).unwrap(), Body::Unknown);
    assert!(serde_json::from_str::<Command>(r#"{"kind":"dance"}"#).is_err());
    let accepted = Outcome::Accepted { seq: 12 };
    assert_eq!(serde_json::to_string(&accepted).unwrap(), r#"{"accepted":{"seq":12}}"#);
    assert_eq!(serde_json::from_str::<Refusal>(r#""on_fire""#).unwrap(), Refusal::Other);
    for audience in [Audience::Everyone, Audience::Organizers, Audience::Person(ParticipantId(3))] {
        assert_eq!(audience.to_string().parse(), Ok(audience));
    }
}

fn any_wish() -> impl Strategy<Value = (Actor, Command)> {
    let actor = prop_oneof![
        Just(newcomer()),
        Just(organizer()),
        (1..6u32).prop_map(person),
        (1..6u32).prop_map(person),
        Just(Actor::Operator),
    ];
    let command = prop_oneof![
        8 => "[a-d]".prop_map(|name| join(&name)),
        2 => Just(Command::Leave),
        8 => any::<String>().prop_map(|text| say(&text)),
        4 => "[a-z]{1,3}|foyer|organizers".prop_map(|room| say_in(&room, "x")),
        1 => Just(Command::End),
    ];
    (actor, command)
}

proptest! {
    #[test]
    fn a_log_folds_to_the_same_state_everywhere(wishes in proptest::collection::vec(any_wish(), 0..80)) {
        let mut conference = Conference::default();
        for (actor, command) in wishes {
            let before = conference.state.clone();
            if conference.wish(actor, command) != Ok(true) {
                prop_assert_eq!(&conference.state, &before);
            }
        }
        let mut elsewhere = State::default();
        for (event, _) in &conference.log {
            let travelled: Event = serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap();
            prop_assert_eq!(&travelled, event);
            elsewhere.evolve(&travelled);
        }
        let stored: State = serde_json::from_str(&serde_json::to_string(&elsewhere).unwrap()).unwrap();
        prop_assert_eq!(&stored, &conference.state);
        let names: std::collections::BTreeSet<_> = conference.state.participants().map(|(_, one)| one.name.key()).collect();
        prop_assert_eq!(names.len(), conference.state.participants().count());
    }
}
