//! The check of one server, as a machine: which steps there are, which of them are begun when, and
//! what comes of them. It opens nothing and reads no clock.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use convene_local_api::{
    AccessCheckRecord, AccessReason, AccessStep, AccessStepKind as Kind, AccessStepState as State,
    AccessVerdict,
};
use convene_model::{Attempt, CHECK_PORT, Carrier, Code, Rung, Stage, Timestamp};
use convene_reach::timing::PROXIES_MAX;
use convene_reach::{Failure, ProxyAddress, Route, Target, Targets, describe};
use convene_uplink::Inspection;

use crate::proxies::Script;

/// Steps that are under way at the same time: the ways of an ordinary server and of its proxies
/// together, so that silence on all of them lasts no longer than on one, and three times as long
/// where there are 16 ports and 20 proxies.
const STEPS_MAX: usize = 16;
/// How far a clock may be off before that is told: people who go by theirs miss more than a
/// greeting by then.
const CLOCK_MAX_MS: u64 = 60_000;

/// What is to be checked, as far as it is known at the beginning.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// The server, and the proxies that lead there.
    pub(super) targets: Targets,
    /// The place that names each of these proxies, in their order.
    pub(super) places: Vec<String>,
    /// The scripts that name more.
    pub(super) scripts: BTreeSet<Script>,
    pub(super) inspection: Inspection,
    pub(super) contact: Option<String>,
    pub(super) reason: AccessReason,
}

/// Now, by the clock that counts and by the one that people read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) instant: Instant,
    pub(super) at: Timestamp,
}

/// By which a step is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StepId(usize);

/// The work of a step, for the hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// To look up the name of this route's server.
    LookUp(Route),
    /// To open this route, and to say hello on it.
    Open(Route),
    /// To read a script that names proxies.
    Read(Script),
    /// To ask for the page by which login pages are recognised.
    AskPortal(Target),
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) enum Finding {
    /// The name has an address, or no login page answers.
    Clear,
    /// The server said hello.
    Greeted(Box<Greeting>),
    /// The script was read, and names these proxies; with what is to be said of that.
    Named(Vec<ProxyAddress>, Option<Attempt>),
    /// There is no such thing here.
    Nothing,
    /// It does not work.
    Failed(Attempt),
}

/// The server's hello on one way.
#[derive(Debug, Clone)]
pub(super) struct Greeting {
    /// The way, with the carrier that passed.
    pub(super) route: Route,
    /// Why a better carrier did not.
    pub(super) worse_than: Option<Attempt>,
    /// Who inspects TLS there.
    pub(super) inspected_by: Option<String>,
    /// Milliseconds by which the server's clock is ahead.
    pub(super) clock_offset_ms: i64,
}

/// A step, and its work; one without is found out by the others.
#[derive(Debug)]
struct Planned {
    id: StepId,
    shown: AccessStep,
    task: Option<Task>,
    began: Option<Instant>,
}

/// What the ways have shown so far.
#[derive(Debug, Default)]
struct Seen {
    /// The offset of the server's clock on the first way on which it said hello.
    clock_offset_ms: Option<i64>,
    inspected_by: Option<String>,
    /// A certificate that is not trusted, or a way that the policy refuses.
    distrusted: Option<Attempt>,
    clock_wrong: Option<Attempt>,
    version_refused: Option<Attempt>,
}

/// The check.
#[derive(Debug)]
pub(super) struct Check {
    targets: Targets,
    inspection: Inspection,
    /// Without its steps.
    head: AccessCheckRecord,
    steps: Vec<Planned>,
    ids: usize,
    seen: Seen,
}

