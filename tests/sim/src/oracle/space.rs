//! Whom the events of an Open Space are for, and when its clock acts: by the state that the log
//! gives, and by nothing that a machine kept.

use std::collections::BTreeSet;

use convene_conference::{Audience, Body, Event, State, next_due};
use convene_model::{ParticipantId, RoomId};

use super::Verdict;
use crate::books::Truth;
use crate::promise::Promise;

/// Judges the events of a log, each by the state before it.
pub(super) fn judge_events(truth: &Truth) -> Verdict {
    let mut state = State::default();
    for kept in truth.entries() {
        let number = kept.number;
        // Of what a newer program wrote nothing is known.
        if kept.entry.level > convene_conference::LEVEL {
            return Ok(());
        }
        let is_command =
            kept.entry.receipt.is_some() || kept.events.iter().any(|event| event.command.is_some());
        if is_command && let Some(due) = next_due(&state).filter(|due| *due <= kept.entry.at) {
            let what =
                format!("entry {number} of {} stands before what was planned for {due}", kept.entry.at);
            return Err(Promise::Plans.broken(what));
        }
        for (event, stored) in kept.events.iter().zip(&kept.entry.events) {
            if audience_of(&state, event) != people(&stored.audience) {
                let what =
                    format!("an event of entry {number} is for {:?}: {}", stored.audience, stored.text.get());
                return Err(Promise::Audiences.broken(what));
            }
            if let Some(what) = misplanned(&state, event) {
                return Err(Promise::Plans.broken(format!("entry {number}: {what}")));
            }
            state.evolve(event);
        }
    }
    Ok(())
}

fn people(audience: &Audience) -> Option<BTreeSet<ParticipantId>> {
    match audience {
        Audience::Everyone => None,
        Audience::Only(people) => Some(people.iter().collect()),
    }
}

/// The people whom an event is for; none where it is for everyone.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are public")]
fn audience_of(state: &State, event: &Event) -> Option<BTreeSet<ParticipantId>> {
    let public = state.public();
    let seated = |table: &RoomId| -> Option<BTreeSet<ParticipantId>> {
        public.tables().get(table).map(|table| table.seated.keys().copied().collect())
    };
    match &event.body {
        Body::Said(said) if said.room == RoomId::ORGANIZERS => {
            Some(public.participants().organizers().collect())
        }
        Body::Said(said) => seated(&said.room),
        Body::Voted(voted) => Some(BTreeSet::from([voted.participant])),
        Body::CodesTold(told) => Some(BTreeSet::from([told.participant])),
        Body::CodesReplaced(_) => Some(public.participants().organizers().collect()),
        Body::LinkTold(told) => Some(BTreeSet::from([told.participant])),
        Body::AccessTold(told) => {
            Some(public.participants().organizers().chain([told.participant]).collect())
        }
        Body::AccessesTold(told) => Some(BTreeSet::from([told.participant])),
        Body::AskedToTable(asked) => {
            let mut people = seated(&asked.table).unwrap_or_default();
            people.extend(&asked.people);
            Some(people)
        }
        Body::TableDeclined(declined) => {
            let mut people = seated(&declined.table).unwrap_or_default();
            people.insert(declined.participant);
            Some(people)
        }
        _ => None,
    }
}

/// Why a phase does not begin when the one before it ends, or does not last as long as planned.
fn misplanned(state: &State, event: &Event) -> Option<String> {
    let Body::PhaseBegan(began) = &event.body else { return None };
    let phase = state.public().schedule().phases().get(&began.phase)?;
    let before =
        began.phase.checked_sub(1).and_then(|before| state.public().schedule().phases().get(&before));
    let from = match before {
        Some(before) => before.ends,
        None => state.public().settings().start.filter(|_| event.by.is_none()).or(Some(began.planned)),
    };
    let lasts = i64::from(phase.minutes) * 60_000;
    let is_right = from == Some(began.planned)
        && began.ends.as_millis() == began.planned.as_millis().saturating_add(lasts);
    (!is_right)
        .then(|| format!("phase {} begins at {} and ends at {}", began.phase, began.planned, began.ends))
}
