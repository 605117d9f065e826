//! Properties of random histories, of commands that are decided and of events that are not.

use convene_model::limits::AUDIENCE_MAX;
use convene_model::{BallotId, OptionId};
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
    let some_room = "plenary|foyer|organizers|news|r[1-3]|t[1-4]";
    let some_table = || proptest::option::weighted(0.3, "t[1-4]".prop_map(|table| table.parse().unwrap()));
    let one = || (1..8u32).prop_map(ParticipantId);
    let several = vec(1..8u32, 0..4).prop_map(|numbers| people(&numbers));
    let moving = prop_oneof![
        6 => some_room.prop_map(|room| Command::Go(Go { room: room.parse().unwrap() })),
        3 => "[a-c]".prop_map(|name| Command::AddRoom(AddRoom { name })),
        1 => "r[1-3]".prop_map(|room| Command::CloseRoom(CloseRoom { room: room.parse().unwrap() })),
        6 => several.prop_map(|people| Command::AskToTable(AskToTable { people })),
        6 => some_table().prop_map(|table| Command::AcceptTable(AcceptTable { table })),
        2 => some_table().prop_map(|table| Command::DeclineTable(DeclineTable { table })),
        2 => Just(Command::LeaveTable),
    ];
    let leading = prop_oneof![
        2 => one().prop_map(|participant| Command::AddOrganizer(AddOrganizer { participant })),
        1 => one().prop_map(|participant| Command::RemoveOrganizer(RemoveOrganizer { participant })),
        1 => one().prop_map(|participant| Command::Remove(Remove { participant })),
        1 => Just(Command::LockDoors),
        2 => Just(Command::OpenDoors),
        1 => (0..9u32).prop_map(|minutes| Command::ExtendPhase(ExtendPhase { minutes })),
        1 => (0..9u32).prop_map(|minutes| Command::ShortenPhase(ShortenPhase { minutes })),
        1 => Just(Command::SkipPhase),
        3 => vec("[a-c]", 1..4).prop_map(|options| {
            Command::OpenBallot(OpenBallot { question: "?".to_owned(), options })
        }),
        1 => Just(Command::CloseBallot),
    ];
    let command = prop_oneof![
        24 => moving,
        12 => leading,
        6 => (any_verdict(), "0\\.[1-3]\\.0").prop_map(|(verdict, version)| {
            Command::Access(TellAccess { verdict, version })
        }),
        8 => (1..4u32, 1..4u32).prop_map(|(ballot, option)| Command::Vote(Vote { ballot: BallotId(ballot), option: OptionId(option) })),
        4 => "[a-d]".prop_map(|name| Command::Rename(Rename { name: name.parse().unwrap() })),
        16 => "[a-d]( [23])?".prop_map(|name| join(&name)),
        4 => Just(Command::Leave),
        2 => Just(Command::MakeLink),
        8 => any::<String>().prop_map(|text| say(&text)),
        12 => "[a-z]{1,3}|foyer|organizers|organizers|t[1-4]|r1".prop_map(|room| say_in(&room, "x")),
        1 => Just(Command::End),
    ];
    (actor, command)
}

fn any_verdict() -> impl Strategy<Value = AccessVerdict> {
    prop_oneof![
        3 => Just(AccessVerdict::Green),
        2 => Just(AccessVerdict::Yellow),
        2 => Just(AccessVerdict::Red),
        1 => Just(AccessVerdict::Other),
    ]
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
        Just("access_told"),
        Just("codes_replaced"),
        Just("link_told"),
        Just("doors_locked"),
        Just("filled"),
        Just("danced"),
    ];
    let field = "participant|name|role|right|room|text|settings|verdict|version|removed|code|codes|people|percent|other";
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
            let is_fixed = |name: &str| name == "languages";
            fields.iter().all(|(name, field)| is_fixed(name) && field.is_array() || can_be_patched(field))
        }
        Value::Array(_) => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// With a start, phases and a room, or without.
fn any_conference() -> impl Strategy<Value = Conference> {
    (proptest::option::of(0..30i64), 0..3usize, 0..3usize, 0..2usize).prop_map(
        |(start, people, phases, rooms)| {
            let plan = |kind: &str, minutes, rounds| PhasePlan { kind: kind.to_owned(), minutes, rounds };
            let phases = [plan("opening", 3, 1), plan("workshops", 5, 3)].into_iter().take(phases).collect();
            let room = RoomPlan { name: RoomNames::from([("de".to_owned(), "Garten".to_owned())]) };
            let rooms = std::iter::repeat_n(room, rooms).collect();
            let settings = Settings { start: start.map(minute), ..Settings::default() };
            Conference::with(&Description { settings, rooms, phases }, people)
        },
    )
}