impl Check {
    /// Plans the steps.
    pub(super) fn new(subject: Subject, at: Timestamp) -> Self {
        let Subject { targets, places, scripts, inspection, contact, reason } = subject;
        let head = AccessCheckRecord {
            server: targets.host.clone(),
            ports: targets.direct_ports,
            https_port: targets.https_port,
            reason,
            began: at.to_string(),
            ended: None,
            verdict: None,
            steps: Vec::new(),
            contact,
            machine: dns_lookup::get_hostname().unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let mut check = Self { targets, inspection, head, steps: Vec::new(), ids: 0, seen: Seen::default() };
        check.plan(&places, scripts);
        check
    }

    /// The record as it stands.
    pub(super) fn record(&self) -> AccessCheckRecord {
        let steps = self.steps.iter().map(|step| step.shown.clone()).collect();
        AccessCheckRecord { steps, ..self.head.clone() }
    }

    /// The next step to begin, where there is room for one. Each must be answered once by
    /// [`Check::handle_finding`].
    pub(super) fn poll_task(&mut self, now: Instant) -> Option<(StepId, Task)> {
        let running = self.steps.iter().filter(|step| step.shown.state == State::Running).count();
        if running >= STEPS_MAX {
            return None;
        }
        let is_next = |step: &&mut Planned| step.shown.state == State::Waiting && step.task.is_some();
        let step = self.steps.iter_mut().find(is_next)?;
        step.shown.state = State::Running;
        step.began = Some(now);
        Some((step.id, step.task.clone()?))
    }

    /// Takes what came of a step, with the ways to log in that its proxy offers.
    pub(super) fn handle_finding(&mut self, id: StepId, finding: Finding, logins: Vec<String>, now: Moment) {
        let is_it = |step: &&mut Planned| step.id == id && step.shown.state == State::Running;
        let Some(step) = self.steps.iter_mut().find(is_it) else { return };
        step.shown.ms = step.began.map(|began| millis(now.instant.saturating_duration_since(began)));
        step.shown.logins = logins;
        match finding {
            Finding::Clear => step.shown.state = State::Good,
            Finding::Nothing => step.shown.state = State::Skipped,
            Finding::Greeted(greeting) => {
                step.greet(&greeting);
                self.seen.greet(&greeting);
            }
            Finding::Failed(attempt) => {
                self.seen.miss(&attempt);
                step.miss(attempt);
            }
            Finding::Named(proxies, attempt) => {
                step.shown.state = if attempt.is_some() { State::Warned } else { State::Good };
                step.shown.attempt = attempt;
                self.add(id, proxies);
            }
        }
        self.settle(now.at);
    }

    /// The check has lasted as long as one may: what is under way counts as silent, and nothing
    /// more is begun.
    pub(super) fn handle_timeout(&mut self, now: Moment) {
        for step in &mut self.steps {
            match (step.shown.state, &step.task) {
                (State::Running, Some(Task::Open(route) | Task::LookUp(route))) => {
                    let took = step.began.map(|began| now.instant.saturating_duration_since(began));
                    let took = took.unwrap_or_default();
                    let failure = if matches!(step.task, Some(Task::LookUp(_))) {
                        Failure { stage: Stage::Dns, code: Code::DnsTimedOut }
                    } else {
                        Failure { stage: Stage::Tcp, code: Code::TimedOut }
                    };
                    let attempt = describe::attempt(route, failure, took, None);
                    step.shown.ms = Some(millis(took));
                    step.miss(attempt);
                }
                (State::Running | State::Waiting, Some(_)) => step.shown.state = State::Skipped,
                _ => {}
            }
        }
        self.settle(now.at);
    }

    /// Whether nothing more is to come.
    pub(super) fn is_over(&self) -> bool {
        self.head.ended.is_some()
    }

    /// What it comes to.
    fn verdict(&self) -> AccessVerdict {
        let is_in_the_way = |step: &Planned| {
            // A proxy that is not needed is in nobody's way.
            step.shown.kind != Kind::Proxy && matches!(step.shown.state, State::Warned | State::Failed)
        };
        if self.seen.clock_offset_ms.is_none() {
            AccessVerdict::Red
        } else if self.steps.iter().any(is_in_the_way) {
            AccessVerdict::Yellow
        } else {
            AccessVerdict::Green
        }
    }

    fn plan(&mut self, places: &[String], scripts: BTreeSet<Script>) {
        let host = self.targets.host.clone();
        let ways: Vec<Route> = self.targets.all().collect();
        let straight = ways.iter().find(|route| route.rung == Rung::Https).cloned();
        self.push(Kind::Name, host.clone(), straight.map(Task::LookUp));
        let mut places = places.iter();
        for route in ways {
            let (kind, target) = match route.rung {
                Rung::Direct => (Kind::Port, route.target.to_string()),
                Rung::Https => (Kind::Https, route.target.to_string()),
                Rung::Proxy => (Kind::Proxy, shown(&route)),
            };
            let mut step = self.planned(kind, target, Some(Task::Open(route)));
            step.shown.named_by = (kind == Kind::Proxy).then(|| places.next().cloned()).flatten();
            self.steps.push(step);
        }
        if self.targets.proxies.is_empty() && scripts.is_empty() {
            let mut step = self.planned(Kind::Proxy, host.clone(), None);
            step.shown.state = State::Skipped;
            self.steps.push(step);
        }
        for script in scripts {
            let (target, place) = (script.shown(), script.place().to_owned());
            let mut step = self.planned(Kind::Proxy, target, Some(Task::Read(script)));
            step.shown.named_by = Some(place);
            self.steps.push(step);
        }
        let page = Target { host: host.clone(), port: CHECK_PORT };
        self.push(Kind::Portal, page.to_string(), Some(Task::AskPortal(page)));
        for kind in [Kind::Inspection, Kind::Clock, Kind::Version] {
            self.push(kind, host.clone(), None);
        }
    }

    fn push(&mut self, kind: Kind, target: String, task: Option<Task>) {
        let step = self.planned(kind, target, task);
        self.steps.push(step);
    }

    fn planned(&mut self, kind: Kind, target: String, task: Option<Task>) -> Planned {
        let id = StepId(self.ids);
        self.ids += 1;
        let shown = AccessStep {
            kind,
            target,
            state: State::Waiting,
            ms: None,
            attempt: None,
            rung: None,
            carrier: None,
            named_by: None,
            logins: Vec::new(),
            inspected_by: None,
            clock_offset_ms: None,
        };
        Planned { id, shown, task, began: None }
    }

    /// Adds the ways through proxies that a script names, behind its step.
    fn add(&mut self, script: StepId, proxies: Vec<ProxyAddress>) {
        let place = self.steps.iter().find(|step| step.id == script);
        let place = place.and_then(|step| step.shown.named_by.clone());
        for proxy in proxies {
            let route = self.targets.through(proxy);
            let known = self.steps.iter().filter(|step| step.through().is_some());
            let is_known = self.steps.iter().any(|step| step.through() == Some(&route));
            if is_known || known.count() >= PROXIES_MAX {
                continue;
            }
            let mut step = self.planned(Kind::Proxy, shown(&route), Some(Task::Open(route)));
            step.shown.named_by.clone_from(&place);
            let last = self.steps.iter().rposition(|step| step.shown.kind == Kind::Proxy);
            let at = last.map_or(self.steps.len(), |last| last + 1);
            self.steps.insert(at, step);
        }
    }

    /// Brings the steps up to date that the others find out, and ends where nothing is left to do.
    fn settle(&mut self, at: Timestamp) {
        let is_done = |step: &Planned| step.task.is_none() || step.shown.state.is_over();
        let is_over = self.steps.iter().all(is_done);
        let Seen { clock_offset_ms, inspected_by, distrusted, clock_wrong, version_refused } = &self.seen;
        let is_greeted = clock_offset_ms.is_some();
        let name_failed =
            self.steps.iter().any(|step| step.shown.kind == Kind::Name && step.shown.state == State::Failed);
        let allows = self.inspection == Inspection::Allow;
        let unknown = if is_over { State::Skipped } else { State::Waiting };
        // What does not work, although the server is reached, is something to be known.
        let failed = if is_greeted { State::Warned } else { State::Failed };
        for Planned { shown, .. } in &mut self.steps {
            match shown.kind {
                // It is told once that the name is not known.
                Kind::Port | Kind::Https if name_failed && is_of_name(shown) => {
                    (shown.state, shown.attempt) = (State::Skipped, None);
                }
                Kind::Portal if is_greeted && shown.state == State::Failed => shown.state = State::Warned,
                Kind::Inspection => {
                    let seen = distrusted.as_ref().and_then(|attempt| attempt.evidence.as_ref());
                    shown.inspected_by =
                        inspected_by.clone().or_else(|| seen.and_then(|seen| seen.name.clone()));
                    shown.attempt.clone_from(distrusted);
                    shown.state = match (inspected_by, distrusted) {
                        (_, Some(_)) => failed,
                        (Some(_), None) if allows => State::Good,
                        (Some(_), None) => State::Warned,
                        (None, None) if is_greeted => State::Good,
                        (None, None) => unknown,
                    };
                }
                Kind::Clock => {
                    shown.clock_offset_ms = *clock_offset_ms;
                    shown.attempt = clock_wrong.clone().filter(|_| !is_greeted);
                    shown.state = match (clock_offset_ms, clock_wrong) {
                        (Some(offset), _) if offset.unsigned_abs() > CLOCK_MAX_MS => State::Warned,
                        (Some(_), _) => State::Good,
                        (None, Some(_)) => State::Failed,
                        (None, None) => unknown,
                    };
                }
                Kind::Version => {
                    shown.attempt.clone_from(version_refused);
                    shown.state = match (version_refused, is_greeted) {
                        (Some(_), _) => failed,
                        (None, true) => State::Good,
                        (None, false) => unknown,
                    };
                }
                Kind::Name | Kind::Port | Kind::Https | Kind::Proxy | Kind::Portal => {}
            }
        }
        if is_over && self.head.ended.is_none() {
            self.head.verdict = Some(self.verdict());
            self.head.ended = Some(at.to_string());
        }
    }
}

impl Planned {
    /// The way through a proxy that it opens.
    fn through(&self) -> Option<&Route> {
        match &self.task {
            Some(Task::Open(route)) if route.proxy.is_some() => Some(route),
            Some(_) | None => None,
        }
    }

