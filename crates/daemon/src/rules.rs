//! The rules that the configuration sets for the connection with one server.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use convene_dial::{Authorities, DialSettings, Trust};
use convene_model::PortRange;
use convene_uplink::Inspection;

use crate::config::{Config, read_certificates};
use crate::logins::Logins;
use crate::store::ServerAddress;

/// A file that the configuration names cannot be read, or holds no certificates.
#[derive(Debug, thiserror::Error)]
#[error("ca_file {path}: {source}")]
pub(crate) struct CaFileError {
    /// The file.
    path: String,
    /// Why.
    source: io::Error,
}

/// The rules for reaching and trusting a server, and for what is said about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rules {
    pub(crate) ports: PortRange,
    pub(crate) https_port: u16,
    pub(crate) inspection: Inspection,
    /// Whom to ask when nothing works.
    pub(crate) contact: Option<String>,
    addresses: Vec<IpAddr>,
    /// Whom the configuration trusts beside the system's authorities.
    authorities: Authorities,
    /// A link alone may not lead to this machine or its own network.
    allow_local: bool,
}

impl Rules {
    /// The rules of the link, except where the configuration says otherwise. Reads the certificates
    /// that the configuration names.
    pub(crate) fn of(config: &Config, address: &ServerAddress) -> Result<Self, CaFileError> {
        let server = config.server(&address.host);
        let read = |path: &PathBuf| {
            let read =
                read_certificates(path).and_then(|file| Authorities::read(&file).map_err(io::Error::other));
            read.map_err(|source| CaFileError { path: path.display().to_string(), source })
        };
        let ca_file = server.and_then(|server| server.ca_file.as_ref());
        // If a fingerprint decides, nobody but the server gets through, and there is nothing to
        // say.
        let inspection = match address.fingerprint {
            Some(_) => Inspection::Allow,
            None => config.policy.tls_inspection.unwrap_or(Inspection::Notify),
        };
        Ok(Self {
            ports: server.and_then(|server| server.direct_ports).unwrap_or(address.ports),
            https_port: server.and_then(|server| server.https_port).unwrap_or(address.https_port),
            inspection,
            contact: server.and_then(|server| server.contact.clone()),
            addresses: server.map(|server| server.addresses.clone()).unwrap_or_default(),
            authorities: ca_file.map(read).transpose()?.unwrap_or_default(),
            allow_local: server.is_some(),
        })
    }

    /// The settings with which routes are opened for this user.
    pub(crate) fn settings(&self, address: &ServerAddress, user: &str, logins: &Logins) -> DialSettings {
        let of_system = || Trust::System { beside: self.authorities.clone() };
        DialSettings {
            trust: address.fingerprint.map_or_else(of_system, Trust::Fingerprint),
            proxy_authorities: self.authorities.clone(),
            addresses: self.addresses.clone(),
            logins: logins.known(),
            whose: user.to_owned(),
            tickets: Some(logins.tickets(user)),
            allow_local: self.allow_local,
        }
    }

    /// Whether routes are opened in the same way: what is open may stay.
    pub(crate) fn open_alike(&self, other: &Self) -> bool {
        *self == Self { contact: self.contact.clone(), ..other.clone() }
    }
}
