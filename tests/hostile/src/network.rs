//! Client, router and server as network namespaces.

mod wiring;

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::patience::{PATIENCE, patiently};
use crate::process::{Process, must};
use crate::space::{ETC, PREFIX, SPACES, ip, remove};

/// The name by which the server is known.
pub const SERVER_NAME: &str = "conference.test";
/// How long one look at an address may take.
const LOOK_MAX: Duration = Duration::from_millis(250);

/// Where in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where the person sits.
    Client,
    /// Where the firewall, the name server and the proxies are.
    Router,
    /// Where the conference server is.
    Server,
}

/// Which versions of IP there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Families {
    /// Only IPv4.
    V4,
    /// Only IPv6.
    V6,
    /// Both.
    Both,
}

/// A client, a router and a server on one machine, removed with all that runs in them when dropped.
#[derive(Debug)]
pub struct Network {
    name: String,
    number: u8,
    families: Families,
    scratch: PathBuf,
    /// Ends before the namespaces are removed.
    name_server: Option<Process>,
}

impl Place {
    const ALL: [Self; 3] = [Self::Client, Self::Router, Self::Server];

    const fn word(self) -> &'static str {
        match self {
            Self::Client => "cli",
            Self::Router => "fw",
            Self::Server => "srv",
        }
    }
}

impl Families {
    /// Whether IPv4 is among them.
    pub fn has_v4(self) -> bool {
        self != Self::V6
    }

    /// Whether IPv6 is among them.
    pub fn has_v6(self) -> bool {
        self != Self::V4
    }
}

impl Network {
    /// Builds the network, everything open, and waits until the client reaches the server.
    pub(crate) fn new(families: Families) -> Self {
        static BUILT: AtomicU8 = AtomicU8::new(0);
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", std::process::id());
        let scratch = std::env::temp_dir().join(&name);
        fs::create_dir_all(&scratch).expect("the lab has a directory of its own");
        let mut network = Self { name, number, families, scratch, name_server: None };
        network.wire();
        network.filter("");
        network.name_server = Some(network.serve_names(&network.servers()));
        network.settle();
        network
    }

    /// Which versions of IP there are.
    pub fn families(&self) -> Families {
        self.families
    }

    /// A directory that goes with the network.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The address of the router, as the client sees it: name server and proxies are there. IPv4
    /// where there is any.
    pub fn router(&self) -> IpAddr {
        if self.families.has_v4() { self.v4(1).into() } else { self.v6(0, 1).into() }
    }

    /// The server's addresses, IPv4 first.
    pub fn servers(&self) -> Vec<IpAddr> {
        let v4 = self.families.has_v4().then(|| self.v4(130).into());
        let v6 = self.families.has_v6().then(|| self.v6(1, 2).into());
        v4.into_iter().chain(v6).collect()
    }

    /// A command that will run in that place, with that network's name servers and none of this
    /// process's environment.
    pub fn command(&self, place: Place, program: impl AsRef<Path>) -> Command {
        let mut command = ip(&["netns", "exec", &self.space(place)]);
        command.arg(program.as_ref());
        command
    }

    /// The sockets there that wait for whoever comes, by TCP or UDP, as `ss` tells them, and how
    /// many connections there are.
    pub fn listeners(&self, place: Place) -> (Vec<String>, usize) {
        let lines = |flags| must(self.command(place, "/usr/bin/ss").arg(flags), "");
        (lines("-Htuln").lines().map(str::to_owned).collect(), lines("-Htn").lines().count())
    }

