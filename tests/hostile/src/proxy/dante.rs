//! dante, a SOCKS 5 proxy.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::Proxy;
use crate::network::{Network, Place};
use crate::space::ETC;

const PORT: u16 = 1_080;
/// The router's only user beside root and nobody: `anna`, `secret` (crypt(5), as
/// `openssl passwd -6` prints it).
const SHADOW: &str = "anna:$6$convene$g3OyuC5cyXoOPfGLiCFoMtdrH5BBlSh379M2AtEOGvXTCL/odJUpiS/287YUZMomUWta5L1iodzPYEPN/AEQU.:19000:0:99999:7:::\n";

impl Proxy {
    /// dante, for [`super::Login::PLAIN`] alone if `with_login`, and for every target but the port
    /// that it `blocks`.
    pub fn dante(network: &Network, with_login: bool, blocks: Option<u16>) -> Self {
        let address = SocketAddr::new(network.router(), PORT);
        let log = network.scratch().join("danted-access.log");
        let method = if with_login { "username" } else { "none" };
        let block = blocks.map_or_else(String::new, |port| {
            format!("socks block {{ from: 0.0.0.0/0 to: 0.0.0.0/0 port = {port} }}\n")
        });
        let configuration = format!(
            "logoutput: {}\ninternal: {} port = {PORT}\nexternal: fw1\nclientmethod: none\nsocksmethod: {method}\n\
             user.privileged: root\nuser.unprivileged: nobody\n\
             client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 log: connect error }}\n\
             {block}socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 log: connect error }}\n",
            log.display(),
            address.ip(),
        );
        if with_login {
            let etc = Path::new(ETC).join(network.space(Place::Router));
            let passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nanna:x:2000:2000::/:/bin/false\n";
            for (file, text) in [("passwd", passwd), ("shadow", SHADOW)] {
                fs::write(etc.join(file), text).expect("root may write to /etc/netns");
            }
        }
        let mut command = network.command(Place::Router, "/usr/sbin/danted");
        command.args(["-N", "1", "-f"]);
        Self::start(network, command, "danted", &configuration, address, log)
    }
}
