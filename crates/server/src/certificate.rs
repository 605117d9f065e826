//! The certificate that the server shows, its own or one that it was given.

mod leaf;
mod own;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use convene_model::Fingerprint;
use convene_service_log::number;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{ServerConfig, crypto};

pub(crate) use leaf::Leaf;
pub(crate) use own::{CERTIFICATE, KEY, check as check_own};

/// The words for the operator of a server that made its certificate itself, whose links name it.
pub(crate) const BROWSERS_WARN: &str = "browsers warn of join links of this server, as it made its certificate itself; Convene \
     needs no other one. A certificate that browsers trust (of Let's Encrypt, for example, by certbot) goes into [tls] of the \
     configuration, best before links are given out: those that name the certificate of now work with no other";

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}; is [tls] right, and may the server's user read it?", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no certificate, or no key.
    #[error("{}: no {wanted} in PEM form (it begins with -----BEGIN)", .path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// The kind of item that should be in the file.
        wanted: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that TLS cannot use.
    #[error("{} and {} cannot be used together: {source}; the server's own certificate comes first in its file, and the key must be the one that it was made for", .certificate.display(), .key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// The key of the certificate of our own is damaged. It is not replaced: join links name it.
    #[error(
        "{} is damaged, and join links name it; put it back as it was (a backup holds it: \
         `convene-server restore FILE --state-dir ELSEWHERE` unpacks it)",
        .key.display()
    )]
    Damaged {
        /// The key's file.
        key: PathBuf,
    },
    /// The key of our own is gone from beside a log. No new one is made: join links name it.
    #[error(
        "{} is missing, and conferences of {} have join links that name it; put it back (a backup holds it: \
         `convene-server restore FILE --state-dir ELSEWHERE` unpacks it), or, where it is lost, make another as the server's user \
         with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {}` (no join link that was printed before \
         works then)",
        .key.display(), .log.display(), .key.display()
    )]
    KeyGone {
        /// The key's file.
        key: PathBuf,
        /// The event log beside it.
        log: PathBuf,
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

/// The certificate that the server shows, and the facts about it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) tls: Arc<ServerConfig>,
    /// Of the server's own certificate; clients trust others by their issuer.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// Under which the server is reached, with their files: its own, then those of load balancers
    /// in front.
    pub(crate) certificates: Vec<(PathBuf, Leaf)>,
}

impl Identity {
    /// A certificate of the server's own for this name, made at the first start. Its key is kept
    /// from then on.
    pub(crate) fn own(dir: &Path, name: &str) -> Result<Self, CertificateError> {
        let (certificate, key) = own::prepare(dir, name)?;
        let mut identity = Self::load(&certificate, &key, &[])?;
        identity.fingerprint = identity.certificates.first().and_then(|(_, leaf)| leaf.fingerprint());
        Ok(identity)
    }

    /// A certificate that the administrator gives; `public` are those of load balancers that end
    /// TLS in front.
    pub(crate) fn load(certificate: &Path, key: &Path, public: &[PathBuf]) -> Result<Self, CertificateError> {
        let chain = chain(certificate)?;
        let secret = PrivateKeyDer::from_pem_file(key);
        let secret = secret.map_err(|error| unreadable(key, error, "private key"))?;
        let mut certificates = Vec::new();
        for path in [certificate].into_iter().chain(public.iter().map(PathBuf::as_path)) {
            certificates.push((path.to_owned(), leaf(path)?));
        }
        let tls = tls_config(chain, secret).map_err(|source| CertificateError::Unusable {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source,
        })?;
        Ok(Self { tls: Arc::new(tls), fingerprint: None, certificates })
    }

    /// The `tls-server-end-point` (RFC 5929, section 4.1) of every certificate under which the
    /// server is reached.
    pub(crate) fn end_points(&self) -> Vec<[u8; 32]> {
        self.certificates.iter().filter_map(|(_, leaf)| leaf.end_point()).collect()
    }

    /// Tells the log what is shown.
    pub(crate) fn log(&self) {
        for (file, leaf) in &self.certificates {
            let (names, end) = (leaf.names().join(", "), leaf.end_text());
            let (number, file, sha256) = (number::CERTIFICATE, file.display(), leaf.short_hash());
            tracing::info!(number, %file, names, sha256, end, "certificate");
        }
        if self.fingerprint.is_some() {
            tracing::info!("{BROWSERS_WARN}");
        }
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
    // Daemons resume no TLS sessions, as their TLS library cannot: tickets would be made, sent and
    // kept for nothing.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn leaf(path: &Path) -> Result<Leaf, CertificateError> {
    let first = chain(path)?.into_iter().next();
    first.map(Leaf::new).ok_or_else(|| unreadable(path, PemError::NoItemsFound, "certificate"))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let chain = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unreadable(path, error, "certificate"))?;
    if chain.is_empty() {
        return Err(unreadable(path, PemError::NoItemsFound, "certificate"));
    }
    Ok(chain)
}