    /// Runs a task on a thread in that place: sockets that it opens belong there for good, whoever
    /// uses them later.
    pub fn within<T: Send>(&self, place: Place, task: impl FnOnce() -> T + Send) -> T {
        let space = self.open_space(place);
        let done = thread::scope(|scope| {
            let task = || {
                move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network))
                    .expect("root may enter a namespace");
                task()
            };
            scope.spawn(task).join()
        });
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Replaces a file in that place's `/etc`, for programs that start from now on.
    pub(crate) fn write_etc(&self, place: Place, file: &str, text: &str) {
        fs::write(Path::new(ETC).join(self.space(place)).join(file), text)
            .expect("root may write to /etc/netns");
    }

    /// From now on the client's place has a name server that knows no name: who must resolve names
    /// there cannot.
    pub fn hide_names(&self) {
        self.write_etc(
            Place::Client,
            "resolv.conf",
            &format!("nameserver {}\noptions timeout:2\n", self.servers()[0]),
        );
    }

    /// From now on the client's place asks a name server first that does not exist.
    pub fn ask_nobody_first(&self) {
        let (nobody, router) = (self.nobody(), self.router());
        self.write_etc(Place::Client, "resolv.conf", &format!("nameserver {nobody}\nnameserver {router}\n"));
        self.filter(&format!("ip daddr {nobody} drop"));
    }

    /// From now on the client's place belongs to a domain, in which the router is called `wpad`.
    pub fn offer_script(&self) {
        self.offer_script_in("lab.test", "lab.test");
    }

    /// From now on the client's place searches in these domains, and in one of them the router is
    /// called `wpad`.
    pub fn offer_script_in(&self, domains: &str, domain: &str) {
        let router = self.router();
        self.write_etc(Place::Client, "resolv.conf", &format!("nameserver {router}\nsearch {domains}\n"));
        let hosts = format!("127.0.0.1 localhost\n::1 localhost\n{router} wpad.{domain} wpad\n");
        self.write_etc(Place::Client, "hosts", &hosts);
    }

    /// From now on the client's place has a route to the lab's IPv4 addresses, and no default one.
    pub fn lose_way_out(&self) {
        let routes = format!("route add 10.0.0.0/8 via {}\nroute del default\n", self.router());
        must(&mut ip(&["-n", &self.space(Place::Client), "-batch", "-"]), &routes);
    }

    /// From now on the server's name has so many IPv4 addresses more, which come first and are not
    /// the server's. Gives the rules by which the router says no there.
    pub fn add_dead_addresses(&mut self, count: u8) -> String {
        let dead: Vec<IpAddr> = (0..count).map(|number| self.v4(200 + number).into()).collect();
        let rule = |address| format!("ip daddr {address} meta l4proto tcp reject with tcp reset\n");
        let rules = dead.iter().map(rule).collect();
        let addresses: Vec<IpAddr> = dead.into_iter().chain(self.servers()).collect();
        self.name_server = None;
        self.name_server = Some(self.serve_names(&addresses));
        self.await_listener(Place::Client, SocketAddr::new(self.router(), 53));
        rules
    }

    /// An IPv4 address on the server's side that nobody has.
    fn nobody(&self) -> Ipv4Addr {
        self.v4(200)
    }

    /// From now on the client's host file says that the server has this address; the name server is
    /// not asked.
    pub fn move_name(&self, address: IpAddr) {
        let text = format!("127.0.0.1 localhost\n::1 localhost\n{address} {SERVER_NAME}\n");
        self.write_etc(Place::Client, "hosts", &text);
    }

    /// From now on the router says nothing on the client's side, not even where it is, as if it
    /// were switched off behind a Wi-Fi that still stands. Name servers are not reached any more
    /// either.
    pub fn silence_router(&self) {
        must(&mut ip(&["-n", &self.space(Place::Router), "link", "set", "fw0", "arp", "off"]), "");
        must(&mut ip(&["-n", &self.space(Place::Client), "neighbour", "flush", "dev", "cli0"]), "");
    }

    /// The namespace, to be entered.
    pub(crate) fn open_space(&self, place: Place) -> File {
        File::open(Path::new(SPACES).join(self.space(place))).expect("the namespace is there")
    }

    /// The namespace's name.
    pub(crate) fn space(&self, place: Place) -> String {
        format!("{}-{}", self.name, place.word())
    }

    /// Addresses of this instance: .1 router and .2 client, .129 router and .130 server.
    fn v4(&self, host: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, self.number, host)
    }

    /// In the VPN: .1 router, .2 client.
    pub(crate) fn vpn(&self, host: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, self.number, host)
    }

    fn v6(&self, side: u16, host: u16) -> Ipv6Addr {
        Ipv6Addr::new(0xfd77, 0, 0, u16::from(self.number), side, 0, 0, host)
    }

    /// Waits until somebody listens there.
    pub(crate) fn await_listener(&self, from: Place, at: SocketAddr) {
        let answered = patiently(PATIENCE, || self.connect(from, at, LOOK_MAX).ok());
        assert!(answered.is_some(), "nobody listens at {at}");
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.name_server = None;
        for place in Place::ALL {
            remove(&self.space(place));
        }
        drop(fs::remove_dir_all(&self.scratch));
    }
}
