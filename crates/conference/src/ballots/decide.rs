//! Who may open and close a ballot, and who may vote.

use std::collections::{BTreeMap, BTreeSet};

use convene_model::limits::{BALLOT_OPTIONS_MAX, BALLOT_TEXT_CHARS_MAX, BALLOTS_MAX};
use convene_model::{BallotId, OptionId, ParticipantId};

use super::{Ballot, BallotClosed, BallotOpened, OpenBallot, Turnout, Vote, Voted};
use crate::attendance::{member, organizer};
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::{Public, State};

/// Whether a ballot may be opened, whatever it asks; gives its id.
pub(crate) fn may_open(public: &Public, actor: Actor) -> Result<BallotId, Refusal> {
    organizer(public, actor)?;
    if public.ballots.open().is_some() {
        return Err(Refusal::BallotOpen);
    }
    if public.ballots.len() >= BALLOTS_MAX {
        return Err(Refusal::TooManyBallots);
    }
    public.ballots.next_id().ok_or(Refusal::TooManyBallots)
}

pub(crate) fn open(state: &State, actor: Actor, open: &OpenBallot) -> Result<Vec<Decided>, Refusal> {
    let ballot = may_open(state.public(), actor)?;
    let question = line(&open.question)?;
    let texts = open.options.iter().map(|option| line(option)).collect::<Result<Vec<_>, _>>()?;
    let differ = texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
    if !(2..=BALLOT_OPTIONS_MAX).contains(&texts.len()) || !differ {
        return Err(Refusal::BallotInvalid);
    }
    let options = (1..).map(OptionId).zip(texts).collect();
    let phase = state.public().schedule.current().map(|(number, _)| number);
    let opened = BallotOpened { ballot, question, options, phase };
    Ok(vec![Decided::to_everyone(Body::BallotOpened(opened))])
}

/// Whether a ballot may be closed; gives it.
pub(crate) fn may_close(public: &Public, actor: Actor) -> Result<(BallotId, &Ballot), Refusal> {
    organizer(public, actor)?;
    public.ballots.open().ok_or(Refusal::NoBallot)
}

pub(crate) fn close(state: &State, actor: Actor) -> Result<Vec<Decided>, Refusal> {
    let (id, ballot) = may_close(state.public(), actor)?;
    Ok(vec![closed(state, id, ballot)])
}

/// The ballots that close with this phase.
pub(crate) fn close_with(state: &State, phase: u32) -> Vec<Decided> {
    let open = state.public().ballots.open().filter(|(_, ballot)| ballot.phase == Some(phase));
    open.into_iter().map(|(id, ballot)| closed(state, id, ballot)).collect()
}

/// The ballots that close with the conference.
pub(crate) fn close_all(state: &State) -> Vec<Decided> {
    let open = state.public().ballots.open();
    open.into_iter().map(|(id, ballot)| closed(state, id, ballot)).collect()
}

/// The participant who may vote, where a ballot is open.
pub(crate) fn may_vote(public: &Public, actor: Actor) -> Result<ParticipantId, Refusal> {
    let (participant, _) = member(public, actor)?;
    match public.ballots.open() {
        Some(_) => Ok(participant),
        None if public.ballots.is_unused() => Err(Refusal::NoBallot),
        None => Err(Refusal::BallotClosed),
    }
}

pub(crate) fn vote(state: &State, actor: Actor, vote: &Vote) -> Result<Vec<Decided>, Refusal> {
    let participant = may_vote(state.public(), actor)?;
    let ballot = state.public().ballots.get(vote.ballot).ok_or(Refusal::NoBallot)?;
    if ballot.result.is_some() {
        return Err(Refusal::BallotClosed);
    }
    if !ballot.options.contains_key(&vote.option) {
        return Err(Refusal::OptionUnknown);
    }
    let before = state.vote_of(participant, vote.ballot);
    if before == Some(vote.option) {
        return Ok(Vec::new());
    }
    let turnout = Turnout { ballot: vote.ballot, voted: ballot.turnout.saturating_add(1) };
    let counted = before.is_none().then_some(Decided {
        body: Body::Turnout(turnout),
        audience: Audience::Everyone,
        is_secret: true,
    });
    let voter = People::new(BTreeSet::from([participant])).ok_or(Refusal::EntryTooLarge)?;
    let voted = Voted { ballot: vote.ballot, participant, option: vote.option };
    let voted = Decided { body: Body::Voted(voted), audience: Audience::Only(voter), is_secret: false };
    Ok(counted.into_iter().chain([voted]).collect())
}

fn closed(state: &State, id: BallotId, ballot: &Ballot) -> Decided {
    let mut votes: BTreeMap<OptionId, u32> = ballot.options.keys().map(|option| (*option, 0)).collect();
    for (_, option) in state.votes(id) {
        if let Some(count) = votes.get_mut(&option) {
            *count = count.saturating_add(1);
        }
    }
    Decided::to_everyone(Body::BallotClosed(BallotClosed { ballot: id, votes }))
}

fn line(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let is_line = !text.is_empty() && !text.chars().any(char::is_control);
    if !is_line || text.chars().count() > BALLOT_TEXT_CHARS_MAX {
        return Err(Refusal::BallotInvalid);
    }
    Ok(text.to_owned())
}
