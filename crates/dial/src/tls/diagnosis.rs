//! The statements of a certificate, and what is wrong with one that was not trusted.
//!
//! Nothing here decides about trust: the TLS library did that before, or the fingerprint does.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use convene_model::{Code, Fingerprint, Timestamp};
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{Any, Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::failure::{CertificateSeen, shown};

/// The key's fingerprint: the hash of subjectPublicKeyInfo as it stands in the certificate (RFC
/// 5280, section 4.1). Reads only what stands before it, so that a certificate whose names are
/// malformed has one too.
pub(super) fn fingerprint(der: &[u8]) -> Option<Fingerprint> {
    let certificate = Any::from_der(der).ok()?;
    let mut certificate = SliceReader::new(certificate.value()).ok()?;
    let tbs = certificate.tlv_bytes().ok()?;
    let tbs = Any::from_der(tbs).ok()?;
    let mut fields = SliceReader::new(tbs.value()).ok()?;
    let version = Tag::ContextSpecific { constructed: true, number: TagNumber::N0 };
    if fields.peek_tag().ok()? == version {
        fields.tlv_bytes().ok()?;
    }
    for _before in ["serialNumber", "signature", "issuer", "validity", "subject"] {
        fields.tlv_bytes().ok()?;
    }
    let key = fields.tlv_bytes().ok()?;
    Some(Fingerprint(Sha256::digest(key).into()))
}

/// The statements of the certificate about itself; `None` if it is malformed.
pub(super) fn read(der: &[u8]) -> Option<CertificateSeen> {
    let tbs = Certificate::from_der(der).ok()?.tbs_certificate;
    let moment = |time: x509_cert::time::Time| {
        let millis = i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(millis)
    };
    Some(CertificateSeen {
        issuer: shown(&tbs.issuer.to_string()),
        subject: shown(&tbs.subject.to_string()),
        not_before: moment(tbs.validity.not_before),
        not_after: moment(tbs.validity.not_after),
        fingerprint: fingerprint(der)?,
    })
}

/// Why a certificate was not trusted for this host at this moment. A fault that a wrong clock
/// explains comes first, one that a redirected name explains second; where neither is to be seen it
/// is the issuer.
pub(super) fn judge(der: &[u8], host: &str, now: SystemTime) -> Code {
    let Ok(certificate) = Certificate::from_der(der) else { return Code::CertificateUntrusted };
    let validity = certificate.tbs_certificate.validity;
    let now = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    if now < validity.not_before.to_unix_duration() {
        Code::CertificateNotYetValid
    } else if now > validity.not_after.to_unix_duration() {
        Code::CertificateExpired
    } else if !names(&certificate).iter().any(|name| fits(name, host)) {
        Code::CertificateWrongName
    } else {
        Code::CertificateUntrusted
    }
}

/// The subjectAltNames; the common name has not counted for years (RFC 9525, section 2).
fn names(certificate: &Certificate) -> Vec<GeneralName> {
    match certificate.tbs_certificate.get::<SubjectAltName>() {
        Ok(Some((_, names))) => names.0,
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// Whether a name stands for the host (RFC 9525, section 6.3).
fn fits(name: &GeneralName, host: &str) -> bool {
    let address = host.parse::<IpAddr>().ok();
    match (name, address) {
        (GeneralName::IpAddress(bytes), Some(IpAddr::V4(v4))) => bytes.as_bytes() == v4.octets(),
        (GeneralName::IpAddress(bytes), Some(IpAddr::V6(v6))) => bytes.as_bytes() == v6.octets(),
        (GeneralName::DnsName(pattern), None) => {
            let pattern = pattern.as_str();
            let under_star = pattern.strip_prefix("*.").zip(host.split_once('.'));
            pattern.eq_ignore_ascii_case(host)
                || under_star.is_some_and(|(parent, (_, rest))| parent.eq_ignore_ascii_case(rest))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(name: &str) -> Vec<u8> {
        rcgen::generate_simple_self_signed([name.to_owned()]).unwrap().cert.der().to_vec()
    }

    #[test]
    fn a_name_fits_its_host_and_a_star_one_label() {
        for (name, host, code) in [
            ("a.test", "A.test", Code::CertificateUntrusted),
            ("a.test", "b.test", Code::CertificateWrongName),
            ("*.test", "a.test", Code::CertificateUntrusted),
            ("*.test", "a.b.test", Code::CertificateWrongName),
            ("*.test", "test", Code::CertificateWrongName),
            ("2001:db8::1", "2001:db8:0::1", Code::CertificateUntrusted),
            ("192.0.2.1", "192.0.2.2", Code::CertificateWrongName),
        ] {
            assert_eq!(judge(&certificate(name), host, SystemTime::now()), code, "{name} {host}");
        }
    }

    #[test]
    fn no_damage_to_a_certificate_makes_it_panic() {
        let whole = certificate("a.test");
        for at in 0..whole.len() {
            for byte in [0, 0x30, 0x7f, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                drop((fingerprint(&damaged), read(&damaged)));
                assert_ne!(judge(&damaged, "a.test", SystemTime::now()), Code::FingerprintMismatch);
            }
            assert_eq!(fingerprint(&whole[..at]), None);
        }
    }
}