/// One person is in one room, and sits at a table exactly where that is their room.
fn all_stand_somewhere(state: &State) -> bool {
    let public = state.public();
    let seated = |table: &str, id| {
        let table = public.tables().iter().find(|(known, _)| known.as_str() == table);
        table.is_some_and(|(_, table)| table.seated.contains_key(&id))
    };
    let fixed = ["plenary", "foyer", "organizers"];
    let stands = |(id, one): (ParticipantId, &Participant)| {
        let is_there = fixed.contains(&one.room.as_str()) || public.rooms().get(&one.room).is_some();
        let sits = seated(one.room.as_str(), id);
        let elsewhere = public.tables().iter().filter(|(_, table)| table.seated.contains_key(&id)).count();
        (is_there != sits) && elsewhere == usize::from(sits)
    };
    public.participants().iter().all(stands) && public.tables().iter().all(|(_, one)| !one.seated.is_empty())
}

/// Who was removed stays removed, takes no part, and knows nothing that opens the conference.
fn nobody_removed_is_back(before: &State, state: &State) -> bool {
    let gone = before.public().participants().iter().filter(|(_, one)| one.removed).map(|(id, _)| id);
    gone.chain(state.public().participants().iter().filter(|(_, one)| one.removed).map(|(id, _)| id)).all(
        |id| {
            let own = state.own(id);
            let knows = own.is_some_and(|own| own.codes().is_some() || own.link().is_some());
            let one = state.public().participants().get(id);
            one.is_some_and(|one| one.removed && !one.takes_part) && !knows
        },
    )
}

/// Nobody knows the codes but organizers, those who left among them.
fn codes_are_known_to_organizers(state: &State) -> bool {
    state
        .public()
        .participants()
        .iter()
        .all(|(id, one)| one.role == Role::Organizer || state.own(id).is_none_or(|own| own.codes().is_none()))
}

