//! Authorities that issue certificates: the lab's own, and those of boxes that inspect TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, date_time_ymd,
};

use crate::process::must;

/// The extension by which a certificate says where its issuer's lies (RFC 5280, section 4.2.2.1).
const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];

/// An authority.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate of the server's, and who vouches for it.
#[derive(Debug, Clone, Copy)]
pub struct Issued<'a> {
    /// Who has signed it.
    pub by: &'a Authority,
    /// It is valid from the first day of one year to that of another.
    pub years: (i32, i32),
    /// Whether the server sends the authority's certificate behind its own.
    pub with_issuer: bool,
    /// The addresses at which it says that the authority's certificate lies, of 100 bytes together.
    pub issuer_at: &'a [&'a str],
    /// Whether it says that it is for clients alone.
    pub for_clients: bool,
}

impl Authority {
    /// A new one of that name.
    pub fn new(name: &str) -> Self {
        Self::until(name, 2099)
    }

    /// A new one of that name that counts until the first day of the year.
    pub fn until(name: &str, year: i32) -> Self {
        let (params, key) = of_authority(name, year);
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("an authority can be made") }
    }

    /// A new one of that name for which this one vouches until the first day of the year.
    #[must_use]
    pub fn vouch_for(&self, name: &str, year: i32) -> Self {
        let (params, key) = of_authority(name, year);
        let issuer = CertifiedIssuer::signed_by(params, key, &self.issuer);
        Self { issuer: issuer.expect("an authority can be made") }
    }

    /// A certificate of those years, and nothing unusual about it.
    pub fn issued(&self, years: (i32, i32)) -> Issued<'_> {
        Issued { by: self, years, with_issuer: false, issuer_at: &[], for_clients: false }
    }

    /// Its certificate (PEM).
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// Its certificate (DER).
    pub fn certificate_der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// Its certificate in a bundle (RFC 5652) with that of another one.
    pub fn bundle(&self, other: &Self, directory: &Path) -> Vec<u8> {
        let (both, bundle) = (directory.join("both.pem"), directory.join("both.p7c"));
        let certificates = other.certificate() + &self.certificate();
        fs::write(&both, certificates).expect("the lab writes to its directory");
        let mut command = Command::new("/usr/bin/openssl");
        command.args(["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile"]).arg(both);
        must(command.arg("-out").arg(&bundle), "");
        fs::read(bundle).expect("the lab has written it")
    }

    /// Its key (PEM).
    pub(crate) fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }
}

impl Issued<'_> {
    /// Writes the certificate, for this name, and its key. Gives their files.
    pub(crate) fn write(&self, name: &str, directory: &Path) -> [PathBuf; 2] {
        let mut of_leaf = CertificateParams::new([name.to_owned()]).expect("a name");
        let (from, to) = self.years;
        (of_leaf.not_before, of_leaf.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        if !self.issuer_at.is_empty() {
            of_leaf.custom_extensions = vec![access_to_issuer(self.issuer_at)];
        }
        of_leaf.extended_key_usages.extend(self.for_clients.then_some(ExtendedKeyUsagePurpose::ClientAuth));
        let key = KeyPair::generate().expect("keys can be made");
        let leaf = of_leaf.signed_by(&key, &self.by.issuer).expect("a certificate can be signed");
        let issuer = if self.with_issuer { self.by.certificate() } else { String::new() };
        let chain = leaf.pem() + &issuer;
        [("issued.pem", chain), ("issued-key.pem", key.serialize_pem())].map(|(file, text)| {
            let file = directory.join(file);
            fs::write(&file, text).expect("the lab writes to its directory");
            file
        })
    }
}

/// The statements of an authority's certificate, and its key.
fn of_authority(name: &str, until: i32) -> (CertificateParams, KeyPair) {
    let mut of_authority = CertificateParams::default();
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    of_authority.distinguished_name.push(DnType::CommonName, name);
    (of_authority.not_before, of_authority.not_after) =
        (date_time_ymd(2000, 1, 1), date_time_ymd(until, 1, 1));
    (of_authority, KeyPair::generate().expect("keys can be made"))
}

/// A description for each: the method `id-ad-caIssuers`, and the address as its location.
fn access_to_issuer(addresses: &[&str]) -> CustomExtension {
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let describe = |address: &&str| der(0x30, &[&method, &der(0x86, address.as_bytes())[..]].concat());
    let descriptions: Vec<u8> = addresses.iter().flat_map(describe).collect();
    CustomExtension::from_oid_content(AUTHORITY_INFO_ACCESS, der(0x30, &descriptions))
}

/// A value of at most 127 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 128).expect("a short value");
    [&[tag, length], content].concat()
}
