//! From a route to a pipe.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use convene_model::{CHECK_PORT, Carrier, Code, Fingerprint, Stage, Timestamp};
use convene_reach::timing::OPEN_MAX;
use convene_reach::{Failure, ProxyAddress, ProxyScheme, Route, Target};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::check_page::{self, CheckAnswer};
use crate::clock;
use crate::failure::{CertificateSeen, Detail, DialError};
use crate::logins::Logins;
use crate::logon::{self, Asker, Redial};
use crate::pipe::{Peer, Pipe};
use crate::poll::{Down, HOLD, Hold};
use crate::progress::Progress;
use crate::tcp::{self, End, Names};
use crate::tickets::TicketSource;
use crate::tls::{self, Authorities, Distrust, Secured, Testimony, Tls};
use crate::wire::Wire;
use crate::{http_connect, poll, socks, websocket};

/// Addresses that are kept: two of each family, before and after a move.
const GOOD_MAX: usize = 4;
/// How long finding out what is wrong with a certificate may take; the attempt has failed already.
const DIAGNOSIS_LIMIT: Duration = Duration::from_secs(5);
/// How long a handshake may be met with silence before another one asks whether it is the server's name: with the answer it
/// stays within the shortest limit of a handshake.
const NAME_SILENCE: Duration = Duration::from_millis(1_500);
/// How long that may take; where the path is slower, nothing is said about names.
const NAME_LIMIT: Duration = Duration::from_millis(1_400);

/// Whom to trust and how to get there, for one server.
#[derive(Debug, Clone)]
pub struct DialSettings {
    /// Who decides whether the server is the server.
    pub trust: Trust,
    /// Who is trusted beside the system's authorities for proxies that want TLS.
    pub proxy_authorities: Authorities,
    /// The server's addresses by configuration, tried when its name's lookup fails or is silent for 300 ms.
    pub addresses: Vec<IpAddr>,
    /// The logins of all users.
    pub logins: Arc<Logins>,
    /// Whose of them are shown.
    pub whose: String,
    /// Who has that user's tickets, if anybody but this process.
    pub tickets: Option<Arc<dyn TicketSource>>,
    /// Whether the server may be on this machine or on its link (loopback, link-local): only where the configuration
    /// names it, never because of a join link.
    pub allow_local: bool,
}

/// Who decides whether the server is the server.
#[derive(Debug, Clone)]
pub enum Trust {
    /// The operating system, and these beside it.
    System {
        /// Whoever else may vouch for the server.
        beside: Authorities,
    },
    /// This key and nothing else: not the name, not the dates, not an issuer.
    Fingerprint(Fingerprint),
}

/// The system's TLS library does not start, so no dialer can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's TLS library does not start")]
pub struct TlsLibraryError;

/// A route that was opened once, and whoever can open it again.
#[derive(Debug, Clone)]
pub(crate) struct Ways {
    dialer: Dialer,
    route: Route,
}

impl Ways {
    pub(crate) fn target(&self) -> &Target {
        &self.route.target
    }

    /// How long answers may be held there.
    pub(crate) fn hold(&self) -> Arc<Hold> {
        self.dialer.known_hold()
    }

    /// Another connection on the same route, each stage within its limit. Cancel safe.
    pub(crate) async fn connect(&self) -> Result<Secured, DialError> {
        let opened = self.dialer.secure(&self.route, &mut Progress::new(None)).await;
        opened.map(|(stream, _)| stream)
    }
}

/// Connections to a proxy, the first of which stands.
struct Again<'a> {
    dialer: &'a Dialer,
    proxy: &'a ProxyAddress,
    first: Mutex<Option<Wire>>,
}

impl Redial for Again<'_> {
    async fn redial(&self) -> Result<(Wire, Option<Vec<u8>>), DialError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let wire = match first {
            Some(wire) => wire,
            None => self.dialer.dial_proxy(self.proxy, &mut Progress::new(None)).await?,
        };
        match self.proxy.scheme {
            ProxyScheme::Https => {
                let secured = self.dialer.secure_proxy(self.proxy, wire).await?;
                let end_point = tls::end_point(&secured);
                Ok((Wire::Secured(secured), end_point))
            }
            ProxyScheme::Http | ProxyScheme::Socks4 | ProxyScheme::Socks5 => Ok((wire, None)),
        }
    }
}

/// Opens routes to one server. A clone is the same dialer.
#[derive(Debug, Clone)]
pub struct Dialer(Arc<Means>);

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
    tickets: Option<Arc<dyn TicketSource>>,
    /// Of the network that this machine is in; a pipe keeps that of the network where it was opened.
    hold: Mutex<Arc<Hold>>,
    allow_local: bool,
}