/// Everyone has one vote, and a result is what was voted.
fn votes_count_once(state: &State) -> bool {
    state.public().ballots().iter().all(|(number, ballot)| {
        let ids = state.public().participants().iter().map(|(id, _)| id);
        let voted = ids.filter(|id| state.own(*id).is_some_and(|own| own.votes().contains_key(&number)));
        let voted = u32::try_from(voted.count()).unwrap();
        let counted = ballot.result.as_ref().is_none_or(|result| result.values().sum::<u32>() == voted);
        ballot.turnout == voted && counted
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_the_rules(
        mut conference in any_conference(),
        wishes in vec((0..3i64, any_wish()), 0..60),
    ) {
        for (minutes, (actor, command)) in wishes {
            conference.wait(minutes);
            prop_assert!(next_due(&conference.state).is_none_or(|due| due > conference.now()));
            let before = conference.state.clone();
            let result = |state: &State| -> Vec<_> {
                let closed = state.public().ballots().iter().filter(|(_, ballot)| ballot.result.is_some());
                closed.map(|(number, ballot)| (number, ballot.result.clone())).collect()
            };
            let events = conference.wish(actor, &command).unwrap_or_default();
            let state = &conference.state;
            prop_assert!(all_stand_somewhere(state), "{command:?}");
            prop_assert!(nobody_removed_is_back(&before, state), "{command:?}");
            prop_assert!(codes_are_known_to_organizers(state), "{command:?}");
            prop_assert!(votes_count_once(state), "{command:?}");
            prop_assert!(result(&before).iter().all(|ended| result(state).contains(ended)));
            for (said, audience) in &events {
                if let Body::Said(Said { room, .. }) = &said.body
                    && let Some(table) = before.public().tables().get(room)
                {
                    let seated: BTreeSet<_> = table.seated.keys().copied().collect();
                    prop_assert_eq!(audience, &Audience::Only(People::new(seated).unwrap()));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ASKED_HISTORIES, ..ProptestConfig::default() })]

    #[test]
    fn what_may_not_be_is_refused_by_the_same_code(
        mut conference in any_conference(),
        wishes in vec((0..3i64, any_wish()), 0..60),
    ) {
        for (minutes, (actor, command)) in wishes {
            conference.wait(minutes);
            let Actor::Participant(id) = actor else {
                drop(conference.wish(actor, &command));
                continue;
            };
            let may = May::of(&conference.state, id);
            let decided = conference.wish(actor, &command).map(drop);
            let written = serde_json::to_value(&command).unwrap();
            let Some(act) = may.acts.get(written["kind"].as_str().unwrap()) else {
                prop_assert!(matches!(command, Command::Join(_)));
                continue;
            };
            if let Some(code) = act.code {
                prop_assert_eq!(decided, Err(code), "{:?}", command);
            }
            if let (Command::Say(Say { room: Some(room), .. }), true) = (&command, act.allowed) {
                match may.speak.get(room) {
                    Some(permit) => prop_assert_eq!(decided.err(), permit.code, "{:?}", command),
                    None => prop_assert!(decided.is_err(), "{:?}", command),
                }
            }
        }
    }
}

/// RFC 7396, section 2, as written there.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else { return target.clone_from(patch) };
    if !target.is_object() {
        *target = json!({});
    }
    let known = target.as_object_mut().unwrap();
    for (name, value) in fields {
        if value.is_null() {
            known.remove(name);
        } else {
            merge(known.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, ..ProptestConfig::default() })]

    #[test]
    fn patched_is_folded(
        mut conference in any_conference(),
        wishes in vec((0..3i64, any_wish()), 0..60),
        who in any::<prop::sample::Index>(),
    ) {
        for (minutes, (actor, command)) in wishes {
            conference.wait(minutes);
            drop(conference.wish(actor, &command));
        }
        let everyone: Vec<ParticipantId> = conference.state.public().participants().iter().map(|(id, _)| id).collect();
        let id = *who.get(&everyone);
        let (mut state, mut patched) = (State::default(), json!({}));
        let told: Vec<Event> =
            conference.log.iter().filter(|(_, audience)| audience.includes(id)).map(|(event, _)| event.clone()).collect();
        for entry in told.chunk_by(|one, next| one.seq == next.seq) {
            let patch = state.evolve_patched(entry, id);
            merge(&mut patched, &patch);
            let folded = serde_json::to_value(state.seen_by(id)).unwrap();
            prop_assert_eq!(&patched, &folded, "{:?} by {}", entry, patch);
            prop_assert!(can_be_patched(&folded["public"]));
        }
    }
}

/// Random histories of the default run. Folding knows no system, and for Windows the tests run
/// under wine beside much else: there are fewer.
const HISTORIES: u32 = if cfg!(windows) { 256 } else { 10_000 };

/// Those in which each command is asked about before it is given: asking costs more than deciding.
const ASKED_HISTORIES: u32 = HISTORIES / 4;

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, ..ProptestConfig::default() })]

    #[test]
    fn a_log_folds_to_the_same_state_everywhere(wishes in vec(any_wish(), 0..80)) {
        let mut conference = Conference::default();
        for (actor, command) in wishes {
            let Ok(events) = conference.wish(actor, &command) else { continue };
            let first_private = events.iter().position(|(_, audience)| !audience.is_everyone());
            prop_assert!(events.iter().skip(first_private.unwrap_or(events.len())).all(|(_, audience)| !audience.is_everyone()));
            for (_, audience) in &events {
                let Audience::Only(people) = audience else { continue };
                prop_assert!(people.iter().count() <= AUDIENCE_MAX);
                // Whoever joins or becomes an organizer is told things in the same entry.
                let takes_part = |id| conference.state.public().participants().get(id).is_some_and(|one| one.takes_part);
                prop_assert!(people.iter().all(takes_part));
            }
            let forms = forms_of_names(&conference.state);
            prop_assert_eq!(forms.iter().collect::<BTreeSet<_>>().len(), forms.len());
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
            prop_assert_eq!(May::of(&seat, id), May::of(&conference.state, id));
        }
    }

    /// Such a key reads private events from one entry on, and the snapshot that it may be sent in
    /// their place knows neither more nor less. Nobody but organizers knows of others.
    #[test]
    fn a_key_knows_the_access_checks_that_it_was_told(
        wishes in vec(any_wish(), 0..80),
        from in 0..82u64,
        stored_at in 0..82u64,
    ) {
        let mut conference = Conference::default();
        for (actor, command) in wishes {
            drop(conference.wish(actor, &command));
        }
        let parts = conference.state.own_parts();
        for (id, one) in conference.state.public().participants().iter() {
            let told: Vec<&Event> = conference.log.iter().filter(|(event, audience)| {
                audience.is_everyone() || event.seq >= from && audience.includes(id)
            }).map(|(event, _)| event).collect();
            let (before, after) = told.split_at(told.partition_point(|event| event.seq <= stored_at));
            let mut seat = State::default();
            before.iter().for_each(|event| seat.evolve(event));
            let text = serde_json::to_string(&seat.seen_by(id)).unwrap();
            let mut seat = State::read_view(id, &text).unwrap();
            after.iter().for_each(|event| seat.evolve(event));
            let folded = serde_json::to_value(seat.seen_by(id)).unwrap();
            let sent = serde_json::to_value(parts.of(id).since(from)).unwrap();
            prop_assert_eq!(&folded["own"]["accesses"], &sent["accesses"]);
            let leads = one.takes_part && one.role == Role::Organizer;
            prop_assert!(leads || seat.accesses(id).into_keys().all(|whose| whose == id));
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
