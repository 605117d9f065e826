//! The ladder: from round to round until a hello comes, and from pipe to pipe afterwards.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use convene_model::{Attempt, Carrier, Code, Evidence, Remedy, Stage};

use crate::backoff::{Dice, Streak, pause};
use crate::race::{Action, AttemptId, Race, Reason};
use crate::route::{Failure, ProxyAddress, Route};
use crate::rungs::Targets;
use crate::timing::{CUT_MAX, RECONNECT_JITTER, RETRY_AFTER_MAX, VERDICT_AFTER, YOUNG};
use crate::upgrade::Upgrade;
use crate::verdict::Verdict;

/// An event that the ladder has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LadderEvent {
    /// There is no connection, and this is why; told again when it changes.
    Verdict(Verdict),
    /// This route was adopted: to be kept in the [`Memory`](crate::Memory) of the current network.
    Remember(Route),
}

/// The way to one server. After every `handle_…`, drain [`Ladder::poll_action`] in order and
/// [`Ladder::poll_event`], then ask [`Ladder::poll_timeout`]. Reports about attempts that are not
/// open (any longer) are ignored.
#[derive(Debug)]
pub struct Ladder {
    targets: Targets,
    /// The route that won last.
    remembered: Option<Route>,
    /// The way of the last hello in this network.
    reached_by: Option<Route>,
    dice: Dice,
    race: Race,
    phase: Phase,
    upgrade: Upgrade,
    /// Rounds that failed, since the last hello.
    rounds: Streak,
    /// Pipes that died young.
    deaths: Streak,
    /// The route of the pipe that died young.
    shunned: Option<Shunned>,
    /// Pipes that died young in this network, but for those by single requests.
    cut: u32,
    /// Whether the last one makes single requests come first.
    polls: bool,
    network_changed: Option<Instant>,
    verdict_untold: bool,
    winner_untold: bool,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Trying(Trying),
    Connected(Pipe),
}

#[derive(Debug)]
struct Trying {
    since: Instant,
    /// When the next round begins; `None` while one runs.
    round_at: Option<Instant>,
    verdict: Option<Verdict>,
}

#[derive(Debug)]
struct Pipe {
    attempt: AttemptId,
    route: Route,
    since: Instant,
    /// The route of the pipe that it took over from.
    replaced: Option<Route>,
}

/// The route of a pipe that died young.
#[derive(Debug)]
struct Shunned {
    route: Route,
    /// The route that comes first instead: the one that the pipe had replaced, else the same way by
    /// single requests, as most boxes cut a carrier and not a port. `None` where that was it.
    instead: Option<Route>,
}

impl Ladder {
    /// A ladder that has not started. `remembered` is what won on this network before, and must be
    /// a route that is still allowed: its proxy need not be among the targets' (it may be found
    /// again later). The seed spreads reconnects.
    pub fn new(targets: Targets, remembered: Option<Route>, seed: u64) -> Self {
        Self {
            targets,
            remembered,
            reached_by: None,
            dice: Dice::new(seed),
            race: Race::default(),
            phase: Phase::Idle,
            upgrade: Upgrade::default(),
            rounds: Streak::default(),
            deaths: Streak::default(),
            shunned: None,
            cut: 0,
            polls: false,
            network_changed: None,
            verdict_untold: false,
            winner_untold: false,
        }
    }

    /// The server's host.
    pub fn host(&self) -> &str {
        &self.targets.host
    }

