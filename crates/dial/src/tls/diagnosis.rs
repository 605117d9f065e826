//! The statements of a certificate, and what is wrong with one that was not trusted.
//!
//! Nothing here decides about trust: the TLS library did that before, or the fingerprint does.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use convene_model::{Code, Fingerprint, Timestamp};
use sha2::{Digest as _, Sha256};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Any, Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::{Certificate, TbsCertificate};

use crate::failure::{CertificateSeen, shown};

/// Bits of the weakest RSA key that is trusted today (NIST SP 800-131A): what Debian's OpenSSL asks
/// for, and browsers do.
const RSA_BITS_MIN: usize = 2_048;
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Signatures by MD5 and SHA-1, which can be forged.
const WEAK_SIGNATURES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
];
/// The purposes of which a server's certificate that names any must name one: servers, and any.
const SERVER_PURPOSES: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"), ObjectIdentifier::new_unwrap("2.5.29.37.0")];

/// The place of the issuer's certificate (RFC 5280, section 4.2.2.1).
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");

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
    let constraints = tbs.get::<BasicConstraints>().ok().flatten();
    Some(CertificateSeen {
        is_authority: constraints.is_some_and(|(_, constraints)| constraints.ca),
        issuer: shown(&tbs.issuer.to_string()),
        subject: shown(&tbs.subject.to_string()),
        not_before: moment(tbs.validity.not_before),
        not_after: moment(tbs.validity.not_after),
        fingerprint: fingerprint(der)?,
    })
}

/// Why a certificate was not trusted for this host at this moment. A fault that a wrong clock
/// explains comes first, one that a redirected name explains second, then those that nobody may
/// take; where none is to be seen it is the issuer.
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
    } else if is_weak(&certificate) {
        Code::CertificateWeak
    } else if !is_for_servers(&certificate) {
        Code::CertificateWrongPurpose
    } else {
        Code::CertificateUntrusted
    }
}

/// The plain HTTP addresses at which the certificate says that its issuer's lies (RFC 5280, section
/// 4.2.2.1). Nobody vouches for them.
pub(crate) fn issuer_addresses(der: &[u8]) -> Vec<String> {
    let Ok(certificate) = Certificate::from_der(der) else { return Vec::new() };
    let access = certificate.tbs_certificate.get::<AuthorityInfoAccessSyntax>();
    let descriptions = access.ok().flatten().map(|(_, access)| access.0).unwrap_or_default();
    let of_issuer = descriptions.iter().filter(|one| one.access_method == CA_ISSUERS);
    let addresses = of_issuer.filter_map(|one| {
        let GeneralName::UniformResourceIdentifier(address) = &one.access_location else { return None };
        Some(address.as_str())
    });
    addresses.filter(|address| address.starts_with("http://")).map(str::to_owned).collect()
}

/// Of these certificates (DER) the one that issued this one, by its name.
pub(crate) fn issuer_among(der: &[u8], certificates: &[Vec<u8>]) -> Option<Vec<u8>> {
    issuers(der, certificates).first().map(|(issuer, _)| (*issuer).clone())
}

/// Of these authorities the one that issued the certificate, by its name, where it has expired.
pub(super) fn expired_issuer(der: &[u8], authorities: &[Vec<u8>], now: SystemTime) -> Option<Vec<u8>> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let issuers = issuers(der, authorities);
    let is_over = issuers.iter().all(|(_, tbs)| now > tbs.validity.not_after.to_unix_duration());
    issuers.first().filter(|_| is_over).map(|(issuer, _)| (*issuer).clone())
}

/// Those of the certificates (DER) that bear the name of this one's issuer.
fn issuers<'a>(der: &[u8], certificates: &'a [Vec<u8>]) -> Vec<(&'a Vec<u8>, TbsCertificate)> {
    let Ok(certificate) = Certificate::from_der(der) else { return Vec::new() };
    let parsed = certificates.iter().filter_map(|other| {
        let tbs = Certificate::from_der(other).ok()?.tbs_certificate;
        (tbs.subject == certificate.tbs_certificate.issuer).then_some((other, tbs))
    });
    parsed.collect()
}

