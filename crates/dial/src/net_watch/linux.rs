//! Linux: netlink and inotify give the hints; `/proc`, `/sys` and `resolv.conf` say what is so.

use std::fs;
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use rustix::fs::inotify;
use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::announcement::{read_address, read_message};
use super::{Kind, Network, mark};

/// RTMGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR and _IPV6_ROUTE (linux/rtnetlink.h), and
/// the group of what routers announce that the kernel leaves to programs (RTNLGRP_ND_USEROPT, 20).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400 | 0x8_0000;
/// Where name servers stand. Behind systemd-resolved the first names only itself and the second
/// those that it asks.
const RESOLV_CONF: [&str; 2] = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
/// Where systemd-networkd writes what it knows about each interface, in a file named by the
/// interface's number: the network's announcements as well, which came by DHCP or from a router. It
/// promises nothing about these files; one that cannot be read says nothing.
const NETWORKD_LINKS: &str = "/run/systemd/netif/links";
/// Room for a router's longest option in its netlink message, and for an inotify event with a
/// file's name (inotify(7)). Of other netlink messages the rest is thrown away, unread.
const MESSAGE_BYTES: usize = 2_304;
/// Bytes of a file that are read: a table of some 8,000 routes. Everything else is a page.
const FILE_MAX: u64 = 1024 * 1024;
/// Where the system tells about interfaces.
const INTERFACES: &str = "/sys/class/net";
/// A route is usable (RTF_UP, linux/route.h).
const UP: u32 = 0x1;
/// A route that refuses what it is given (RTF_REJECT).
const REJECT: u32 = 0x200;
/// A neighbour has said where it is (ATF_COM, linux/if_arp.h).
const ANSWERED: u32 = 0x2;
/// An address of this machine (RTF_LOCAL, linux/ipv6_route.h).
const LOCAL: u32 = 0x8000_0000;

/// The system's hints that something may have changed.
#[derive(Debug)]
pub(super) struct Hints {
    netlink: AsyncFd<OwnedFd>,
    files: Option<AsyncFd<OwnedFd>>,
    announced: Option<Announced>,
}

/// The latest announcement that came from a router, while the daemon ran: the kernel does not keep
/// it.
#[derive(Debug)]
struct Announced {
    interface: u32,
    /// The number of times that the interface had lost and found its network by then: it may be
    /// another network afterwards.
    carrier_changes: String,
    portal_api: String,
}

impl Hints {
    pub(super) fn new() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // No protocol is the first one, NETLINK_ROUTE.
        let (family, raw) = (AddressFamily::NETLINK, SocketType::RAW);
        let socket = rustix::net::socket_with(family, raw, flags, None)?;
        rustix::net::bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        // Where files cannot be watched, they are read when a netlink hint comes.
        let files = watch_files().and_then(when_readable);
        if let Err(error) = &files {
            tracing::debug!(%error, "resolv.conf cannot be watched");
        }
        Ok(Self { netlink: when_readable(socket)?, files: files.ok(), announced: None })
    }

    /// Waits for the next hint and takes all that wait. Cancel safe.
    pub(super) async fn next(&mut self) {
        let files = async {
            match &self.files {
                Some(files) => drain(files, |_| {}).await,
                None => std::future::pending().await,
            }
        };
        let announced = &mut self.announced;
        let note = |message: &[u8]| {
            if let Some((interface, portal_api)) = read_message(message) {
                *announced =
                    Some(Announced { interface, carrier_changes: carrier_changes(interface), portal_api });
            }
        };
        tokio::select! {
            () = drain(&self.netlink, note) => {}
            () = files => {}
        }
    }

    /// All but the source addresses.
    pub(super) fn read(&self) -> Network {
        let (mut network, interface) = read();
        let interface = interface.and_then(|name| about(&name, "ifindex").trim().parse().ok());
        network.portal_api = interface.and_then(|interface| {
            let kept = text(&format!("{NETWORKD_LINKS}/{interface}"));
            let heard = || self.announced.as_ref().filter(|heard| heard.holds(interface));
            kept_portal_api(&kept).or_else(|| Some(heard()?.portal_api.clone()))
        });
        network
    }
}

impl Announced {
    /// Whether it is about the network at this interface.
    fn holds(&self, interface: u32) -> bool {
        self.interface == interface && self.carrier_changes == carrier_changes(interface)
    }
}

/// The number of times that the interface of this number has lost and found its network; empty
/// where that cannot be read.
fn carrier_changes(interface: u32) -> String {
    let names = fs::read_dir(INTERFACES).into_iter().flatten().flatten();
    let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let name = names.find(|name| about(name, "ifindex").trim().parse() == Ok(interface));
    name.map(|name| about(&name, "carrier_changes")).unwrap_or_default()
}

