//! The rules on who may come and go.

use std::collections::BTreeSet;

use convene_model::limits::{NAME_CHARS_MAX, ORGANIZERS_MAX, PARTICIPANTS_MAX};
use convene_model::{Name, ParticipantId, RoomId};

use super::names::reads_like_role;
use super::{
    AddOrganizer, Codes, CodesTold, Join, Joined, Left, Participant, Participants, RemoveOrganizer, Rename,
    Renamed, Role, RoleChanged,
};
use crate::access;
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::rooms::Went;
use crate::state::{Own, Public, State};

/// Participants of a conference, those included who came back with a new key: all of them once.
const RETURNED_MAX: usize = 2 * PARTICIPANTS_MAX;

/// Who acts, where that is somebody who takes part in a conference that goes on.
pub(crate) fn member(public: &Public, actor: Actor) -> Result<(ParticipantId, &Participant), Refusal> {
    let Actor::Participant(id) = actor else { return Err(Refusal::NotParticipant) };
    let known = public.participants.get(id).ok_or(Refusal::NotParticipant)?;
    if known.removed {
        return Err(Refusal::Removed);
    }
    if !known.takes_part {
        return Err(Refusal::NotParticipant);
    }
    if public.ended {
        return Err(Refusal::ConferenceEnded);
    }
    Ok((id, known))
}

/// The same, where there is room for what they write.
pub(crate) fn writer(public: &Public, actor: Actor) -> Result<(ParticipantId, &Participant), Refusal> {
    let member = member(public, actor)?;
    if public.is_full_of_data() { Err(Refusal::ConferenceFullOfData) } else { Ok(member) }
}

/// The same, where that is an organizer.
pub(crate) fn organizer(public: &Public, actor: Actor) -> Result<ParticipantId, Refusal> {
    let (id, known) = member(public, actor)?;
    if known.role == Role::Organizer { Ok(id) } else { Err(Refusal::NotOrganizer) }
}

/// A participant who left keeps the name: nobody else may speak under it.
pub(crate) fn join(state: &State, actor: Actor, join: &Join, codes: &Codes) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    if public.ended {
        return Err(Refusal::ConferenceEnded);
    }
    let everyone = &public.participants;
    let (participant, role, returns) = match actor {
        // Nothing shows that somebody was a participant, so that who was removed may say so too.
        Actor::Newcomer { role: Role::Participant, .. } if public.doors_locked => {
            return Err(Refusal::DoorsLocked);
        }
        Actor::Newcomer { role, was_participant } => {
            (everyone.next_id().ok_or(Refusal::ConferenceFull)?, role, was_participant)
        }
        Actor::Participant(id) => {
            let known = everyone.get(id).ok_or(Refusal::NotParticipant)?;
            if known.removed {
                return Err(Refusal::Removed);
            }
            if known.takes_part {
                return Ok(Vec::new());
            }
            (id, known.role, true)
        }
        Actor::Operator | Actor::Clock => return Err(Refusal::NotParticipant),
    };
    if role == Role::Other {
        return Err(Refusal::ConferenceOfLaterVersion);
    }
    let name = free_name(everyone, participant, &join.name, returns)?;
    // Somebody says that they return, and nothing shows it: a restored log may have lost them.
    let is_claimed = returns && matches!(actor, Actor::Newcomer { .. });
    if !returns && is_full(everyone, role) || is_claimed && everyone.len() >= RETURNED_MAX {
        return Err(Refusal::ConferenceFull);
    }
    let joined = Decided::to_everyone(Body::Joined(Joined { participant, name, role }));
    // Until the conference opens, people meet in the foyer.
    let waits = (!public.schedule.is_open())
        .then(|| Decided::to_everyone(Body::Went(Went { participant, room: RoomId::FOYER })));
    // One who comes back may know codes that were replaced meanwhile.
    let known = state.own(participant).and_then(Own::codes).map(|known| &known.by_code);
    let told =
        (role == Role::Organizer && known != Some(codes)).then(|| tell_codes(participant, codes)).flatten();
    let accesses = (role == Role::Organizer).then(|| access::tell_all(state, participant)).flatten();
    Ok(std::iter::once(joined).chain(waits).chain(told).chain(accesses).collect())
}

/// The participant who may leave: also a conference that has ended, and one that they have left.
pub(crate) fn may_leave(public: &Public, actor: Actor) -> Result<(ParticipantId, &Participant), Refusal> {
    let Actor::Participant(id) = actor else { return Err(Refusal::NotParticipant) };
    public.participants.get(id).map(|known| (id, known)).ok_or(Refusal::NotParticipant)
}

