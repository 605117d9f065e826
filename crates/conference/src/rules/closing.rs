//! The end.

use super::Decided;
use crate::command::Actor;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::{Right, State};

pub(super) fn end(state: &State, actor: &Actor) -> Result<Option<Decided>, Refusal> {
    let allowed = match actor {
        Actor::Operator => true,
        Actor::Participant(id) => {
            state.participant(*id).is_some_and(|one| one.present && one.right == Right::Organizer)
        }
        Actor::Newcomer { .. } => false,
    };
    if !allowed {
        return Err(Refusal::NotOrganizer);
    }
    Ok((!state.ended()).then(|| Decided::to_everyone(Body::Ended)))
}
