//! Who may tell of an access check, and who is told.

use std::collections::{BTreeMap, BTreeSet};

use convene_model::ParticipantId;
use convene_model::limits::{ACCESS_VERSION_CHARS_MAX, ACCESSES_MAX};

use super::{AccessGroup, AccessTold, AccessVerdict, AccessesTold, Checks, TellAccess};
use crate::attendance::member;
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;

/// Outcomes with a version that are known at a time, beside those without: a conference sees few
/// versions, and one entry holds what an organizer is told at once.
const GROUPS_MAX: usize = 64;

/// Nothing happens where the same is known already, or where the organizers know of as many as they
/// may.
pub(crate) fn tell(state: &State, actor: Actor, tell: &TellAccess) -> Result<Vec<Decided>, Refusal> {
    let (participant, _) = member(state.public(), actor)?;
    let TellAccess { verdict, version } = tell;
    if *verdict == AccessVerdict::Other || !is_version(version) {
        return Err(Refusal::CommandInvalid);
    }
    let checks = state.checks();
    let version = told_version(checks, participant, *verdict, version);
    let has_room = match checks.get(participant) {
        Some(known) if known.verdict == *verdict && known.version == version => return Ok(Vec::new()),
        Some(_) => true,
        None => checks.len() < ACCESSES_MAX,
    };
    if !has_room {
        return Ok(Vec::new());
    }
    let organizers = state.public().participants.organizers();
    let audience = organizers.chain([participant]).collect::<BTreeSet<_>>();
    let audience = People::new(audience).map(Audience::Only).ok_or(Refusal::EntryTooLarge)?;
    let body = Body::AccessTold(AccessTold { participant, verdict: *verdict, version: version.to_owned() });
    Ok(vec![Decided { body, audience, is_secret: false }])
}

/// The version as it is told: empty, where with it the checks of all would make too many groups. So
/// everyone who is told of a check, then or later, is told the same.
fn told_version<'a>(
    checks: &Checks,
    participant: ParticipantId,
    verdict: AccessVerdict,
    version: &'a str,
) -> &'a str {
    let others = checks.iter().filter(|(whose, known)| *whose != participant && !known.version.is_empty());
    let groups: BTreeSet<_> = others.map(|(_, known)| (known.verdict, known.version.as_str())).collect();
    let is_told = groups.len() < GROUPS_MAX || groups.contains(&(verdict, version));
    if is_told { version } else { "" }
}

/// What is known of access checks is told to who becomes an organizer, or comes back as one, in the
/// same entry.
pub(crate) fn tell_all(state: &State, participant: ParticipantId) -> Option<Decided> {
    let mut groups: BTreeMap<(AccessVerdict, &str), BTreeSet<ParticipantId>> = BTreeMap::new();
    for (whose, known) in state.checks().iter().filter(|(whose, _)| *whose != participant) {
        groups.entry((known.verdict, known.version.as_str())).or_default().insert(whose);
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