    fn greet(&mut self, greeting: &Greeting) {
        let Greeting { route, worse_than, .. } = greeting;
        let is_best = route.carrier == Carrier::Websocket;
        self.shown.state = if is_best { State::Good } else { State::Warned };
        self.shown.attempt.clone_from(worse_than);
        (self.shown.rung, self.shown.carrier) = (Some(route.rung), Some(route.carrier));
    }

    /// A way on which the server says that it is of another version leads there all the same: that
    /// is told once, and not of each way.
    fn miss(&mut self, attempt: Attempt) {
        if attempt.code == Code::VersionUnsupported {
            self.shown.state = State::Good;
        } else {
            self.shown.state = State::Failed;
            self.shown.attempt = Some(attempt);
        }
    }
}

impl Seen {
    fn greet(&mut self, greeting: &Greeting) {
        self.clock_offset_ms = self.clock_offset_ms.or(Some(greeting.clock_offset_ms));
        self.inspected_by = self.inspected_by.take().or_else(|| greeting.inspected_by.clone());
    }

    fn miss(&mut self, attempt: &Attempt) {
        // A proxy's own certificate says nothing of the server's.
        let of_server = attempt.stage != Stage::Proxy;
        let place = if attempt.code == Code::VersionUnsupported {
            &mut self.version_refused
        } else if of_server && matches!(attempt.code, Code::CertificateUntrusted | Code::InspectionRefused) {
            &mut self.distrusted
        } else if attempt.code == Code::ClockWrong {
            &mut self.clock_wrong
        } else {
            return;
        };
        place.get_or_insert_with(|| attempt.clone());
    }
}

/// Whether it failed, straight to the server, because the name has no address.
fn is_of_name(step: &AccessStep) -> bool {
    step.attempt.as_ref().is_some_and(|attempt| attempt.stage == Stage::Dns)
}

fn shown(route: &Route) -> String {
    route.proxy.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
