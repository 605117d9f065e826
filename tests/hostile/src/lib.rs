//! A laboratory of hostile networks, in which the real programs must find their way.
//!
//! A [`Network`] is three network namespaces of this machine: a client, a router and a server.
//!
//! ```text
//!   client ---------------- router ---------------- server
//!   convened, convene       nftables, dnsmasq,      convene-server
//!                           squid, tinyproxy
//! ```
//!
//! The router does what the network does: it drops, it resets, it answers in the server's place
//! ([`Network::filter`], [`Network::swallow`]), it resolves [`SERVER_NAME`], and a [`Proxy`] may
//! run on it. Each has its own names and addresses, and none has a way out of the machine.
//!
//! A [`Path`] makes the way to the server long, lossy or narrow. A [`Terminator`] ends TLS on the
//! router and looks at the HTTP inside, as haproxy ([`World::balance`]) does. A [`Scripted`] proxy
//! is worse than any real one. An inspector ([`World::inspect`]) is squid with an [`Authority`]. A
//! [`World`] is a network with a running server and a conference; [`World::daemon`] starts a
//! daemon in the client's namespace and [`Daemon`] asks it through the command line, as a person
//! would, and reads the JSON. A [`Browser`] may stand in its place.
//!
//! A test enters through [`in_network`], which makes the network, hands it over and removes it, and
//! which skips the test loudly where this process is not root or the tools are missing. The next
//! run removes the rest of one that was killed. A lab that cannot be built, or a program that does
//! not answer in time, panics. Every wait ends on a condition or at a named limit.
#![cfg(target_os = "linux")]

mod announcement;
mod answer;
mod arrivals;
mod authority;
mod balancer;
mod browser;
mod daemon;
mod desktop;
mod files;
mod firewall;
mod ground;
mod legacy_tls;
mod name_filter;
mod network;
mod nginx;
mod old_tls;
mod path;
mod patience;
mod person;
mod portal;
mod probe;
mod process;
mod proxy;
mod refusing_socks;
mod resident;
mod space;
mod terminator;
#[cfg(test)]
mod tests;
mod vpn;
mod world;

pub use announcement::PortalApi;
pub use answer::{AccessCheck, CheckStep, Checked, Event, Joined, Route, Said, Status};
pub use arrivals::{Arrival, Arrivals};
pub use authority::{Authority, Issued};
pub use balancer::Balancing;
pub use browser::{Browser, Known};
pub use daemon::{Daemon, Finished, Settings};
pub use desktop::Desktop;
pub use files::FileServer;
pub use ground::in_network;
pub use name_filter::{Filtering, NameFilter};
pub use network::{Families, Network, Place, SERVER_NAME};
pub use nginx::Nginx;
pub use path::{LongPath, Path};
pub use patience::{PATIENCE, patiently};
pub use person::Person;
pub use process::Process;
pub use proxy::{Accounts, Asked, Login, Proxy, Script, Scripted, Standing, Step, TicketOffice};
pub use refusing_socks::RefusingSocks;
pub use terminator::{Conduct, Terminator};
pub use world::{CONFERENCE_PORTS, HTTPS_PORT, House, World};
