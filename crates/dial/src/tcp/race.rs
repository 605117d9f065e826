//! The race of one host's addresses, and what their errors mean.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use convene_model::{Code, Stage};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::names::Family;
use crate::failure::DialError;
use crate::net_watch::{gateway_is_silent, leads_out, own_address_toward};

/// How far the addresses of one host start apart (RFC 8305, section 5).
const APART: Duration = Duration::from_millis(250);

/// Attempts at the addresses of one host, the address families in turn (RFC 8305, section 4),
/// whenever they become known.
#[derive(Debug)]
pub(super) struct Race {
    port: u16,
    /// In the order of [`Family::BOTH`].
    waiting: [VecDeque<IpAddr>; 2],
    /// The family whose turn it is.
    turn: Family,
    /// Every address that was added, so that none is tried twice.
    known: BTreeSet<IpAddr>,
    pub(super) under_way: FuturesUnordered<BoxFuture<'static, Result<TcpStream, Code>>>,
    /// When the next address starts.
    pub(super) next: Instant,
    code: Option<Code>,
}

impl Race {
    pub(super) fn new(port: u16) -> Self {
        Self {
            port,
            waiting: Default::default(),
            turn: Family::V6,
            known: BTreeSet::new(),
            under_way: FuturesUnordered::new(),
            next: Instant::now(),
            code: None,
        }
    }

    /// More addresses, of each family best first, behind those that wait. Local ones count as
    /// failed unless they are allowed.
    pub(super) fn add(&mut self, addresses: &[IpAddr], allow_local: bool) {
        for address in addresses {
            if !allow_local && (is_local(*address) || is_own(*address)) {
                self.note(Code::AddressNotAllowed);
            } else if self.known.insert(*address) {
                self.queue(Family::of(*address)).push_back(*address);
            }
        }
    }

    /// Nothing starts for a while, if nothing has started yet.
    pub(super) fn hold(&mut self, span: Duration) {
        if self.under_way.is_empty() {
            self.next = Instant::now() + span;
        }
    }

    /// Ends the wait of [`Self::hold`]: what was waited for has come.
    pub(super) fn release(&mut self) {
        if self.under_way.is_empty() {
            self.next = Instant::now();
        }
    }

    /// Starts the next address; the one behind it follows a little later.
    pub(super) fn start(&mut self) {
        if let Some(address) = self.take() {
            self.under_way.push(open(SocketAddr::new(address, self.port)).boxed());
        }
        self.next = Instant::now() + APART;
    }

    fn take(&mut self) -> Option<IpAddr> {
        let other = |family| if family == Family::V6 { Family::V4 } else { Family::V6 };
        let turn = if self.queue(self.turn).is_empty() { other(self.turn) } else { self.turn };
        self.turn = other(turn);
        self.queue(turn).pop_front()
    }

    fn queue(&mut self, family: Family) -> &mut VecDeque<IpAddr> {
        let [v6, v4] = &mut self.waiting;
        match family {
            Family::V6 => v6,
            Family::V4 => v4,
        }
    }

    /// One address failed: the next starts at once.
    pub(super) fn lost(&mut self, code: Code) {
        self.note(code);
        self.next = Instant::now();
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.iter().any(|queue| !queue.is_empty())
    }

    pub(super) fn is_over(&self) -> bool {
        !self.is_waiting() && self.under_way.is_empty()
    }

    /// The failure that says most.
    pub(super) fn failure(&self) -> DialError {
        DialError::new(Stage::Tcp, self.code.unwrap_or(Code::LocalError))
    }

    fn note(&mut self, code: Code) {
        if self.code.is_none_or(|known| weight(code) > weight(known)) {
            self.code = Some(code);
        }
    }
}

async fn open(address: SocketAddr) -> Result<TcpStream, Code> {
    let told = |error: io::Error| code_of(error.kind(), address.ip());
    let stream = TcpStream::connect(address).await.map_err(told)?;
    stream.set_nodelay(true).map_err(told)?;
    Ok(stream)
}

