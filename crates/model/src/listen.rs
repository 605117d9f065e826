//! `ADDR:PORT` and `ADDR:PORT-PORT`.

use std::fmt;
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

/// Text that names no ports, or too many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenTextError {
    /// It is of another form.
    #[error(
        "{0:?} is not an address with ports; write them such as 0.0.0.0:4500-4506, 192.0.2.7:443 or [::]:443"
    )]
    Form(String),
    /// It is of another form, and what it may mean can be told.
    #[error("{0:?} is not an address with ports; did you mean {1}?")]
    Near(String, Listen),
    /// A range is too long.
    #[error(
        "{first}-{last} are {} ports, and one entry may have {}; write several entries",
        u32::from(*.last) - u32::from(*.first) + 1,
        PortRange::PORTS_MAX
    )]
    Many {
        /// The lowest port.
        first: u16,
        /// The highest port.
        last: u16,
    },
}

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
        let (address, ports) = text.rsplit_once(':').unwrap_or(("", text));
        let form = || ListenTextError::Form(text.to_owned());
        let ports = ports.parse().map_err(|_| too_many(ports).unwrap_or_else(form))?;
        let near = |address| ListenTextError::Near(text.to_owned(), Self { address, ports });
        let bare = address.strip_prefix('[').and_then(|address| address.strip_suffix(']'));
        let parsed = match bare {
            Some(v6) => v6.parse::<Ipv6Addr>().map(IpAddr::V6),
            None => address.parse::<Ipv4Addr>().map(IpAddr::V4),
        };
        parsed.map(|address| Self { address, ports }).map_err(|_| match address {
            "" | "*" => near(Ipv4Addr::UNSPECIFIED.into()),
            "localhost" => near(Ipv4Addr::LOCALHOST.into()),
            v6 => v6.parse::<Ipv6Addr>().map_or_else(|_| form(), |address| near(address.into())),
        })
    }
}

fn too_many(ports: &str) -> Option<ListenTextError> {
    let (first, last) = ports.split_once('-')?;
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (last.checked_sub(first)? >= PortRange::PORTS_MAX).then_some(ListenTextError::Many { first, last })
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.ports),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.ports),
        }
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_to_right_is_told() {
        for (text, near) in [
            ("443", "0.0.0.0:443"),
            ("*:4500-4506", "0.0.0.0:4500-4506"),
            (":443", "0.0.0.0:443"),
            ("localhost:443", "127.0.0.1:443"),
            (":::443", "[::]:443"),
            ("2001:db8::1:443", "[2001:db8::1]:443"),
        ] {
            let error = text.parse::<Listen>().unwrap_err();
            assert_eq!(error, ListenTextError::Near(text.to_owned(), near.parse().unwrap()));
            assert!(error.to_string().ends_with(&format!("did you mean {near}?")), "{error}");
        }
        for text in ["conference.example.org:443", "0.0.0.0", "0.0.0.0:0", "[::1:443"] {
            assert_eq!(text.parse::<Listen>(), Err(ListenTextError::Form(text.to_owned())));
        }
        let many = "0.0.0.0:4500-4516".parse::<Listen>().unwrap_err().to_string();
        assert_eq!(many, "4500-4516 are 17 ports, and one entry may have 16; write several entries");
    }
}
