//! Properties of random histories, of commands that are decided and of events that are not.

use std::collections::BTreeSet;

use convene_model::limits::AUDIENCE_MAX;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn any_wish() -> impl Strategy<Value = (Actor, Command)> {
    let actor = prop_oneof![
        2 => (any::<bool>(), any::<bool>()).prop_map(|(leads, was_participant)| {
            let role = if leads { Role::Organizer } else { Role::Participant };
            Actor::Newcomer { role, was_participant }
        }),
        6 => (1..8u32).prop_map(person),
        1 => Just(Actor::Operator),
        1 => Just(Actor::Clock),
    ];
    let command = prop_oneof![
        16 => "[a-d]( [23])?".prop_map(|name| join(&name)),
        4 => Just(Command::Leave),
        8 => any::<String>().prop_map(|text| say(&text)),
        12 => "[a-z]{1,3}|foyer|organizers|organizers".prop_map(|room| say_in(&room, "x")),
        1 => Just(Command::End),
    ];
    (actor, command)
}

/// JSON as no version writes it: known kinds and fields with values of every form.
fn any_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "p[0-3]|p4294967295|plenary|organizer|observer|[a-c]?".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("title|start|x", inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let kind = prop_oneof![
        Just("opened"),
        Just("joined"),
        Just("joined"),
        Just("left"),
        Just("said"),
        Just("ended"),
        Just("danced"),
    ];
    let field = "participant|name|role|right|room|text|settings|other";
    let sensible = ("p[1-4]|p4294967295", "[a-zA-Z\u{e9}\u{1b} ]{0,2}", "participant|organizer|chair")
        .prop_map(
            |(id, name, role)| json!({"kind": "joined", "participant": id, "name": name, "role": role}),
        );
    let senseless = (kind, vec((field, value.clone()), 0..6)).prop_map(|(kind, fields)| {
        let mut body: serde_json::Map<String, Value> = fields.into_iter().collect();
        body.insert("kind".to_owned(), kind.into());
        Value::Object(body)
    });
    prop_oneof![4 => senseless, 2 => sensible, 1 => value]
}

/// Whether nothing in it is null and no array can grow.
fn can_be_patched(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Object(fields) => {
            fields.iter().all(|(name, field)| name == "languages" || can_be_patched(field))
        }
        Value::Array(_) => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

proptest! {
    #[test]
    fn a_log_folds_to_the_same_state_everywhere(wishes in vec(any_wish(), 0..80)) {
        let mut conference = Conference::default();
        for (actor, command) in wishes {
            let before = conference.state.clone();
            let Ok(events) = conference.wish(actor, &command) else { continue };
            let first_private = events.iter().position(|(_, audience)| !audience.is_everyone());
            prop_assert!(events.iter().skip(first_private.unwrap_or(events.len())).all(|(_, audience)| !audience.is_everyone()));
            for (_, audience) in &events {
                let Audience::Only(people) = audience else { continue };
                prop_assert!(people.iter().count() <= AUDIENCE_MAX);
                let takes_part = |id| before.public().participants().get(id).is_some_and(|one| one.takes_part);
                prop_assert!(people.iter().all(takes_part));
            }
            let keys = keys(&conference.state);
            prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
            prop_assert!(can_be_patched(&serde_json::to_value(conference.state.public()).unwrap()));
        }
        let mut elsewhere = State::default();
        for (event, _) in &conference.log {
            let travelled: Event = serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap();
            prop_assert_eq!(&travelled, event);
            elsewhere.evolve(&travelled);
        }
        prop_assert_eq!(&elsewhere, &conference.state);
        prop_assert_eq!(&stored(&elsewhere), &conference.state);
    }

    #[test]
    fn a_seat_folds_what_it_may_read_to_what_it_may_have(wishes in vec(any_wish(), 0..80)) {
        let mut conference = Conference::default();
        for (actor, command) in wishes {
            drop(conference.wish(actor, &command));
        }
        for (id, _) in conference.state.public().participants().iter() {
            let mut seat = State::default();
            for (event, _) in conference.log.iter().filter(|(_, audience)| audience.includes(id)) {
                seat.evolve(event);
            }
            prop_assert_eq!(seat.seen_by(id), conference.state.seen_by(id));
        }
    }

    #[test]
    fn any_events_can_be_folded_and_decided_upon(bodies in vec(any_body(), 0..24), wishes in vec(any_wish(), 0..12)) {
        let mut conference = Conference::default();
        for body in bodies {
            let event = json!({"seq": 1, "at": "2026-12-01T09:00:00Z", "body": body}).to_string();
            let event: Event = serde_json::from_str(&event).unwrap();
            if event.body == Body::Unknown {
                let before = conference.state.clone();
                conference.state.evolve(&event);
                prop_assert_eq!(&conference.state, &before);
            } else {
                conference.state.evolve(&event);
            }
        }
        prop_assert_eq!(&stored(&conference.state), &conference.state);
        for (actor, command) in wishes {
            drop(conference.wish(actor, &command));
        }
        prop_assert_eq!(&stored(&conference.state), &conference.state);
    }

    #[test]
    fn any_text_is_a_command_or_a_refusal(text in "\\{\"kind\":\"(join|say|leave|end|x)\"(,\"(name|text|room)\":(\"[a-z]{0,3}\"|7|null)){0,2}\\}") {
        match Command::read(&text) {
            Ok(command) => {
                let again = serde_json::to_string(&command).unwrap();
                prop_assert_eq!(Command::read(&again), Ok(command));
            }
            Err(refusal) => {
                prop_assert!(matches!(refusal, Refusal::CommandUnknown | Refusal::CommandInvalid));
                prop_assert_eq!(refusal == Refusal::CommandUnknown, text.starts_with("{\"kind\":\"x\""));
            }
        }
    }
}
