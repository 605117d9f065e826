//! TLS with the operating system's own library.

mod authorities;
mod diagnosis;
mod peer;
#[cfg(target_os = "linux")]
mod second_look;
mod secured;
mod vouching;
mod wire;
mod witness;

use std::fmt;
#[cfg(not(target_os = "linux"))]
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use convene_model::{Code, Fingerprint, Stage};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

pub(crate) use self::authorities::read_issuers;
pub use self::authorities::{Authorities, AuthoritiesError};
pub(crate) use self::diagnosis::{issuer_addresses, issuer_among};
pub use self::peer::Peer;
use self::peer::look_at;
#[cfg(target_os = "linux")]
use self::second_look::Peers;
pub(crate) use self::secured::Secured;
pub(crate) use self::wire::Wire;
pub(crate) use self::witness::{Testimony, Witness};
use crate::failure::{Detail, DialError};

/// The only protocol that is spoken inside (RFC 7301): a box that looks inside must not choose
/// another.
const ALPN: &str = "http/1.1";

/// The basis on which a server is trusted.
#[derive(Debug, Clone)]
pub enum Trust {
    /// The operating system, and these beside it.
    System {
        /// Further authorities that may vouch for the server.
        beside: Authorities,
    },
    /// This key and nothing else: not the name, not the dates, not an issuer.
    Fingerprint(Fingerprint),
}

/// The system's TLS library does not start, so no dialer can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's TLS library does not start")]
pub struct TlsLibraryError;

/// Trust in peers, ready for handshakes.
pub(crate) struct Tls {
    authority: Authority,
    /// Verifies nothing; used by [`Tls::shake_unverified`] alone.
    unverified: tokio_native_tls::TlsConnector,
}

enum Authority {
    System(System),
    Fingerprint(Fingerprint),
}

/// The operating system's trust and certificates beside it.
struct System {
    beside: Authorities,
    kept: Arc<Mutex<Kept>>,
    /// The certificates (DER) between an authority and the server that it left out, once they were
    /// found. They are trusted in nothing.
    intermediates: Mutex<Vec<Vec<u8>>>,
}

/// The trust that dialers of this process use, by what counts beside the system's. Reading it takes
/// long and keeps memory, so those who trust alike share it.
static KEPT: Mutex<Vec<(Authorities, Weak<Mutex<Kept>>)>> = Mutex::new(Vec::new());
/// Verify nothing, and are the same for all: one names the host that it wants (SNI, RFC 6066,
/// section 3), and the other one does not. The library reads the system's trust for them as well,
/// though they use nothing of it.
static NAMING: Mutex<Option<tokio_native_tls::TlsConnector>> = Mutex::new(None);
static NAMELESS: OnceCell<tokio_native_tls::TlsConnector> = OnceCell::const_new();

/// The trust that was read, and when.
struct Kept {
    connector: tokio_native_tls::TlsConnector,
    /// The same for those with whom another handshake is needed.
    #[cfg(target_os = "linux")]
    second: Arc<second_look::Connectors>,
    read: Instant,
}

/// How long the system's trust counts as read after somebody was not trusted: what an administrator
/// adds then works without a restart, and a box that is never trusted does not have it read (some
/// 100 ms) with each attempt.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Why no TLS stands.
pub(crate) enum Distrust {
    /// This is why.
    Known(DialError),
    /// The other end does not know RFC 5746, and the library refused it for that alone.
    /// [`Tls::open_legacy`] goes on, on a new connection.
    Legacy,
    /// The library did not go on: probably it does not trust the certificate. [`Tls::second_look`]
    /// tells, on a new connection.
    Unexplained,
}

/// The outcome of a second look at a certificate, on a connection of its own.
pub(crate) enum SecondLook {
    /// It is trusted after all, and this is the connection.
    Trusted(Box<Secured>, Peer),
    /// Why it is not, and the certificate (DER), where one was shown.
    Refused(DialError, Option<Vec<u8>>),
}

/// The outcome of an unverified handshake.
enum HandshakeEnd {
    /// The certificate is the one that was asked for.
    Matched(Box<Secured>, Peer),
    /// The certificate (DER). The connection is closed, and nothing was written to it.
    Leaf(Vec<u8>),
}

