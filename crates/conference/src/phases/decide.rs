//! What the clock does by itself, and what organizers may do to it.

use convene_model::Timestamp;
use convene_model::limits::PHASE_MINUTES_MAX;

use super::{Began, ExtendPhase, Phase, PhaseBegan, PhaseEnded, PhaseMoved, Schedule, ShortenPhase};
use crate::attendance::organizer;
use crate::ballots;
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::{Public, State};

const MINUTE_MS: i64 = 60_000;

/// When the conference opens, or the phase that runs ends.
pub(crate) fn next_due(state: &State) -> Option<Timestamp> {
    let public = state.public();
    if public.ended {
        return None;
    }
    let schedule = &public.schedule;
    schedule.opens().or_else(|| schedule.current().and_then(|(_, phase)| phase.ends))
}

/// One act: the conference opens with its first phase, or a phase gives way to the next.
pub(crate) fn due(state: &State, now: Timestamp) -> Option<Vec<Decided>> {
    let planned = next_due(state).filter(|planned| *planned <= now)?;
    Some(if state.public().schedule.is_open() { turn(state, planned) } else { begin(state, planned) })
}

pub(crate) fn extend(state: &State, actor: Actor, extend: &ExtendPhase) -> Result<Vec<Decided>, Refusal> {
    let (phase, ends) = running(state, actor, extend.minutes)?;
    let ends = later(ends, extend.minutes);
    Ok(vec![Decided::to_everyone(Body::PhaseMoved(PhaseMoved { phase, ends }))])
}

pub(crate) fn shorten(
    state: &State,
    actor: Actor,
    now: Timestamp,
    shorten: &ShortenPhase,
) -> Result<Vec<Decided>, Refusal> {
    let (phase, before) = running(state, actor, shorten.minutes)?;
    let ends = before.as_millis().saturating_sub(i64::from(shorten.minutes) * MINUTE_MS);
    let ends = Timestamp::from_millis(ends.max(now.as_millis()));
    if ends >= before {
        return Ok(Vec::new());
    }
    Ok(vec![Decided::to_everyone(Body::PhaseMoved(PhaseMoved { phase, ends }))])
}

/// Whether the next phase may begin, or the conference open.
pub(crate) fn may_skip(public: &Public, actor: Actor) -> Result<(), Refusal> {
    organizer(public, actor)?;
    let is_over = public.schedule.is_open() && public.schedule.current().is_none();
    if is_over { Err(Refusal::NoPhase) } else { Ok(()) }
}

/// The next phase begins now; before the conference is open, it opens now.
pub(crate) fn skip(state: &State, actor: Actor, now: Timestamp) -> Result<Vec<Decided>, Refusal> {
    may_skip(state.public(), actor)?;
    Ok(if state.public().schedule.is_open() { turn(state, now) } else { begin(state, now) })
}

fn begin(state: &State, planned: Timestamp) -> Vec<Decided> {
    let began = Decided::to_everyone(Body::Began(Began { planned }));
    let first = next(&state.public().schedule, 0, planned);
    std::iter::once(began).chain(first).collect()
}

fn turn(state: &State, planned: Timestamp) -> Vec<Decided> {
    let schedule = &state.public().schedule;
    let Some((phase, _)) = schedule.current() else { return Vec::new() };
    let ended = Decided::to_everyone(Body::PhaseEnded(PhaseEnded { phase, planned }));
    let closed = ballots::close_with(state, phase);
    closed.into_iter().chain([ended]).chain(next(schedule, phase, planned)).collect()
}

/// The beginning of the phase behind this one.
fn next(schedule: &Schedule, number: u32, planned: Timestamp) -> Option<Decided> {
    let (phase, Phase { minutes, .. }) = schedule.behind(number)?;
    // A phase takes some time, or the clock would never come to an end.
    let ends = later(planned, (*minutes).max(1));
    Some(Decided::to_everyone(Body::PhaseBegan(PhaseBegan { phase, planned, ends })))
}

/// The phase that an organizer may move, and when it is to end.
pub(crate) fn may_move(public: &Public, actor: Actor) -> Result<(u32, Timestamp), Refusal> {
    organizer(public, actor)?;
    let (number, phase) = public.schedule.current().ok_or(Refusal::NoPhase)?;
    Ok((number, phase.ends.ok_or(Refusal::NoPhase)?))
}

/// The same, by so many minutes.
fn running(state: &State, actor: Actor, minutes: u32) -> Result<(u32, Timestamp), Refusal> {
    let running = may_move(state.public(), actor)?;
    if !(1..=PHASE_MINUTES_MAX).contains(&minutes) {
        return Err(Refusal::MinutesInvalid);
    }
    Ok(running)
}

fn later(than: Timestamp, minutes: u32) -> Timestamp {
    Timestamp::from_millis(than.as_millis().saturating_add(i64::from(minutes) * MINUTE_MS))
}
