//! The certificate that the server shows, its own or one that it was given.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use convene_model::Fingerprint;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, crypto};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};

/// Signatures whose hash is SHA-384 (RFC 5758, RFC 4055).
const SHA384: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"),
];
/// Signatures whose hash is SHA-512.
const SHA512: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"),
];
/// Sessions that clients may resume without a full handshake.
const SESSIONS_MAX: usize = 4_096;

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    /// A file cannot be read.
    #[error("{}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no certificate, or no key.
    #[error("{}: no {wanted} in PEM form", .path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What should be in it.
        wanted: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that TLS cannot use.
    #[error("{} and {} cannot be used together: {source}", .certificate.display(), .key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// A certificate of our own cannot be made or kept.
    #[error("the server's own certificate cannot be made in {}: {detail}", .dir.display())]
    Own {
        /// The state directory.
        dir: PathBuf,
        /// Why.
        detail: String,
    },
}

/// What the server shows.
pub(crate) struct Identity {
    pub(crate) tls: Arc<ServerConfig>,
    /// Of the server's own certificate; clients trust others by their issuer.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// The `tls-server-end-point` (RFC 5929, section 4.1) of every certificate under which the server is reached.
    pub(crate) end_points: Vec<[u8; 32]>,
}

impl Identity {
    /// A certificate of the server's own, made at the first start and kept from then on.
    pub(crate) fn own(dir: &Path, name: &str) -> Result<Self, CertificateError> {
        let (certificate, key) = (dir.join("certificate.pem"), dir.join("key.pem"));
        if !certificate.exists() || !key.exists() {
            make(dir, &certificate, &key, name)
                .map_err(|detail| CertificateError::Own { dir: dir.to_owned(), detail })?;
        }
        let mut identity = Self::load(&certificate, &key, &[])?;
        identity.fingerprint = leaf(&certificate)?.and_then(|leaf| fingerprint(&leaf));
        Ok(identity)
    }

    /// A certificate that the administrator gives; `public` are those of load balancers that end TLS in front.
    pub(crate) fn load(certificate: &Path, key: &Path, public: &[PathBuf]) -> Result<Self, CertificateError> {
        let chain = chain(certificate)?;
        let secret =
            PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error, "private key"))?;
        let mut end_points: Vec<[u8; 32]> =
            chain.first().and_then(|leaf| end_point(leaf)).into_iter().collect();
        for path in public {
            end_points.extend(leaf(path)?.and_then(|leaf| end_point(&leaf)));
        }
        let tls = tls_config(chain, secret).map_err(|source| CertificateError::Unusable {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source,
        })?;
        Ok(Self { tls: Arc::new(tls), fingerprint: None, end_points })
    }
}

fn tls_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = rustls::server::ServerSessionMemoryCache::new(SESSIONS_MAX);
    config.send_tls13_tickets = 1;
    Ok(config)
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, error, "certificate"))?;
    let chain: Result<Vec<_>, _> = read.collect();
    let chain = chain.map_err(|error| unreadable(path, error, "certificate"))?;
    if chain.is_empty() {
        return Err(CertificateError::Malformed { path: path.to_owned(), wanted: "certificate" });
    }
    Ok(chain)
}

fn leaf(path: &Path) -> Result<Option<CertificateDer<'static>>, CertificateError> {
    Ok(chain(path)?.into_iter().next())
}

fn unreadable(path: &Path, error: rustls::pki_types::pem::Error, wanted: &'static str) -> CertificateError {
    if let rustls::pki_types::pem::Error::Io(source) = error {
        CertificateError::Read { path: path.to_owned(), source }
    } else {
        CertificateError::Malformed { path: path.to_owned(), wanted }
    }
}

fn fingerprint(leaf: &CertificateDer<'_>) -> Option<Fingerprint> {
    let certificate = Certificate::from_der(leaf).ok()?;
    let key = certificate.tbs_certificate.subject_public_key_info.to_der().ok()?;
    Some(Fingerprint(Sha256::digest(key).into()))
}

/// The hash that the certificate's signature uses, of the certificate; of a longer one the first 32 bytes, as the daemon
/// takes them.
fn end_point(leaf: &CertificateDer<'_>) -> Option<[u8; 32]> {
    let certificate = Certificate::from_der(leaf).ok()?;
    let algorithm = certificate.signature_algorithm.oid;
    let hash = if SHA384.contains(&algorithm) {
        Sha384::digest(leaf).to_vec()
    } else if SHA512.contains(&algorithm) {
        Sha512::digest(leaf).to_vec()
    } else {
        Sha256::digest(leaf).to_vec()
    };
    hash.first_chunk().copied()
}

/// Makes a key and a certificate for it. The key is in place first: a certificate without its key is made again.
fn make(dir: &Path, certificate: &Path, key: &Path, name: &str) -> Result<(), String> {
    let pair = rcgen::KeyPair::generate().map_err(|error| error.to_string())?;
    let mut params =
        rcgen::CertificateParams::new(vec![name.to_owned()]).map_err(|error| error.to_string())?;
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.not_after = rcgen::date_time_ymd(2060, 1, 1);
    let signed = params.self_signed(&pair).map_err(|error| error.to_string())?;
    keep(dir, key, &pair.serialize_pem()).map_err(|error| error.to_string())?;
    keep(dir, certificate, &signed.pem()).map_err(|error| error.to_string())
}

/// Writes a file that only we can read, entirely or not at all.
fn keep(dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    std::fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_certificate_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = Identity::own(dir.path(), "conference.example.org").unwrap();
        let again = Identity::own(dir.path(), "conference.example.org").unwrap();
        assert!(first.fingerprint.is_some());
        assert_eq!(first.fingerprint, again.fingerprint);
        assert_eq!(first.end_points, again.end_points);
        assert_eq!(first.end_points.len(), 1);
    }

    #[test]
    fn files_that_do_not_fit_are_named() {
        let dir = tempfile::tempdir().unwrap();
        Identity::own(dir.path(), "a.example.org").unwrap();
        let (certificate, key) = (dir.path().join("certificate.pem"), dir.path().join("key.pem"));
        let missing = dir.path().join("missing.pem");
        assert!(
            matches!(Identity::load(&missing, &key, &[]), Err(CertificateError::Read { path, .. }) if path == missing)
        );
        assert!(matches!(
            Identity::load(&certificate, &certificate, &[]),
            Err(CertificateError::Malformed { wanted: "private key", .. })
        ));
        let other = tempfile::tempdir().unwrap();
        Identity::own(other.path(), "b.example.org").unwrap();
        let foreign = other.path().join("key.pem");
        assert!(matches!(
            Identity::load(&certificate, &foreign, &[]),
            Err(CertificateError::Unusable { .. })
        ));
    }
}
