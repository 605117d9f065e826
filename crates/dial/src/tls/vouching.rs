//! Chains of which the server left out a link, which was fetched.

#[cfg(target_os = "linux")]
use std::net::IpAddr;

#[cfg(target_os = "linux")]
use openssl::error::ErrorStack;
#[cfg(target_os = "linux")]
use openssl::stack::Stack;
#[cfg(target_os = "linux")]
use openssl::x509::store::X509StoreBuilder;
#[cfg(target_os = "linux")]
use openssl::x509::verify::{X509CheckFlags, X509VerifyFlags, X509VerifyParam};
#[cfg(target_os = "linux")]
use openssl::x509::{X509, X509PurposeId, X509StoreContext};

/// The strength that every certificate of a chain must have: 112 bits, so RSA 2048 and SHA-2, which
/// is what Debian's OpenSSL asks of connections (`SSL_CTX_set_security_level`).
#[cfg(target_os = "linux")]
const STRENGTH: i32 = 2;

/// Whether the system or these authorities vouch for the certificate as that of this host, now. The
/// intermediates, without which there is nothing to look at, only join the certificate to one of
/// them, and are trusted in nothing. All are DER.
#[cfg(target_os = "linux")]
pub(super) fn vouches(authorities: &[Vec<u8>], intermediates: &[Vec<u8>], leaf: &[u8], host: &str) -> bool {
    !intermediates.is_empty() && verified(authorities, intermediates, leaf, host).unwrap_or_default()
}

/// Windows' own library fetches what a server left out.
#[cfg(not(target_os = "linux"))]
pub(super) const fn vouches(_: &[Vec<u8>], _: &[Vec<u8>], _: &[u8], _: &str) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn verified(
    authorities: &[Vec<u8>],
    intermediates: &[Vec<u8>],
    leaf: &[u8],
    host: &str,
) -> Result<bool, ErrorStack> {
    let mut param = X509VerifyParam::new()?;
    param.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    param.set_purpose(X509PurposeId::SSL_SERVER)?;
    param.set_auth_level(STRENGTH);
    param.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS | X509CheckFlags::NEVER_CHECK_SUBJECT);
    match host.parse::<IpAddr>() {
        Ok(address) => param.set_ip(address)?,
        Err(_) => param.set_host(host)?,
    }
    let mut store = X509StoreBuilder::new()?;
    for authority in authorities {
        store.add_cert(X509::from_der(authority)?)?;
    }
    store.set_default_paths()?;
    store.set_param(&param)?;
    let mut links = Stack::new()?;
    for intermediate in intermediates {
        links.push(X509::from_der(intermediate)?)?;
    }
    let leaf = X509::from_der(leaf)?;
    X509StoreContext::new()?.init(&store.build(), &leaf, &links, |context| context.verify_cert())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

    use super::*;

    const HOST: &str = "a.test";

    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    #[test]
    fn a_link_joins_to_who_is_trusted_and_is_never_trusted() {
        let key = || KeyPair::generate().unwrap();
        let root = CertifiedIssuer::self_signed(authority("root"), key()).unwrap();
        let middle = CertifiedIssuer::signed_by(authority("middle"), key(), &root).unwrap();
        let leaf = CertificateParams::new([HOST.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key(), &middle).unwrap().der().to_vec();
        let (root, middle) = (root.der().to_vec(), middle.der().to_vec());
        let (root, middle) = (std::slice::from_ref(&root), std::slice::from_ref(&middle));
        assert!(vouches(middle, root, &leaf, HOST), "the issuer alone is trusted");
        assert!(vouches(root, middle, &leaf, HOST), "the link is known");
        assert!(!vouches(root, &[], &leaf, HOST), "the link is missing");
        assert!(!vouches(&[], &[middle, root].concat(), &leaf, HOST), "a link is nobody to trust");
        assert!(!vouches(root, middle, &leaf, "b.test"), "the name counts");
        assert!(!vouches(root, middle, &leaf, "192.0.2.1"), "and so does an address");
        assert!(!vouches(root, middle, &[], HOST));
    }
}
