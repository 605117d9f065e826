//! mitmproxy, a proxy that inspects TLS and does with what is inside whatever a few lines of Python
//! say.

use std::fs;
use std::net::SocketAddr;

use super::Proxy;
use crate::authority::Authority;
use crate::network::{Network, Place};

const PORT: u16 = 8_082;

impl Proxy {
    /// mitmproxy with certificates of this authority and this script of its own kind, which may be
    /// empty. It keeps every answer back until it is whole.
    pub fn mitmproxy(network: &Network, authority: &Authority, script: &str) -> Self {
        let directory = network.scratch().join("mitmproxy");
        fs::create_dir_all(&directory).expect("the lab writes to its directory");
        let address = SocketAddr::new(network.router(), PORT);
        let identity = authority.key() + &authority.certificate();
        fs::write(directory.join("mitmproxy-ca.pem"), identity).expect("the lab writes to its directory");
        let file = directory.join("script.py");
        fs::write(&file, script).expect("the lab writes to its directory");
        let mut command = network.command(Place::Router, "/usr/bin/mitmdump");
        command.args(["--listen-host", &address.ip().to_string(), "--listen-port", &PORT.to_string()]);
        command.args(["--set", &format!("confdir={}", directory.display()), "--set", "ssl_insecure=true"]);
        command.arg("-s").arg(&file);
        let log = network.scratch().join("mitmproxy.log");
        let process = crate::process::Process::start(&mut command, log.clone());
        network.await_listener(Place::Client, address);
        Self { _process: process, address, is_secured: false, log }
    }
}
