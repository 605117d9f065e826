//! When which connection was begun, as the router's connection tracking saw it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::network::{Network, Place};
use crate::patience::{PATIENCE, patiently};
use crate::process::Process;

/// Watches the router from its birth on. Of what a rule of the router drops it sees nothing.
#[derive(Debug)]
pub struct Arrivals(Process);

/// A TCP connection was begun by the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// By the router's clock.
    pub at: Duration,
    /// To whom.
    pub to: SocketAddr,
}

impl Arrivals {
    /// Begins to watch, and returns when it does.
    pub fn watch(network: &Network) -> Self {
        let mut command = network.command(Place::Router, "/usr/sbin/conntrack");
        command.args(["-E", "-e", "NEW", "-o", "timestamp", "-p", "tcp"]);
        let arrivals = Self(Process::start(&mut command, network.scratch().join("arrivals.log")));
        // It does not say when it begins; knocking until it is heard does.
        let knock = SocketAddr::new(network.servers()[0], KNOCK);
        let heard = patiently(PATIENCE, || {
            drop(network.connect(Place::Client, knock, Duration::from_secs(1)));
            arrivals.0.printed().contains(&format!("dport={KNOCK} ")).then_some(())
        });
        assert!(heard.is_some(), "connection tracking reports nothing:\n{}", arrivals.0.printed());
        arrivals
    }

    /// The connections that were begun so far, in order, without the lab's own.
    pub fn seen(&self) -> Vec<Arrival> {
        let all = self.0.printed();
        all.lines().filter_map(parse).filter(|arrival| arrival.to.port() != KNOCK).collect()
    }
}

/// A port of the lab's own.
const KNOCK: u16 = 7;

/// `[1700000000.123456]    [NEW] tcp 6 120 SYN_SENT src=… dst=… sport=… dport=… [UNREPLIED] src=…`:
/// the first `dst` and `dport` are the original's.
fn parse(line: &str) -> Option<Arrival> {
    let (_, rest) = line.split_once('[')?;
    let (seconds, rest) = rest.split_once(']')?;
    let word = |key: &str| rest.split_whitespace().find_map(|word| word.strip_prefix(key));
    let to = SocketAddr::new(word("dst=")?.parse().ok()?, word("dport=")?.parse().ok()?);
    Some(Arrival { at: Duration::try_from_secs_f64(seconds.trim().parse().ok()?).ok()?, to })
}
