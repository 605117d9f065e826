//! apache with mod_proxy_connect, an HTTP proxy of another make, also one that wants TLS itself.

use std::fs;
use std::net::SocketAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::Proxy;
use crate::network::{Network, Place};

const PORT: u16 = 8_080;

impl Proxy {
    /// apache for port 443. With `ca`, it wants TLS, and the certificate of the authority that signed its own is written there.
    pub fn apache(network: &Network, ca: Option<&std::path::Path>) -> Self {
        let directory = network.scratch();
        let address = SocketAddr::new(network.router(), PORT);
        let log = directory.join("apache-access.log");
        let mut modules = vec!["mpm_event", "authz_core", "proxy", "proxy_connect"];
        let mut tls = String::new();
        if let Some(ca) = ca {
            modules.push("ssl");
            let (certificate, key) = (directory.join("apache.pem"), directory.join("apache-key.pem"));
            let (authority, leaf, pair) = certificates(&address.ip().to_string());
            for (file, text) in [(ca, authority), (&certificate, leaf), (&key, pair)] {
                fs::write(file, text).expect("the lab writes to its directory");
            }
            tls = format!(
                "SSLEngine on\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\n",
                certificate.display(),
                key.display()
            );
        }
        let modules: String = modules
            .iter()
            .map(|module| format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n"))
            .collect();
        let here = directory.display();
        let configuration = format!(
            "{modules}ServerName proxy.test\nServerRoot {here}\nDefaultRuntimeDir {here}\nPidFile {here}/apache.pid\nMutex pthread\n\
             Listen {address}\nErrorLog {here}/apache-error.log\nTransferLog {}\nThreadsPerChild 16\nStartServers 1\n\
             ProxyRequests On\nAllowCONNECT 443\n<Proxy *>\nRequire all granted\n</Proxy>\n{tls}",
            log.display()
        );
        let mut command = network.command(Place::Router, "/usr/sbin/apache2");
        command.args(["-DFOREGROUND", "-f"]);
        Self {
            is_secured: ca.is_some(),
            ..Self::start(network, command, "apache", &configuration, address, log)
        }
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
