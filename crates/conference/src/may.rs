//! What a participant may do now, made by the rules themselves, so that no frontend copies one.

use std::collections::BTreeMap;

use convene_model::{ParticipantId, RoomId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::command::Actor;
use crate::refusal::Refusal;
use crate::state::State;
use crate::{attendance, ballots, closing, phases, rooms, tables, talk};

/// What a participant may do now. Where something depends on what the command names, such as a
/// name that may be taken, it says whether there is any way to do it at all.
///
/// It depends on the state alone: what the clock changes is an event, too. Everything that it
/// refuses is refused in this state, by the same code, when it is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct May {
    /// By the kind of a command, such as `rename`: all kinds stand here, except `join`.
    pub acts: BTreeMap<String, Permit>,
    /// By room, whether the participant may speak there: the open rooms, those that every
    /// conference has, and the table at which they sit.
    pub speak: BTreeMap<RoomId, Permit>,
}

impl May {
    /// What this participant may do. The server's state and that of their own seat say the same.
    pub fn of(state: &State, participant: ParticipantId) -> Self {
        let schedule = state.public().schedule();
        let permit = |checked| Permit::of(checked, schedule.opens());
        let acts = acts(state, Actor::Participant(participant));
        let speak = rooms_of(state, participant).map(|room| {
            let permit = permit(speak(state, Actor::Participant(participant), &room));
            (room, permit)
        });
        Self {
            acts: acts.into_iter().map(|(kind, checked)| (kind.to_owned(), permit(checked))).collect(),
            speak: speak.collect(),
        }
    }
}

/// The part of each check that does not depend on what the command says.
fn acts(state: &State, actor: Actor) -> [(&'static str, Result<(), Refusal>); 24] {
    let public = state.public();
    let member = attendance::member(public, actor).map(drop);
    let writer = attendance::writer(public, actor).map(drop);
    let organizer = attendance::organizer(public, actor).map(drop);
    let answer = tables::may_answer(state, actor).map(drop);
    let phase = phases::may_move(public, actor).map(drop);
    [
        ("leave", attendance::may_leave(public, actor).map(drop)),
        ("say", writer),
        ("end", closing::may_end(public, actor)),
        ("rename", writer),
        ("add_organizer", organizer),
        ("remove_organizer", organizer),
        ("go", member),
        ("add_room", rooms::may_add(public, actor).map(drop)),
        ("close_room", rooms::may_close(public, actor)),
        ("ask_to_table", tables::may_ask(public, actor).map(drop)),
        ("accept_table", answer),
        ("decline_table", answer),
        ("leave_table", tables::may_leave(public, actor).map(drop)),
        ("extend_phase", phase),
        ("shorten_phase", phase),
        ("skip_phase", phases::may_skip(public, actor)),
        ("open_ballot", ballots::may_open(public, actor).map(drop)),
        ("vote", ballots::may_vote(public, actor).map(drop)),
        ("close_ballot", ballots::may_close(public, actor).map(drop)),
        ("access", member),
        ("remove", organizer),
        ("lock_doors", organizer),
        ("open_doors", organizer),
        ("make_link", member),
    ]
}

fn speak(state: &State, actor: Actor, room: &RoomId) -> Result<(), Refusal> {
    let (_, speaker) = attendance::writer(state.public(), actor)?;
    talk::audience(state, room, speaker).map(drop)
}

/// The rooms that everyone has, those that are open, and the participant's table.
fn rooms_of(state: &State, participant: ParticipantId) -> impl Iterator<Item = RoomId> {
    let public = state.public();
    let standing = public.participants().get(participant).map(|known| &known.room);
    let table = standing.filter(|room| public.tables().get(room).is_some());
    let open = public.rooms().iter().map(|(room, _)| room).chain(table).cloned();
    RoomId::FIXED.into_iter().chain(open)
}

/// Whether something may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permit {
    /// Whether it may.
    pub allowed: bool,
    /// Why not; left out where it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Refusal>,
    /// When the conference opens, where that is why (`not_open_yet`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
}

impl Permit {
    fn of(checked: Result<(), Refusal>, opens: Option<Timestamp>) -> Self {
        let code = checked.err();
        Self { allowed: code.is_none(), code, opens: opens.filter(|_| code == Some(Refusal::NotOpenYet)) }
    }
}