/// The text of a file in which the system describes an interface.
fn about(interface: &str, file: &str) -> String {
    text(&format!("{INTERFACES}/{interface}/{file}"))
}

/// The text of a file, of at most [`FILE_MAX`] bytes; empty where it cannot be read.
fn text(path: &str) -> String {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text));
    read.map(|_| text).unwrap_or_default()
}

/// Those that the system's resolver asks, in its order.
pub(super) fn name_servers() -> Vec<IpAddr> {
    resolver().name_servers
}

/// Those in which the system's resolver searches, in its order.
pub(super) fn suffixes() -> Vec<String> {
    resolver().suffixes
}

fn resolver() -> Network {
    let [asked, _] = RESOLV_CONF;
    let mut network = Network::default();
    read_resolv_conf(&text(asked), &mut network);
    network
}

/// The address from the announcement, as systemd-networkd has written it down.
fn kept_portal_api(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix("CAPTIVE_PORTAL="))?;
    read_address(value.trim_matches(['"', '\'']))
}

#[expect(unsafe_code, reason = "tokio wants a word that the descriptor stays open")]
fn when_readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is one open descriptor until it is dropped, and the `AsyncFd` takes it
    // over.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}

/// The files themselves, which may be written in place, and their folders, in which they may be
/// replaced.
fn watch_files() -> io::Result<OwnedFd> {
    use inotify::{CreateFlags, WatchFlags};
    let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    for name in RESOLV_CONF.map(Path::new) {
        let real = fs::canonicalize(name).ok();
        let folders = [Some(name), real.as_deref()].map(|path| path.and_then(Path::parent));
        for folder in folders.into_iter().flatten() {
            let flags = WatchFlags::CREATE | WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO;
            ignore_absent(inotify::add_watch(&fd, folder, flags))?;
        }
        ignore_absent(inotify::add_watch(&fd, name, WatchFlags::CLOSE_WRITE))?;
    }
    ignore_absent(inotify::add_watch(&fd, NETWORKD_LINKS, WatchFlags::MOVED_TO))?;
    Ok(fd)
}

fn ignore_absent(watched: rustix::io::Result<i32>) -> io::Result<()> {
    match watched {
        Ok(_) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Waits until there is something to read, and reads it all away past `note`.
async fn drain(fd: &AsyncFd<OwnedFd>, mut note: impl FnMut(&[u8])) {
    let Ok(mut ready) = fd.readable().await else { return std::future::pending().await };
    let emptied = ready.try_io(|fd| {
        let mut message = [0_u8; MESSAGE_BYTES];
        loop {
            match rustix::io::read(fd.as_fd(), &mut message) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => note(message.get(..count).unwrap_or_default()),
                // Messages that were lost for want of room (ENOBUFS) are a hint as well.
                Err(Errno::NOBUFS | Errno::INTR) => {}
                Err(error) => return Err::<(), io::Error>(error.into()),
            }
        }
    });
    if let Ok(Err(error)) = emptied {
        tracing::warn!(%error, "the network is watched no longer");
        std::future::pending::<()>().await;
    }
}

/// The network, and the interface that leads out of it.
fn read() -> (Network, Option<String>) {
    let [v4, v6] = [text("/proc/net/route"), text("/proc/net/ipv6_route")];
    let route = v4_default(&v4).or_else(|| v6_default(&v6));
    let (gateway, interface) = route.unzip();
    let mut network = Network {
        gateway,
        ways: mark(v4.lines().filter_map(v4_way).chain(v6.lines().filter_map(v6_way))),
        kind: interface.as_deref().map(kind_of).unwrap_or_default(),
        ..Network::default()
    };
    for file in RESOLV_CONF {
        read_resolv_conf(&text(file), &mut network);
    }
    (network, interface)
}

/// The IPv4 default route with the smallest metric: its gateway (0.0.0.0 where there is none) and
/// its interface.
fn v4_default(table: &str) -> Option<(IpAddr, String)> {
    let routes = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [interface, "00000000", gateway, flags, _, _, metric, "00000000", ..] = fields[..] else {
            return None;
        };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let gateway = u32::from_str_radix(gateway, 16).ok()?;
        let usable = flags & UP != 0 && flags & REJECT == 0;
        // The kernel writes the address as it lies in memory.
        let gateway = Ipv4Addr::from(gateway.to_ne_bytes()).into();
        usable.then_some((metric.parse::<u32>().ok()?, (gateway, interface.to_owned())))
    });
    routes.min_by_key(|(metric, _)| *metric).map(|(_, route)| route)
}

