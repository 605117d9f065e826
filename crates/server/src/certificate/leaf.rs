//! The facts that a certificate states about itself.

use std::net::IpAddr;
use std::time::SystemTime;

use convene_model::Fingerprint;
use rcgen::{KeyPair, PublicKeyData as _};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

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
/// Bytes of a hash by which two certificates are told apart in a log.
const SHORT_BYTES: usize = 8;

/// A server's certificate, without those of its issuers.
#[derive(Debug)]
pub(crate) struct Leaf {
    der: CertificateDer<'static>,
    /// `None` where it is malformed: whether TLS can use it is for TLS to say.
    parsed: Option<Certificate>,
}

impl Leaf {
    pub(super) fn new(der: CertificateDer<'static>) -> Self {
        let parsed = Certificate::from_der(&der).ok();
        Self { der, parsed }
    }

    /// Whether clients take it for this server's (RFC 6125: the alternative names alone, `*` for
    /// one whole label).
    pub(crate) fn covers(&self, name: &str) -> bool {
        let Ok(name) = ServerName::try_from(name) else { return false };
        ParsedCertificate::try_from(&self.der).is_ok_and(|leaf| verify_server_name(&leaf, &name).is_ok())
    }

    /// The names and addresses that it is for.
    pub(crate) fn names(&self) -> Vec<String> {
        let names =
            self.parsed.as_ref().and_then(|leaf| leaf.tbs_certificate.get::<SubjectAltName>().ok()?);
        names.map_or_else(Vec::new, |(_, names)| names.0.iter().filter_map(name_text).collect())
    }

    /// When it ends.
    pub(crate) fn end(&self) -> Option<SystemTime> {
        Some(self.parsed.as_ref()?.tbs_certificate.validity.not_after.to_system_time())
    }

    /// When it ends, as RFC 3339 writes it.
    pub(crate) fn end_text(&self) -> String {
        let end = self.parsed.as_ref().map(|leaf| leaf.tbs_certificate.validity.not_after.to_date_time());
        end.map_or_else(|| "unknown".to_owned(), |end| end.to_string())
    }

    /// The beginning of its SHA-256, as other programs print it.
    pub(crate) fn short_hash(&self) -> String {
        let hash = Sha256::digest(&self.der);
        hash.iter().take(SHORT_BYTES).map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// The hash that the certificate's signature uses, of the certificate; of a longer one the
    /// first 32 bytes, as the daemon takes them.
    pub(super) fn end_point(&self) -> Option<[u8; 32]> {
        let algorithm = self.parsed.as_ref()?.signature_algorithm.oid;
        let hash = if SHA384.contains(&algorithm) {
            Sha384::digest(&self.der).to_vec()
        } else if SHA512.contains(&algorithm) {
            Sha512::digest(&self.der).to_vec()
        } else {
            Sha256::digest(&self.der).to_vec()
        };
        hash.first_chunk().copied()
    }

    /// Whether it is for this key.
    pub(super) fn is_of(&self, pair: &KeyPair) -> bool {
        let key = Sha256::digest(pair.subject_public_key_info());
        self.fingerprint() == Some(Fingerprint(key.into()))
    }

    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        let key = self.parsed.as_ref()?.tbs_certificate.subject_public_key_info.to_der().ok()?;
        Some(Fingerprint(Sha256::digest(key).into()))
    }
}

fn name_text(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(address) => {
            let bytes = address.as_bytes();
            let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()?;
            Some(address.to_string())
        }
        GeneralName::OtherName(_)
        | GeneralName::Rfc822Name(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::UniformResourceIdentifier(_)
        | GeneralName::RegisteredId(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Leaf {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Leaf::new(rcgen::generate_simple_self_signed(names).unwrap().cert.into())
    }

    #[test]
    fn names_are_matched_as_clients_do() {
        let leaf = of(&["a.example.org", "*.conference.example.org", "192.0.2.7", "2001:db8::1"]);
        for name in ["a.example.org", "A.example.org", "b.conference.example.org", "192.0.2.7", "2001:db8::1"]
        {
            assert!(leaf.covers(name), "{name}");
        }
        for name in ["b.example.org", "conference.example.org", "a.b.conference.example.org", "192.0.2.8"] {
            assert!(!leaf.covers(name), "{name}");
        }
        let names = ["a.example.org", "*.conference.example.org", "192.0.2.7", "2001:db8::1"];
        assert_eq!(leaf.names(), names);
    }

    #[test]
    fn a_common_name_alone_names_nothing() {
        let key = KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, "a.example.org");
        let leaf = Leaf::new(params.self_signed(&key).unwrap().into());
        assert!(!leaf.covers("a.example.org") && leaf.names().is_empty());
    }

    #[test]
    fn the_end_is_written_for_people() {
        let key = KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(["a.example.org".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2030, 2, 1);
        let leaf = Leaf::new(params.self_signed(&key).unwrap().into());
        assert_eq!(leaf.end_text(), "2030-02-01T00:00:00Z");
        assert_eq!(leaf.short_hash().len(), 23);
    }
}