/// Whether its key or its signature is too weak. That of a self-signed one does not matter.
fn is_weak(certificate: &Certificate) -> bool {
    let tbs = &certificate.tbs_certificate;
    let is_signed_weakly =
        tbs.issuer != tbs.subject && WEAK_SIGNATURES.contains(&certificate.signature_algorithm.oid);
    let key = &tbs.subject_public_key_info;
    let has_weak_key = key.algorithm.oid == RSA
        && rsa_bits(key.subject_public_key.raw_bytes()).is_some_and(|bits| bits < RSA_BITS_MIN);
    is_signed_weakly || has_weak_key
}

/// The bits of the modulus of an RSAPublicKey (RFC 8017, appendix A.1.1).
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let key = Any::from_der(key).ok()?;
    let modulus = SliceReader::new(key.value()).ok()?.tlv_bytes().ok()?;
    let modulus = Any::from_der(modulus).ok()?;
    let modulus = modulus.value();
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8;
    Some(bits - usize::try_from(first.leading_zeros()).ok()?)
}

/// Whether it names no purposes, or one of a server's.
fn is_for_servers(certificate: &Certificate) -> bool {
    match certificate.tbs_certificate.get::<ExtendedKeyUsage>() {
        Ok(Some((_, purposes))) => purposes.0.iter().any(|purpose| SERVER_PURPOSES.contains(purpose)),
        Ok(None) | Err(_) => true,
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
    fn a_certificate_for_clients_is_told_apart() {
        let of = |purpose: rcgen::ExtendedKeyUsagePurpose| {
            let mut params = rcgen::CertificateParams::new(["a.test".to_owned()]).unwrap();
            params.extended_key_usages = vec![purpose];
            let key = rcgen::KeyPair::generate().unwrap();
            judge(params.self_signed(&key).unwrap().der(), "a.test", SystemTime::now())
        };
        assert_eq!(of(rcgen::ExtendedKeyUsagePurpose::ClientAuth), Code::CertificateWrongPurpose);
        assert_eq!(of(rcgen::ExtendedKeyUsagePurpose::ServerAuth), Code::CertificateUntrusted);
    }

    #[test]
    fn an_issuer_that_has_expired_is_found_among_those_that_are_known() {
        let now = SystemTime::now();
        let issuer = |year: i32| {
            let mut params = rcgen::CertificateParams::new([]).unwrap();
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            params.not_after = rcgen::date_time_ymd(year, 1, 1);
            rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate().unwrap()).unwrap()
        };
        let (over, good) = (issuer(2001), issuer(2099));
        let leaf = rcgen::CertificateParams::new(["a.test".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&rcgen::KeyPair::generate().unwrap(), &over).unwrap().der().to_vec();
        let (over, good) = (over.der().to_vec(), good.der().to_vec());
        assert_eq!(expired_issuer(&leaf, std::slice::from_ref(&over), now), Some(over.clone()));
        assert_eq!(expired_issuer(&leaf, &[over, good], now), None, "another of that name counts");
        assert_eq!(expired_issuer(&leaf, &[], now), None);
    }

    #[test]
    fn bits_of_a_key_are_counted() {
        // SEQUENCE { INTEGER 0x00ff…, INTEGER 3 }
        let key =
            |first: u8| [&[0x30, 0x09, 0x02, 0x04, 0x00, first, 0xff, 0xff, 0x02, 0x01, 0x03][..]].concat();
        assert_eq!(rsa_bits(&key(0xff)), Some(24));
        assert_eq!(rsa_bits(&key(0x01)), Some(17));
        assert_eq!(rsa_bits(&[]), None);
    }

    #[test]
    fn no_damage_to_a_certificate_makes_it_panic() {
        let whole = certificate("a.test");
        for at in 0..whole.len() {
            for byte in [0, 0x30, 0x7f, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                drop((fingerprint(&damaged), read(&damaged), issuer_addresses(&damaged)));
                assert_ne!(judge(&damaged, "a.test", SystemTime::now()), Code::FingerprintMismatch);
            }
            assert_eq!(fingerprint(&whole[..at]), None);
        }
    }
}
