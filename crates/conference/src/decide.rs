//! Decisions on commands.

use std::collections::BTreeSet;

use convene_model::{ParticipantId, Timestamp};

use crate::attendance::Codes;
use crate::audience::Audience;
use crate::command::{Actor, Command};
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;
use crate::{access, attendance, ballots, closing, phases, rooms, tables, talk};

/// The circumstances of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// The one who wants it.
    pub actor: Actor,
    /// The server's time.
    pub now: Timestamp,
    /// Random bits, new for each decision, so that rules stay free of a generator of their own: as
    /// many as two join codes have.
    pub random: [[u8; 16]; 2],
    /// The codes that open the conference: who becomes an organizer is told them, and they are
    /// replaced where somebody goes who knows them.
    pub codes: &'a Codes,
    /// Those who were told these codes, whatever they are by now.
    pub told: &'a BTreeSet<ParticipantId>,
}

/// An event to be, without its number and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The thing that happens.
    pub body: Body,
    /// The participants who may read it.
    pub audience: Audience,
    /// Whether it is a public event of a secret act: it says neither who did it nor by which
    /// command.
    pub is_secret: bool,
}

impl Decided {
    pub(crate) fn to_everyone(body: Body) -> Self {
        Self { body, audience: Audience::Everyone, is_secret: false }
    }
}

/// Decides a command in this state: gives the events that it makes happen, the public ones first,
/// and none where things already are as it wants them.
///
/// # Errors
/// The reason why it may not be.
pub fn decide(state: &State, context: &Context<'_>, command: &Command) -> Result<Vec<Decided>, Refusal> {
    let (public, actor, now) = (state.public(), context.actor, context.now);
    match command {
        Command::Join(join) => attendance::join(state, actor, join, context.codes),
        Command::Leave => attendance::leave(public, actor),
        Command::Say(say) => talk::say(state, actor, say),
        Command::End => closing::end(state, actor),
        Command::Rename(rename) => attendance::rename(public, actor, rename),
        Command::AddOrganizer(add) => attendance::add_organizer(state, actor, *add, context.codes),
        Command::RemoveOrganizer(remove) => attendance::remove_organizer(public, actor, *remove),
        Command::Go(go) => rooms::go(public, actor, go),
        Command::AddRoom(add) => rooms::add(public, actor, add),
        Command::CloseRoom(close) => rooms::close(public, actor, close),
        Command::AskToTable(ask) => tables::ask(state, actor, ask),
        Command::AcceptTable(accept) => tables::accept(state, actor, accept),
        Command::DeclineTable(decline) => tables::decline(state, actor, decline),
        Command::LeaveTable => tables::leave(state, actor),
        Command::ExtendPhase(extend) => phases::extend(state, actor, extend),
        Command::ShortenPhase(shorten) => phases::shorten(state, actor, now, shorten),
        Command::SkipPhase => phases::skip(state, actor, now),
        Command::OpenBallot(open) => ballots::open(state, actor, open),
        Command::Vote(vote) => ballots::vote(state, actor, vote),
        Command::CloseBallot => ballots::close(state, actor),
        Command::Access(tell) => access::tell(state, actor, tell),
        Command::Remove(remove) => attendance::remove(public, context, *remove),
        Command::LockDoors => attendance::set_doors(public, actor, true),
        Command::OpenDoors => attendance::set_doors(public, actor, false),
        Command::MakeLink => attendance::make_link(state, context),
    }
}
