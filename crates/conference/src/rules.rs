//! What may be wanted, and what then happens.

mod attendance;
mod closing;
mod talk;

use crate::command::{Actor, Command};
use crate::event::{Audience, Body};
use crate::refusal::Refusal;
use crate::state::State;

/// An event to be, without its number and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What happens.
    pub body: Body,
    /// Who may see it.
    pub audience: Audience,
}

impl Decided {
    fn to_everyone(body: Body) -> Self {
        Self { body, audience: Audience::Everyone }
    }
}

/// What a command makes happen in this state: nothing, if what it wants is so already.
///
/// # Errors
/// Why it may not be.
pub fn decide(state: &State, actor: &Actor, command: &Command) -> Result<Option<Decided>, Refusal> {
    match command {
        Command::Join { name } => attendance::join(state, actor, name),
        Command::Leave => attendance::leave(state, actor),
        Command::Say { room, text } => talk::say(state, actor, room.as_ref(), text),
        Command::End => closing::end(state, actor),
    }
}
