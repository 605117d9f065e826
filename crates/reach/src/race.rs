//! The race: which route is opened when, and which of them is still open.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use convene_model::{Code, Evidence, Remedy, Rung, Stage};

use crate::board::Board;
use crate::describe;
use crate::flight::{Flight, Weight};
use crate::route::{Failure, Route};
use crate::rungs::Plan;
use crate::timing::{BROWSERS_AFTER, HEAD_PATIENCE, HEAD_START, PORTS_AFTER, STAGGER, STAGGER_MAX};

/// One opening of one route. Never used twice by the same ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u64);

/// An action that the hands are to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open the route and say hello on it. The hands do not give up by themselves: limits are the
    /// ladder's.
    Open {
        /// The name of this attempt in every report.
        attempt: AttemptId,
        /// The route to open.
        route: Route,
    },
    /// Its hello came first: everything goes over it from now on.
    Adopt {
        /// The winner.
        attempt: AttemptId,
    },
    /// Close it, whatever came of it; nothing more is reported about it.
    Abandon {
        /// The loser, or the pipe that a better one replaced.
        attempt: AttemptId,
    },
}

/// Why the ladder wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The next route of the timetable starts.
    NextAttempt,
    /// The ways start that a browser may take.
    BrowsersWays,
    /// The remaining conference ports open.
    ConferencePorts,
    /// Another carrier is tried beside one that stays silent.
    Carrier,
    /// An attempt is past its limit.
    AttemptLimit,
    /// An attempt has been open for as long as any may be.
    AttemptEnd,
    /// The verdict is due.
    Verdict,
    /// The next round begins.
    Retry,
    /// A better rung is tried.
    Upgrade,
}

/// The timetable of one round and the flights of this and of earlier ones. Of one route there are
/// at most two flights: one under way and one late.
#[derive(Debug, Default)]
pub(crate) struct Race {
    queue: VecDeque<Route>,
    ports: VecDeque<Route>,
    /// When the queue's first may start.
    next_at: Option<Instant>,
    /// The remembered route's attempt, and how long the others wait for it where it comes to TLS.
    head: Option<(AttemptId, Instant)>,
    /// The ways that a browser may take.
    browsers: VecDeque<Route>,
    /// When those may start: a moment behind the first of the queue, and `None` before.
    browsers_at: Option<Instant>,
    /// When the ports open together.
    ports_at: Option<Instant>,
    /// Whether a carrier that does not work is followed by another on the same route.
    changes_carrier: bool,
    /// Those that followed in this round: each is tried once.
    followed: BTreeSet<Route>,
    flights: BTreeMap<AttemptId, Flight>,
    opened: u64,
    actions: VecDeque<Action>,
    pub(crate) board: Board,
}

impl Race {
    /// Begins a round. Flights of earlier ones stay, and a route that is under way is not opened
    /// again.
    pub(crate) fn begin(&mut self, plan: Plan, now: Instant) {
        let Plan { head, mut queue, mut browsers, mut ports, changes_carrier } = plan;
        self.changes_carrier = changes_carrier;
        self.followed.clear();
        for routes in [&mut queue, &mut browsers, &mut ports] {
            routes.retain(|route| !self.is_under_way(route));
        }
        (self.queue, self.browsers, self.ports) = (queue, browsers, ports);
        (self.next_at, self.ports_at) = (Some(now), Some(now + PORTS_AFTER));
        (self.browsers_at, self.head) = (None, None);
        if let Some(route) = head.filter(|route| !self.is_under_way(route)) {
            self.head = Some((self.open(route, Weight::Beside, now), now + HEAD_PATIENCE));
            self.next_at = Some(now + HEAD_START);
        }
        self.step(now);
    }

    /// Puts routes that were found later at the head of the queue. The first of a round through a
    /// proxy is one that a browser may take.
    pub(crate) fn add(&mut self, mut routes: VecDeque<Route>, now: Instant) {
        routes.retain(|route| !self.is_under_way(route) && !self.is_waiting(route));
        let known =
            self.flights.values().map(|flight| &flight.route).chain(&self.queue).chain(&self.browsers);
        if !known.map(|route| route.rung).any(|rung| rung == Rung::Proxy) {
            self.browsers.extend(routes.pop_front());
        }
        for route in routes.into_iter().rev() {
            self.queue.push_front(route);
        }
        self.step(now);
    }

    /// Starts nothing more; what is open stays open.
    pub(crate) fn halt(&mut self) {
        for routes in [&mut self.queue, &mut self.browsers, &mut self.ports] {
            routes.clear();
        }
    }