impl Tls {
    /// Fails if the TLS library does not start. Blocks while the system's trust is read, which
    /// happens once.
    pub(crate) fn new(trust: Trust) -> Result<Self, TlsLibraryError> {
        let authority = match trust {
            Trust::Fingerprint(fingerprint) => Authority::Fingerprint(fingerprint),
            Trust::System { beside } => {
                let kept = kept_for(&beside)?;
                Authority::System(System { beside, kept, intermediates: Mutex::default() })
            }
        };
        let unverified = naming()?;
        Ok(Self { authority, unverified })
    }

    /// Speaks TLS with `host`, which the certificate must bear unless a fingerprint decides. Where
    /// it fails, not one byte of the caller's was or will be written. `testimony` is a new one, and
    /// tells meanwhile what came.
    pub(crate) async fn open(
        &self,
        host: &str,
        wire: Wire,
        testimony: &Arc<Testimony>,
    ) -> Result<(Secured, Peer), Distrust> {
        match &self.authority {
            Authority::System(system) => system.shake(host, wire, testimony).await,
            Authority::Fingerprint(wanted) => {
                let witness = Witness::new(wire, testimony);
                let is_wanted = |_: &[u8], peer: &Peer| peer.fingerprint == *wanted;
                let shaken = self.shake_unverified(&self.unverified, host, witness, is_wanted).await;
                match shaken.map_err(Distrust::Known)? {
                    HandshakeEnd::Matched(stream, peer) => Ok((*stream, peer)),
                    HandshakeEnd::Leaf(leaf) => {
                        Err(Distrust::Known(distrusted(Code::FingerprintMismatch, &leaf)))
                    }
                }
            }
        }
    }

    /// Speaks TLS 1.2, on this new connection, with whoever does not know RFC 5746. Its certificate
    /// is verified as ever.
    #[cfg(target_os = "linux")]
    pub(crate) async fn open_legacy(&self, host: &str, wire: Wire) -> Result<(Secured, Peer), DialError> {
        // Whose key a link names is a server of ours, which knows it.
        let Authority::System(system) = &self.authority else { return Err(failed(Code::TlsFailed)) };
        let opened = self.shake_again(Peers::Legacy, system, host, wire).await;
        if opened.is_ok() {
            tracing::info!(host, "TLS without secure renegotiation (RFC 5746) is taken");
        } else {
            system.read_again().await;
        }
        opened.map_err(|(error, _)| error)
    }

    /// Another handshake, which is verified as ever. Where it fails, with the certificate (DER), if
    /// one was shown.
    #[cfg(target_os = "linux")]
    async fn shake_again(
        &self,
        peers: Peers,
        system: &System,
        host: &str,
        wire: Wire,
    ) -> Result<(Secured, Peer), (DialError, Option<Vec<u8>>)> {
        let witness = Witness::new(wire, &Arc::default());
        let testimony = witness.testimony();
        let connectors = Arc::clone(&system.kept().second);
        match connectors.connect(peers, system.beside.ders(), host, witness).await {
            Ok(stream) => {
                let stream = Secured::Second(Box::new(stream));
                let (_, peer) = look_at(&stream).ok_or_else(|| (failed(Code::TlsFailed), None))?;
                Ok((stream, peer))
            }
            Err(Some(seen)) => Err((self.refusal(&seen.leaf, host, seen.fault()), Some(seen.leaf))),
            Err(None) => Err((testimony.verdict().unwrap_or_else(|| failed(Code::TlsFailed)), None)),
        }
    }