fn unreadable(path: &Path, error: PemError, wanted: &'static str) -> CertificateError {
    let path = path.to_owned();
    if let PemError::Io(source) = error {
        CertificateError::Read { path, source }
    } else {
        CertificateError::Malformed { path, wanted }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use sha2::{Digest as _, Sha256, Sha384};

    use super::*;

    const NAME: &str = "conference.example.org";

    #[test]
    fn the_own_certificate_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = Identity::own(dir.path(), NAME).unwrap();
        let again = Identity::own(dir.path(), NAME).unwrap();
        assert!(first.fingerprint.is_some());
        assert_eq!(first.fingerprint, again.fingerprint);
        assert_eq!(first.end_points(), again.end_points());
        assert_eq!(first.end_points().len(), 1);
    }

    #[test]
    fn the_own_key_outlives_its_certificate() {
        let dir = tempfile::tempdir().unwrap();
        let first = Identity::own(dir.path(), NAME).unwrap();
        let renamed = Identity::own(dir.path(), "192.0.2.7").unwrap();
        assert_eq!(first.fingerprint, renamed.fingerprint);
        assert_ne!(first.end_points(), renamed.end_points());
        std::fs::remove_file(dir.path().join("certificate.pem")).unwrap();
        let again = Identity::own(dir.path(), NAME).unwrap();
        assert_eq!(first.fingerprint, again.fingerprint);
    }

    #[test]
    fn a_damaged_own_key_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        Identity::own(dir.path(), NAME).unwrap();
        let path = dir.path().join("key.pem");
        std::fs::write(&path, "half a k").unwrap();
        for name in [NAME, "renamed.example.org"] {
            let Err(error) = Identity::own(dir.path(), name) else { panic!("a damaged key was used") };
            assert!(error.to_string().contains("key.pem"), "{error}");
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), "half a k");
    }

    #[test]
    fn a_key_that_is_gone_from_beside_a_log_is_not_made_again() {
        let dir = tempfile::tempdir().unwrap();
        Identity::own(dir.path(), NAME).unwrap();
        std::fs::write(dir.path().join("events.db"), "").unwrap();
        std::fs::remove_file(dir.path().join("certificate.pem")).unwrap();
        Identity::own(dir.path(), NAME).unwrap();
        std::fs::remove_file(dir.path().join("key.pem")).unwrap();
        let Err(error) = Identity::own(dir.path(), NAME) else { panic!("a key was made") };
        assert!(matches!(check_own(dir.path()), Err(CertificateError::KeyGone { .. })));
        assert!(error.to_string().contains("put it back (a backup holds it"), "{error}");
        assert!(!dir.path().join("key.pem").exists());
        let other = KeyPair::generate().unwrap();
        std::fs::write(dir.path().join("key.pem"), other.serialize_pem()).unwrap();
        Identity::own(dir.path(), NAME).unwrap();
    }

    #[test]
    fn the_own_key_is_nobody_elses() {
        use std::os::unix::fs::MetadataExt as _;
        let dir = tempfile::tempdir().unwrap();
        Identity::own(dir.path(), NAME).unwrap();
        assert_eq!(dir.path().join("key.pem").metadata().unwrap().mode() & 0o777, 0o600);
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

    #[test]
    fn an_expired_certificate_is_served_and_every_end_point_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = (dir.path().join("expired.pem"), dir.path().join("key.pem"));
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        let expired = params.self_signed(&pair).unwrap();
        std::fs::write(&certificate, expired.pem()).unwrap();
        std::fs::write(&key, pair.serialize_pem()).unwrap();
        let balancer = dir.path().join("balancer.pem");
        let public = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap().cert;
        std::fs::write(&balancer, public.pem()).unwrap();
        let identity = Identity::load(&certificate, &key, &[balancer]).unwrap();
        let wanted: [[u8; 32]; 2] =
            [*Sha384::digest(expired.der()).first_chunk().unwrap(), Sha256::digest(public.der()).into()];
        assert_eq!(identity.end_points(), wanted);
        assert_eq!(identity.fingerprint, None);
    }
}
