//! The access check: each step as it happens, and the letter to whoever can help.

use convene_local_api::{AccessCheckRecord, AccessStep, AccessStepKind, AccessStepState, AccessVerdict};
use convene_model::{Addressee, Attempt, Timestamp};

use super::{Entry, Look, connection};
use crate::state::{Act, App, View};

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let checks = app.checks.as_deref().unwrap_or_default();
    let mut entries = vec![Entry::title(app.say("page-check")), Entry::plain(app.say("page-check-text"))];
    if checks.iter().any(|check| check.ended.is_none()) {
        entries.push(Entry::new(Look::Off, app.say("page-checking")));
    } else {
        let key = if checks.is_empty() { "page-check-now" } else { "page-check-again" };
        entries.push(Entry::button(app.say(key), Act::Check));
    }
    if checks.is_empty() {
        entries.push(Entry::hint(app.say("page-no-check")));
    }
    for check in checks {
        of_server(app, check, &mut entries);
    }
    connection::entries(app, &mut entries);
    if let Some(settings) = &app.settings {
        let tells = settings.own.tell_access == Some(true);
        let mark = if tells { "[x]" } else { "[ ]" };
        entries.push(Entry::gap());
        let label = format!("{mark} {}", app.say("page-tell-access"));
        entries.push(Entry::button(label, Act::TellAccess(!tells)));
        entries.push(Entry::hint(app.say("page-tell-access-hint")));
    }
    entries
}

fn of_server(app: &App, check: &AccessCheckRecord, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, check.server.clone()));
    let (look, verdict) = match check.verdict {
        Some(AccessVerdict::Green) => (Look::Good, format!("✓ {}", app.say("page-verdict-green"))),
        Some(AccessVerdict::Yellow) => (Look::Warn, format!("! {}", app.say("page-verdict-yellow"))),
        Some(AccessVerdict::Red) => (Look::Bad, format!("✗ {}", app.say("page-verdict-red"))),
        Some(AccessVerdict::Other) | None => (Look::Plain, app.say("page-checking")),
    };
    entries.push(Entry::new(look, verdict));
    if let Ok(at) = check.ended.as_ref().unwrap_or(&check.began).parse::<Timestamp>() {
        entries.push(Entry::hint(app.words.moment(at, app.now)));
    }
    for Line { step, ports } in lines(&check.steps) {
        of_step(app, step, ports.as_deref(), entries);
    }
    if let Some(contact) = &check.contact {
        entries.push(Entry::plain(format!("{} {contact}", app.words.word("contact"))));
    }
    if check.ended.is_some() && check.verdict != Some(AccessVerdict::Green) && is_for_administrators(check) {
        entries.push(Entry::button(app.say("page-letter"), Act::Show(View::Letter(check.server.clone()))));
    }
}

/// Whether an administrator can help: to others there is no letter.
fn is_for_administrators(check: &AccessCheckRecord) -> bool {
    let decisive = Attempt::decisive(check.attempts());
    decisive.is_some_and(|attempt| attempt.remedy.addressee() == Addressee::Administrator)
}

/// A step, or several ports of which the same is to be said.
struct Line<'a> {
    step: &'a AccessStep,
    /// As `4500` or `4500–4506`.
    ports: Option<String>,
}

fn lines(steps: &[AccessStep]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for step in steps {
        let port = (step.kind == AccessStepKind::Port).then(|| port_of(&step.target));
        let before = lines.last_mut().filter(|line| is_alike(line.step, step));
        if let (Some(port), Some(line)) = (port, before) {
            let first = line.ports.as_deref().and_then(|ports| ports.split('–').next()).unwrap_or_default();
            line.ports = Some(format!("{first}–{port}"));
            // Of several ports the time of the slowest is told.
            if step.ms > line.step.ms {
                line.step = step;
            }
        } else {
            lines.push(Line { step, ports: port.map(str::to_owned) });
        }
    }
    lines
}

fn is_alike(one: &AccessStep, other: &AccessStep) -> bool {
    let code = |step: &AccessStep| step.attempt.as_ref().map(|attempt| attempt.code);
    (one.kind, one.state) == (other.kind, other.state) && code(one) == code(other)
}

fn port_of(target: &str) -> &str {
    target.rsplit(':').next().unwrap_or(target)
}

fn of_step(app: &App, step: &AccessStep, ports: Option<&str>, entries: &mut Vec<Entry>) {
    let (mark, look) = match step.state {
        AccessStepState::Waiting => ("·", Look::Hint),
        AccessStepState::Running => ("◌", Look::Plain),
        AccessStepState::Good => ("✓", Look::Good),
        AccessStepState::Warned => ("!", Look::Warn),
        AccessStepState::Failed => ("✗", Look::Bad),
        AccessStepState::Skipped => ("–", Look::Hint),
    };
    let ms = step.ms.map_or_else(String::new, |ms| format!("  {}", app.words.span(ms)));
    entries.push(Entry::new(look, format!("{mark} {}{ms}", name(app, step, ports))));
    entries.extend(facts(app, step).into_iter().map(|fact| Entry::plain(format!("  {fact}"))));
    if let Some(attempt) = &step.attempt {
        let look = if step.state == AccessStepState::Failed { Look::Bad } else { Look::Plain };
        entries.push(Entry::new(look, format!("  {}", app.words.cause(attempt))));
        let page = attempt.evidence.as_ref().and_then(|evidence| evidence.page.as_ref());
        entries
            .extend(page.map(|page| Entry::plain(format!("  {}: {page}", app.say("page-open-login-page")))));
    }
}

fn name(app: &App, step: &AccessStep, ports: Option<&str>) -> String {
    let target = |key: &str, target: &str| app.words.with(key, &[("target", target)]);
    match step.kind {
        AccessStepKind::Name => target("page-step-name", &step.target),
        AccessStepKind::Port => app.words.with("page-step-ports", &[("ports", ports.unwrap_or_default())]),
        AccessStepKind::Https => target("page-step-https", &step.target),
        // Without an address there is none: the place that names none is told.
        AccessStepKind::Proxy => target("page-step-proxy", &app.words.named("page-source", &step.target)),
        AccessStepKind::Portal => app.say("page-step-portal"),
        AccessStepKind::Inspection => app.say("page-step-inspection"),
        AccessStepKind::Clock => app.say("page-step-clock"),
        AccessStepKind::Version => app.say("page-step-version"),
    }
}

fn facts(app: &App, step: &AccessStep) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(place) = &step.named_by {
        let place = app.words.named("page-source", place);
        facts.push(app.words.with("page-step-named-by", &[("place", &place)]));
    }
    if !step.logins.is_empty() {
        facts.push(app.words.with("page-step-logins", &[("logins", &step.logins.join(", "))]));
    }
    if let Some(name) = &step.inspected_by {
        facts.push(app.words.with("inspected", &[("name", name)]));
    }
    if let Some(offset) = step.clock_offset_ms.filter(|_| step.state != AccessStepState::Good) {
        let seconds = usize::try_from((offset.unsigned_abs() + 500) / 1_000).unwrap_or(usize::MAX);
        facts.push(app.words.count("page-step-clock-off", seconds));
    }
    facts
}
