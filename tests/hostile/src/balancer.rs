//! haproxy in front of the server's port 443, as a load balancer or an application firewall.

use std::fs;
use std::net::SocketAddr;

use crate::network::Place;
use crate::process::Process;
use crate::world::{HTTPS_PORT, World};

/// Where it listens.
const PORT: u16 = 9_995;
/// The user that squid is on Debian.
const SQUID: u32 = 13;

/// The setup of haproxy.
#[derive(Debug, Clone, Copy)]
pub enum Balancing {
    /// It passes bytes (`mode tcp`).
    Bytes,
    /// It ends TLS with the server's own key and passes HTTP (`mode http`), with these lines of
    /// configuration besides.
    Http(&'static str),
}

impl World {
    /// From now on haproxy takes the connections that the rule matches (such as `tcp dport 443`),
    /// until it is dropped.
    #[must_use]
    pub fn balance(&self, rule: &str, balancing: Balancing) -> Process {
        let balancer = self.start_balancer(balancing);
        self.network().redirect(&format!("iifname fw0 {rule}"), PORT);
        balancer
    }

    /// From now on haproxy takes what squid on the router opens to port 443, until it is dropped.
    #[must_use]
    pub fn balance_for_squid(&self, balancing: Balancing) -> Process {
        let balancer = self.start_balancer(balancing);
        let rule = format!("meta skuid {SQUID} tcp dport {HTTPS_PORT} redirect to :{PORT}");
        let chain = format!("chain output {{ type nat hook output priority -100;\n{rule}\n}}");
        self.network().replace("lab_output", &chain);
        balancer
    }

    fn start_balancer(&self, balancing: Balancing) -> Process {
        let directory = self.network().scratch();
        let identity = directory.join("haproxy.pem");
        let read = |file: &str| {
            fs::read_to_string(directory.join("server").join(file)).expect("the server has its certificate")
        };
        fs::write(&identity, read("certificate.pem") + &read("key.pem"))
            .expect("the lab writes to its directory");
        let (mode, tls, onward, lines) = match balancing {
            Balancing::Bytes => ("tcp", String::new(), "", ""),
            Balancing::Http(lines) => {
                ("http", format!(" ssl crt {} alpn http/1.1", identity.display()), " ssl verify none", lines)
            }
        };
        let server = self.https();
        let configuration = format!(
            "global\nmaxconn 100\nnbthread 1\nlog stdout format raw local0 debug\ndefaults\nmode {mode}\nlog global\n\
             timeout connect 5s\ntimeout client 30s\ntimeout server 30s\ntimeout tunnel 1h\n\
             listen conference\nbind :{PORT}{tls}\nserver one {server}{onward}\n{lines}\n",
        );
        let file = directory.join("haproxy.conf");
        fs::write(&file, configuration).expect("the lab writes to its directory");
        let mut command = self.network().command(Place::Router, "/usr/sbin/haproxy");
        let process = Process::start(command.args(["-db", "-f"]).arg(file), directory.join("haproxy.log"));
        self.network().await_listener(Place::Router, SocketAddr::new(self.network().router(), PORT));
        process
    }
}
