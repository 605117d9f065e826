//! `ADDR:PORT` and `ADDR:PORT-PORT`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::PortRange;

/// Ports of one address, on which a server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// The address.
    pub address: IpAddr,
    /// Its ports.
    pub ports: PortRange,
}

/// Text that names no address and ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an address and ports, such as 0.0.0.0:4500-4506, 192.0.2.7:443 or [::]:443")]
pub struct ListenTextError;

impl Listen {
    /// The conference ports of every address of this machine.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let any = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
        any.map(|address| Self { address, ports: PortRange::DEFAULT }).to_vec()
    }
}

impl FromStr for Listen {
    type Err = ListenTextError;

    fn from_str(text: &str) -> Result<Self, ListenTextError> {
        let (address, ports) = text.rsplit_once(':').ok_or(ListenTextError)?;
        let bare = address.strip_prefix('[').and_then(|address| address.strip_suffix(']'));
        let address = match bare {
            Some(v6) => v6.parse::<Ipv6Addr>().map(IpAddr::V6),
            None => address.parse::<Ipv4Addr>().map(IpAddr::V4),
        };
        let address = address.map_err(|_| ListenTextError)?;
        let ports = ports.parse().map_err(|_| ListenTextError)?;
        Ok(Self { address, ports })
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