    /// Ends whatever uses a route that is not to be kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Route) -> bool) {
        self.board.retain(&keep);
        for routes in [&mut self.queue, &mut self.browsers, &mut self.ports] {
            routes.retain(&keep);
        }
        let gone = self.flights.iter().filter(|(_, flight)| !keep(&flight.route)).map(|(id, _)| *id);
        self.abandon(gone.collect());
    }

    /// The network changed: what is under way may be dead, what was late surely is.
    pub(crate) fn doubt(&mut self) {
        self.board.clear();
        let late = self.flights.iter().filter(|(_, flight)| flight.weight == Weight::Late);
        self.abandon(late.map(|(id, _)| *id).collect());
        for flight in self.flights.values_mut() {
            flight.weight = Weight::Late;
        }
    }

    /// The hello came on this attempt: adopts it, abandons the others and then `replaced`. `None`
    /// if it is not open.
    pub(crate) fn win(&mut self, attempt: AttemptId, replaced: Option<AttemptId>) -> Option<Route> {
        let winner = self.flights.remove(&attempt)?;
        self.actions.push_back(Action::Adopt { attempt });
        self.abandon(self.flights.keys().copied().chain(replaced).collect());
        self.halt();
        Some(winner.route)
    }

    pub(crate) fn reach(&mut self, attempt: AttemptId, stage: Stage, now: Instant) {
        let looked_up = self.looks_up();
        if let Some(flight) = self.flights.get_mut(&attempt) {
            flight.reach(stage, now);
        }
        if looked_up && !self.looks_up() && self.queue.front().is_some_and(|next| next.rung == Rung::Https) {
            self.next_at = self.next_at.min(Some(now + BROWSERS_AFTER));
        }
        let head = self.head.filter(|(head, _)| *head == attempt && stage >= Stage::Tls);
        if let Some((_, until)) = head.filter(|_| self.browsers_at.is_none()) {
            (self.next_at, self.ports_at) = (Some(until), Some(until + PORTS_AFTER));
        }
    }

    pub(crate) fn see(&mut self, attempt: AttemptId, evidence: Evidence) {
        if let Some(flight) = self.flights.get_mut(&attempt) {
            flight.evidence = Some(evidence);
        }
    }

    pub(crate) fn see_earlier_server(&mut self, attempt: AttemptId) {
        if let Some(flight) = self.flights.get_mut(&attempt) {
            flight.is_of_earlier_server = true;
        }
    }

    pub(crate) fn fail(&mut self, attempt: AttemptId, failure: Failure, now: Instant) {
        if let Some(flight) = self.flights.remove(&attempt) {
            self.note(&flight, failure, now);
            if failure.refuses_carrier() {
                self.change_carrier(&flight.route, flight.weight, now);
            }
            self.follow(&flight, failure, now);
            self.step(now);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let due = self.flights.iter().filter(|(_, flight)| flight.due().0 <= now);
        for attempt in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.overrun(attempt, now);
        }
        let silent = self.silent_carriers().filter(|(at, _)| *at <= now).map(|(_, route)| route.clone());
        for route in silent.collect::<Vec<_>>() {
            self.change_carrier(&route, Weight::Beside, now);
        }
        self.step(now);
    }

    /// Whether nothing is left to start and nothing under way. Late flights may still be open.
    pub(crate) fn is_over(&self) -> bool {
        self.queue.is_empty() && self.browsers.is_empty() && self.ports.is_empty() && !self.is_busy()
    }

    /// Whether a route of which no failure is known has passed TCP.
    pub(crate) fn makes_progress(&self) -> bool {
        let mut busy = self.flights.values().filter(|flight| flight.weight != Weight::Late);
        busy.any(|flight| flight.stage() > Stage::Tcp && !self.board.has(&flight.route))
    }

    pub(crate) fn due(&self) -> Option<(Instant, Reason)> {
        let next = self.next_at.filter(|_| !self.queue.is_empty()).map(|at| (at, Reason::NextAttempt));
        let browsers =
            self.browsers_at.filter(|_| !self.browsers.is_empty()).map(|at| (at, Reason::BrowsersWays));
        let ports = self.ports_at.filter(|_| !self.ports.is_empty()).map(|at| (at, Reason::ConferencePorts));
        let carrier = self.silent_carriers().map(|(at, _)| (at, Reason::Carrier)).min();
        self.flights.values().map(Flight::due).chain(next).chain(browsers).chain(ports).chain(carrier).min()
    }

    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Opens all that is due.
    fn step(&mut self, now: Instant) {
        while self.next_at.is_some_and(|at| at <= now) || !self.is_busy() {
            let Some(route) = self.next_route() else { break };
            self.open(route, Weight::Counted, now);
            if self.browsers_at.is_none() {
                (self.browsers_at, self.ports_at) = (Some(now + BROWSERS_AFTER), Some(now + PORTS_AFTER));
            }
            let counted = u32::try_from(self.counted()).unwrap_or(u32::MAX);
            self.next_at = Some(now + STAGGER.saturating_mul(counted).min(STAGGER_MAX));
        }
        if self.browsers_at.is_some_and(|at| at <= now) {
            while let Some(route) = self.browsers.pop_front() {
                // It waits for the same lookup, and conference ports keep what they are ahead of
                // it.
                if route.rung == Rung::Https && self.looks_up() {
                    self.queue.push_front(route);
                } else {
                    self.open(route, Weight::Counted, now);
                }
            }
        }
        if self.ports_at.is_some_and(|at| at <= now) || !self.is_busy() {
            while let Some(route) = self.ports.pop_front() {
                self.open(route, Weight::Beside, now);
            }
        }
    }

    /// The first of the queue, then what a browser may take, then the rest.
    fn next_route(&mut self) -> Option<Route> {
        let due = self.browsers.pop_front_if(|_| self.browsers_at.is_some());
        due.or_else(|| self.queue.pop_front()).or_else(|| self.browsers.pop_front())
    }

    /// The flights whose carrier has not said hello, and when each is accompanied.
    fn silent_carriers(&self) -> impl Iterator<Item = (Instant, &Route)> {
        let flights = self.flights.values().filter(|flight| {
            let polled = flight.route.polled();
            let is_new = polled.is_some_and(|polled| !self.followed.contains(&polled));
            is_new && self.changes_carrier && flight.weight != Weight::Late
        });
        flights.filter_map(|flight| Some((flight.carrier_due()?, &flight.route)))
    }

    /// Opens the same route with the carrier that passes where no other does, once in a round. What
    /// follows a late one (`weight`) is late as well: it may win, and holds up no round.
    fn change_carrier(&mut self, route: &Route, weight: Weight, now: Instant) {
        let Some(polled) = route.polled().filter(|_| self.changes_carrier) else { return };
        let (weight, is_open) = match weight {
            Weight::Late => (Weight::Late, self.flights.values().any(|flight| flight.route == polled)),
            Weight::Counted | Weight::Beside => (Weight::Beside, self.is_under_way(&polled)),
        };
        if self.followed.insert(polled.clone()) && !is_open {
            self.open(polled, weight, now);
        }
    }

    /// Starts what follows a failure: behind a conference port that refuses, the next one, and the
    /// timetable does not notice; otherwise the next of the timetable.
    fn follow(&mut self, failed: &Flight, failure: Failure, now: Instant) {
        if failed.weight == Weight::Late {
            return;
        }
        let refused = failed.route.rung == Rung::Direct && failure.code == Code::Refused;
        if let Some(port) = self.ports.pop_front_if(|_| refused) {
            self.open(port, Weight::Beside, now);
        } else if failed.weight == Weight::Counted || self.counted() == 0 {
            self.next_at = Some(now);
        }
    }

    /// An attempt is past its limit or at its end.
    fn overrun(&mut self, attempt: AttemptId, now: Instant) {
        let Some(mut flight) = self.flights.remove(&attempt) else { return };
        let (_, reason) = flight.due();
        if flight.weight != Weight::Late {
            let silence = flight.silence();
            self.note(&flight, silence, now);
            self.follow(&flight, silence, now);
        }
        // Of several late ones the oldest stays: it is the one that a slow proxy or a user's click
        // lets through first.
        let is_late = |other: &Flight| other.weight == Weight::Late && other.route == flight.route;
        if reason == Reason::AttemptEnd || self.flights.values().any(is_late) {
            self.actions.push_back(Action::Abandon { attempt });
        } else {
            flight.weight = Weight::Late;
            self.flights.insert(attempt, flight);
        }
    }

    fn open(&mut self, route: Route, weight: Weight, now: Instant) -> AttemptId {
        self.opened = self.opened.saturating_add(1);
        let attempt = AttemptId(self.opened);
        self.flights.insert(attempt, Flight::new(route.clone(), weight, now));
        self.actions.push_back(Action::Open { attempt, route });
        attempt
    }

    fn abandon(&mut self, attempts: Vec<AttemptId>) {
        for attempt in attempts {
            self.flights.remove(&attempt);
            self.actions.push_back(Action::Abandon { attempt });
        }
    }

    fn note(&mut self, flight: &Flight, failure: Failure, now: Instant) {
        let took = now.saturating_duration_since(flight.began);
        let mut attempt = describe::attempt(&flight.route, failure, took, flight.evidence.clone());
        if flight.is_of_earlier_server && failure.code == Code::VersionUnsupported {
            attempt.remedy = Remedy::UpdateServer;
        }
        self.board.note(&flight.route, attempt);
    }

    /// Whether a conference port is still a name.
    fn looks_up(&self) -> bool {
        self.flights.values().any(|flight| flight.route.rung == Rung::Direct && flight.stage() == Stage::Dns)
    }

    fn counted(&self) -> usize {
        self.flights.values().filter(|flight| flight.weight == Weight::Counted).count()
    }

    fn is_busy(&self) -> bool {
        self.flights.values().any(|flight| flight.weight != Weight::Late)
    }

    fn is_waiting(&self, route: &Route) -> bool {
        self.queue.contains(route) || self.browsers.contains(route)
    }

    fn is_under_way(&self, route: &Route) -> bool {
        self.flights.values().any(|flight| flight.weight != Weight::Late && flight.route == *route)
    }
}