/// The IPv6 default route with the smallest metric.
fn v6_default(table: &str) -> Option<(IpAddr, String)> {
    let routes = table.lines().filter_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [to, "00", _, _, gateway, metric, _, _, flags, interface] = fields[..] else { return None };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let usable = to.bytes().all(|digit| digit == b'0') && flags & UP != 0 && flags & REJECT == 0;
        let gateway = Ipv6Addr::from(u128::from_str_radix(gateway, 16).ok()?).into();
        let metric = u32::from_str_radix(metric, 16).ok()?;
        (usable && interface != "lo").then(|| (metric, (gateway, interface.to_owned())))
    });
    routes.min_by_key(|(metric, _)| *metric).map(|(_, route)| route)
}

/// Whether a default route leads out of this machine to addresses of this family.
pub(crate) fn leads_out(to: IpAddr) -> bool {
    let route = match to {
        IpAddr::V4(_) => v4_default(&text("/proc/net/route")),
        IpAddr::V6(_) => v6_default(&text("/proc/net/ipv6_route")),
    };
    route.is_some()
}

/// Whether nobody says where the IPv4 gateway is (ARP): it is off, or there is no network behind
/// the interface.
pub(crate) fn gateway_is_silent() -> bool {
    let gateway = v4_default(&text("/proc/net/route"));
    gateway.is_some_and(|(address, interface)| is_silent(&text("/proc/net/arp"), address, &interface))
}

/// Whether the kernel has asked the neighbour at this interface without an answer, by its table
/// (proc_net(5)).
fn is_silent(table: &str, neighbour: IpAddr, interface: &str) -> bool {
    table.lines().skip(1).any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [address, _, flags, _, _, at] = fields[..] else { return false };
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16);
        address.parse() == Ok(neighbour) && at == interface && flags.is_ok_and(|flags| flags & ANSWERED == 0)
    })
}

/// The fields that decide where packets go, without those that count packets: interface,
/// destination, gateway, metric and mask.
fn v4_way(line: &str) -> Option<[&str; 5]> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [interface, to, gateway, _, _, _, metric, mask, ..] = fields[..] else { return None };
    Some([interface, to, gateway, metric, mask])
}

/// Likewise. A route to this machine itself, and the routes that every interface has (fe80::/10,
/// ff00::/8), decide nothing.
fn v6_way(line: &str) -> Option<[&str; 5]> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [to, length, _, _, gateway, metric, _, _, flags, interface] = fields[..] else { return None };
    let flags = u32::from_str_radix(flags, 16).ok()?;
    let everywhere = ["fe8", "fe9", "fea", "feb", "ff"].iter().any(|begin| to.starts_with(begin));
    let own = interface == "lo" || flags & LOCAL != 0 || everywhere;
    (!own).then_some([interface, to, gateway, metric, length])
}

fn kind_of(interface: &str) -> Kind {
    /// ARPHRD_ETHER (linux/if_arp.h).
    const ETHERNET: &str = "1";
    let about = Path::new(INTERFACES).join(interface);
    let read = |file: &str| fs::read_to_string(about.join(file)).unwrap_or_default();
    let is = |kind: &str| read("uevent").lines().any(|line| line == kind);
    if about.join("phy80211").exists() || is("DEVTYPE=wlan") {
        Kind::Wireless
    } else if is("DEVTYPE=wwan") {
        Kind::Cellular
    } else if about.join("tun_flags").exists() || is("DEVTYPE=wireguard") || is("DEVTYPE=ppp") {
        Kind::Tunnel
    } else if read("type").trim() == ETHERNET {
        Kind::Wired
    } else {
        Kind::Unknown
    }
}

/// Adds what a file says that is not known yet (resolv.conf(5): of several lists of suffixes the
/// last one counts).
pub(super) fn read_resolv_conf(text: &str, network: &mut Network) {
    let mut suffixes = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => {
                let server = words.next().and_then(|server| server.split('%').next()?.parse().ok());
                network.name_servers.extend(server.filter(|server| !network.name_servers.contains(server)));
            }
            Some("search" | "domain") => suffixes = words.map(str::to_lowercase).collect(),
            _ => {}
        }
    }
    if network.suffixes.is_empty() {
        network.suffixes = suffixes;
    }
}

#[cfg(test)]
mod tests {
    use super::super::domains_of;
    use super::*;

    const V4: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
        wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
        eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        tun0\t00000000\t01004DAC\t0003\t0\t0\t50\t00000080\t0\t0\t0\n\
        eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n";
    const V6: &str = "\
        20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003 eth0\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

