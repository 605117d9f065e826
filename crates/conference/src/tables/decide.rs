//! Who may sit where.

use std::collections::BTreeSet;

use convene_model::limits::{TABLE_SEATS_MAX, TABLES_MAX};
use convene_model::{ParticipantId, RoomId};

use super::{AcceptTable, AskToTable, AskedToTable, DeclineTable, SatDown, StoodUp, Table, TableDeclined};
use crate::attendance::{Participant, member};
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::{Public, State};

/// The participant who may ask somebody, and to which table; with those who sit there, where it is
/// not a new one.
pub(crate) fn may_ask(
    public: &Public,
    actor: Actor,
) -> Result<(ParticipantId, RoomId, Option<&Table>), Refusal> {
    let (id, known) = member(public, actor)?;
    if !public.participants.iter().any(|(other, one)| other != id && one.takes_part) {
        return Err(Refusal::PersonUnknown);
    }
    match public.tables.get(&known.room) {
        Some(seat) => Ok((id, known.room.clone(), Some(seat))),
        None if public.tables.len() >= TABLES_MAX => Err(Refusal::TooManyTables),
        None => Ok((id, public.tables.next_id().ok_or(Refusal::TooManyTables)?, None)),
    }
}

/// Who is at no table makes one, and sits there until others come.
pub(crate) fn ask(state: &State, actor: Actor, ask: &AskToTable) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    let (id, table, seat) = may_ask(public, actor)?;
    let is_here = |person: &ParticipantId| {
        *person != id && public.participants.get(*person).is_some_and(|one| one.takes_part)
    };
    if ask.people.is_empty() || !ask.people.iter().all(is_here) {
        return Err(Refusal::PersonUnknown);
    }
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
    let sits = SatDown { table: table.clone(), participant: id };
    let sits_down = seat.is_none().then(|| Decided::to_everyone(Body::SatDown(sits)));
    let told = AskedToTable { table, participant: id, people };
    Ok(sits_down.into_iter().chain([only(seated, Body::AskedToTable(told))?]).collect())
}

/// The participant who may answer an invitation, where they were asked to some table.
pub(crate) fn may_answer(state: &State, actor: Actor) -> Result<(ParticipantId, &Participant), Refusal> {
    let (participant, known) = member(state.public(), actor)?;
    state.invitations_of(participant).next().ok_or(Refusal::NotAsked)?;
    Ok((participant, known))
}

pub(crate) fn accept(state: &State, actor: Actor, accept: &AcceptTable) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    let (participant, known) = may_answer(state, actor)?;
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
    let (participant, _) = may_answer(state, actor)?;
    let table = invitation(state, participant, decline.table.as_ref())?;
    let mut told = state.public().tables.get(&table).map(people_at).unwrap_or_default();
    told.insert(participant);
    Ok(vec![only(told, Body::TableDeclined(TableDeclined { table, participant }))?])
}

/// The participant who may stand up from a table.
pub(crate) fn may_leave(public: &Public, actor: Actor) -> Result<ParticipantId, Refusal> {
    let (participant, known) = member(public, actor)?;
    public.tables.get(&known.room).ok_or(Refusal::NotAtTable)?;
    Ok(participant)
}

pub(crate) fn leave(state: &State, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    let participant = may_leave(state.public(), actor)?;
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
