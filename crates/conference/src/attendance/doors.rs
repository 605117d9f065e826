//! The rules on who is kept out: organizers remove people, and lock and open the doors. A personal
//! link, which belongs to one participant alone, goes on opening.

use std::collections::BTreeSet;

use convene_model::limits::LINKS_MAX;
use convene_model::{JoinCode, ParticipantId};

use super::{Codes, CodesReplaced, Left, LinkTold, Remove, Role, member, organizer};
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::{Context, Decided};
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::{Public, State};

/// A participant who left is removed as well: they may come back otherwise.
pub(crate) fn remove(
    public: &Public,
    context: &Context<'_>,
    Remove { participant }: Remove,
) -> Result<Vec<Decided>, Refusal> {
    let by = organizer(public, context.actor)?;
    let known = public.participants.get(participant).filter(|_| participant != by);
    let known = known.ok_or(Refusal::PersonUnknown)?;
    if known.removed {
        return Ok(Vec::new());
    }
    let left = Decided::to_everyone(Body::Left(Left { participant, removed: true }));
    let locked = (!public.doors_locked).then(|| Decided::to_everyone(Body::DoorsLocked));
    // The code of participants is no secret among them.
    let knows_all = known.role == Role::Organizer || context.told.contains(&participant);
    let replaced = replace_codes(public, context, participant, |role| knows_all || role != Role::Organizer)?;
    Ok(std::iter::once(left).chain(locked).chain(replaced).collect())
}

/// New codes in place of those that `gone` knows. The other organizers are told; nothing happens
/// where there are none.
fn replace_codes(
    public: &Public,
    context: &Context<'_>,
    gone: ParticipantId,
    is_known: impl Fn(Role) -> bool,
) -> Result<Option<Decided>, Refusal> {
    let all = || context.codes.iter().map(|(code, role)| (*code, *role));
    let replaced: BTreeSet<Role> = all().map(|(_, role)| role).filter(|role| is_known(*role)).collect();
    if replaced.is_empty() {
        return Ok(None);
    }
    let kept = all().filter(|(_, role)| !is_known(*role));
    let fresh = context.random.into_iter().map(JoinCode).zip(replaced);
    let codes: Codes = kept.chain(fresh).collect();
    let people: BTreeSet<ParticipantId> =
        public.participants.organizers().filter(|organizer| *organizer != gone).collect();
    let audience = People::new(people.clone()).map(Audience::Only).ok_or(Refusal::EntryTooLarge)?;
    let body = Body::CodesReplaced(CodesReplaced { people, codes });
    Ok(Some(Decided { body, audience, is_secret: false }))
}

/// Locks the doors, or opens them.
pub(crate) fn set_doors(public: &Public, actor: Actor, locked: bool) -> Result<Vec<Decided>, Refusal> {
    organizer(public, actor)?;
    if public.doors_locked == locked {
        return Ok(Vec::new());
    }
    let body = if locked { Body::DoorsLocked } else { Body::DoorsOpened };
    Ok(vec![Decided::to_everyone(body)])
}

/// A participant has one personal link, which stays the same.
pub(crate) fn make_link(state: &State, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let (participant, _) = member(state.public(), context.actor)?;
    if state.own(participant).is_some_and(|own| own.link().is_some()) {
        return Ok(Vec::new());
    }
    if state.links() >= LINKS_MAX {
        return Err(Refusal::TooManyLinks);
    }
    let [code, _] = context.random.map(JoinCode);
    let people = People::new(BTreeSet::from([participant])).ok_or(Refusal::EntryTooLarge)?;
    let body = Body::LinkTold(LinkTold { participant, code });
    Ok(vec![Decided { body, audience: Audience::Only(people), is_secret: false }])
}
