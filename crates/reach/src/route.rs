//! Routes, as plain data: what the ladder decides about and what `dial` opens.

use std::fmt;

use convene_model::{Carrier, Code, Rung, Stage, bracketed};
use serde::{Deserialize, Serialize};

/// One way to reach the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// Its class.
    pub rung: Rung,
    /// Where the server is, by the name that its certificate must bear.
    pub target: Target,
    /// Through whom; present exactly on the rung `proxy`.
    pub proxy: Option<ProxyAddress>,
    /// The form in which frames travel inside TLS.
    pub carrier: Carrier,
}

/// A port of the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// A DNS name in lower case, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

/// Where a proxy is and what it speaks. Its login is no part of the route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProxyAddress {
    /// The protocol that it speaks.
    #[serde(default)]
    pub scheme: ProxyScheme,
    /// A DNS name in lower case, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

/// The protocol that a proxy speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyScheme {
    /// HTTP with CONNECT (RFC 9110, section 9.3.6).
    #[default]
    Http,
    /// The same inside TLS.
    Https,
    /// SOCKS 4a.
    Socks4,
    /// SOCKS 5 (RFC 1928).
    Socks5,
}

/// Why a route did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Failure {
    /// The stage that it had reached.
    pub stage: Stage,
    /// The code of what went wrong.
    pub code: Code,
}

impl Route {
    /// The same way with the carrier that passes where no other does; `None` where it has that
    /// already.
    pub fn polled(&self) -> Option<Self> {
        (self.carrier != Carrier::Poll).then(|| Self { carrier: Carrier::Poll, ..self.clone() })
    }
}

impl Failure {
    /// Whether it may be the carrier's: the box or the server that refused this one may pass
    /// another on the same way.
    pub fn refuses_carrier(self) -> bool {
        let of_server = matches!(self.code, Code::VersionUnsupported | Code::ServerBusy);
        self.stage >= Stage::Http && !of_server
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", bracketed(&self.host), self.port)
    }
}

impl fmt::Display for ProxyAddress {
    /// `HOST:PORT` of an HTTP proxy, the others with their scheme in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            ProxyScheme::Http => "",
            ProxyScheme::Https => "https://",
            ProxyScheme::Socks4 => "socks4://",
            ProxyScheme::Socks5 => "socks5://",
        })?;
        write!(f, "{}:{}", bracketed(&self.host), self.port)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.target)?;
        self.proxy.as_ref().map_or(Ok(()), |proxy| write!(f, " via {proxy}"))
    }
}
