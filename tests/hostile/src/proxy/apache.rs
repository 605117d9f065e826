//! apache with mod_proxy_connect, an HTTP proxy of another make, also one that wants TLS itself.

use std::fs;
use std::net::SocketAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::{DIGEST_USER, Proxy};
use crate::network::{Network, Place};

const PORT: u16 = 8_080;
/// For whom it is there.
const OPEN: &str = "Require all granted\n";

impl Proxy {
    /// apache for port 443. With `ca`, it wants TLS, and the certificate of the authority that
    /// signed its own is written there.
    pub fn apache(network: &Network, ca: Option<&std::path::Path>) -> Self {
        let Some(ca) = ca else { return Self::apache_with(network, &[], "", OPEN) };
        let directory = network.scratch();
        let (certificate, key) = (directory.join("apache.pem"), directory.join("apache-key.pem"));
        let (authority, leaf, pair) = certificates(&network.router().to_string());
        for (file, text) in [(ca, authority), (&certificate, leaf), (&key, pair)] {
            fs::write(file, text).expect("the lab writes to its directory");
        }
        let tls = format!(
            "SSLEngine on\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\n",
            certificate.display(),
            key.display()
        );
        Self { is_secured: true, ..Self::apache_with(network, &["ssl"], &tls, OPEN) }
    }

    /// apache for port 443, with Digest for [`super::Login::PLAIN`], that takes each of its nonces
    /// once.
    pub fn apache_with_digest(network: &Network) -> Self {
        let users = network.scratch().join("apache-users");
        fs::write(&users, DIGEST_USER).expect("the lab writes to its directory");
        let access = format!(
            "AuthType Digest\nAuthName lab\nAuthDigestProvider file\nAuthUserFile {}\nAuthDigestNonceLifetime 0\nRequire valid-user\n",
            users.display()
        );
        Self::apache_with(network, &["auth_digest", "authn_core", "authn_file", "authz_user"], "", &access)
    }

    fn apache_with(network: &Network, modules: &[&str], tls: &str, access: &str) -> Self {
        let directory = network.scratch();
        let address = SocketAddr::new(network.router(), PORT);
        let log = directory.join("apache-access.log");
        let modules: String = ["mpm_event", "authz_core", "proxy", "proxy_connect"]
            .iter()
            .chain(modules)
            .map(|module| format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n"))
            .collect();
        let here = directory.display();
        let configuration = format!(
            "{modules}ServerName proxy.test\nServerRoot {here}\nDefaultRuntimeDir {here}\nPidFile {here}/apache.pid\nMutex pthread\n\
             Listen {address}\nErrorLog {here}/apache-error.log\nLogFormat \"%h %u %>s %r\"\nTransferLog {}\nThreadsPerChild 16\nStartServers 1\n\
             ProxyRequests On\nAllowCONNECT 443\n<Proxy *>\n{access}</Proxy>\n{tls}",
            log.display()
        );
        let mut command = network.command(Place::Router, "/usr/sbin/apache2");
        command.args(["-DFOREGROUND", "-f"]);
        Self::start(network, command, "apache", &configuration, address, log)
    }
}

/// An authority's certificate, one for this name that it signed, and the key of that.
fn certificates(name: &str) -> (String, String, String) {
    let key = || KeyPair::generate().expect("keys can be made");
    let mut of_ca = CertificateParams::new([]).expect("no name is no wrong name");
    of_ca.distinguished_name.push(DnType::CommonName, "Lab Authority");
    of_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(of_ca, key()).expect("an authority signs itself");
    let pair = key();
    let leaf = CertificateParams::new([name.to_owned()]).and_then(|leaf| leaf.signed_by(&pair, &ca));
    (ca.pem(), leaf.expect("an authority signs others").pem(), pair.serialize_pem())
}
