//! The network of an address, to which a stranger is charged.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bits of an IPv4 address that name a network: the least that is announced by itself.
const IPV4_NETWORK: u32 = !0 << 8;
/// The bits of an IPv6 address that name a subscriber: the rest is chosen freely there (RFC 6177,
/// section 2).
const IPV6_NETWORK: u128 = !0 << 72;

/// A network: the addresses of a /24 or a /56.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Block(IpAddr);

impl Block {
    /// The network of this address. An IPv4 address in the form of IPv6 is in that of IPv4.
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & IPV4_NETWORK)),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & IPV6_NETWORK)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        Block::of(text.parse().unwrap())
    }

    #[test]
    fn a_network_is_a_24_or_a_56() {
        assert_eq!(block("192.0.2.1"), block("192.0.2.250"));
        assert_ne!(block("192.0.2.1"), block("192.0.3.1"));
        assert_eq!(block("::ffff:192.0.2.1"), block("192.0.2.250"));
        assert_eq!(block("2001:db8:0:1ff::1"), block("2001:db8:0:100::2"));
        assert_ne!(block("2001:db8:0:1ff::1"), block("2001:db8:0:200::1"));
    }
}
