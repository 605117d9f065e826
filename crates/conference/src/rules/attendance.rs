//! Coming and going.

use convene_model::Name;
use convene_model::limits::PARTICIPANTS_MAX;

use super::Decided;
use crate::command::Actor;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;

/// Whoever left keeps the name: nobody else may speak under it.
pub(super) fn join(state: &State, actor: &Actor, name: &Name) -> Result<Option<Decided>, Refusal> {
    if state.ended() {
        return Err(Refusal::ConferenceEnded);
    }
    let (participant, right) = match actor {
        Actor::Newcomer { right } => (state.next_participant(), *right),
        Actor::Participant(id) => {
            let known = state.participant(*id).ok_or(Refusal::NotParticipant)?;
            if known.present {
                return Ok(None);
            }
            (*id, known.right)
        }
        Actor::Operator => return Err(Refusal::NotParticipant),
    };
    if state.holder(name).is_some_and(|holder| holder != participant) {
        return Err(Refusal::NameTaken);
    }
    if state.participants().count() >= PARTICIPANTS_MAX && state.participant(participant).is_none() {
        return Err(Refusal::ConferenceFull);
    }
    Ok(Some(Decided::to_everyone(Body::Joined { participant, name: name.clone(), right })))
}

pub(super) fn leave(state: &State, actor: &Actor) -> Result<Option<Decided>, Refusal> {
    let Actor::Participant(participant) = *actor else { return Err(Refusal::NotParticipant) };
    let known = state.participant(participant).ok_or(Refusal::NotParticipant)?;
    Ok(known.present.then(|| Decided::to_everyone(Body::Left { participant })))
}
