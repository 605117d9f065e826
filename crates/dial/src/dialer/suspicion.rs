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
use crate::tls::Testimony;

/// How long finding out what is wrong with a certificate may take; the attempt has failed already.
pub(super) const DIAGNOSIS_LIMIT: Duration = Duration::from_secs(5);
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

    /// Why the certificate on this route is not trusted, seen on a connection of its own.
    pub(super) async fn diagnose(&self, route: &Route) -> DialError {
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
