//! Watching the network that this machine is in: which one it is, and when it becomes another.
//!
//! The operating system gives hints, and everything is read anew when they fall silent: what a hint
//! says is never believed. So whatever a hint leaves out (Linux drops an IPv4 default route with
//! its interface without a word) is found all the same.

#[cfg(target_os = "linux")]
pub(crate) mod announcement;
#[cfg(target_os = "linux")]
#[path = "net_watch/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "net_watch/windows.rs"]
mod system;

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Duration;

use convene_reach::NetworkId;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

use self::system::Hints;
pub(crate) use self::system::{gateway_is_silent, leads_out};

/// How long hints must be silent before the network is read: a change of network is a dozen of them
/// within some 50 ms.
const QUIET: Duration = Duration::from_millis(200);
/// How long hints may go on before the network is read all the same: a roam must be answered within
/// 3 s.
const UNQUIET_MAX: Duration = Duration::from_secs(1);

/// The kind of a network interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Wired,
    Wireless,
    #[cfg_attr(windows, expect(dead_code, reason = "the library does not tell it there"))]
    Cellular,
    Tunnel,
}

/// The network as this machine sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Where the default route leads; the IPv4 one where there is any.
    gateway: Option<IpAddr>,
    /// Of the interface that the default route takes.
    kind: Kind,
    /// DNS suffixes, in their order.
    suffixes: Vec<String>,
    name_servers: Vec<IpAddr>,
    /// The addresses from which this machine speaks to the world.
    sources: [Option<IpAddr>; 2],
    /// The address that the network announces as the one that tells about its login page.
    portal_api: Option<String>,
    /// A mark of where everything goes: of a VPN that takes only some ways nothing else here knows.
    ways: u64,
}

impl Network {
    /// Its name in this machine's memory. `salt` is a secret of this installation: without it a
    /// guess at the gateway and the suffix could be proven by the name.
    pub fn id(&self, salt: &[u8; 32]) -> NetworkId {
        let gateway = self.gateway.map(|gateway| gateway.to_string()).unwrap_or_default();
        let mut hash = Sha256::new_with_prefix(salt);
        hash.update([self.kind as u8]);
        for field in std::iter::once(&gateway).chain(&self.suffixes) {
            hash.update(field.len().to_be_bytes());
            hash.update(field);
        }
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.finalize().into();
        NetworkId(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Whether it leads anywhere beyond itself. A proxy may still be within reach where it does
    /// not.
    pub fn has_default_route(&self) -> bool {
        self.gateway.is_some() || self.sources != [None; 2]
    }

    /// Where the network says whether it wants a login first: the address that it announces (RFC
    /// 8910), as it was announced. It proves nothing.
    pub fn portal_api(&self) -> Option<&str> {
        self.portal_api.as_deref()
    }
}

/// Domains in which a resolver searches (MAXDNSRCH, resolv.conf(5)).
const DOMAINS_MAX: usize = 6;
/// Names that stand right below a country and are nobody's own, such as `co.uk`.
const OF_COUNTRIES: [&str; 12] =
    ["ac", "co", "com", "edu", "go", "gob", "gov", "gv", "mil", "ne", "net", "org"];

/// The domains of this network in which its own names are: those in which the system's resolver
/// searches, in its order. Those that are no organisation's own are left out. None where the system
/// does not tell.
pub fn search_domains() -> Vec<String> {
    domains_of(&system::suffixes())
}

fn domains_of(suffixes: &[String]) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for suffix in suffixes.iter().take(DOMAINS_MAX) {
        let domain = suffix.trim_matches('.');
        if is_own(domain) && !domains.iter().any(|known| known == domain) {
            domains.push(domain.to_owned());
        }
    }
    domains
}

/// Whether a domain may be one organisation's: not a single label, and not what a country has for
/// all of its kind.
fn is_own(domain: &str) -> bool {
    let mut labels = domain.rsplit('.');
    match (labels.next(), labels.next(), labels.next()) {
        (Some(country), Some(kind), None) => country.len() > 2 || !OF_COUNTRIES.contains(&kind),
        (_, below, _) => below.is_some(),
    }
}

/// The name servers and the suffixes that a `resolv.conf` names.
#[cfg(all(feature = "parsers", target_os = "linux"))]
pub(crate) fn resolv_conf(text: &str) -> (Vec<IpAddr>, Vec<String>) {
    let mut network = Network::default();
    system::read_resolv_conf(text, &mut network);
    (network.name_servers, network.suffixes)
}

/// The name servers that the system's resolver asks, in its order.
#[cfg(target_os = "linux")]
pub(crate) fn name_servers() -> Vec<IpAddr> {
    system::name_servers()
}

/// Tells when the routes, the source address or the name servers change. It wakes up for the
/// system's hints only.
#[derive(Debug)]
pub struct NetworkWatch {
    hints: Hints,
    network: Network,
}

impl NetworkWatch {
    /// Begins to watch. Must be called inside a runtime.
    ///
    /// # Errors
    /// When the system gives no hints.
    pub fn new() -> io::Result<Self> {
        // The hints first: what changes after this is noticed.
        let hints = Hints::new()?;
        let network = read(&hints);
        Ok(Self { hints, network })
    }