    /// Windows' own library takes it.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn open_legacy(&self, _: &str, _: Wire) -> Ready<Result<(Secured, Peer), DialError>> {
        ready(Err(failed(Code::TlsFailed)))
    }

    /// Looks once more, on this new connection, at a certificate that the TLS library did not
    /// trust: it may be trusted by what that library does not see. Otherwise tells why it is not,
    /// and closes the connection; nothing was written to it.
    pub(crate) async fn second_look(&self, host: &str, wire: Wire) -> SecondLook {
        // What a server left out is not seen by that handshake.
        #[cfg(target_os = "linux")]
        if let Authority::System(system) = &self.authority
            && system.known_intermediates().is_empty()
        {
            return match self.shake_again(Peers::Usual, system, host, wire).await {
                Ok((stream, peer)) => SecondLook::Trusted(Box::new(stream), peer),
                Err((error, leaf)) => SecondLook::Refused(error, leaf),
            };
        }
        let witness = Witness::new(wire, &Arc::default());
        let is_vouched_for = |leaf: &[u8], _: &Peer| match &self.authority {
            Authority::System(system) => system.vouches(&system.known_intermediates(), leaf, host),
            Authority::Fingerprint(_) => false,
        };
        match self.shake_unverified(&self.unverified, host, witness, is_vouched_for).await {
            Ok(HandshakeEnd::Matched(stream, peer)) => SecondLook::Trusted(stream, peer),
            Ok(HandshakeEnd::Leaf(leaf)) => {
                self.forget_intermediates();
                SecondLook::Refused(self.refusal(&leaf, host, None), Some(leaf))
            }
            Err(error) => SecondLook::Refused(error, None),
        }
    }

    /// What was found does not lead to this server's certificate any more: it has another one.
    fn forget_intermediates(&self) {
        if let Authority::System(system) = &self.authority {
            system.intermediates.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Takes these certificates (DER) as what the server left out, if with them the certificate is
    /// trusted. Says whether it is.
    pub(crate) fn complete(&self, intermediates: &[Vec<u8>], leaf: &[u8], host: &str) -> bool {
        let Authority::System(system) = &self.authority else { return false };
        let is_complete = system.vouches(intermediates, leaf, host);
        if is_complete {
            *system.intermediates.lock().unwrap_or_else(PoisonError::into_inner) = intermediates.to_vec();
        }
        is_complete
    }

    /// Why this certificate is not trusted. `fault` is what is wrong with which one of its chain.
    fn refusal(&self, leaf: &[u8], host: &str, fault: Option<(Code, Vec<u8>)>) -> DialError {
        let now = SystemTime::now();
        let code = diagnosis::judge(leaf, host, now);
        if code != Code::CertificateUntrusted {
            return distrusted(code, leaf);
        }
        let expired = self.expired_issuer(leaf, now).map(|issuer| (Code::AuthorityExpired, issuer));
        let (code, at_fault) = expired.or(fault).unwrap_or_else(|| (code, leaf.to_vec()));
        distrusted(code, &at_fault)
    }

    /// The certificate (DER) beside the system's that issued this one and has expired.
    fn expired_issuer(&self, leaf: &[u8], now: SystemTime) -> Option<Vec<u8>> {
        let Authority::System(System { beside, .. }) = &self.authority else { return None };
        diagnosis::expired_issuer(leaf, &beside.ders(), now)
    }

    /// Whether whoever is at the other end of this new connection shows a certificate when no name
    /// is asked for (SNI, RFC 6066, section 3); closes the connection. `host` does not leave this
    /// machine.
    pub(crate) async fn answers_nameless(&self, host: &str, wire: Wire) -> bool {
        // Making it takes a while, and something filters names only rarely.
        let make = async || match spawn_blocking(|| unverifying(false)).await {
            Ok(Ok(nameless)) => Ok(nameless),
            Ok(Err(_)) | Err(_) => Err(TlsLibraryError),
        };
        let Ok(nameless) = NAMELESS.get_or_try_init(make).await else { return false };
        let witness = Witness::new(wire, &Arc::default());
        self.shake_unverified(nameless, host, witness, |_, _| false).await.is_ok()
    }

    /// The only handshake that the TLS library does not verify. It gives the stream to nobody
    /// unless `is_wanted` says so of the certificate (DER) and its peer; otherwise it reads the
    /// certificate and closes, and nothing was written.
    async fn shake_unverified(
        &self,
        connector: &tokio_native_tls::TlsConnector,
        host: &str,
        witness: Witness,
        is_wanted: impl Fn(&[u8], &Peer) -> bool,
    ) -> Result<HandshakeEnd, DialError> {
        let testimony = witness.testimony();
        let Ok(stream) = connector.connect(host, witness).await.map(Secured::Usual) else {
            return Err(testimony.verdict().unwrap_or_else(|| failed(Code::TlsFailed)));
        };
        let (leaf, peer) = look_at(&stream).ok_or_else(|| failed(Code::TlsFailed))?;
        if is_wanted(&leaf, &peer) {
            Ok(HandshakeEnd::Matched(Box::new(stream), peer))
        } else {
            Ok(HandshakeEnd::Leaf(leaf))
        }
    }
}

impl System {
    /// Whether the authorities, those beside the system's with others that are no roots, vouch for
    /// this certificate.
    fn vouches(&self, intermediates: &[Vec<u8>], leaf: &[u8], host: &str) -> bool {
        vouching::vouches(&self.beside.ders(), intermediates, leaf, host)
    }

    fn known_intermediates(&self) -> Vec<Vec<u8>> {
        self.intermediates.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn shake(
        &self,
        host: &str,
        wire: Wire,
        testimony: &Arc<Testimony>,
    ) -> Result<(Secured, Peer), Distrust> {
        let connector = self.kept().connector.clone();
        let witness = Witness::new(wire, testimony);
        let shaken = connector.connect(host, witness).await.map(Secured::Usual);
        match (shaken, testimony.verdict()) {
            (Ok(stream), _) => match look_at(&stream) {
                Some((_, peer)) => Ok((stream, peer)),
                None => Err(Distrust::Known(failed(Code::TlsFailed))),
            },
            (Err(_), Some(error)) => Err(Distrust::Known(error)),
            (Err(error), None) if is_legacy(&error) => Err(Distrust::Legacy),
            (Err(_), None) => {
                self.read_again().await;
                Err(Distrust::Unexplained)
            }
        }
    }

    /// Reads the system's trust for the attempts to come, if it was read long ago. One attempt does
    /// it for all.
    async fn read_again(&self) {
        {
            let mut kept = self.kept();
            if kept.read.elapsed() < READ_AGAIN_AFTER {
                return;
            }
            kept.read = Instant::now();
        }
        let beside = self.beside.clone();
        if let Ok(Ok(connector)) = spawn_blocking(move || verifying(&beside)).await {
            *self.kept() = Kept::now(connector);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn now(connector: tokio_native_tls::TlsConnector) -> Self {
        Self {
            connector,
            #[cfg(target_os = "linux")]
            second: Arc::default(),
            read: Instant::now(),
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// The trust that is shared by all who trust these beside the system. Others who want it while it
/// is being read wait for it.
fn kept_for(beside: &Authorities) -> Result<Arc<Mutex<Kept>>, TlsLibraryError> {
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|(_, kept)| kept.strong_count() > 0);
    let known = all.iter().find(|(known, _)| known == beside);
    if let Some(kept) = known.and_then(|(_, kept)| kept.upgrade()) {
        return Ok(kept);
    }
    let connector = verifying(beside).map_err(|_| TlsLibraryError)?;
    let kept = Arc::new(Mutex::new(Kept::now(connector)));
    all.push((beside.clone(), Arc::downgrade(&kept)));
    Ok(kept)
}

fn verifying(beside: &Authorities) -> native_tls::Result<tokio_native_tls::TlsConnector> {
    let mut builder = native_tls::TlsConnector::builder();
    builder.request_alpns(&[ALPN]);
    for certificate in &beside.0 {
        builder.add_root_certificate(certificate.clone());
    }
    builder.build().map(Into::into)
}

/// Whether the library refused the other end because it does not know RFC 5746, and for nothing
/// else.
#[cfg(target_os = "linux")]
fn is_legacy(error: &native_tls::Error) -> bool {
    second_look::is_refused(error)
}

/// Windows' own library refuses nobody for that.
#[cfg(not(target_os = "linux"))]
const fn is_legacy(_: &native_tls::Error) -> bool {
    false
}

fn naming() -> Result<tokio_native_tls::TlsConnector, TlsLibraryError> {
    let mut shared = NAMING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(connector) = &*shared {
        return Ok(connector.clone());
    }
    let connector = unverifying(true).map_err(|_| TlsLibraryError)?;
    *shared = Some(connector.clone());
    Ok(connector)
}

/// For [`Tls::shake_unverified`] alone.
fn unverifying(names: bool) -> native_tls::Result<tokio_native_tls::TlsConnector> {
    let built = native_tls::TlsConnector::builder()
        .request_alpns(&[ALPN])
        .use_sni(names)
        .disable_built_in_roots(true)
        .danger_accept_invalid_certs(true)
        .danger_accept_invalid_hostnames(true)
        .build();
    built.map(Into::into)
}

/// The fault of this certificate, and its statements about itself.
#[cfg(feature = "parsers")]
pub(crate) fn look_into(
    der: &[u8],
    host: &str,
    now: SystemTime,
) -> (Code, Option<crate::failure::CertificateSeen>) {
    (diagnosis::judge(der, host, now), diagnosis::read(der))
}

fn failed(code: Code) -> DialError {
    DialError::new(Stage::Tls, code)
}

fn distrusted(code: Code, leaf: &[u8]) -> DialError {
    failed(code).with(diagnosis::read(leaf).map(Detail::Certificate))
}
