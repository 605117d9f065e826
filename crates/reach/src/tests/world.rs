//! A scripted network around one ladder, and a clock that only it moves.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use convene_model::{Carrier, Code, PortRange, Rung, Stage};

use crate::{
    Action, AttemptId, Failure, Ladder, LadderEvent, ProxyAddress, ProxyScheme, Reason, Route, Target,
    Targets, Verdict,
};

/// The conduct of the network towards an attempt, counted in milliseconds from its start.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    Silent,
    /// It comes to this stage, and there is silence.
    Stuck(u64, Stage),
    Fails(u64, Failure),
    Hello(u64),
}

/// Actions as a story: milliseconds since the start, what, and the route.
pub(super) type Story = Vec<(u64, &'static str, String)>;

pub(super) struct World {
    pub(super) ladder: Ladder,
    pub(super) start: Instant,
    pub(super) now: Instant,
    pub(super) story: Story,
    pub(super) told: Vec<(u64, LadderEvent)>,
    /// Attempts that are open and not adopted.
    pub(super) open: BTreeMap<AttemptId, Route>,
    pub(super) adopted: Option<AttemptId>,
    pub(super) most_open: usize,
    pending: BTreeMap<(Instant, AttemptId), Fate>,
    network: Box<dyn Fn(&Route) -> Fate>,
}

pub(super) const REFUSED: Failure = Failure { stage: Stage::Tcp, code: Code::Refused };
pub(super) const UNREACHABLE: Failure = Failure { stage: Stage::Tcp, code: Code::Unreachable };

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(super) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[expect(clippy::disallowed_methods, reason = "only differences count: this is the test clock's zero")]
pub(super) fn zero() -> Instant {
    Instant::now()
}

/// A server with so many conference ports from 4500, 443, and these proxies on port 3128.
pub(super) fn targets(ports: u16, proxies: &[&str]) -> Targets {
    Targets {
        host: "server".into(),
        direct_ports: PortRange::new(4500, 4499 + ports).unwrap(),
        https_port: 443,
        proxies: proxies
            .iter()
            .map(|host| ProxyAddress { scheme: ProxyScheme::Http, host: (*host).into(), port: 3128 })
            .collect(),
    }
}

pub(super) fn route(rung: Rung, port: u16, proxy: Option<&str>) -> Route {
    Route {
        rung,
        target: Target { host: "server".into(), port },
        proxy: proxy.map(|host| ProxyAddress { scheme: ProxyScheme::Http, host: host.into(), port: 3128 }),
        carrier: Carrier::Websocket,
    }
}

/// The same route by single requests.
pub(super) fn polled(route: Route) -> Route {
    Route { carrier: Carrier::Poll, ..route }
}

/// A route as stories name it.
pub(super) fn name(route: &Route) -> String {
    let carrier = match route.carrier {
        Carrier::Websocket => "",
        Carrier::Stream => " by stream",
        Carrier::Poll => " by poll",
    };
    format!("{route}{carrier}")
}

/// A network by rung.
pub(super) fn by_rung(direct: Fate, https: Fate, proxy: Fate) -> impl Fn(&Route) -> Fate + 'static {
    move |route| match route.rung {
        Rung::Direct => direct,
        Rung::Https => https,
        Rung::Proxy => proxy,
    }
}

impl World {
    pub(super) fn new(
        targets: Targets,
        remembered: Option<Route>,
        network: impl Fn(&Route) -> Fate + 'static,
    ) -> Self {
        let start = zero();
        let mut world = Self {
            ladder: Ladder::new(targets, remembered, 7),
            start,
            now: start,
            story: Vec::new(),
            told: Vec::new(),
            open: BTreeMap::new(),
            adopted: None,
            most_open: 0,
            pending: BTreeMap::new(),
            network: Box::new(network),
        };
        world.ladder.handle_start(start);
        world.drain();
        world
    }

    pub(super) fn network(&mut self, network: impl Fn(&Route) -> Fate + 'static) {
        self.network = Box::new(network);
    }

