//! The meaning of a failed handshake, found out on connections of its own: a filter of names, a
//! box, a wrong clock.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use convene_model::{Code, Stage, Timestamp};
use convene_reach::{Failure, Route};
use tokio::time::{sleep, timeout};

use super::Dialer;
use crate::check_page::CheckAnswer;
use crate::clock;
use crate::failure::{CertificateSeen, Detail, DialError};
use crate::progress::Progress;
use crate::tls::{Peer, SecondLook, Secured, Testimony, issuer_addresses, issuer_among, read_issuers};

/// How long finding out what is wrong with a certificate may take; the attempt has failed already.
pub(super) const DIAGNOSIS_LIMIT: Duration = Duration::from_secs(5);
/// Whether what a server left out is fetched: Windows' own library does that.
const FETCHES_LINKS: bool = cfg!(target_os = "linux");
/// How long fetching what a server left out may take in all; the attempt has failed already, and
/// others go on.
const LINKS_LIMIT: Duration = Duration::from_secs(5);
/// How long one of its addresses may take, and how many of them are tried.
const LINK_LIMIT: Duration = Duration::from_secs(2);
const LINK_ADDRESSES_MAX: usize = 4;
/// Certificates that may lie between a server's and an authority: public ones have two at most.
const LINKS_MAX: usize = 3;
/// Bytes of one of them: ten times a large one.
const LINK_BYTES_MAX: usize = 64 * 1024;
/// How long a handshake may be met with silence before another one asks whether it is the server's
/// name: with the answer it stays within the shortest limit of a handshake.
const NAME_SILENCE: Duration = Duration::from_millis(1_500);
/// How long that may take; where the path is slower, nothing is said about names.
const NAME_LIMIT: Duration = Duration::from_millis(1_400);

impl Dialer {
    /// Returns when the server's name was met with silence and its absence was not; never
    /// otherwise.
    pub(super) async fn is_filtered_silently(&self, route: &Route, testimony: &Testimony) {
        sleep(NAME_SILENCE).await;
        if !testimony.is_silent() || !self.answers_nameless(route).await || !testimony.is_silent() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a handshake that does not name the server is answered on this route, on a connection
    /// of its own. One with an address names nothing anyway.
    pub(super) async fn answers_nameless(&self, route: &Route) -> bool {
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

    /// TLS with whoever does not know RFC 5746, on a connection of its own: the library has refused
    /// another one for that alone.
    pub(super) async fn open_legacy(&self, route: &Route) -> Result<(Secured, Peer), DialError> {
        let opened = timeout(DIAGNOSIS_LIMIT, async {
            let wire = Box::pin(self.open_wire(route, &mut Progress::new(None))).await?;
            self.0.tls.open_legacy(&route.target.host, wire).await
        });
        opened.await.unwrap_or_else(|_| Err(DialError::new(Stage::Tls, Code::TlsFailed)))
    }

    /// Looks at the certificate on this route once more, on a connection of its own: where the
    /// server left out a link to an authority that is trusted, the link is fetched. Gives that
    /// connection, or why the certificate is not trusted.
    pub(super) async fn diagnose(&self, route: &Route) -> Result<(Secured, Peer), DialError> {
        let host = &route.target.host;
        let look = match self.second_look(route).await {
            SecondLook::Refused(error, Some(leaf)) if error.failure.code == Code::CertificateUntrusted => {
                if self.completes_chain(&leaf, host).await {
                    self.second_look(route).await
                } else {
                    SecondLook::Refused(error, None)
                }
            }
            other @ (SecondLook::Trusted(..) | SecondLook::Refused(..)) => other,
        };
        let error = match look {
            SecondLook::Trusted(stream, peer) => return Ok((*stream, peer)),
            SecondLook::Refused(error, _) => error,
        };
        match (error.failure.code, &error.detail) {
            (Code::CertificateExpired | Code::CertificateNotYetValid, Some(Detail::Certificate(seen)))
                if self.hears_another_clock(host, seen).await =>
            {
                Err(DialError { failure: Failure { code: Code::ClockWrong, ..error.failure }, ..error })
            }
            _ => Err(error),
        }
    }

    async fn second_look(&self, route: &Route) -> SecondLook {
        let seen = timeout(DIAGNOSIS_LIMIT, async {
            let stream = self.open_wire(route, &mut Progress::new(None)).await.ok()?;
            Some(self.0.tls.second_look(&route.target.host, stream).await)
        });
        let unknown = || SecondLook::Refused(DialError::new(Stage::Tls, Code::TlsFailed), None);
        seen.await.ok().flatten().unwrap_or_else(unknown)
    }

    /// Fetches the certificates that a server left out, from where its own says that they are,
    /// until one that is trusted is reached. Says whether that came about.
    async fn completes_chain(&self, leaf: &[u8], host: &str) -> bool {
        if !FETCHES_LINKS {
            return false;
        }
        let completing = async {
            let mut links: Vec<Vec<u8>> = Vec::new();
            while links.len() < LINKS_MAX {
                links.push(self.fetch_issuer(links.last().map_or(leaf, Vec::as_slice)).await?);
                if self.0.tls.complete(&links, leaf, host) {
                    return Some(());
                }
            }
            None
        };
        timeout(LINKS_LIMIT, completing).await.ok().flatten().is_some()
    }

    /// Fetches the certificate of this one's issuer from the first of its addresses where it lies.
    async fn fetch_issuer(&self, certificate: &[u8]) -> Option<Vec<u8>> {
        for address in issuer_addresses(certificate).iter().take(LINK_ADDRESSES_MAX) {
            // What a stranger's certificate names may not make this machine ask itself.
            let fetched = self.fetch(address, LINK_BYTES_MAX, self.0.allow_local);
            if let Ok(Ok(file)) = timeout(LINK_LIMIT, Box::pin(fetched)).await
                && let Some(issuer) = issuer_among(certificate, &read_issuers(&file))
            {
                return Some(issuer);
            }
        }
        None
    }

    /// Whether it is this machine's clock that puts a certificate out of its time. The plain page
    /// of the server, or whatever web server or login page answers in its place, tells what time it
    /// is elsewhere.
    async fn hears_another_clock(&self, host: &str, certificate: &CertificateSeen) -> bool {
        let heard = match self.ask_check_page(host).await {
            CheckAnswer::Own { date } | CheckAnswer::Other { date } | CheckAnswer::Portal { date, .. } => {
                date
            }
        };
        clock::is_wrong(Timestamp::from(SystemTime::now()), certificate, heard)
    }
}
