//! From a route to a pipe.

mod suspicion;
mod way;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use convene_model::{CHECK_PORT, Carrier, Code, Stage};
use convene_reach::timing::{DNS_LIMIT, OPEN_MAX};
use convene_reach::{ProxyAddress, Route};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::check_page::{self, CheckAnswer};
use crate::failure::DialError;
use crate::logins::Logins;
use crate::pipe::Pipe;
use crate::poll::{self, Down, HOLD, Hold, Reopen, Reopened};
use crate::progress::Progress;
use crate::tcp::{End, Family, Names};
use crate::tickets::TicketSource;
use crate::tls::{Authorities, Distrust, Peer, Secured, Tls, TlsLibraryError, Trust};
use crate::websocket;

/// Addresses that are kept: two of each family, before and after a move.
const GOOD_MAX: usize = 4;
/// Whom to trust and how to get there, for one server.
#[derive(Debug, Clone)]
pub struct DialSettings {
    /// The basis on which the server is trusted.
    pub trust: Trust,
    /// The authorities that are trusted beside the system's for proxies that want TLS.
    pub proxy_authorities: Authorities,
    /// The server's addresses by configuration, tried when its name's lookup fails or is silent for
    /// 300 ms.
    pub addresses: Vec<IpAddr>,
    /// The logins of all users.
    pub logins: Arc<Logins>,
    /// The user whose logins are shown.
    pub whose: String,
    /// The source of that user's tickets, if anybody but this process has them.
    pub tickets: Option<Arc<dyn TicketSource>>,
    /// Whether the server may be on this machine or on its link (loopback, link-local): only where
    /// the configuration names it, never because of a join link.
    pub allow_local: bool,
}

/// A route that was opened once, to be opened again.
#[derive(Debug)]
struct Ways {
    dialer: Dialer,
    route: Route,
}

impl Reopen for Ways {
    fn reopen(&self) -> Reopened<'_> {
        Box::pin(async {
            let opened = self.dialer.secure(&self.route, &mut Progress::new(None)).await;
            opened.map(|(stream, _)| stream)
        })
    }
}

/// Opens routes to one server. A clone is the same dialer.
#[derive(Debug, Clone)]
pub struct Dialer(Arc<Means>, Option<Arc<dyn TicketSource>>);

#[derive(Debug)]
struct Means {
    tls: Tls,
    proxy_tls: OnceCell<Tls>,
    proxy_authorities: Authorities,
    names: Names,
    addresses: Vec<IpAddr>,
    /// Where the server has proven itself, the latest first.
    good: Mutex<Vec<IpAddr>>,
    logins: Arc<Logins>,
    whose: String,
    /// Of the network that this machine is in; a pipe keeps that of the network where it was
    /// opened.
    hold: Mutex<Arc<Hold>>,
    allow_local: bool,
}

impl Dialer {
    /// Reads the system's trust (some 100 ms, blocking) unless a fingerprint decides.
    pub fn new(settings: DialSettings) -> Result<Self, TlsLibraryError> {
        let DialSettings { trust, proxy_authorities, addresses, logins, whose, tickets, allow_local } =
            settings;
        let tls = Tls::new(trust)?;
        let means = Means {
            tls,
            proxy_tls: OnceCell::new(),
            proxy_authorities,
            names: Names::of(&whose),
            addresses,
            good: Mutex::default(),
            logins,
            whose,
            hold: Mutex::default(),
            allow_local,
        };
        Ok(Self(Arc::new(means), tickets))
    }

    /// The same dialer, but that tickets come from this source.
    #[must_use]
    pub fn with_tickets(&self, tickets: Arc<dyn TicketSource>) -> Self {
        Self(Arc::clone(&self.0), Some(tickets))
    }

