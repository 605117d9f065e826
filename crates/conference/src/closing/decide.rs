//! The rules on who may end a conference.

use crate::attendance::Role;
use crate::ballots;
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::{Public, State};

/// Whether one may end a conference: also one that has ended.
pub(crate) fn may_end(public: &Public, actor: Actor) -> Result<(), Refusal> {
    let allowed = match actor {
        Actor::Operator => true,
        Actor::Participant(id) => {
            public.participants.get(id).is_some_and(|one| one.takes_part && one.role == Role::Organizer)
        }
        Actor::Newcomer { .. } | Actor::Clock => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::NotOrganizer) }
}

pub(crate) fn end(state: &State, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    may_end(state.public(), actor)?;
    if state.public().ended {
        return Ok(Vec::new());
    }
    let closed = ballots::close_all(state);
    Ok(closed.into_iter().chain([Decided::to_everyone(Body::Ended)]).collect())
}
