//! The ballot that is open, what came of the others, and for organizers a new one.

use convene_conference::{Ballot, Command, Vote};
use convene_model::BallotId;

use super::{Entry, Look, left_text};
use crate::state::{Act, Allowed, App, Conference, Confirm, FormKind, timed};

/// Columns of the longest bar of a result.
const BAR_MAX: usize = 20;

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let mut entries = vec![Entry::title(app.say("page-ballot"))];
    let Some(conference) = &app.conference else { return entries };
    let Some(public) = conference.public() else { return entries };
    let open = public.ballots().open();
    match open {
        Some((id, ballot)) => vote(app, conference, id, ballot, &mut entries),
        None if public.ballots().iter().next().is_none() => {
            entries.push(Entry::plain(app.say("page-no-ballot-yet")));
        }
        None => entries.push(Entry::plain(app.say("page-no-ballot-open"))),
    }
    if conference.is_organizer() && open.is_none() {
        let act = Act::Fill(FormKind::NewBallot);
        let label = app.say("page-new-ballot");
        entries.push(Entry::if_allowed(app, &conference.may_act("open_ballot"), label, act));
    }
    let mut closed: Vec<(BallotId, &Ballot)> =
        public.ballots().iter().filter(|(_, ballot)| ballot.result.is_some()).collect();
    closed.reverse();
    for (id, ballot) in closed {
        result(app, conference, id, ballot, &mut entries);
    }
    entries
}

fn vote(app: &App, conference: &Conference, id: BallotId, ballot: &Ballot, entries: &mut Vec<Entry>) {
    entries.push(Entry::new(Look::Strong, ballot.question.clone()));
    let mine = conference.own().and_then(|own| own.votes().get(&id)).map(|vote| vote.option);
    let allowed = conference.may_act("vote");
    for (option, text) in &ballot.options {
        let is_mine = mine == Some(*option);
        let (mark, yours) = if is_mine { ("◉", app.say("ballot-yours")) } else { ("○", String::new()) };
        let text = format!("{mark} {text}  {yours}").trim_end().to_owned();
        let act = Act::Want(Box::new(Command::Vote(Vote { ballot: id, option: *option })));
        let entry = match &allowed {
            Allowed::Yes => Entry::button(text, act),
            Allowed::No { .. } | Allowed::NotTold => Entry::new(Look::Off, text),
        };
        entries.push(entry);
    }
    let people = conference.people.len().to_string();
    let turnout = ballot.turnout.to_string();
    let mut turnout = app.words.with("page-turnout", &[("count", &turnout), ("people", &people)]);
    if let Some(ends) = ends(conference, ballot) {
        turnout = format!("{turnout} · {}", left_text(app, ends));
    }
    entries.push(Entry::plain(turnout));
    entries.push(Entry::hint(app.say("page-vote-secret")));
    let is_waiting = conference
        .pendings
        .iter()
        .any(|pending| pending.is_under_way() && matches!(pending.command, Some(Command::Vote(_))));
    if is_waiting {
        entries.push(Entry::plain(format!("◷ {}", app.say("page-vote-waits"))));
    } else if let Some(option) = mine.and_then(|option| ballot.options.get(&option)) {
        let voted = app.words.with("page-voted", &[("option", option)]);
        entries.push(Entry::new(Look::Good, format!("✓ {voted}")));
    }
    if let Allowed::No { code, opens } = &allowed {
        entries.push(Entry::new(Look::Warn, app.words.why_not(code, *opens, app.now)));
    }
    if conference.is_organizer() && conference.may_act("close_ballot").is_yes() {
        let label = app.say("page-close-ballot");
        let text = app.say("page-close-ballot-text");
        let confirm = Confirm::new(label.clone(), text, Act::Want(Box::new(Command::CloseBallot)));
        entries.push(Entry::button(label, Act::Ask(Box::new(confirm))));
    }
}

/// When it closes by itself.
fn ends(conference: &Conference, ballot: &Ballot) -> Option<convene_model::Timestamp> {
    let number = ballot.phase?;
    let phases = timed(conference.public()?);
    phases.iter().find(|one| one.number == number)?.actual.map(|span| span.ends)
}

fn result(app: &App, conference: &Conference, id: BallotId, ballot: &Ballot, entries: &mut Vec<Entry>) {
    let Some(votes) = &ballot.result else { return };
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, ballot.question.clone()));
    let turnout = usize::try_from(ballot.turnout).unwrap_or_default();
    entries.push(Entry::hint(app.words.count("page-ballot-closed", turnout)));
    let mine = conference.own().and_then(|own| own.votes().get(&id)).map(|vote| vote.option);
    let most = votes.values().copied().max().unwrap_or_default().max(1);
    for (option, text) in &ballot.options {
        let count = votes.get(option).copied().unwrap_or_default();
        let number = usize::try_from(count).unwrap_or_default();
        let full = usize::try_from(most).unwrap_or(1);
        let bar = "█".repeat((number * BAR_MAX).div_ceil(full));
        let yours =
            if mine == Some(*option) { format!(" · {}", app.say("ballot-yours")) } else { String::new() };
        entries.push(Entry::plain(format!("{text}{yours}")));
        entries.push(Entry::plain(format!("  {bar} {}", app.words.count("page-votes", number))));
    }
}
