//! Authorities that issue certificates: the lab's own, and those of boxes that inspect TLS.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

/// An authority.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new one of that name.
    pub fn new(name: &str) -> Self {
        let mut of_authority = CertificateParams::default();
        of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        of_authority.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("keys can be made");
        let issuer = CertifiedIssuer::self_signed(of_authority, key).expect("an authority can be made");
        Self { issuer }
    }

    /// Its certificate (PEM).
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// Its key (PEM).
    pub(crate) fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Writes a certificate for the name, valid from the first day of one year to that of another,
    /// and its key. Gives their files.
    pub(crate) fn issue(&self, name: &str, (from, to): (i32, i32), directory: &Path) -> [PathBuf; 2] {
        let mut of_leaf = CertificateParams::new([name.to_owned()]).expect("a name");
        (of_leaf.not_before, of_leaf.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let key = KeyPair::generate().expect("keys can be made");
        let leaf = of_leaf.signed_by(&key, &self.issuer).expect("a certificate can be signed");
        [("issued.pem", leaf.pem()), ("issued-key.pem", key.serialize_pem())].map(|(file, text)| {
            let file = directory.join(file);
            fs::write(&file, text).expect("the lab writes to its directory");
            file
        })
    }
}
