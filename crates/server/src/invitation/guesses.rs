//! How many wrong codes each address sends.
//!
//! A code withstands guesses by its 128 bits, at whatever rate a server can answer. What is limited
//! is the work that they make. So a right code is always answered: an office or a load balancer
//! that shares an address with somebody who tries codes is not shut out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Wrong codes that an address may send at once: a link that was broken on its way into an office
/// is opened by everybody there.
const WRONG_CODES_MAX: u32 = 60;
/// The time after which it may send another one.
const WRONG_CODE_PAUSE: Duration = Duration::from_secs(1);
/// Addresses that are counted at the same time. More are not counted: this much memory is enough
/// for what is gained by it.
const ADDRESSES_MAX: usize = 4_096;
/// The bits of an IPv6 address that are one subscriber's: the rest is chosen freely in a network
/// (RFC 4291, section 2.5.1).
const IPV6_NETWORK: u128 = !0 << 64;

/// Counts the wrong codes of each address.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    /// Until when each address has used up what it may send.
    used: Mutex<BTreeMap<IpAddr, Instant>>,
}

impl Guesses {
    /// Counts a wrong code; whether it is within the limit.
    pub(crate) fn count(&self, from: IpAddr, now: Instant) -> bool {
        let from = network(from);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let until = used.get(&from).copied().unwrap_or(now).max(now) + WRONG_CODE_PAUSE;
        if until > now + WRONG_CODE_PAUSE * WRONG_CODES_MAX {
            return false;
        }
        if used.len() >= ADDRESSES_MAX {
            used.retain(|_, until| *until > now);
        }
        if used.len() < ADDRESSES_MAX || used.contains_key(&from) {
            used.insert(from, until);
        }
        true
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & IPV6_NETWORK)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_may_send_some_at_once_and_then_one_after_each_pause() {
        let (guesses, now, from) = (Guesses::default(), Instant::now(), address("192.0.2.1"));
        assert!((0..WRONG_CODES_MAX).all(|_| guesses.count(from, now)));
        assert!(!guesses.count(from, now));
        assert!(guesses.count(address("192.0.2.2"), now), "others are not counted with it");
        let later = now + WRONG_CODE_PAUSE;
        assert!(guesses.count(from, later) && !guesses.count(from, later));
        let rested = now + 2 * WRONG_CODES_MAX * WRONG_CODE_PAUSE;
        assert!((0..WRONG_CODES_MAX).all(|_| guesses.count(from, rested)));
        assert!(!guesses.count(from, rested));
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_count_as_one() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let own = |number| address(&format!("2001:db8::{number:x}"));
        assert!((0..WRONG_CODES_MAX).all(|number| guesses.count(own(number), now)));
        assert!(!guesses.count(own(9_999), now));
        assert!(guesses.count(address("2001:db8:0:1::1"), now));
    }

    #[test]
    fn addresses_are_forgotten_and_never_more_than_some() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let v4 = |number: usize| IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
        assert!((0..ADDRESSES_MAX + 10).all(|number| guesses.count(v4(number), now)));
        assert_eq!(guesses.used.lock().unwrap().len(), ADDRESSES_MAX);
        assert!(guesses.count(v4(3 * ADDRESSES_MAX), now + 2 * WRONG_CODE_PAUSE));
        assert_eq!(guesses.used.lock().unwrap().len(), 1, "the others have nothing used up");
    }
}