pub(crate) fn leave(public: &Public, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    let (participant, known) = may_leave(public, actor)?;
    if !known.takes_part {
        return Ok(Vec::new());
    }
    Ok(vec![Decided::to_everyone(Body::Left(Left { participant, removed: false }))])
}

pub(crate) fn rename(public: &Public, actor: Actor, rename: &Rename) -> Result<Vec<Decided>, Refusal> {
    let (participant, known) = writer(public, actor)?;
    if known.name == rename.name.as_str() {
        return Ok(Vec::new());
    }
    let name = free_name(&public.participants, participant, &rename.name, false)?;
    Ok(vec![Decided::to_everyone(Body::Renamed(Renamed { participant, name }))])
}

pub(crate) fn add_organizer(
    state: &State,
    actor: Actor,
    AddOrganizer { participant }: AddOrganizer,
    codes: &Codes,
) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    organizer(public, actor)?;
    let known = public.participants.get(participant).filter(|one| one.takes_part);
    let known = known.ok_or(Refusal::PersonUnknown)?;
    if known.role == Role::Organizer {
        return Ok(Vec::new());
    }
    if organizers(&public.participants) >= ORGANIZERS_MAX {
        return Err(Refusal::TooManyOrganizers);
    }
    let changed = RoleChanged { participant, role: Role::Organizer };
    let changed = Decided::to_everyone(Body::RoleChanged(changed));
    let known = tell_codes(participant, codes).into_iter().chain(access::tell_all(state, participant));
    Ok(std::iter::once(changed).chain(known).collect())
}

/// What organizers know is told to who becomes one, in the same entry.
fn tell_codes(participant: ParticipantId, codes: &Codes) -> Option<Decided> {
    let audience = Audience::Only(People::new(BTreeSet::from([participant]))?);
    let body = Body::CodesTold(CodesTold { participant, codes: codes.clone() });
    (!codes.is_empty()).then_some(Decided { body, audience, is_secret: false })
}

pub(crate) fn remove_organizer(
    public: &Public,
    actor: Actor,
    RemoveOrganizer { participant }: RemoveOrganizer,
) -> Result<Vec<Decided>, Refusal> {
    organizer(public, actor)?;
    let known = public.participants.get(participant).ok_or(Refusal::PersonUnknown)?;
    if known.role != Role::Organizer {
        return Ok(Vec::new());
    }
    if public.participants.organizers().all(|one| one == participant) {
        return Err(Refusal::LastOrganizer);
    }
    let changed = RoleChanged { participant, role: Role::Participant };
    Ok(vec![Decided::to_everyone(Body::RoleChanged(changed))])
}

/// The name that the participant gets: the wanted one, and for one who returns, if it is taken, the
/// first free of "Anna 2", "Anna 3" and so on.
fn free_name(
    everyone: &Participants,
    participant: ParticipantId,
    wanted: &Name,
    returns: bool,
) -> Result<String, Refusal> {
    let free = |name: &Name| everyone.holder(name, participant).is_none();
    // Whoever returns had the name before it was one of a role.
    if !returns && reads_like_role(wanted) {
        return Err(Refusal::NameOfRole);
    }
    if free(wanted) {
        return Ok(wanted.to_string());
    }
    if !returns {
        return Err(Refusal::NameTaken);
    }
    // More numbers are tried than there are names, so one of them is free.
    (2..everyone.len() + 3)
        .filter_map(|number| numbered(wanted, number))
        .find(free)
        .map(|name| name.to_string())
        .ok_or(Refusal::NameTaken)
}

/// "Anna 2". A name at the limit loses as many characters at its end as the number needs.
fn numbered(name: &Name, number: usize) -> Option<Name> {
    let number = format!(" {number}");
    let begin: String = name.as_str().chars().take(NAME_CHARS_MAX.saturating_sub(number.len())).collect();
    format!("{}{number}", begin.trim_end()).parse().ok()
}

/// Those who left count too, as they may come back; those who were removed do not. As many as may
/// be organizers find room whoever else has come: else a crowd that has the other code shuts them
/// out.
fn is_full(everyone: &Participants, role: Role) -> bool {
    match role {
        Role::Organizer => organizers(everyone) >= ORGANIZERS_MAX,
        Role::Participant | Role::Other => {
            let others_max = PARTICIPANTS_MAX - ORGANIZERS_MAX;
            let is_other = |one: &Participant| one.role != Role::Organizer && !one.removed;
            // Counted only where it may matter.
            everyone.len() >= others_max
                && everyone.iter().filter(|(_, one)| is_other(one)).count() >= others_max
        }
    }
}

fn organizers(everyone: &Participants) -> usize {
    everyone.iter().filter(|(_, one)| one.role == Role::Organizer && !one.removed).count()
}
