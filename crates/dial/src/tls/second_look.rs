//! Handshakes by the `openssl` crate, which `native-tls` links already. It takes what that library
//! refuses and browsers take, and it tells which certificate of a chain is at fault.

mod stream;

use std::error::Error as _;
use std::sync::{Arc, OnceLock};

use convene_model::Code;
use openssl::error::ErrorStack;
use openssl::ssl::{Ssl, SslConnector, SslMethod, SslOptions, SslVerifyMode, SslVersion};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509StoreContextRef, X509VerifyResult};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

pub(crate) use self::stream::Stream;
use super::witness::Witness;

/// `ERR_LIB_SSL` and `SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED`: where and why OpenSSL refuses a
/// server that does not know RFC 5746.
const REFUSED: (i32, i32) = (20, 338);
/// `SSL_OP_LEGACY_SERVER_CONNECT`, for which the library has no name.
const LEGACY_SERVER_CONNECT: SslOptions = SslOptions::from_bits_retain(0x4);
/// The only protocol that is spoken inside, as it travels (RFC 7301).
const ALPN: &[u8] = b"\x08http/1.1";

/// The peers for which a handshake is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peers {
    /// All but those who are too old.
    Usual,
    /// Those who do not know RFC 5746 (secure renegotiation), in TLS 1.2: OpenSSL refuses them
    /// since version 3.0, and browsers do not.
    ///
    /// An attacker between the two may begin a connection with such a peer and have it go on as
    /// ours, where that peer renegotiates. So this is done only where nothing but this was in the
    /// way, and we renegotiate never.
    Legacy,
}

/// The connectors of all who trust alike, once they are made: reading the system's trust takes a
/// while, and few peers need them.
#[derive(Debug, Default)]
pub(super) struct Connectors {
    usual: OnceCell<SslConnector>,
    legacy: OnceCell<SslConnector>,
}

/// A certificate that is not trusted.
pub(super) struct Distrusted {
    /// The server's own (DER).
    pub(super) leaf: Vec<u8>,
    /// The one of its chain that is at fault.
    at: X509,
    why: X509VerifyResult,
}

/// Whether the library refused the other end only because it does not know RFC 5746.
pub(super) fn is_refused(error: &native_tls::Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(stack) = inner.downcast_ref::<ErrorStack>() {
            return stack.errors().iter().any(|one| (one.library_code(), one.reason_code()) == REFUSED);
        }
        source = inner.source();
    }
    false
}

impl Connectors {
    /// Speaks TLS with `host`, which the certificate must bear, and for which the system or those
    /// beside it (DER) must vouch. An authority that is trusted need not be a root.
    ///
    /// # Errors
    /// When no TLS stands; with the certificate where it is not trusted. Not one byte of the
    /// caller's was written.
    pub(super) async fn connect(
        &self,
        peers: Peers,
        beside: Vec<Vec<u8>>,
        host: &str,
        wire: Witness,
    ) -> Result<Stream, Option<Distrusted>> {
        let made = match peers {
            Peers::Usual => &self.usual,
            Peers::Legacy => &self.legacy,
        };
        let make = async || match spawn_blocking(move || connector(peers, &beside)).await {
            Ok(Ok(connector)) => Ok(connector),
            Ok(Err(_)) | Err(_) => Err(()),
        };
        let Ok(connector) = made.get_or_try_init(make).await else { return Err(None) };
        let distrusted = Arc::default();
        let Ok(ssl) = configured(connector, host, &distrusted) else { return Err(None) };
        let shaken = Stream::connect(ssl, wire).await;
        shaken.map_err(|_| Arc::into_inner(distrusted).and_then(OnceLock::into_inner))
    }
}

fn connector(peers: Peers, beside: &[Vec<u8>]) -> Result<SslConnector, ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_options(SslOptions::NO_RENEGOTIATION);
    if peers == Peers::Legacy {
        builder.set_max_proto_version(Some(SslVersion::TLS1_2))?;
        builder.set_options(LEGACY_SERVER_CONNECT);
    }
    builder.set_alpn_protos(ALPN)?;
    let store = builder.cert_store_mut();
    store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    for authority in beside {
        store.add_cert(X509::from_der(authority)?)?;
    }
    Ok(builder.build())
}

/// A certificate that is not trusted is noted in `distrusted`.
fn configured(
    connector: &SslConnector,
    host: &str,
    distrusted: &Arc<OnceLock<Distrusted>>,
) -> Result<Ssl, ErrorStack> {
    let mut configured = connector.configure()?;
    let distrusted = Arc::clone(distrusted);
    configured.set_verify_callback(SslVerifyMode::PEER, move |is_trusted, context| {
        if let Some(seen) = Some(context).filter(|_| !is_trusted).and_then(Distrusted::read) {
            distrusted.get_or_init(|| seen);
        }
        is_trusted
    });
    configured.into_ssl(host)
}

impl Distrusted {
    fn read(context: &mut X509StoreContextRef) -> Option<Self> {
        let leaf = context.chain()?.get(0)?.to_der().ok()?;
        Some(Self { leaf, at: context.current_cert()?.to_owned(), why: context.error() })
    }

    /// What is wrong with which certificate (DER), where it can be told: another of the chain than
    /// the server's own may be at fault.
    pub(super) fn fault(&self) -> Option<(Code, Vec<u8>)> {
        let is_root = self.at.issuer_name().try_cmp(self.at.subject_name()).is_ok_and(|order| order.is_eq());
        // Their names in OpenSSL's `x509_vfy.h` begin with `X509_V_ERR_`.
        let code = match self.why.as_raw() {
            // CERT_NOT_YET_VALID
            9 => Code::CertificateNotYetValid,
            // CERT_HAS_EXPIRED. A root counts as this machine has it; others mostly come from the
            // server.
            10 if is_root => Code::AuthorityExpired,
            10 => Code::CertificateExpired,
            // INVALID_CA, INVALID_PURPOSE
            24 | 26 => Code::CertificateWrongPurpose,
            // EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL, CA_MD_TOO_WEAK
            66..=68 => Code::CertificateWeak,
            _ => return None,
        };
        Some((code, self.at.to_der().ok()?))
    }
}
