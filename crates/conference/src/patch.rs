//! Changes of a state as JSON merge patches (RFC 7396), for frontends in any language.
//!
//! The fold notes which parts it touches; the patch has those parts as they stand afterwards, and
//! null for what is gone. Nothing is compared.

use std::collections::BTreeSet;

use convene_model::{BallotId, JoinCode, ParticipantId, RoomId};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::phases::Schedule;
use crate::state::State;
use crate::tables::Tables;

/// A part of a state that an event can change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// All of it: the conference begins.
    Everything,
    Ended,
    Doors,
    Filled,
    Participant(ParticipantId),
    /// The room in which a participant stands: an event may move thousands.
    Standing(ParticipantId),
    /// When it opens.
    Schedule,
    Phase(u32),
    Room(RoomId),
    /// A seat at a table.
    Seat(RoomId, ParticipantId),
    Ballot(BallotId),
    Turnout(BallotId),
    Invitation(ParticipantId, RoomId),
    Vote(ParticipantId, BallotId),
    Codes(ParticipantId),
    /// A code that this participant knew.
    GoneCode(ParticipantId, JoinCode),
    Link(ParticipantId),
    /// The access check of this participant.
    Access(ParticipantId),
    /// The access checks that this participant knows of: they may be others' too, or no more.
    Accesses(ParticipantId),
}

/// The parts that were touched, where somebody wants to know.
#[derive(Debug)]
pub(crate) struct Touched(Option<BTreeSet<Part>>);

impl Touched {
    /// Nobody wants to know.
    pub(crate) fn ignored() -> Self {
        Self(None)
    }

    pub(crate) fn noted() -> Self {
        Self(Some(BTreeSet::new()))
    }

    pub(crate) fn note(&mut self, part: impl FnOnce() -> Part) {
        if let Some(parts) = &mut self.0 {
            parts.insert(part());
        }
    }
}

/// The patch by which a seat of this participant comes to know these parts.
pub(crate) fn of(state: &State, touched: Touched, participant: ParticipantId) -> Value {
    let mut patch = Value::Object(Map::new());
    for part in touched.0.unwrap_or_default() {
        if let Some((path, value)) = place_of(state, &part, participant) {
            put(&mut patch, &path, value);
        }
    }
    match state.public().schedule().current() {
        None if patch.pointer("/public/schedule").is_some() => {
            put(&mut patch, &["public".to_owned(), "schedule".to_owned(), "current".to_owned()], Value::Null);
        }
        _ => {}
    }
    patch
}

