//! How the three namespaces are made, joined and named.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::{LOOK_MAX, Network, Place, SERVER_NAME};
use crate::patience::{PATIENCE, patiently};
use crate::process::{Process, must};
use crate::space::{ETC, ip};

/// A port on which nothing listens.
const NOBODY: u16 = 9;

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
            // Only files and this network's name server: nothing may ask another way, past the namespace.
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
            for switch in ["ipv4/conf/all/forwarding", "ipv6/conf/all/forwarding"] {
                fs::write(Path::new("/proc/sys/net").join(switch), "1").expect("root may make a router");
            }
        });
    }

    fn addressing(&self, place: Place) -> String {
        let (v4, v6) = (|host| self.v4(host), |side, host| self.v6(side, host));
        let mut batch = "link set lo up\n".to_owned();
        let mut wire = |link: &str, side: u16, [v4_host, v6_host]: [u8; 2], is_router: bool| {
            batch += &format!("link set {link} up\n");
            if self.families.has_v4() {
                batch += &format!("addr add {}/25 dev {link}\n", v4(v4_host));
            }
            if self.families.has_v6() {
                batch += &format!("addr add {}/80 dev {link} nodad\n", v6(side, v6_host.into()));
            }
            if !is_router && self.families.has_v4() {
                batch += &format!("route add default via {}\n", v4(v4_host - 1));
            }
            if !is_router && self.families.has_v6() {
                batch += &format!("route add default via {} dev {link}\n", v6(side, 1));
            }
        };
        match place {
            Place::Client => wire("cli0", 0, [2, 2], false),
            Place::Server => wire("srv0", 1, [130, 2], false),
            Place::Router => {
                wire("fw0", 0, [1, 1], true);
                wire("fw1", 1, [129, 1], true);
            }
        }
        batch
    }

    pub(super) fn serve_names(&self) -> Process {
        let addresses: Vec<_> = self.servers().iter().map(ToString::to_string).collect();
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
