//! Certificates that are trusted beside the system's.

use std::fmt;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

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

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn no_damage_to_a_file_makes_it_panic() {
        for whole in [made().pem().into_bytes(), made().der().to_vec()] {
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] = 0xff;
                drop((Authorities::read(&damaged), Authorities::read(&whole[..at])));
            }
        }
    }
}
