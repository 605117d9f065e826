//! The phases, as planned and as they are; organizers move the one that runs.

use convene_conference::{Command, ExtendPhase, Phase, Public, ShortenPhase};
use convene_model::Timestamp;

use super::{Entry, Look, left_text};
use crate::state::{
    Act, App, Conference, Confirm, Course, MINUTE_MS, Span, Timed, coming, later, running, timed,
};
use crate::text::upper_first;

/// By how much a phase is moved.
const MINUTES: u32 = 5;

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let mut entries = vec![Entry::title(app.say("page-schedule"))];
    let Some(conference) = &app.conference else { return entries };
    let Some(public) = conference.public() else { return entries };
    if let Some(opens) = public.schedule().opens() {
        let time = app.words.moment(opens, conference.server_time(app.now));
        entries.push(Entry::plain(app.words.with("page-opens", &[("time", &time)])));
    }
    let phases = timed(public);
    if phases.is_empty() {
        entries.push(Entry::plain(upper_first(&app.say("phase-none"))));
    }
    for one in &phases {
        phase(app, conference, one, &mut entries);
    }
    if conference.is_organizer() && running(&phases).is_some() {
        moves(app, conference, &phases, &mut entries);
    }
    entries.push(Entry::gap());
    entries.push(Entry::hint(app.say("page-times-yours")));
    entries
}

fn phase(app: &App, conference: &Conference, one: &Timed<'_>, entries: &mut Vec<Entry>) {
    let (look, key) = match one.course {
        Course::Over => (Look::Hint, "page-phase-over"),
        Course::Running => (Look::Good, "page-phase-running"),
        Course::Coming => (Look::Strong, "page-phase-coming"),
    };
    let name = app.words.phase(one.phase);
    let mut head = format!("{:2}  {name} · {}", one.number, app.say(key));
    if let Some(actual) = one.actual.filter(|_| one.course == Course::Running) {
        head = format!("{head} · {}", left_text(app, actual.ends));
    }
    entries.push(Entry::new(look, head));
    let span = |key: &str, Span { begins, ends }: Span| {
        let now = conference.server_time(app.now);
        let (begins, ends) = (app.words.moment(begins, now), app.words.clock(ends));
        let span = app.words.with("page-span", &[("begins", &begins), ("ends", &ends)]);
        Entry::plain(format!("    {}: {span}", app.say(key)))
    };
    if let Some(actual) = one.actual.filter(|_| one.planned.is_none() || one.is_moved()) {
        let key = if one.course == Course::Coming { "page-expected" } else { "page-actual" };
        entries.push(span(key, actual));
    }
    match one.planned {
        Some(planned) => entries.push(span("page-planned", planned)),
        None => {
            let minutes = usize::try_from(one.phase.minutes).unwrap_or_default();
            let minutes = app.words.count("page-minutes", minutes);
            entries.push(Entry::plain(format!("    {}: {minutes}", app.say("page-length"))));
        }
    }
}

fn moves(app: &App, conference: &Conference, phases: &[Timed<'_>], entries: &mut Vec<Entry>) {
    let Some((current, actual)) = running(phases).and_then(|one| Some((one, one.actual?))) else { return };
    entries.push(Entry::gap());
    let minutes = MINUTES;
    let step = i64::from(MINUTES) * MINUTE_MS;
    for (kind, key, moved, command) in [
        ("extend_phase", "page-extend", step, Command::ExtendPhase(ExtendPhase { minutes })),
        ("shorten_phase", "page-shorten", -step, Command::ShortenPhase(ShortenPhase { minutes })),
    ] {
        let label = app.words.with(key, &[("count", &MINUTES.to_string())]);
        let ends = later(actual.ends, moved).max(conference.server_time(app.now));
        let text = moved_text(app, current.phase, actual.ends, ends);
        let confirm = Confirm::new(label.clone(), text, Act::Want(Box::new(command)));
        entries.push(Entry::if_allowed(app, &conference.may_act(kind), label, Act::Ask(Box::new(confirm))));
    }
    let label = app.say("page-skip");
    let name = app.words.phase(current.phase);
    let text = match coming(phases) {
        Some(next) => {
            app.words.with("page-skip-text", &[("phase", &name), ("next", &app.words.phase(next.phase))])
        }
        None => app.words.with("page-skip-last-text", &[("phase", &name)]),
    };
    let confirm = Confirm::new(label.clone(), text, Act::Want(Box::new(Command::SkipPhase)));
    entries.push(Entry::if_allowed(
        app,
        &conference.may_act("skip_phase"),
        label,
        Act::Ask(Box::new(confirm)),
    ));
}

/// What follows where a phase is moved.
fn moved_text(app: &App, phase: &Phase, before: Timestamp, ends: Timestamp) -> String {
    let (phase, before, ends) = (app.words.phase(phase), app.words.clock(before), app.words.clock(ends));
    app.words.with("page-move-text", &[("phase", &phase), ("before", &before), ("ends", &ends)])
}

/// The phase that runs, and how much of it is left; or what is to be said in its place.
pub(super) fn status(app: &App, public: &Public, now: Timestamp) -> String {
    if public.ended() {
        return app.say("page-over");
    }
    if let Some(opens) = public.schedule().opens() {
        return app.words.with("page-opens", &[("time", &app.words.moment(opens, now))]);
    }
    let phases = timed(public);
    let Some(one) = running(&phases) else { return String::new() };
    let name = app.words.phase(one.phase);
    match one.actual {
        Some(actual) => format!("{name} · {}", left_text(app, actual.ends)),
        None => name,
    }
}