/// Whether an address leads to this machine, to its own link, or to no single machine.
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets().starts_with(&[0])
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unicast_link_local() || v6.is_multicast()
        }
    }
}

/// Whether this is an address of this machine: it would be reached from itself.
fn is_own(address: IpAddr) -> bool {
    own_address_toward(address) == Some(address)
}

/// The code for the operating system's error about a connection that did not open. Linux reports a
/// firewall's "administratively prohibited" as EHOSTUNREACH (IPv4) or EACCES (IPv6), its own
/// firewall's refusal as EPERM, and "port unreachable" like a reset. A router that does not find
/// the host is EHOSTUNREACH too; only the machine's own gateway is told from that. Where the
/// machine has a route, a router or a firewall is the source of ENETUNREACH.
fn code_of(kind: ErrorKind, to: IpAddr) -> Code {
    const CODES: [(ErrorKind, Code); 7] = [
        (ErrorKind::ConnectionRefused, Code::Refused),
        (ErrorKind::ConnectionReset, Code::Refused),
        (ErrorKind::ConnectionAborted, Code::Refused),
        (ErrorKind::NetworkUnreachable, Code::Unreachable),
        (ErrorKind::HostUnreachable, Code::Forbidden),
        (ErrorKind::PermissionDenied, Code::Forbidden),
        (ErrorKind::TimedOut, Code::TimedOut),
    ];
    if kind == ErrorKind::HostUnreachable && gateway_is_silent() {
        Code::Unreachable
    } else if kind == ErrorKind::NetworkUnreachable && leads_out(to) {
        Code::Forbidden
    } else {
        CODES.iter().find(|(known, _)| *known == kind).map_or(Code::LocalError, |(_, code)| *code)
    }
}

/// The weight of a failure: how much it says about the way to the host. One address family that
/// this machine lacks says nothing.
fn weight(code: Code) -> u8 {
    const ORDER: [Code; 6] = [
        Code::LocalError,
        Code::Unreachable,
        Code::TimedOut,
        Code::AddressNotAllowed,
        Code::Refused,
        Code::Forbidden,
    ];
    ORDER.iter().zip(0..).find(|(known, _)| **known == code).map_or(0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses<const N: usize>(texts: [&str; N]) -> [IpAddr; N] {
        texts.map(|text| text.parse().unwrap())
    }

    fn order(race: &mut Race) -> Vec<String> {
        std::iter::from_fn(|| race.take()).map(|address| address.to_string()).collect()
    }

    #[test]
    fn s3_this_machines_own_addresses_are_told_from_others() {
        let [own, other] = addresses(["127.0.0.1", "255.255.255.255"]);
        assert!(is_own(own) && !is_own(other));
    }

    #[tokio::test]
    async fn the_families_take_turns() {
        let mut race = Race::new(1);
        race.add(&addresses(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3"]), true);
        let expected = ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"];
        assert_eq!(order(&mut race), expected);
    }

    #[tokio::test]
    async fn what_becomes_known_later_joins_the_race_and_nothing_is_tried_twice() {
        let mut race = Race::new(1);
        race.add(&addresses(["192.0.2.1", "192.0.2.2"]), true);
        assert_eq!(race.take(), Some(addresses(["192.0.2.1"])[0]));
        race.add(&addresses(["2001:db8::1", "192.0.2.1"]), true);
        assert_eq!(order(&mut race), ["2001:db8::1", "192.0.2.2"]);
    }

    #[test]
    fn local_addresses_are_known_in_every_spelling() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "169.254.169.254",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.1.1",
            "ff02::1",
        ] {
            assert!(is_local(text.parse().unwrap()), "{text}");
        }
        for text in ["192.0.2.1", "10.0.0.1", "192.168.1.1", "2001:db8::1", "fd00::1"] {
            assert!(!is_local(text.parse().unwrap()), "{text}");
        }
    }
}
