//! Decisions on commands.

use convene_model::Timestamp;

use crate::audience::Audience;
use crate::command::{Actor, Command};
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;
use crate::{attendance, closing, talk};

/// The circumstances of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The one who wants it.
    pub actor: Actor,
    /// The server's time.
    pub now: Timestamp,
    /// Random bits, new for each decision, so that rules stay free of a generator of their own.
    pub random: [u8; 16],
}

/// An event to be, without its number and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The thing that happens.
    pub body: Body,
    /// The participants who may read it.
    pub audience: Audience,
}

impl Decided {
    pub(crate) fn to_everyone(body: Body) -> Self {
        Self { body, audience: Audience::Everyone }
    }
}

/// Decides a command in this state: gives the events that it makes happen, the public ones first,
/// and none where things already are as it wants them.
///
/// # Errors
/// The reason why it may not be.
pub fn decide(state: &State, context: &Context, command: &Command) -> Result<Vec<Decided>, Refusal> {
    let (public, actor) = (state.public(), context.actor);
    match command {
        Command::Join(join) => attendance::join(public, actor, join),
        Command::Leave => attendance::leave(public, actor),
        Command::Say(say) => talk::say(public, actor, say),
        Command::End => closing::end(public, actor),
    }
}
