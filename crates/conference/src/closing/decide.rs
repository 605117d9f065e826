//! The rules on who may end a conference.

use crate::attendance::Role;
use crate::ballots;
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;

pub(crate) fn end(state: &State, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    let public = state.public();
    let allowed = match actor {
        Actor::Operator => true,
        Actor::Participant(id) => {
            public.participants.get(id).is_some_and(|one| one.takes_part && one.role == Role::Organizer)
        }
        Actor::Newcomer { .. } | Actor::Clock => false,
    };
    if !allowed {
        return Err(Refusal::NotOrganizer);
    }
    if public.ended {
        return Ok(Vec::new());
    }
    let closed = ballots::close_all(state);
    Ok(closed.into_iter().chain([Decided::to_everyone(Body::Ended)]).collect())
}
