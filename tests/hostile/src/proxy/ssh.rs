//! OpenSSH's dynamic forwarding (`ssh -D`), which speaks SOCKS 4a as well.

use std::fs;
use std::net::SocketAddr;

use super::Proxy;
use crate::network::{Network, Place};
use crate::process::{Process, must};

const PORT: u16 = 1_080;
/// The router's users: whoever logs in, and who sshd is while nobody has.
const USERS: &str = "root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n";
/// Where sshd locks itself up; a machine on which it never ran has no such directory.
const EMPTY: &str = "/run/sshd";

impl Proxy {
    /// ssh, whose sshd runs at its own standard input and opens ways from the router.
    pub fn ssh(network: &Network) -> Self {
        let directory = network.scratch();
        let address = SocketAddr::new(network.router(), PORT);
        fs::create_dir_all(EMPTY).expect("root may make a directory");
        network.write_etc(Place::Router, "passwd", USERS);
        network.write_etc(Place::Router, "shadow", "root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n");
        let [host_key, key] = ["ssh-host-key", "ssh-key"].map(|file| directory.join(file));
        for file in [&host_key, &key] {
            let mut generate = network.command(Place::Router, "/usr/bin/ssh-keygen");
            must(generate.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file), "");
        }
        let configuration = format!(
            "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\n\
             PasswordAuthentication no\nLogLevel VERBOSE\n",
            host_key.display(),
            key.with_extension("pub").display(),
        );
        let file = directory.join("sshd.conf");
        fs::write(&file, configuration).expect("the lab writes to its directory");
        let log = directory.join("sshd-access.log");
        let server = format!("ProxyCommand=/usr/sbin/sshd -i -f {} -E {}", file.display(), log.display());
        let mut command = network.command(Place::Router, "/usr/bin/ssh");
        command.args(["-F", "/dev/null", "-N", "-D", &address.to_string(), "-i"]).arg(&key);
        // It is beyond doubt whose sshd it is.
        for option in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", &server] {
            command.args(["-o", option]);
        }
        let process = Process::start(command.arg("root@router.test"), directory.join("ssh.log"));
        network.await_listener(Place::Client, address);
        Self { _process: process, address, is_secured: false, log }
    }
}