    /// Begins the first round. Does nothing if it has begun.
    pub fn handle_start(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Idle) {
            self.try_at(now, now);
        }
    }

    /// The attempt has come to this stage. An attempt counts as opening TCP until its first report;
    /// the stage decides how long it may take and what its silence is called.
    pub fn handle_stage(&mut self, attempt: AttemptId, stage: Stage, now: Instant) {
        self.race.reach(attempt, stage, now);
        self.settle(now);
    }

    /// The evidence that whoever is in the attempt's way showed of itself: it will stand in the
    /// record of its failure.
    pub fn handle_evidence(&mut self, attempt: AttemptId, evidence: Evidence) {
        self.race.see(attempt, evidence);
    }

    /// The server that this attempt reached speaks earlier versions alone. Where that is why the
    /// attempt fails, not this program is to be updated.
    pub fn handle_earlier_server(&mut self, attempt: AttemptId) {
        self.race.see_earlier_server(attempt);
    }

    /// The link's hello came on this attempt: it is adopted, and everything else abandoned.
    pub fn handle_hello(&mut self, attempt: AttemptId, now: Instant) {
        let replaced = match &self.phase {
            Phase::Connected(pipe) => Some((pipe.attempt, pipe.route.clone())),
            Phase::Idle | Phase::Trying(_) => None,
        };
        let (old, replaced) = replaced.unzip();
        let Some(route) = self.race.win(attempt, old) else { return };
        let is_worse =
            |shunned: &Shunned| (shunned.route.rung, shunned.route.carrier) < (route.rung, route.carrier);
        let shuns_better = self.polls || self.shunned.as_ref().is_some_and(is_worse);
        self.upgrade.adopted(&route, shuns_better, now);
        self.rounds = Streak::default();
        self.remembered = Some(route.clone());
        self.reached_by = Some(route.clone());
        let replaced = replaced.filter(|route| self.targets.names_proxy_of(route));
        self.phase = Phase::Connected(Pipe { attempt, route, since: now, replaced });
        self.verdict_untold = false;
        self.winner_untold = true;
    }

    /// The attempt failed and is closed. About the adopted one this says the same as
    /// [`Ladder::handle_lost`].
    pub fn handle_failed(&mut self, attempt: AttemptId, failure: Failure, now: Instant) {
        if matches!(&self.phase, Phase::Connected(pipe) if pipe.attempt == attempt) {
            self.handle_lost(None, now);
        } else {
            self.race.fail(attempt, failure, now);
            self.settle(now);
        }
    }

    /// The adopted pipe is gone. `announced`: the server said so before, and how long to stay away
    /// (cut to [`RETRY_AFTER_MAX`], then spread over half as much again). Does nothing if no pipe
    /// is adopted.
    pub fn handle_lost(&mut self, announced: Option<Duration>, now: Instant) {
        let Phase::Connected(pipe) = &self.phase else { return };
        let changed = self.network_changed.is_some_and(|changed| changed >= pipe.since);
        let young = now.saturating_duration_since(pipe.since) < YOUNG;
        let died_young = young && !changed && announced.is_none();
        self.shunned = died_young.then(|| Shunned {
            route: pipe.route.clone(),
            // A route that was withdrawn meanwhile is not remembered any more.
            instead: pipe.replaced.clone().or_else(|| self.remembered.as_ref().and_then(Route::polled)),
        });
        let cut = died_young && pipe.route.carrier != Carrier::Poll;
        self.cut += u32::from(cut);
        self.polls = cut && self.cut >= CUT_MAX;
        let longest = self.pause_after(died_young, now);
        let asked = announced.unwrap_or_default().min(RETRY_AFTER_MAX);
        let wait = asked + self.dice.up_to(longest.max(asked / 2));
        self.upgrade.stop();
        self.race.halt();
        self.race.board.clear();
        self.try_at(now + wait, now);
    }

    /// The default route, the source address or the name servers changed. Failures are forgotten;
    /// without a connection a new race begins, with one a better rung is tried. Before it,
    /// [`Ladder::remember`] what won on the new network.
    pub fn handle_network_changed(&mut self, now: Instant) {
        self.network_changed = Some(now);
        self.reached_by = None;
        self.rounds = Streak::default();
        self.deaths = Streak::default();
        self.shunned = None;
        (self.cut, self.polls) = (0, false);
        self.race.doubt();
        self.upgrade.hurry(now);
        if matches!(self.phase, Phase::Trying(_)) {
            self.try_at(now, now);
        }
        self.settle(now);
    }

    /// Sets the route that won on the network that this machine is in now.
    pub fn remember(&mut self, route: Option<Route>) {
        self.remembered = route;
    }

    /// The targets changed, or proxies were found. New proxies go to the head of the queue;
    /// attempts on routes that are gone are abandoned. An adopted pipe stays until another way is
    /// open, which is looked for at once where its proxy is gone.
    pub fn handle_targets(&mut self, targets: Targets, now: Instant) {
        let old = std::mem::replace(&mut self.targets, targets);
        let targets = &self.targets;
        let withdrawn =
            |proxy: &ProxyAddress| old.proxies.contains(proxy) && !targets.proxies.contains(proxy);
        let keep =
            |route: &Route| targets.leads_there(route) && !route.proxy.as_ref().is_some_and(&withdrawn);
        self.race.retain(keep);
        self.remembered = self.remembered.take().filter(keep);
        if let Some(shunned) = &mut self.shunned {
            shunned.instead = shunned.instead.take().filter(keep);
        }
        if let Phase::Connected(pipe) = &mut self.phase {
            pipe.replaced = pipe.replaced.take().filter(keep);
            if pipe.route.proxy.as_ref().is_some_and(&withdrawn) {
                self.upgrade.hurry(now);
            }
        }
        if let Phase::Trying(trying) = &mut self.phase {
            let known: Vec<_> = old.through_proxies().collect();
            let found: VecDeque<_> =
                targets.through_proxies().filter(|route| !known.contains(route)).collect();
            if !found.is_empty() {
                // The verdict on the ways that were known says nothing of these.
                (trying.since, trying.verdict) = (now, None);
            }
            let moved = Targets { proxies: targets.proxies.clone(), ..old } != *targets;
            if moved || (trying.round_at.is_some() && !found.is_empty()) {
                trying.round_at = Some(now);
            } else if trying.round_at.is_none() {
                self.race.add(found, now);
            }
        }
        self.settle(now);
    }

    /// Routes are opened by other rules from now on, such as other trust: what is under way is
    /// given up, and what failed before says nothing. An adopted pipe is the caller's to close.
    pub fn handle_renewed(&mut self, targets: Targets, now: Instant) {
        self.race.retain(|_| false);
        self.remembered = self.remembered.take().filter(|route| targets.leads_there(route));
        self.targets = targets;
        self.handle_network_changed(now);
    }

    /// A proxy that wanted a login has one now: what leads through it is tried at once.
    pub fn handle_unlocked(&mut self, proxy: &ProxyAddress, now: Instant) {
        if let Phase::Trying(trying) = &mut self.phase {
            // The verdict of before says nothing of this way now.
            (trying.since, trying.verdict) = (now, None);
            if trying.round_at.is_some() {
                trying.round_at = Some(now);
            } else {
                let routes = self.targets.through_proxies();
                let routes = routes.filter(|route| route.proxy.as_ref() == Some(proxy)).collect();
                self.race.add(routes, now);
            }
        }
        self.settle(now);
    }

    /// The user wants it now: a waiting ladder begins its next round, a connected one tries a
    /// better rung. One that is already trying goes on.
    pub fn handle_retry(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Trying(trying) => {
                if trying.round_at.is_some() {
                    trying.round_at = Some(now);
                    self.rounds = Streak::default();
                }
            }
            Phase::Connected(_) => {
                if self.race.is_over() {
                    self.upgrade.hurry(now);
                }
            }
        }
        self.settle(now);
    }

    /// Does what is due. Calling it early or late is harmless.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.race.handle_timeout(now);
        self.settle(now);
    }

    /// The next action for the hands; actions come in this order.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.race.poll_action()
    }

    /// The next event to tell: of each kind the latest.
    pub fn poll_event(&mut self) -> Option<LadderEvent> {
        if std::mem::take(&mut self.winner_untold)
            && let Phase::Connected(pipe) = &self.phase
        {
            return Some(LadderEvent::Remember(pipe.route.clone()));
        }
        if std::mem::take(&mut self.verdict_untold) {
            return self.verdict().map(LadderEvent::Verdict);
        }
        None
    }

    /// When to call [`Ladder::handle_timeout`], and why. `None` only before the start and on the
    /// best route.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        let own = match &self.phase {
            Phase::Idle => None,
            Phase::Trying(trying) => {
                let verdict = (trying.since + VERDICT_AFTER, Reason::Verdict);
                let verdict = trying.verdict.is_none().then_some(verdict);
                trying.round_at.map(|at| (at, Reason::Retry)).into_iter().chain(verdict).min()
            }
            Phase::Connected(_) => self.upgrade.due().map(|at| (at, Reason::Upgrade)),
        };
        self.race.due().into_iter().chain(own).min()
    }

    /// The adopted route and since when, if there is one.
    pub fn current(&self) -> Option<(&Route, Instant)> {
        match &self.phase {
            Phase::Idle | Phase::Trying(_) => None,
            Phase::Connected(pipe) => Some((&pipe.route, pipe.since)),
        }
    }

    /// The failures of the last round, of each route the latest, by rung: at most
    /// [`ATTEMPTS_MAX`](convene_model::limits::ATTEMPTS_MAX). Where the way on which the server was
    /// reached in this network meets silence now, it is the server that is silent.
    pub fn attempts(&self) -> Vec<Attempt> {
        let is_server_silent = self.is_server_silent();
        let told = |attempt: &Attempt| {
            let is_of_server = is_server_silent && is_silence(attempt.code);
            let remedy = if is_of_server { Remedy::AskOperator } else { attempt.remedy };
            Attempt { remedy, ..attempt.clone() }
        };
        self.race.board.iter().map(|(_, attempt)| told(attempt)).collect()
    }

    fn is_server_silent(&self) -> bool {
        let led_there = |route: &Route| {
            self.reached_by.as_ref().is_some_and(|way| {
                (way.rung, &way.target, &way.proxy) == (route.rung, &route.target, &route.proxy)
            })
        };
        let mut failures = self.race.board.iter();
        failures.any(|(route, attempt)| led_there(route) && is_silence(attempt.code))
    }

    /// Why there is no connection: 15 s after it was lost at the latest, earlier where every route
    /// has failed. `None` before that and while connected.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.phase {
            Phase::Idle | Phase::Connected(_) => None,
            Phase::Trying(trying) => trying.verdict,
        }
    }

    fn try_at(&mut self, at: Instant, now: Instant) {
        self.phase = Phase::Trying(Trying { since: now, round_at: Some(at), verdict: None });
        self.verdict_untold = false;
        self.winner_untold = false;
        self.settle(now);
    }

    /// The longest pause after a lost pipe: the first reconnect is immediate, a pipe that keeps
    /// dying young is not.
    fn pause_after(&mut self, died_young: bool, now: Instant) -> Duration {
        if died_young {
            self.deaths.count(now).checked_sub(1).map_or(RECONNECT_JITTER, pause)
        } else {
            self.deaths = Streak::default();
            RECONNECT_JITTER
        }
    }

    /// Begins what is due, and judges.
    fn settle(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Trying(trying) => {
                let mut failed = false;
                if trying.round_at.is_some_and(|at| at <= now) {
                    trying.round_at = None;
                    let plan = match &self.shunned {
                        Some(Shunned { route, instead }) => {
                            self.targets.plan(instead.as_ref(), Some(route.rung))
                        }
                        None => self.targets.plan(self.remembered.as_ref(), None),
                    };
                    self.race.begin(if self.polls { plan.polled() } else { plan }, now);
                } else if trying.round_at.is_none() && self.race.is_over() {
                    failed = true;
                    // Where no route opens, it was not the route that killed the pipe.
                    self.shunned = None;
                    self.polls = false;
                    let longest = pause(self.rounds.count(now));
                    trying.round_at = Some(now + self.dice.up_to(longest));
                }
                self.verdict_untold |= trying.judge(&self.race, failed, now);
            }
            Phase::Connected(pipe) => {
                if self.upgrade.due().is_some_and(|at| at <= now) {
                    self.upgrade.begin(now);
                    self.race.begin(self.targets.better(&pipe.route), now);
                }
            }
        }
    }
}

/// Whether a server that does not run may be the cause.
const fn is_silence(code: Code) -> bool {
    matches!(
        code,
        Code::Refused
            | Code::TimedOut
            | Code::Closed
            | Code::Reset
            | Code::NoHello
            | Code::ProxyTargetUnreachable
            | Code::SocksTargetRefused
    )
}

impl Trying {
    /// Issues the verdict when it is due or every route has `failed`, and refines it from then on.
    /// Says whether it is new.
    fn judge(&mut self, race: &Race, failed: bool, now: Instant) -> bool {
        if self.verdict.is_none() && !failed && now < self.since + VERDICT_AFTER {
            return false;
        }
        let verdict = Verdict::of(&race.board, race.makes_progress());
        if self.verdict == Some(verdict) {
            return false;
        }
        self.verdict = Some(verdict);
        true
    }
}