impl Dialer {
    /// Reads the system's trust (some 100 ms, blocking) unless a fingerprint decides.
    pub fn new(settings: DialSettings) -> Result<Self, TlsLibraryError> {
        let DialSettings { trust, proxy_authorities, addresses, logins, whose, tickets, allow_local } =
            settings;
        let tls = Tls::new(trust)?;
        Ok(Self(Arc::new(Means {
            tls,
            proxy_tls: OnceCell::new(),
            proxy_authorities,
            names: Names::default(),
            addresses,
            good: Mutex::default(),
            logins,
            whose,
            tickets,
            hold: Mutex::default(),
            allow_local,
        })))
    }

    /// Where the server has proven itself, the latest first: to be kept for the next start.
    pub fn good_addresses(&self) -> Vec<IpAddr> {
        self.0.good.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was kept: tried when the name's lookup fails or is silent for 300 ms, before the configured addresses.
    pub fn set_good_addresses(&self, mut addresses: Vec<IpAddr>) {
        addresses.truncate(GOOD_MAX);
        *self.0.good.lock().unwrap_or_else(PoisonError::into_inner) = addresses;
    }

    /// How long an answer of a long-poll may be held, as far as was learned: a box cuts what is held for longer. To be kept for the
    /// network.
    pub fn hold(&self) -> Duration {
        self.known_hold().get()
    }

    /// What was kept for the network that this machine is in now; `None` where nothing was learned there. Pipes that stand
    /// learn for themselves from here on: they may be of the network before.
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

    /// Opens a route, each stage within its limit of `reach::timing`. Cancel safe: dropping the future closes
    /// everything.
    pub async fn open(&self, route: &Route) -> Result<Pipe, DialError> {
        self.open_within(route, Progress::new(None)).await
    }

    /// Opens a route for a ladder: tells each stage that is reached behind `tcp` (a stage may come again) and leaves
    /// the limits to the ladder; gives up after `OPEN_MAX`. Cancel safe, as [`Dialer::open`] is.
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

    /// Asks for the plain page of a server, without any proxy: what answers in its place may be a network's login page.
    /// Takes at most 3 s. Cancel safe.
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
                let ways = Ways { dialer: self.clone(), route: route.clone() };
                let streams = route.carrier == Carrier::Stream;
                let down = if streams { Down::Streamed } else { Down::Polled };
                let (sender, receiver) = progress.within(poll::open(stream, ways, down)).await?;
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
            Err(Distrust::Unexplained) => Err(self.diagnose(route).await),
        }
    }

    /// Returns when the server's name was met with silence and its absence was not; never otherwise.
    async fn is_filtered_silently(&self, route: &Route, testimony: &Testimony) {
        sleep(NAME_SILENCE).await;
        if !testimony.is_silent() || !self.answers_nameless(route).await || !testimony.is_silent() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a handshake that does not name the server is answered on this route, on a connection of its own. One with
    /// an address names nothing anyway.
    async fn answers_nameless(&self, route: &Route) -> bool {
        let host = &route.target.host;
        if host.parse::<IpAddr>().is_ok() {
            return false;
        }
        let answer = timeout(NAME_LIMIT, async {
            let wire = Box::pin(self.open_wire(route, &mut Progress::new(None))).await.ok()?;
            Some(self.0.tls.answers_nameless(host, wire).await)
        });
        answer.await.ok().flatten().unwrap_or_default()
    }

    /// What cannot be opened is refused before anything is sent.
    fn check(&self, route: &Route) -> Result<(), DialError> {
        let Target { host, .. } = &route.target;
        if http_connect::bracketed(host).is_none() {
            return Err(DialError::new(Stage::Dns, Code::NameNotFound));
        }
        // Through a proxy only the spelling can be judged: the proxy's own machine and link are nobody's server either.
        let local_literal = host.parse().is_ok_and(tcp::is_local);
        let local = local_literal || host == "localhost" || host.ends_with(".localhost");
        if local && !self.0.allow_local {
            return Err(DialError::new(Stage::Tcp, Code::AddressNotAllowed));
        }
        Ok(())
    }

    /// The way to the server, straight or through the route's proxy.
    async fn open_wire(&self, route: &Route, progress: &mut Progress<'_>) -> Result<Wire, DialError> {
        let Some(proxy) = &route.proxy else {
            let Target { host, port } = &route.target;
            let (good, configured, allow_local) =
                (self.good_addresses(), &self.0.addresses, self.0.allow_local);
            let end = End { host, port: *port, good: &good, configured, allow_local };
            return tcp::connect(&end, &self.0.names, progress).await.map(Wire::Tcp);
        };
        let wire = self.dial_proxy(proxy, progress).await?;
        progress.reach(Stage::Proxy);
        let target = &route.target;
        match proxy.scheme {
            ProxyScheme::Http | ProxyScheme::Https => {
                let first = Mutex::new(Some(wire));
                let again = Again { dialer: self, proxy, first };
                let asker = Asker {
                    logins: &self.0.logins,
                    whose: &self.0.whose,
                    tickets: self.0.tickets.as_deref(),
                };
                progress.within(logon::connect(asker, proxy, target, &again)).await
            }
            ProxyScheme::Socks4 | ProxyScheme::Socks5 => {
                let known = (&self.0.logins, self.0.whose.as_str());
                progress.within(socks::connect(wire, known, proxy, target)).await
            }
        }
    }

    /// A proxy is named by the configuration or the system and may well be on this machine.
    async fn dial_proxy(&self, proxy: &ProxyAddress, progress: &mut Progress<'_>) -> Result<Wire, DialError> {
        let end = End { host: &proxy.host, port: proxy.port, good: &[], configured: &[], allow_local: true };
        tcp::connect(&end, &self.0.names, progress).await.map(Wire::Tcp)
    }

    /// A connection to any host, straight.
    pub(crate) async fn dial_plainly(&self, host: &str, port: u16, secured: bool) -> Result<Wire, DialError> {
        let scheme = if secured { ProxyScheme::Https } else { ProxyScheme::Http };
        let far = ProxyAddress { scheme, host: host.to_owned(), port };
        let wire = self.dial_proxy(&far, &mut Progress::new(None)).await?;
        if secured { Ok(Wire::Secured(self.secure_proxy(&far, wire).await?)) } else { Ok(wire) }
    }

    /// TLS with a proxy: the operating system decides whether it is the proxy, and the certificates beside it.
    async fn secure_proxy(&self, proxy: &ProxyAddress, wire: Wire) -> Result<Box<Secured>, DialError> {
        let at_proxy = |error: DialError| DialError {
            failure: Failure { stage: Stage::Proxy, ..error.failure },
            ..error
        };
        let tls = self.proxy_tls().await?;
        match tls.open(&proxy.host, wire, &Arc::default()).await {
            Ok((secured, _)) => Ok(Box::new(secured)),
            Err(Distrust::Known(error)) => Err(at_proxy(error)),
            Err(Distrust::Unexplained) => {
                let seen = timeout(DIAGNOSIS_LIMIT, async {
                    let wire = self.dial_proxy(proxy, &mut Progress::new(None)).await.ok()?;
                    Some(tls.diagnose(&proxy.host, wire).await)
                });
                let unknown = || DialError::new(Stage::Proxy, Code::TlsFailed);
                Err(seen.await.ok().flatten().map_or_else(unknown, at_proxy))
            }
        }
    }

    /// Made when the first proxy wants it: reading the system's trust takes a while.
    async fn proxy_tls(&self) -> Result<&Tls, DialError> {
        let beside = self.0.proxy_authorities.clone();
        let make = || async {
            let made = spawn_blocking(|| Tls::new(Trust::System { beside })).await;
            made.ok().and_then(Result::ok).ok_or_else(|| DialError::new(Stage::Proxy, Code::LocalError))
        };
        self.0.proxy_tls.get_or_try_init(make).await
    }

    /// Why the certificate on this route is not trusted, seen on a connection of its own.
    async fn diagnose(&self, route: &Route) -> DialError {
        let seen = timeout(DIAGNOSIS_LIMIT, async {
            let stream = self.open_wire(route, &mut Progress::new(None)).await.ok()?;
            Some(self.0.tls.diagnose(&route.target.host, stream).await)
        });
        let error = seen.await.ok().flatten();
        let error = error.unwrap_or_else(|| DialError::new(Stage::Tls, Code::TlsFailed));
        match (error.failure.code, &error.detail) {
            (Code::CertificateExpired | Code::CertificateNotYetValid, Some(Detail::Certificate(seen)))
                if self.hears_another_clock(&route.target.host, seen).await =>
            {
                DialError { failure: Failure { code: Code::ClockWrong, ..error.failure }, ..error }
            }
            _ => error,
        }
    }

    /// Whether it is this machine's clock that puts a certificate out of its time. The plain page of the server, or whatever
    /// web server or login page answers in its place, tells what time it is elsewhere.
    async fn hears_another_clock(&self, host: &str, certificate: &CertificateSeen) -> bool {
        let heard = match self.ask_check_page(host).await {
            CheckAnswer::Own { date } | CheckAnswer::Other { date } | CheckAnswer::Portal { date, .. } => {
                date
            }
        };
        clock::is_wrong(Timestamp::from(SystemTime::now()), certificate, heard)
    }
}
