//! The server's own certificate, which lies in its state directory.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rcgen::{CertificateParams, DnType, KeyPair};

use super::{CertificateError, leaf};
use crate::state_dir::EVENT_LOG;

/// Its name in the state directory.
pub(crate) const CERTIFICATE: &str = "certificate.pem";
/// That of its key.
pub(crate) const KEY: &str = "key.pem";
/// How long it is valid: no client goes by it, as the key decides, and nobody should have to think
/// of it again.
const YEARS: u64 = 20;
/// Seconds of a mean year.
const YEAR_SECONDS: u64 = 31_556_952;

/// Whether [`prepare`] would do, without a change.
pub(crate) fn check(dir: &Path) -> Result<(), CertificateError> {
    kept_key(dir).map(drop)
}

/// Sees to it that certificate and key are there, and gives their files. The key is made once, as
/// join links name it; the certificate is made again where it is missing, has expired, or is for
/// another name or key. The key is in place first, and each file entirely or not at all.
pub(super) fn prepare(dir: &Path, name: &str) -> Result<(PathBuf, PathBuf), CertificateError> {
    let failed = |detail: String| CertificateError::Own { dir: dir.to_owned(), detail };
    let (certificate, key) = (dir.join(CERTIFICATE), key_file(dir));
    let kept = kept_key(dir)?;
    let stands = leaf(&certificate).ok().filter(|_| kept.is_some());
    let pair = match kept {
        Some(pair) => pair,
        None => {
            let pair = KeyPair::generate().map_err(|error| failed(error.to_string()))?;
            keep(dir, &key, &pair.serialize_pem()).map_err(|error| failed(error.to_string()))?;
            pair
        }
    };
    let stands = stands.is_some_and(|leaf| {
        let has_time = leaf.end().is_some_and(|end| end > SystemTime::now());
        has_time && leaf.covers(name) && leaf.is_of(&pair)
    });
    if !stands {
        sign(dir, &certificate, name, &pair).map_err(failed)?;
    }
    Ok((certificate, key))
}

fn key_file(dir: &Path) -> PathBuf {
    dir.join(KEY)
}

/// The key that join links name; `None` where no conference can have any.
fn kept_key(dir: &Path) -> Result<Option<KeyPair>, CertificateError> {
    let (key, log) = (key_file(dir), dir.join(EVENT_LOG));
    match std::fs::read_to_string(&key) {
        Ok(pem) => KeyPair::from_pem(&pem).map(Some).map_err(|_| CertificateError::Damaged { key }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if log.exists() {
                Err(CertificateError::KeyGone { key, log })
            } else {
                Ok(None)
            }
        }
        Err(source) => Err(CertificateError::Read { path: key, source }),
    }
}

fn sign(dir: &Path, certificate: &Path, name: &str, pair: &KeyPair) -> Result<(), String> {
    let mut params = CertificateParams::new([name.to_owned()]).map_err(|error| error.to_string())?;
    params.distinguished_name.push(DnType::CommonName, name);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let year = (1970 + since.as_secs() / YEAR_SECONDS + YEARS).min(9_999);
    params.not_after = rcgen::date_time_ymd(i32::try_from(year).unwrap_or(9_999), 1, 1);
    let signed = params.self_signed(pair).map_err(|error| error.to_string())?;
    keep(dir, certificate, &signed.pem()).map_err(|error| error.to_string())
}

/// Writes a file that only we can read, entirely or not at all.
fn keep(dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(dir)?.sync_all()
}