    /// Calls the ladder from outside, now.
    pub(super) fn tell(&mut self, call: impl FnOnce(&mut Ladder, Instant)) {
        call(&mut self.ladder, self.now);
        self.drain();
    }

    /// The adopted pipe breaks.
    pub(super) fn lose(&mut self, announced: Option<Duration>) {
        self.adopted = None;
        self.tell(|ladder, now| ladder.handle_lost(announced, now));
    }

    /// Lets time pass until so long after the start.
    pub(super) fn until(&mut self, after: Duration) {
        let end = self.start + after;
        let mut wakes_at_once = 0;
        loop {
            let wake = self.ladder.poll_timeout().map(|(at, _)| at);
            let report = self.pending.first_key_value().map(|((at, _), _)| *at);
            let Some(next) = wake.into_iter().chain(report).min().filter(|next| *next <= end) else { break };
            wakes_at_once = if next > self.now { 0 } else { wakes_at_once + 1 };
            assert!(wakes_at_once < 100, "the ladder spins at {:?}", self.ladder.poll_timeout());
            self.now = self.now.max(next);
            if report.is_some_and(|at| at <= self.now) {
                self.report();
            } else {
                self.tell(Ladder::handle_timeout);
            }
        }
        self.now = self.now.max(end);
    }

    /// The story so far, which then begins anew.
    pub(super) fn take_story(&mut self) -> Story {
        std::mem::take(&mut self.story)
    }

    /// The routes that were opened in the story so far, and when.
    pub(super) fn starts(&mut self) -> Vec<(u64, String)> {
        let story = self.take_story();
        story.into_iter().filter(|(_, what, _)| *what == "open").map(|(at, _, route)| (at, route)).collect()
    }

    pub(super) fn current(&self) -> Option<String> {
        self.ladder.current().map(|(route, _)| name(route))
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.ladder.verdict()
    }

    pub(super) fn next_reason(&self) -> Option<Reason> {
        self.ladder.poll_timeout().map(|(_, reason)| reason)
    }

    /// Milliseconds since the start.
    pub(super) fn at(&self) -> u64 {
        u64::try_from((self.now - self.start).as_millis()).unwrap()
    }

    fn report(&mut self) {
        let ((_, attempt), fate) = self.pending.pop_first().unwrap();
        self.tell(|ladder, now| match fate {
            Fate::Silent => {}
            Fate::Stuck(_, stage) => ladder.handle_stage(attempt, stage, now),
            Fate::Fails(_, failure) => ladder.handle_failed(attempt, failure, now),
            Fate::Hello(_) => ladder.handle_hello(attempt, now),
        });
        if matches!(fate, Fate::Fails(..)) {
            self.open.remove(&attempt);
        }
    }

    fn drain(&mut self) {
        let at = self.at();
        while let Some(action) = self.ladder.poll_action() {
            let told = match action {
                Action::Open { attempt, route } => {
                    let fate = (self.network)(&route);
                    if let Fate::Stuck(after, _) | Fate::Fails(after, _) | Fate::Hello(after) = fate {
                        self.pending.insert((self.now + ms(after), attempt), fate);
                    }
                    assert!(self.open.insert(attempt, route.clone()).is_none(), "{attempt:?} opened twice");
                    (at, "open", name(&route))
                }
                Action::Adopt { attempt } => {
                    let route = self.open.remove(&attempt).expect("only what is open is adopted");
                    if let Some(old) = self.adopted.replace(attempt) {
                        self.open.insert(old, route.clone());
                    }
                    (at, "adopt", name(&route))
                }
                Action::Abandon { attempt } => {
                    self.pending.retain(|(_, pending), _| *pending != attempt);
                    let route = self.open.remove(&attempt).expect("only what is open is abandoned");
                    (at, "abandon", name(&route))
                }
            };
            self.story.push(told);
            self.most_open = self.most_open.max(self.open.len());
        }
        while let Some(event) = self.ladder.poll_event() {
            self.told.push((at, event));
        }
    }
}

/// A story, shortly.
pub(super) fn starts(list: &[(u64, &str)]) -> Vec<(u64, String)> {
    list.iter().map(|(at, route)| (*at, (*route).to_owned())).collect()
}
