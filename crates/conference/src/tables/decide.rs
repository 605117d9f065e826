//! Who may sit where.

use std::collections::BTreeSet;

use convene_model::limits::{TABLE_SEATS_MAX, TABLES_MAX};
use convene_model::{ParticipantId, RoomId};

use super::{AcceptTable, AskToTable, AskedToTable, DeclineTable, SatDown, StoodUp, Table, TableDeclined};
use crate::attendance::member;
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;

/// Who is at no table makes one, and sits there until others come.
pub(crate) fn ask(state: &State, actor: Actor, ask: &AskToTable) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    let (id, known) = member(public, actor)?;
    let is_here = |person: &ParticipantId| {
        *person != id && public.participants.get(*person).is_some_and(|one| one.takes_part)
    };
    if ask.people.is_empty() || !ask.people.iter().all(is_here) {
        return Err(Refusal::PersonUnknown);
    }
    let seat = public.tables.get(&known.room);
    let (table, sits_down) = match seat {
        Some(_) => (known.room.clone(), None),
        None if public.tables.len() >= TABLES_MAX => return Err(Refusal::TooManyTables),
        None => {
            let table = public.tables.next_id().ok_or(Refusal::TooManyTables)?;
            (table.clone(), Some(SatDown { table, participant: id }))
        }
    };
    let mut seated: BTreeSet<ParticipantId> = seat.map(people_at).unwrap_or_else(|| BTreeSet::from([id]));
    let people: BTreeSet<ParticipantId> = ask.people.difference(&seated).copied().collect();
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let asked = state.asked_to(&table).filter(|person| !people.contains(person)).count();
    if seated.len() + asked + people.len() > TABLE_SEATS_MAX {
        return Err(Refusal::TableFull);
    }
    seated.extend(&people);
    let told = AskedToTable { table, participant: id, people };
    let sits_down = sits_down.map(|sits| Decided::to_everyone(Body::SatDown(sits)));
    Ok(sits_down.into_iter().chain([only(seated, Body::AskedToTable(told))?]).collect())
}

pub(crate) fn accept(state: &State, actor: Actor, accept: &AcceptTable) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    let (participant, known) = member(public, actor)?;
    let table = invitation(state, participant, accept.table.as_ref())?;
    if known.room == table {
        return Ok(Vec::new());
    }
    let taken = public.tables.get(&table).ok_or(Refusal::NotAsked)?;
    if taken.seated.len() >= TABLE_SEATS_MAX {
        return Err(Refusal::TableFull);
    }
    Ok(vec![Decided::to_everyone(Body::SatDown(SatDown { table, participant }))])
}

pub(crate) fn decline(state: &State, actor: Actor, decline: &DeclineTable) -> Result<Vec<Decided>, Refusal> {
    let (participant, _) = member(state.public(), actor)?;
    let table = invitation(state, participant, decline.table.as_ref())?;
    let mut told = state.public().tables.get(&table).map(people_at).unwrap_or_default();
    told.insert(participant);
    Ok(vec![only(told, Body::TableDeclined(TableDeclined { table, participant }))?])
}

pub(crate) fn leave(state: &State, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    let (participant, known) = member(state.public(), actor)?;
    state.public().tables.get(&known.room).ok_or(Refusal::NotAtTable)?;
    Ok(vec![Decided::to_everyone(Body::StoodUp(StoodUp { participant }))])
}

/// Those who hear what one of them says at a table; none, where there is no such table.
pub(crate) fn neighbours(state: &State, table: &RoomId) -> Option<BTreeSet<ParticipantId>> {
    state.public().tables.get(table).map(people_at)
}

fn people_at(table: &Table) -> BTreeSet<ParticipantId> {
    table.seated.keys().copied().collect()
}

/// The table that is meant, where the participant was asked to it.
fn invitation(state: &State, participant: ParticipantId, named: Option<&RoomId>) -> Result<RoomId, Refusal> {
    let mut asked = state.invitations_of(participant);
    match named {
        Some(named) => asked.find(|table| *table == named).cloned().ok_or(Refusal::NotAsked),
        None => match (asked.next(), asked.next()) {
            (Some(table), None) => Ok(table.clone()),
            (None, _) => Err(Refusal::NotAsked),
            (Some(_), Some(_)) => Err(Refusal::TableAmbiguous),
        },
    }
}

fn only(people: BTreeSet<ParticipantId>, body: Body) -> Result<Decided, Refusal> {
    let people = People::new(people).ok_or(Refusal::EntryTooLarge)?;
    Ok(Decided { body, audience: Audience::Only(people), is_secret: false })
}