    /// Where the server has proven itself, the latest first: to be kept for the next start.
    pub fn good_addresses(&self) -> Vec<IpAddr> {
        self.0.good.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the addresses that were kept: they are tried when the name's lookup fails or is silent
    /// for 300 ms, before the configured addresses.
    pub fn set_good_addresses(&self, mut addresses: Vec<IpAddr>) {
        addresses.truncate(GOOD_MAX);
        *self.0.good.lock().unwrap_or_else(PoisonError::into_inner) = addresses;
    }

    /// The longest time for which an answer of a long-poll may be held, as far as was learned: a
    /// box cuts an answer that is held for longer. To be kept for the network.
    pub fn hold(&self) -> Duration {
        self.known_hold().get()
    }

    /// Sets the time that was kept for the network that this machine is in now; `None` where
    /// nothing was learned there. Pipes that stand learn for themselves from here on: they may be
    /// of the network before.
    pub fn set_hold(&self, hold: Option<Duration>) {
        let hold = Arc::new(Hold::new(hold.unwrap_or(HOLD)));
        *self.0.hold.lock().unwrap_or_else(PoisonError::into_inner) = hold;
    }

    fn known_hold(&self) -> Arc<Hold> {
        Arc::clone(&self.0.hold.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note_good(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            let mut good = self.good_addresses();
            good.retain(|known| *known != address);
            good.insert(0, address);
            self.set_good_addresses(good);
        }
    }

    /// Opens a route, each stage within its limit of `reach::timing`. Cancel safe: dropping the
    /// future closes everything.
    pub async fn open(&self, route: &Route) -> Result<Pipe, DialError> {
        self.open_within(route, Progress::new(None)).await
    }

    /// Opens a route for a ladder: tells each stage that is reached behind `tcp` (a stage may come
    /// again) and leaves the limits to the ladder; gives up after `OPEN_MAX`. Cancel safe, as
    /// [`Dialer::open`] is.
    pub async fn open_watched(
        &self,
        route: &Route,
        watcher: &mut (dyn FnMut(Stage) + Send + Sync),
    ) -> Result<Pipe, DialError> {
        let mut stage = Stage::Tcp;
        let mut note = |reached| {
            stage = reached;
            watcher(reached);
        };
        let opened = timeout(OPEN_MAX, self.open_within(route, Progress::new(Some(&mut note)))).await;
        opened.unwrap_or_else(|_| Err(Progress::silence_at(stage)))
    }

    /// Looks a host up, as opening a route to it does, and says why where it has no address. Takes
    /// at most `DNS_LIMIT`. Cancel safe.
    pub async fn look_up(&self, host: &str) -> Result<(), DialError> {
        let found = timeout(DNS_LIMIT, self.0.names.find_any(host)).await;
        found.unwrap_or(Err(Code::DnsTimedOut)).map_err(|code| DialError::new(Stage::Dns, code))
    }

    /// An IPv4 address of a name, as scripts of a network want it. It counts as a look-up of the
    /// user's, which waits where there are many. Cancel safe.
    pub async fn address_of(&self, name: &str) -> Option<IpAddr> {
        let found = self.0.names.look_up(name, Family::V4).await.ok()?;
        found.first().copied()
    }

    /// The ways to log in that a proxy offered when it was last asked for a way, by name; none
    /// where it wants no login, or was not asked.
    pub fn wanted_logins(&self, proxy: &ProxyAddress) -> Vec<String> {
        self.0.logins.wanted(proxy)
    }

    /// Asks for the plain page of a server, without any proxy: what answers in its place may be a
    /// network's login page. Takes at most 3 s. Cancel safe.
    pub async fn ask_check_page(&self, host: &str) -> CheckAnswer {
        let (configured, allow_local, good) = (&self.0.addresses, self.0.allow_local, &self.good_addresses());
        check_page::ask(&End { host, port: CHECK_PORT, configured, good, allow_local }, &self.0.names).await
    }

    async fn open_within(&self, route: &Route, mut progress: Progress<'_>) -> Result<Pipe, DialError> {
        let (stream, peer) = self.secure(route, &mut progress).await?;
        progress.reach(Stage::Http);
        let target = &route.target;
        match route.carrier {
            Carrier::Websocket => {
                let stream = progress.within(websocket::open(stream, target)).await?;
                Ok(Pipe::over_websocket(stream, peer))
            }
            Carrier::Poll | Carrier::Stream => {
                let ways = Box::new(Ways { dialer: self.clone(), route: route.clone() });
                let streams = route.carrier == Carrier::Stream;
                let down = if streams { Down::Streamed } else { Down::Polled };
                let (sender, receiver) = progress
                    .within(poll::open(stream, ways, target.clone(), self.known_hold(), down))
                    .await?;
                Ok(Pipe::over_poll(sender, receiver, peer))
            }
        }
    }

    /// TLS with the server, over whatever the route leads through.
    async fn secure(&self, route: &Route, progress: &mut Progress<'_>) -> Result<(Secured, Peer), DialError> {
        self.check(route)?;
        let host = &route.target.host;
        let wire = self.open_wire(route, progress).await?;
        let address = if route.proxy.is_none() { wire.address() } else { None };
        progress.reach(Stage::Tls);
        let testimony = Arc::default();
        let shake = async {
            tokio::select! {
                biased;
                shaken = self.0.tls.open(host, wire, &testimony) => shaken,
                () = Box::pin(self.is_filtered_silently(route, &testimony)) => {
                    Err(Distrust::Known(DialError::new(Stage::Tls, Code::NameFiltered)))
                }
            }
        };
        match progress.within(async { Ok(shake.await) }).await? {
            Ok(opened) => {
                self.note_good(address);
                Ok(opened)
            }
            Err(Distrust::Known(error)) => {
                let cut = matches!(error.failure.code, Code::Reset | Code::Closed) && testimony.is_silent();
                if cut && self.answers_nameless(route).await {
                    return Err(DialError::new(Stage::Tls, Code::NameFiltered));
                }
                Err(error)
            }
            Err(Distrust::Legacy) => Box::pin(self.open_legacy(route)).await,
            Err(Distrust::Unexplained) => Box::pin(self.diagnose(route)).await,
        }
    }
}
