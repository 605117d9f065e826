//! Which routes there are, and in what order.

use std::collections::VecDeque;

use convene_model::{Carrier, PortRange, Rung};

use crate::route::{ProxyAddress, Route, Target};
use crate::timing::PROXIES_MAX;

/// Where the server is and what may lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// The server's name or address, as in [`Target::host`].
    pub host: String,
    /// The conference ports, tried directly. One that is also `https_port` is tried on that rung
    /// only.
    pub direct_ports: PortRange,
    /// The port of the rungs `https` and `proxy`.
    pub https_port: u16,
    /// The proxies that were found or configured, best first; those beyond [`PROXIES_MAX`] are not
    /// tried.
    pub proxies: Vec<ProxyAddress>,
}

/// The routes that one race opens.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The remembered route, opened before the others.
    pub(crate) head: Option<Route>,
    /// The routes of the timetable, in order: of the conference ports only the first.
    pub(crate) queue: VecDeque<Route>,
    /// The ways that a browser of this machine may take, opened together a moment behind the first
    /// of the queue.
    pub(crate) browsers: VecDeque<Route>,
    /// The conference ports behind the first.
    pub(crate) ports: VecDeque<Route>,
    /// Whether a carrier that does not work is followed by another.
    pub(crate) changes_carrier: bool,
}

impl Plan {
    /// The same ways, all behind the head by single requests.
    pub(crate) fn polled(mut self) -> Self {
        for routes in [&mut self.queue, &mut self.browsers, &mut self.ports] {
            routes.iter_mut().for_each(|route| route.carrier = Carrier::Poll);
            routes.retain(|route| self.head.as_ref() != Some(route));
        }
        self
    }
}

impl Targets {
    /// All routes: the `head` (if it leads to these targets), then the rungs in order. A rung that
    /// is `shunned` goes last, so that the class behind it comes first.
    pub(crate) fn plan(&self, head: Option<&Route>, shunned: Option<Rung>) -> Plan {
        let head = head.filter(|route| self.leads_there(route)).cloned();
        let mut rungs = [Rung::Direct, Rung::Https, Rung::Proxy];
        if let Some(at) = rungs.iter().position(|rung| shunned == Some(*rung)) {
            rungs.rotate_left(at.saturating_add(1));
        }
        let mut plan = Plan { changes_carrier: true, ..self.plan_of(&rungs, head) };
        let https = self.route(Rung::Https, self.https_port, None);
        let browsers = std::iter::once(https).chain(self.through_proxies().next());
        for route in browsers.filter(|route| shunned != Some(route.rung)) {
            if let Some(at @ 1..) = plan.queue.iter().position(|queued| *queued == route) {
                plan.browsers.extend(plan.queue.remove(at));
            }
        }
        plan
    }

    /// The routes that are better than the one in use: all of them, where its proxy is named no
    /// longer. Else the rungs above it, and its own way with better carriers, the best first. A
    /// better rung with a worse carrier is none. A stream is only ever tried so: a box that keeps
    /// answers back until they end shows nothing by which a first attempt could tell it from a slow
    /// path.
    pub(crate) fn better(&self, than: &Route) -> Plan {
        if !self.names_proxy_of(than) {
            return self.plan(None, None);
        }
        let rungs = [Rung::Direct, Rung::Https].map(|rung| (rung < than.rung).then_some(rung));
        let mut plan = self.plan_of(&rungs.into_iter().flatten().collect::<Vec<_>>(), None);
        if self.leads_there(than) {
            let better: &[Carrier] = match than.carrier {
                Carrier::Websocket => &[],
                Carrier::Stream => &[Carrier::Websocket],
                Carrier::Poll => &[Carrier::Websocket, Carrier::Stream],
            };
            plan.queue.extend(better.iter().map(|carrier| Route { carrier: *carrier, ..than.clone() }));
        }
        plan
    }

    /// Every route with the best carrier, the better rungs first: for a check of all ways.
    pub fn all(&self) -> impl Iterator<Item = Route> {
        [Rung::Direct, Rung::Https, Rung::Proxy].into_iter().flat_map(|rung| self.routes(rung))
    }

    /// The route through this proxy, with the best carrier.
    pub fn through(&self, proxy: ProxyAddress) -> Route {
        self.route(Rung::Proxy, self.https_port, Some(proxy))
    }

    /// The routes through the proxies, in their order, with the best carrier.
    pub fn through_proxies(&self) -> impl Iterator<Item = Route> {
        let proxies = self.proxies.iter().take(PROXIES_MAX);
        proxies.map(|proxy| self.through(proxy.clone()))
    }

    /// Whether the route's proxy, if it has one, is among these.
    pub(crate) fn names_proxy_of(&self, route: &Route) -> bool {
        route.proxy.as_ref().is_none_or(|proxy| self.proxies.contains(proxy))
    }

    /// Whether the route ends at these targets, through whatever proxy.
    pub(crate) fn leads_there(&self, route: &Route) -> bool {
        let port = route.target.port;
        let at_port = match route.rung {
            Rung::Direct => port != self.https_port && self.direct_ports.iter().any(|direct| direct == port),
            Rung::Https | Rung::Proxy => port == self.https_port,
        };
        at_port && route.target.host == self.host && route.proxy.is_some() == (route.rung == Rung::Proxy)
    }

    fn plan_of(&self, rungs: &[Rung], head: Option<Route>) -> Plan {
        let mut plan = Plan { head, ..Plan::default() };
        for rung in rungs {
            let mut routes = self.routes(*rung);
            routes.retain(|route| plan.head.as_ref() != Some(route));
            if *rung == Rung::Direct {
                plan.queue.extend(routes.pop_front());
                plan.ports = routes;
            } else {
                plan.queue.append(&mut routes);
            }
        }
        plan
    }

    fn routes(&self, rung: Rung) -> VecDeque<Route> {
        match rung {
            Rung::Direct => {
                let ports = self.direct_ports.iter().filter(|port| *port != self.https_port);
                ports.map(|port| self.route(rung, port, None)).collect()
            }
            Rung::Https => VecDeque::from([self.route(rung, self.https_port, None)]),
            Rung::Proxy => self.through_proxies().collect(),
        }
    }

    fn route(&self, rung: Rung, port: u16, proxy: Option<ProxyAddress>) -> Route {
        let target = Target { host: self.host.clone(), port };
        Route { rung, target, proxy, carrier: Carrier::Websocket }
    }
}
