//! The server's own certificate, which lies in its state directory.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{CertificateError, has_expired, leaf, time_of_day};

/// How long it is valid: no client goes by it, as the key decides, and nobody should have to think of it again.
const YEARS: u64 = 20;
/// Seconds of a mean year.
const YEAR_SECONDS: u64 = 31_556_952;

/// Sees to it that both files are there. The key is made once, as join links name it; the certificate is made again where it
/// is missing, has expired or bears another name. The key is in place first, and each file entirely or not at all.
pub(super) fn prepare(
    dir: &Path,
    certificate: &Path,
    key: &Path,
    name: &str,
) -> Result<(), CertificateError> {
    let failed = |detail: String| CertificateError::Own { dir: dir.to_owned(), detail };
    let pair = match std::fs::read_to_string(key) {
        Ok(pem) => KeyPair::from_pem(&pem).map_err(|_| CertificateError::Damaged { key: key.to_owned() })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let pair = KeyPair::generate().map_err(|error| failed(error.to_string()))?;
            keep(dir, key, &pair.serialize_pem()).map_err(|error| failed(error.to_string()))?;
            sign(dir, certificate, name, &pair).map_err(failed)?;
            pair
        }
        Err(source) => return Err(CertificateError::Read { path: key.to_owned(), source }),
    };
    let stands = leaf(certificate).ok().and_then(|leaf| leaf.parsed);
    if stands.is_some_and(|stands| bears(&stands, name) && !has_expired(&stands)) {
        return Ok(());
    }
    sign(dir, certificate, name, &pair).map_err(failed)
}

fn sign(dir: &Path, certificate: &Path, name: &str, pair: &KeyPair) -> Result<(), String> {
    let mut params = CertificateParams::new([name.to_owned()]).map_err(|error| error.to_string())?;
    params.distinguished_name.push(DnType::CommonName, name);
    let year = (1970 + time_of_day().as_secs() / YEAR_SECONDS + YEARS).min(9_999);
    params.not_after = rcgen::date_time_ymd(i32::try_from(year).unwrap_or(9_999), 1, 1);
    let signed = params.self_signed(pair).map_err(|error| error.to_string())?;
    keep(dir, certificate, &signed.pem()).map_err(|error| error.to_string())
}

fn bears(certificate: &Certificate, name: &str) -> bool {
    let Ok(Some((_, names))) = certificate.tbs_certificate.get::<SubjectAltName>() else { return false };
    let address = name.parse::<IpAddr>().ok().map(|address| match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    });
    names.0.iter().any(|one| match (one, &address) {
        (GeneralName::DnsName(dns), None) => dns.as_str() == name,
        (GeneralName::IpAddress(bytes), Some(address)) => bytes.as_bytes() == address,
        _ => false,
    })
}

/// Writes a file that only we can read, entirely or not at all.
fn keep(dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(dir)?.sync_all()
}
