//! The peer, by the certificate that it showed.

use convene_model::Fingerprint;
use sha2::{Digest as _, Sha256};

use super::{Secured, diagnosis};

/// The peer at the other end of TLS: the server, or a box that is trusted in its stead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The `tls-server-end-point` of its certificate (RFC 5929, section 4): the first 32 bytes
    /// where its hash is longer, SHA-256 where its signature has no hash of its own.
    pub end_point: [u8; 32],
    /// Its key.
    pub fingerprint: Fingerprint,
    /// The issuer of its certificate, as [`CertificateSeen`](crate::CertificateSeen) tells it: the
    /// name of a box that inspects TLS. Empty where the certificate cannot be read so far.
    pub issuer: String,
}

/// The leaf certificate (DER) and what names the peer; `None` if there is none or it holds no key.
pub(super) fn look_at(stream: &Secured) -> Option<(Vec<u8>, Peer)> {
    let leaf = stream.certificate()?;
    let end_point = stream.end_point().and_then(|hash| hash.first_chunk().copied());
    let peer = Peer {
        end_point: end_point.unwrap_or_else(|| Sha256::digest(&leaf).into()),
        fingerprint: diagnosis::fingerprint(&leaf)?,
        issuer: diagnosis::read(&leaf).map(|seen| seen.issuer).unwrap_or_default(),
    };
    Some((leaf, peer))
}
