//! Making, joining and naming the three namespaces.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::{LOOK_MAX, Network, Place, SERVER_NAME};
use crate::patience::{PATIENCE, patiently};
use crate::process::{Process, must};
use crate::space::{ETC, ip};

/// A port on which nothing listens.
const NOBODY: u16 = 9;
/// The kernel's settings of a router that says no as often as it is asked: by itself Linux answers
/// one client about once a second (icmp(7)), and it would be chance which of two ports is told so.
/// A mask names the kinds that are limited: none that is used.
const ROUTER: [(&str, &str); 4] = [
    ("ipv4/conf/all/forwarding", "1"),
    ("ipv6/conf/all/forwarding", "1"),
    ("ipv4/icmp_ratemask", "0"),
    ("ipv6/icmp/ratemask", "255"),
];

impl Network {
    pub(super) fn wire(&self) {
        let [client, router, server] = Place::ALL.map(|place| self.space(place));
        let batch = format!(
            "netns add {client}\nnetns add {router}\nnetns add {server}\n\
             link add cli0 netns {client} type veth peer name fw0 netns {router}\n\
             link add srv0 netns {server} type veth peer name fw1 netns {router}\n"
        );
        must(&mut ip(&["-batch", "-"]), &batch);
        for place in Place::ALL {
            let etc = Path::new(ETC).join(self.space(place));
            fs::create_dir_all(&etc).expect("root may write to /etc/netns");
            // Only files and this network's name server: nothing may ask another way, past the
            // namespace.
            for (file, text) in [
                ("resolv.conf", format!("nameserver {}\noptions timeout:2\n", self.router())),
                ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n".to_owned()),
                ("hosts", "127.0.0.1 localhost\n::1 localhost\n".to_owned()),
            ] {
                fs::write(etc.join(file), text).expect("root may write to /etc/netns");
            }
            must(&mut ip(&["-n", &self.space(place), "-batch", "-"]), &self.addressing(place));
        }
        self.within(Place::Router, || {
            for (switch, value) in ROUTER {
                fs::write(Path::new("/proc/sys/net").join(switch), value).expect("root may make a router");
            }
        });
    }

    fn addressing(&self, place: Place) -> String {
        let links: &[&str] = match place {
            Place::Client => &["cli0"],
            Place::Server => &["srv0"],
            Place::Router => &["fw0", "fw1"],
        };
        let of_links: String = links.iter().map(|link| self.addressing_of(link)).collect();
        format!("link set lo up\n{of_links}")
    }

    /// The commands that give this link its addresses, and its place's routes.
    pub(crate) fn addressing_of(&self, link: &str) -> String {
        let (side, [v4, v6], is_router) = match link {
            "cli0" => (0, [2, 2], false),
            "fw0" => (0, [1, 1], true),
            "fw1" => (1, [129, 1], true),
            _ => (1, [130, 2], false),
        };
        let mut batch = format!("link set {link} up\n");
        if self.families.has_v4() {
            batch += &format!("addr add {}/25 dev {link}\n", self.v4(v4));
        }
        if self.families.has_v6() {
            batch += &format!("addr add {}/80 dev {link} nodad\n", self.v6(side, v6.into()));
        }
        if !is_router && self.families.has_v4() {
            batch += &format!("route add default via {}\n", self.v4(if side == 0 { 1 } else { 129 }));
        }
        if !is_router && self.families.has_v6() {
            batch += &format!("route add default via {} dev {link}\n", self.v6(side, 1));
        }
        batch
    }

    /// Starts the name server, which knows these addresses of the server.
    pub(super) fn serve_names(&self, addresses: &[IpAddr]) -> Process {
        let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        let mut command = self.command(Place::Router, "/usr/sbin/dnsmasq");
        command.args([
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--local=//",
        ]);
        command.args(["--user=root", "--pid-file=", "--log-facility=-", "--bind-interfaces"]);
        command.arg(format!("--listen-address={}", self.router()));
        command.arg(format!("--host-record={SERVER_NAME},{}", addresses.join(",")));
        Process::start(&mut command, self.scratch.join("dnsmasq.log"))
    }

    /// A new interface's IPv6 comes up to a second late, and the name server takes a moment.
    pub(super) fn settle(&self) {
        for address in self.servers() {
            let nobody = SocketAddr::new(address, NOBODY);
            let reached = patiently(PATIENCE, || {
                let answer = self.connect(Place::Client, nobody, LOOK_MAX);
                answer.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused).then_some(())
            });
            assert!(reached.is_some(), "the client does not reach {address}");
        }
        self.await_listener(Place::Client, SocketAddr::new(self.router(), 53));
    }
}
