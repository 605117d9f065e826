//! Who may tell of an access check, and who is told.

use std::collections::{BTreeMap, BTreeSet};

use convene_model::ParticipantId;
use convene_model::limits::{ACCESS_VERSION_CHARS_MAX, ACCESSES_MAX};

use super::{AccessGroup, AccessTold, AccessVerdict, AccessesTold, TellAccess};
use crate::attendance::member;
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;

/// Groups that are told with their versions; a conference sees few versions at a time, and one
/// entry holds what an organizer is told at once.
const GROUPS_MAX: usize = 64;

/// Nothing happens where the same is known already, or where the organizers know of as many as they
/// may.
pub(crate) fn tell(state: &State, actor: Actor, tell: &TellAccess) -> Result<Vec<Decided>, Refusal> {
    let (participant, _) = member(state.public(), actor)?;
    let TellAccess { verdict, version } = tell;
    if *verdict == AccessVerdict::Other || !is_version(version) {
        return Err(Refusal::CommandInvalid);
    }
    let has_room = match state.access_of(participant) {
        Some(known) if known.verdict == *verdict && known.version == *version => return Ok(Vec::new()),
        Some(_) => true,
        None => state.accesses().count() < ACCESSES_MAX,
    };
    if !has_room {
        return Ok(Vec::new());
    }
    let organizers = state.public().participants.organizers();
    let audience = organizers.chain([participant]).collect::<BTreeSet<_>>();
    let audience = People::new(audience).map(Audience::Only).ok_or(Refusal::EntryTooLarge)?;
    let body = Body::AccessTold(AccessTold { participant, verdict: *verdict, version: version.clone() });
    Ok(vec![Decided { body, audience, is_secret: false }])
}

/// What is known of access checks is told to who becomes an organizer, or comes back as one, in the
/// same entry.
pub(crate) fn tell_all(state: &State, participant: ParticipantId) -> Option<Decided> {
    let others = || state.accesses().filter(move |(whose, _)| *whose != participant);
    let mut groups: BTreeMap<(AccessVerdict, &str), BTreeSet<ParticipantId>> = BTreeMap::new();
    for (whose, known) in others() {
        groups.entry((known.verdict, known.version.as_str())).or_default().insert(whose);
    }
    if groups.len() > GROUPS_MAX {
        groups.clear();
        for (whose, known) in others() {
            groups.entry((known.verdict, "")).or_default().insert(whose);
        }
    }
    let audience = Audience::Only(People::new(BTreeSet::from([participant]))?);
    let group = |((verdict, version), people): ((AccessVerdict, &str), BTreeSet<ParticipantId>)| {
        AccessGroup { verdict, version: version.to_owned(), people }
    };
    let groups: Vec<AccessGroup> = groups.into_iter().map(group).collect();
    let is_known = !groups.is_empty();
    let body = Body::AccessesTold(AccessesTold { participant, groups });
    is_known.then_some(Decided { body, audience, is_secret: false })
}

fn is_version(text: &str) -> bool {
    let is_of_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
    !text.is_empty() && text.len() <= ACCESS_VERSION_CHARS_MAX && text.chars().all(is_of_one)
}
