//! The steps of checks as lines for people, each as it comes to its end.

use std::collections::BTreeSet;
use std::io;

use convene_local_api::{AccessCheckRecord, AccessStep, AccessStepKind, AccessStepState, AccessVerdict};
use convene_model::{Addressee, Attempt, inert};
use convene_wording::Wording;

use crate::commands::Context;
use crate::output;

/// Which step of which server.
type StepKey = (String, u16, AccessStepKind, String);

/// The steps that were told.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    wording: &'a Wording,
    told: BTreeSet<StepKey>,
    /// The servers whose name was told.
    begun: BTreeSet<(String, u16)>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self { wording: &context.wording, told: BTreeSet::new(), begun: BTreeSet::new() }
    }

    /// Tells the steps that are over and were not told yet. What the others find out, such as who
    /// inspects TLS, may change until the check is over.
    pub(super) fn tell(&mut self, checks: &[AccessCheckRecord]) -> io::Result<()> {
        let names_servers = checks.len() > 1;
        for check in checks {
            if self.begun.insert((check.server.clone(), check.https_port)) {
                let ports = check.ports.to_string();
                let fields = [("server", check.server.as_str()), ("ports", &ports)];
                output::line(&self.wording.about("access-begun", &fields))?;
            }
            for step in &check.steps {
                let (kind, target) = (step.kind, step.target.clone());
                let key = (check.server.clone(), check.https_port, kind, target);
                let is_final = step.state.is_over() && (check.ended.is_some() || is_of_itself(kind));
                if is_final && self.told.insert(key) {
                    let of =
                        if names_servers { format!("{}: ", inert(&check.server)) } else { String::new() };
                    for line in lines(step, self.wording) {
                        output::line(&format!("{of}{line}"))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells what a check comes to, and whom to ask.
    pub(super) fn conclude(&self, check: &AccessCheckRecord) -> io::Result<()> {
        output::line(&conclusion(check, self.wording))?;
        let is_well = check.verdict.is_none_or(|verdict| verdict == AccessVerdict::Green);
        match &check.contact {
            Some(contact) if !is_well => {
                output::line(&format!("{} {}", self.wording.word("contact"), inert(contact)))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The sentence for the verdict, or for a check that is not over.
pub(super) fn conclusion(check: &AccessCheckRecord, wording: &Wording) -> String {
    let key = check.verdict.map_or_else(
        || "access-unfinished".to_owned(),
        |verdict| format!("access-verdict-{}", verdict.as_str()),
    );
    let mut told = wording.about(&key, &[("server", &check.server)]);
    if check.verdict == Some(AccessVerdict::Red) {
        let decisive = Attempt::decisive(check.attempts());
        let letter = decisive.filter(|attempt| attempt.remedy.addressee() == Addressee::Administrator);
        let letter = letter.map(|_| wording.about("unreached-letter", &[]));
        for sentence in decisive.map(|attempt| wording.unreached(attempt)).into_iter().chain(letter) {
            told.push(' ');
            told.push_str(&sentence);
        }
    }
    told
}

/// Whether nothing that another step finds out changes it.
fn is_of_itself(kind: AccessStepKind) -> bool {
    match kind {
        AccessStepKind::Name | AccessStepKind::Port | AccessStepKind::Https | AccessStepKind::Proxy => true,
        AccessStepKind::Portal
        | AccessStepKind::Inspection
        | AccessStepKind::Clock
        | AccessStepKind::Version => false,
    }
}

/// The time, a mark and a sentence; then what failed, what to do about it and who can do that.
pub(super) fn lines(step: &AccessStep, wording: &Wording) -> Vec<String> {
    let time = step.ms.map_or_else(String::new, |ms| format!("{ms} ms"));
    let mark = wording.about(&format!("access-mark-{}", step.state.word()), &[]);
    let mut lines = vec![format!("{time:>9}  {mark}  {}", sentence(step, wording))];
    let shows_attempt = matches!(step.state, AccessStepState::Failed | AccessStepState::Warned);
    if let Some(attempt) = step.attempt.as_ref().filter(|_| shows_attempt) {
        let who = wording.who(attempt.remedy);
        lines.push(format!("{:14}{} {who}", "", wording.attempt(attempt)));
    }
    lines
}

fn sentence(step: &AccessStep, wording: &Wording) -> String {
    let key = format!("access-{}-{}", step.kind.word(), step.state.word());
    let place = step.named_by.as_deref().map(|place| wording.named("access-place", place));
    let seconds = step.clock_offset_ms.unwrap_or_default().unsigned_abs().div_ceil(1_000).to_string();
    let clock = if step.clock_offset_ms.is_some_and(|offset| offset > 0) { "behind" } else { "ahead" };
    let fields = [
        ("target", step.target.as_str()),
        ("place", place.as_deref().unwrap_or_default()),
        ("name", step.inspected_by.as_deref().unwrap_or_default()),
        ("seconds", &seconds),
        ("clock", clock),
    ];
    let mut sentence = wording.about(&key, &fields);
    if !step.logins.is_empty() {
        sentence.push(' ');
        sentence.push_str(&wording.about("access-logins", &[("logins", &step.logins.join(", "))]));
    }
    sentence
}