/// Where a part stands, and how it stands there. None, where the participant may not know it.
fn place_of(state: &State, part: &Part, participant: ParticipantId) -> Option<(Vec<String>, Value)> {
    let public = state.public();
    let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Some(match part {
        Part::Everything => (Vec::new(), as_json(&state.seen_by(participant))),
        Part::Ended => (path(&["public", "ended"]), as_json(&public.ended())),
        Part::Doors => (path(&["public", "doors_locked"]), as_json(&public.doors_locked().then_some(true))),
        Part::Filled => {
            (path(&["public", "filled"]), as_json(&Some(public.filled()).filter(|percent| *percent > 0)))
        }
        Part::Participant(id) => {
            let known = public.participants().get(*id);
            (path(&["public", "participants", &id.to_string()]), as_json(&known))
        }
        Part::Standing(id) => {
            let known = public.participants().get(*id)?;
            (path(&["public", "participants", &id.to_string(), "room"]), as_json(&known.room))
        }
        Part::Schedule => (path(&["public", "schedule", "opens"]), as_json(&public.schedule().opens())),
        Part::Phase(number) => (path(&["public", "schedule"]), phase(public.schedule(), *number)),
        Part::Room(room) => {
            let open = json!({ room.to_string(): public.rooms().get(room) });
            (path(&["public", "rooms"]), json!({ "open": open, "added": public.rooms().added() }))
        }
        Part::Seat(table, id) => (path(&["public", "tables"]), seat(public.tables(), table, *id)),
        Part::Ballot(id) => {
            (path(&["public", "ballots", &id.to_string()]), as_json(&public.ballots().get(*id)))
        }
        Part::Turnout(id) => {
            let known = public.ballots().get(*id)?;
            (path(&["public", "ballots", &id.to_string(), "turnout"]), as_json(&known.turnout))
        }
        Part::Invitation(id, table) if *id == participant => {
            let invitations = state.own(*id).map(crate::Own::invitations).filter(|all| !all.is_empty());
            let one = invitations.map(|all| json!({ table.to_string(): all.get(table) }));
            (path(&["own", "invitations"]), one.unwrap_or_default())
        }
        Part::Vote(id, ballot) if *id == participant => {
            let vote = state.own(*id).and_then(|own| own.votes().get(ballot));
            (path(&["own", "votes", &ballot.to_string()]), as_json(&vote))
        }
        Part::Codes(id) if *id == participant => {
            let codes = state.own(*id).and_then(crate::Own::codes);
            (path(&["own", "codes"]), as_json(&codes))
        }
        Part::GoneCode(id, code) if *id == participant => {
            state.own(*id).and_then(crate::Own::codes).filter(|now| !now.by_code.contains_key(code))?;
            (path(&["own", "codes", "by_code", &code.to_string()]), Value::Null)
        }
        Part::Link(id) if *id == participant => {
            let link = state.own(*id).and_then(crate::Own::link);
            (path(&["own", "link"]), as_json(&link))
        }
        Part::Access(whose) => {
            let known = state.access(participant, *whose)?;
            (path(&["own", "accesses", &whose.to_string()]), as_json(&known))
        }
        Part::Accesses(id) if *id == participant => (path(&["own", "accesses"]), accesses(state, *id)?),
        Part::Invitation(..)
        | Part::Vote(..)
        | Part::Codes(_)
        | Part::GoneCode(..)
        | Part::Link(_)
        | Part::Accesses(_) => return None,
    })
}

/// A phase, with what it changes in the schedule around it.
fn phase(schedule: &Schedule, number: u32) -> Value {
    let current = schedule.current().map(|(number, _)| number);
    let phases = json!({ number.to_string(): schedule.phases().get(&number) });
    json!({ "phases": phases, "current": current, "opens": schedule.opens() })
}

/// A seat at a table, with what tells the table.
fn seat(tables: &Tables, table: &RoomId, whose: ParticipantId) -> Value {
    let known = tables.get(table).map(
        |known| json!({ "number": known.number, "seated": { whose.to_string(): known.seated.get(&whose) } }),
    );
    json!({ "taken": { table.to_string(): known }, "made": tables.made() })
}

/// The access checks that a participant knows of, and null for those that they know no more. None,
/// where nobody has told of one.
fn accesses(state: &State, participant: ParticipantId) -> Option<Value> {
    let known = state.accesses(participant);
    let all = state.checks().iter().map(|(whose, _)| (whose.to_string(), as_json(&known.get(&whose))));
    let all: Map<String, Value> = all.collect();
    (!all.is_empty()).then_some(if known.is_empty() { Value::Null } else { Value::Object(all) })
}

/// States and their parts have text for keys, and nothing in them fails by itself.
fn as_json(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

/// Puts a value into a patch, beside what is there.
fn put(patch: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return join(patch, value) };
    if !patch.is_object() {
        *patch = Value::Object(Map::new());
    }
    if let Some(fields) = patch.as_object_mut() {
        put(fields.entry(first.clone()).or_insert_with(|| Value::Object(Map::new())), rest, value);
    }
}

/// Two patches of one object in one.
fn join(patch: &mut Value, other: Value) {
    match (patch, other) {
        (Value::Object(fields), Value::Object(others)) => {
            for (name, other) in others {
                match fields.get_mut(&name) {
                    Some(field) => join(field, other),
                    None => {
                        fields.insert(name, other);
                    }
                }
            }
        }
        (patch, other) => *patch = other,
    }
}
