//! The rules on who may come and go.

use convene_model::limits::{NAME_CHARS_MAX, ORGANIZERS_MAX, PARTICIPANTS_MAX};
use convene_model::{Name, ParticipantId};

use super::{Join, Joined, Left, Participants, Role};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::Public;

/// A participant who left keeps the name: nobody else may speak under it.
pub(crate) fn join(public: &Public, actor: Actor, join: &Join) -> Result<Vec<Decided>, Refusal> {
    if public.ended {
        return Err(Refusal::ConferenceEnded);
    }
    let everyone = &public.participants;
    let (participant, role, returns) = match actor {
        Actor::Newcomer { role, was_participant } => {
            (everyone.next_id().ok_or(Refusal::ConferenceFull)?, role, was_participant)
        }
        Actor::Participant(id) => {
            let known = everyone.get(id).ok_or(Refusal::NotParticipant)?;
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
    if !returns && is_full(everyone, role) {
        return Err(Refusal::ConferenceFull);
    }
    Ok(vec![Decided::to_everyone(Body::Joined(Joined { participant, name, role }))])
}

pub(crate) fn leave(public: &Public, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    let Actor::Participant(participant) = actor else { return Err(Refusal::NotParticipant) };
    let known = public.participants.get(participant).ok_or(Refusal::NotParticipant)?;
    if !known.takes_part {
        return Ok(Vec::new());
    }
    Ok(vec![Decided::to_everyone(Body::Left(Left { participant }))])
}

/// The name that the participant gets: the wanted one, and for one who returns, if it is taken, the
/// first free of "Anna 2", "Anna 3" and so on.
fn free_name(
    everyone: &Participants,
    participant: ParticipantId,
    wanted: &Name,
    returns: bool,
) -> Result<String, Refusal> {
    let free = |name: &Name| everyone.holder(name).is_none_or(|holder| holder == participant);
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

/// Those who left count too: they may come back at any time.
fn is_full(everyone: &Participants, role: Role) -> bool {
    let organizers = || everyone.iter().filter(|(_, one)| one.role == Role::Organizer).count();
    everyone.len() >= PARTICIPANTS_MAX || role == Role::Organizer && organizers() >= ORGANIZERS_MAX
}