    /// The network as it was read last.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Waits until the network has changed, and gives it. Cancel safe: a change is told by a later
    /// call.
    pub async fn changed(&mut self) -> &Network {
        loop {
            let network = read(&self.hints);
            if network != self.network {
                self.network = network;
                return &self.network;
            }
            self.hints.next().await;
            let latest = Instant::now() + UNQUIET_MAX;
            while Instant::now() < latest {
                let quiet = latest.min(Instant::now() + QUIET);
                if timeout_at(quiet, self.hints.next()).await.is_err() {
                    break;
                }
            }
        }
    }
}

/// One number for all of it, whatever its order.
fn mark(ways: impl Iterator<Item: Hash>) -> u64 {
    ways.fold(0, |mark, way| mark ^ BuildHasherDefault::<DefaultHasher>::default().hash_one(way))
}

fn read(hints: &Hints) -> Network {
    // Addresses for documentation (RFC 5737, RFC 3849) are somewhere in the world.
    let world: [IpAddr; 2] =
        [Ipv4Addr::new(192, 0, 2, 1).into(), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()];
    Network { sources: world.map(own_address_toward), ..hints.read() }
}

/// The address from which this machine would speak to that one; `None` where no way leads there.
/// Nothing is sent: connecting a UDP socket only chooses a route.
pub fn own_address_toward(far: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match far {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // Any port will do.
    socket.connect((far, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Network {
        Network {
            gateway: Some(Ipv4Addr::new(192, 0, 2, 1).into()),
            kind: Kind::Wired,
            suffixes: vec!["corp.test".to_owned()],
            name_servers: vec![Ipv4Addr::new(192, 0, 2, 53).into()],
            sources: [Some(Ipv4Addr::new(192, 0, 2, 7).into()), None],
            portal_api: None,
            ways: 1,
        }
    }

    #[test]
    fn a_network_is_named_by_gateway_kind_and_suffix() {
        let id = office().id(&[1; 32]);
        let portal_api = Some("https://login.test/api".to_owned());
        let lease = Network { sources: [None; 2], name_servers: Vec::new(), portal_api, ways: 2, ..office() };
        assert_eq!(lease.id(&[1; 32]), id, "another lease in the same network");
        for other in [
            Network { gateway: None, ..office() },
            Network { kind: Kind::Wireless, ..office() },
            Network { suffixes: vec!["corp".to_owned(), "test".to_owned()], ..office() },
        ] {
            assert_ne!(other.id(&[1; 32]), id, "{other:?}");
        }
        assert_ne!(office().id(&[2; 32]), id, "another installation gives another name");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_told_while_nothing_changes() {
        let mut watch = NetworkWatch::new().unwrap();
        let told = tokio::time::timeout(Duration::from_secs(5), watch.changed()).await;
        assert!(told.is_err(), "{told:?}");
    }
}
