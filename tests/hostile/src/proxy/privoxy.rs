//! privoxy, which answers what it forbids with a page of its own.

use std::fs;
use std::net::SocketAddr;

use super::Proxy;
use crate::network::{Network, Place};

const PORT: u16 = 8_118;

impl Proxy {
    /// privoxy, for CONNECT to port 443 alone; otherwise it answers 403 with a page.
    pub fn privoxy(network: &Network) -> Self {
        let directory = network.scratch();
        let address = SocketAddr::new(network.router(), PORT);
        let actions = directory.join("privoxy.action");
        fs::write(&actions, "{+limit-connect{443}}\n/\n").expect("the lab writes to its directory");
        let log = directory.join("privoxy-access.log");
        let configuration = format!(
            "listen-address {address}\nactionsfile {}\nlogdir {}\ntempldir /etc/privoxy/templates\nlogfile privoxy-access.log\ntoggle 1\n",
            actions.display(),
            directory.display(),
        );
        let mut command = network.command(Place::Router, "/usr/sbin/privoxy");
        command.arg("--no-daemon");
        Self::start(network, command, "privoxy", &configuration, address, log)
    }
}
