//! Certificates that are trusted beside the system's.

use std::fmt;

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_cert::der::{Decode as _, Encode as _};

/// The beginning of every part of a PEM file (RFC 7468).
const BEGIN: &str = "-----BEGIN ";
/// Characters of a part's name that are told.
const LABEL_CHARS_MAX: usize = 40;

/// Certificates whose holders may vouch for a server, or for a box on the way that opens TLS.
#[derive(Clone, Default)]
pub struct Authorities(pub(super) Vec<native_tls::Certificate>);

impl PartialEq for Authorities {
    /// The same certificates, in the same order.
    fn eq(&self, other: &Self) -> bool {
        let der = |certificate: &native_tls::Certificate| certificate.to_der().ok();
        self.0.iter().map(der).eq(other.0.iter().map(der))
    }
}

/// Why a file holds nobody to trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthoritiesError {
    /// It is empty.
    #[error("it is empty; it must hold one or more certificates (PEM), or one (DER)")]
    Empty,
    /// It is PEM, and none of its parts is a certificate.
    #[error(
        "it holds \"{label}\" and no certificate; it must hold one or more certificates (PEM), or one (DER)"
    )]
    Other {
        /// The label of the first part.
        label: String,
    },
    /// It is something else.
    #[error("it is no certificate; it must hold one or more certificates (PEM), or one (DER)")]
    NoCertificate,
    /// A certificate is damaged.
    #[error("its certificate number {number} is damaged; export it anew (PEM or DER)")]
    Damaged {
        /// Its place in the file, from 1.
        number: usize,
    },
}

impl Authorities {
    /// The certificates (DER).
    pub(crate) fn ders(&self) -> Vec<Vec<u8>> {
        self.0.iter().filter_map(|certificate| certificate.to_der().ok()).collect()
    }

    /// Reads the content of a file: certificates as text (PEM, with whatever stands between them)
    /// or one in binary (DER).
    ///
    /// # Errors
    /// When there is none, or when one of them is damaged.
    pub fn read(file: &[u8]) -> Result<Self, AuthoritiesError> {
        if file.trim_ascii().is_empty() {
            return Err(AuthoritiesError::Empty);
        }
        let text = String::from_utf8_lossy(file);
        let Some((_, first)) = text.split_once(BEGIN) else {
            let certificate = native_tls::Certificate::from_der(file);
            return certificate.map(|one| Self(vec![one])).map_err(|_| AuthoritiesError::NoCertificate);
        };
        let numbered = (1..).zip(CertificateDer::pem_slice_iter(file));
        let certificates = numbered
            .map(|(number, der)| {
                let certificate = der.ok().and_then(|der| native_tls::Certificate::from_der(&der).ok());
                certificate.ok_or(AuthoritiesError::Damaged { number })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if certificates.is_empty() {
            let label = first.chars().take_while(|c| *c != '-' && !c.is_control()).take(LABEL_CHARS_MAX);
            return Err(AuthoritiesError::Other { label: label.collect() });
        }
        Ok(Self(certificates))
    }
}

/// The certificates (DER) of a file that a certificate says its issuer's lies in: one, or a bundle
/// (RFC 5280, section 4.2.2.1; RFC 5652, section 5).
pub(crate) fn read_issuers(file: &[u8]) -> Vec<Vec<u8>> {
    let one = Authorities::read(file).map(|certificates| certificates.ders());
    one.ok().or_else(|| read_bundle(file)).unwrap_or_default()
}

fn read_bundle(file: &[u8]) -> Option<Vec<Vec<u8>>> {
    let signed: SignedData = ContentInfo::from_der(file).ok()?.content.decode_as().ok()?;
    let certificates = signed.certificates?.0.into_vec().into_iter().filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => certificate.to_der().ok(),
        CertificateChoices::Other(_) => None,
    });
    Some(certificates.collect())
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use cms::signed_data::{CertificateSet, EncapsulatedContentInfo, SignerInfos};
    use x509_cert::der::Any;
    use x509_cert::der::asn1::{ObjectIdentifier, SetOfVec};

    use super::*;

    /// RFC 5652, sections 4 and 5.1.
    const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
    const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

    fn made() -> rcgen::Certificate {
        rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap().cert
    }

    fn error(file: &[u8]) -> AuthoritiesError {
        Authorities::read(file).unwrap_err()
    }

    #[test]
    fn certificates_are_taken_as_text_and_in_binary() {
        let (one, other) = (made(), made());
        assert_eq!(Authorities::read(one.der()).unwrap().0.len(), 1);
        assert_eq!(Authorities::read(one.pem().as_bytes()).unwrap().0.len(), 1);
        let several = format!("\u{feff}# Gr\u{fc}\u{df}e\r\n{}\r\nand\r\n{}", one.pem(), other.pem());
        let read = Authorities::read(several.as_bytes()).unwrap();
        let der: Vec<_> = read.0.iter().map(|certificate| certificate.to_der().unwrap()).collect();
        assert_eq!(der, [one.der().to_vec(), other.der().to_vec()]);
    }

    #[test]
    fn what_else_a_file_holds_is_named() {
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        assert_eq!(error(b""), AuthoritiesError::Empty);
        assert_eq!(error(b" \r\n"), AuthoritiesError::Empty);
        assert_eq!(error(key.as_bytes()), AuthoritiesError::Other { label: "PRIVATE KEY".to_owned() });
        assert_eq!(error(b"\xff\xfe\x00garbage"), AuthoritiesError::NoCertificate);
    }

    #[test]
    fn a_damaged_certificate_is_told_by_its_number() {
        let whole = made().pem();
        let second = AuthoritiesError::Damaged { number: 2 };
        let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(error(format!("{whole}{nonsense}").as_bytes()), second);
        let cut = whole.len() - 30;
        assert_eq!(error(format!("{whole}{}", &whole[..cut]).as_bytes()), second);
        assert_eq!(error(format!("{whole}\n{}", whole.replace("MII", "M?I")).as_bytes()), second);
    }

    /// A bundle of these certificates, as `openssl crl2pkcs7 -nocrl` makes it.
    fn bundle(certificates: &[&rcgen::Certificate]) -> Vec<u8> {
        let choices = certificates.iter().map(|certificate| {
            CertificateChoices::Certificate(x509_cert::Certificate::from_der(certificate.der()).unwrap())
        });
        let signed = SignedData {
            version: cms::content_info::CmsVersion::V1,
            digest_algorithms: SetOfVec::new(),
            encap_content_info: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
            certificates: Some(CertificateSet(SetOfVec::from_iter(choices).unwrap())),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::new()),
        };
        let content = Any::encode_from(&signed).unwrap();
        ContentInfo { content_type: ID_SIGNED_DATA, content }.to_der().unwrap()
    }

    #[test]
    fn an_issuer_is_read_alone_and_in_a_bundle() {
        let (one, other) = (made(), made());
        assert_eq!(read_issuers(one.der()), [one.der().to_vec()]);
        let mut bundled = read_issuers(&bundle(&[&one, &other]));
        let mut both = [one.der().to_vec(), other.der().to_vec()];
        bundled.sort();
        both.sort();
        assert_eq!(bundled, both);
        assert_eq!(read_issuers(b"<html>"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn no_damage_to_a_file_makes_it_panic() {
        let bundle = bundle(&[&made()]);
        for whole in [made().pem().into_bytes(), made().der().to_vec(), bundle] {
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] = 0xff;
                drop((Authorities::read(&damaged), Authorities::read(&whole[..at])));
                drop((read_issuers(&damaged), read_issuers(&whole[..at])));
            }
        }
    }
}