    #[cfg(target_endian = "little")]
    #[test]
    fn the_default_route_with_the_smallest_metric_counts() {
        let expected = Some((Ipv4Addr::new(10, 0, 0, 1).into(), "eth0".to_owned()));
        assert_eq!(v4_default(V4), expected);
        assert_eq!(v4_default("Iface\tDestination\n"), None);
    }

    #[test]
    fn of_ipv6_routes_only_usable_ones_to_everywhere_count() {
        assert_eq!(v6_default(V6), Some(("fe80::1".parse().unwrap(), "eth0".to_owned())));
        assert_eq!(v6_default(V6.lines().last().unwrap()), None);
    }

    #[test]
    fn a_route_that_takes_only_some_ways_changes_the_mark_and_what_is_counted_does_not() {
        let v4 = |table: &str| mark(table.lines().filter_map(v4_way));
        assert_eq!(v4(&V4.replace("\t0003\t0\t0\t600", "\t0003\t7\t9\t600")), v4(V4));
        let vpn = format!("{V4}tun1\t820000CB\t01004DAC\t0007\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n");
        assert_ne!(v4(&vpn), v4(V4));
        let v6 = |table: &str| mark(table.lines().filter_map(v6_way));
        assert_eq!(v6(&V6.replace("00000001 00000000 00000001", "00000004 0000beef 00000001")), v6(V6));
        let own = "fd770000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000001 00000000 80200001 eth0\n";
        assert_eq!(v6(&format!("{V6}{own}")), v6(V6));
        // fe80::/10 ends with febf.
        let local = "fe900000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth1\n";
        assert_eq!(v6(&format!("{V6}{local}")), v6(V6));
        assert_ne!(v6(&V6.replace("20010db8", "20010db9")), v6(V6));
    }

    #[test]
    fn a_gateway_that_was_asked_in_vain_is_silent() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
            10.0.0.1         0x1         0x0         00:00:00:00:00:00     *        eth0\n\
            10.0.0.1         0x1         0x2         02:00:00:00:00:01     *        wlan0\n";
        let silent = |address: &str, at| is_silent(table, address.parse().unwrap(), at);
        assert!(silent("10.0.0.1", "eth0"));
        assert!(!silent("10.0.0.1", "wlan0"), "it answered");
        assert!(!silent("10.0.0.2", "eth0"), "it was not asked");
    }

    #[test]
    fn networkd_keeps_what_the_network_announced() {
        let state = "# private\nADMIN_STATE=configured\nDNS=192.0.2.53\nCAPTIVE_PORTAL=https://login.test/api\nDNSSEC=no\n";
        assert_eq!(kept_portal_api(state).as_deref(), Some("https://login.test/api"));
        for state in ["", "DNS=192.0.2.53\n", "CAPTIVE_PORTAL=\n", "CAPTIVE_PORTAL=http://login.test/api\n"] {
            assert_eq!(kept_portal_api(state), None, "{state}");
        }
    }

    #[test]
    fn the_search_domains_are_those_of_the_last_line_that_may_be_an_organisations_own() {
        let table: [(&str, &[&str]); 8] = [
            ("nameserver 192.0.2.1\nsearch corp.test other.test\n", &["corp.test", "other.test"]),
            ("domain a.test\nsearch Corp.Test. corp.test sub.corp.test\n", &["corp.test", "sub.corp.test"]),
            ("search local corp.test\n", &["corp.test"]),
            (
                "search co.uk corp.co.uk com.test ac.at example.at\n",
                &["corp.co.uk", "com.test", "example.at"],
            ),
            ("search a.b b.c c.d d.e e.f f.g g.h\n", &["a.b", "b.c", "c.d", "d.e", "e.f", "f.g"]),
            ("search local .\n", &[]),
            ("search\n", &[]),
            ("", &[]),
        ];
        for (text, domains) in table {
            let mut network = Network::default();
            read_resolv_conf(text, &mut network);
            assert_eq!(domains_of(&network.suffixes), domains, "{text}");
        }
    }

    #[test]
    fn resolv_conf_names_servers_and_suffixes() {
        let mut network = Network::default();
        let text = "# made by hand\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver nonsense\n\
            domain old.test\nsearch Corp.test sub.corp.test\n";
        read_resolv_conf(text, &mut network);
        read_resolv_conf("nameserver 192.0.2.53\nsearch other.test\n", &mut network);
        let servers: Vec<_> = network.name_servers.iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["192.0.2.53", "fe80::1"]);
        assert_eq!(network.suffixes, ["corp.test", "sub.corp.test"]);
    }
}
