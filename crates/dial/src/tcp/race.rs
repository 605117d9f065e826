//! The race of one host's addresses, and what their errors mean.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use convene_model::{Code, Stage};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::failure::DialError;

/// How far the addresses of one host start apart (RFC 8305, section 5).
const APART: Duration = Duration::from_millis(250);

/// Attempts at the addresses of one host, the address families in turn.
#[derive(Debug)]
pub(super) struct Race {
    port: u16,
    waiting: VecDeque<IpAddr>,
    pub(super) under_way: FuturesUnordered<BoxFuture<'static, io::Result<TcpStream>>>,
    /// When the next address starts.
    pub(super) next: Instant,
    code: Option<Code>,
}

impl Race {
    pub(super) fn new(port: u16) -> Self {
        let (waiting, under_way) = (VecDeque::new(), FuturesUnordered::new());
        Self { port, waiting, under_way, next: Instant::now(), code: None }
    }

    /// More addresses, best first, behind those that wait. Local ones count as failed unless they are allowed.
    pub(super) fn add(&mut self, addresses: &[IpAddr], allow_local: bool) {
        let (allowed, refused): (Vec<_>, Vec<_>) =
            addresses.iter().copied().partition(|address| allow_local || !is_local(*address));
        if !refused.is_empty() {
            self.note(Code::AddressNotAllowed);
        }
        let first_is_v6 = allowed.first().is_some_and(IpAddr::is_ipv6);
        let (first, second): (Vec<_>, Vec<_>) =
            allowed.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
        let (mut first, mut second) = (first.into_iter(), second.into_iter());
        loop {
            let pair = [first.next(), second.next()];
            if pair == [None, None] {
                break;
            }
            self.waiting.extend(pair.into_iter().flatten());
        }
    }

    /// Starts the next address; the one behind it follows a little later.
    pub(super) fn start(&mut self) {
        if let Some(address) = self.waiting.pop_front() {
            self.under_way.push(open(SocketAddr::new(address, self.port)).boxed());
        }
        self.next = Instant::now() + APART;
    }

    /// One address failed: the next starts at once.
    pub(super) fn lost(&mut self, error: &io::Error) {
        self.note(code_of(error.kind()));
        self.next = Instant::now();
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_empty()
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

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
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

/// What the operating system says about a connection that did not open. Linux reports a firewall's "administratively
/// prohibited" as EHOSTUNREACH (IPv4) or EACCES (IPv6), and its own firewall's refusal as EPERM.
fn code_of(kind: ErrorKind) -> Code {
    const CODES: [(ErrorKind, Code); 7] = [
        (ErrorKind::ConnectionRefused, Code::Refused),
        (ErrorKind::ConnectionReset, Code::Refused),
        (ErrorKind::ConnectionAborted, Code::Refused),
        (ErrorKind::NetworkUnreachable, Code::Unreachable),
        (ErrorKind::HostUnreachable, Code::Forbidden),
        (ErrorKind::PermissionDenied, Code::Forbidden),
        (ErrorKind::TimedOut, Code::TimedOut),
    ];
    CODES.iter().find(|(known, _)| *known == kind).map_or(Code::LocalError, |(_, code)| *code)
}

/// How much a failure says about the way to the host: one address family that this machine lacks says nothing.
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

    #[test]
    fn the_families_take_turns() {
        let mut race = Race::new(1);
        let addresses = ["2001:db8::1", "2001:db8::2", "192.0.2.1"].map(|text| text.parse().unwrap());
        race.add(&addresses, false);
        let order: Vec<_> = race.waiting.iter().map(ToString::to_string).collect();
        assert_eq!(order, ["2001:db8::1", "192.0.2.1", "2001:db8::2"]);
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
