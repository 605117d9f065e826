//! The way to the server: straight, or through a proxy that is logged in to.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use convene_model::{Code, Stage};
use convene_reach::{Failure, ProxyAddress, ProxyScheme, Route, Target};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Dialer;
use super::suspicion::DIAGNOSIS_LIMIT;
use crate::failure::DialError;
use crate::logon::{self, ProxyUser, Redial};
use crate::progress::Progress;
use crate::tcp::{self, End};
use crate::tls::{Distrust, SecondLook, Secured, Tls, Trust, Wire};
use crate::{http_connect, socks};

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
                let secured = self.dialer.secure_proxy(self.proxy, wire, true).await?;
                let end_point = secured.end_point();
                Ok((Wire::Secured(secured), end_point))
            }
            ProxyScheme::Http | ProxyScheme::Socks4 | ProxyScheme::Socks5 => Ok((wire, None)),
        }
    }
}

impl Dialer {
    /// Refuses a route that cannot be opened, before anything is sent.
    pub(super) fn check(&self, route: &Route) -> Result<(), DialError> {
        let Target { host, .. } = &route.target;
        if http_connect::authority_of(host).is_none() {
            return Err(DialError::new(Stage::Dns, Code::NameNotFound));
        }
        // Through a proxy only the spelling can be judged: the proxy's own machine and link are
        // nobody's server either.
        let local_literal = host.parse().is_ok_and(tcp::is_local);
        let local = local_literal || host == "localhost" || host.ends_with(".localhost");
        if local && !self.0.allow_local {
            return Err(DialError::new(Stage::Tcp, Code::AddressNotAllowed));
        }
        Ok(())
    }

    /// The way to the server, straight or through the route's proxy.
    pub(super) async fn open_wire(
        &self,
        route: &Route,
        progress: &mut Progress<'_>,
    ) -> Result<Wire, DialError> {
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
                let asker =
                    ProxyUser { logins: &self.0.logins, whose: &self.0.whose, tickets: self.1.as_deref() };
                progress.within(logon::connect(asker, proxy, target, &again)).await
            }
            ProxyScheme::Socks4 | ProxyScheme::Socks5 => {
                let known = (&self.0.logins, self.0.whose.as_str());
                match progress.within(socks::connect(wire, known, proxy, target)).await {
                    Err(error) if socks::may_want_an_address(proxy.scheme, error.failure.code) => {
                        let Some(target) = self.resolved(target).await else { return Err(error) };
                        let wire = self.dial_proxy(proxy, &mut Progress::new(None)).await?;
                        let asked = progress.within(socks::connect(wire, known, proxy, &target)).await;
                        asked.map_err(|_| error)
                    }
                    asked => asked,
                }
            }
        }
    }

    /// The target by its address instead of its name, where this machine knows it.
    async fn resolved(&self, Target { host, port }: &Target) -> Option<Target> {
        if host.parse::<IpAddr>().is_ok() {
            return None;
        }
        // The proxy's own machine and link are nobody's server.
        let address =
            self.address_of(host).await.filter(|found| self.0.allow_local || !tcp::is_local(*found))?;
        Some(Target { host: address.to_string(), port: *port })
    }

    /// A proxy is named by the configuration or the system and may well be on this machine.
    async fn dial_proxy(&self, proxy: &ProxyAddress, progress: &mut Progress<'_>) -> Result<Wire, DialError> {
        self.dial_host((proxy.host.as_str(), proxy.port), true, progress).await
    }

    async fn dial_host(
        &self,
        (host, port): (&str, u16),
        allow_local: bool,
        progress: &mut Progress<'_>,
    ) -> Result<Wire, DialError> {
        let end = End { host, port, good: &[], configured: &[], allow_local };
        tcp::connect(&end, &self.0.names, progress).await.map(Wire::Tcp)
    }

    /// A connection to any host, straight; to this machine or its link only where that is allowed.
    pub(crate) async fn dial_plainly(
        &self,
        (host, port): (&str, u16),
        secured: bool,
        allow_local: bool,
    ) -> Result<Wire, DialError> {
        let scheme = if secured { ProxyScheme::Https } else { ProxyScheme::Http };
        let far = ProxyAddress { scheme, host: host.to_owned(), port };
        let wire = self.dial_host((host, port), allow_local, &mut Progress::new(None)).await?;
        if secured { Ok(Wire::Secured(self.secure_proxy(&far, wire, allow_local).await?)) } else { Ok(wire) }
    }

    /// TLS with a proxy: the operating system decides whether it is the proxy, and the certificates
    /// beside it. Another connection to it may lead to this machine only where that is allowed.
    async fn secure_proxy(
        &self,
        proxy: &ProxyAddress,
        wire: Wire,
        allow_local: bool,
    ) -> Result<Box<Secured>, DialError> {
        let at_proxy = |error: DialError| DialError {
            failure: Failure { stage: Stage::Proxy, ..error.failure },
            ..error
        };
        let tls = self.proxy_tls().await?;
        match tls.open(&proxy.host, wire, &Arc::default()).await {
            Ok((secured, _)) => Ok(Box::new(secured)),
            Err(Distrust::Known(error)) => Err(at_proxy(error)),
            Err(Distrust::Legacy) => {
                let opened = timeout(DIAGNOSIS_LIMIT, async {
                    let to = (proxy.host.as_str(), proxy.port);
                    let wire = self.dial_host(to, allow_local, &mut Progress::new(None)).await?;
                    tls.open_legacy(&proxy.host, wire).await
                });
                let silent = |_| Err(DialError::new(Stage::Proxy, Code::TlsFailed));
                let opened = opened.await.unwrap_or_else(silent);
                opened.map(|(secured, _)| Box::new(secured)).map_err(at_proxy)
            }
            Err(Distrust::Unexplained) => {
                let seen = timeout(DIAGNOSIS_LIMIT, async {
                    let to = (proxy.host.as_str(), proxy.port);
                    let wire = self.dial_host(to, allow_local, &mut Progress::new(None)).await.ok()?;
                    Some(tls.second_look(&proxy.host, wire).await)
                });
                match seen.await.ok().flatten() {
                    Some(SecondLook::Trusted(secured, _)) => Ok(secured),
                    Some(SecondLook::Refused(error, _)) => Err(at_proxy(error)),
                    None => Err(DialError::new(Stage::Proxy, Code::TlsFailed)),
                }
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
}
