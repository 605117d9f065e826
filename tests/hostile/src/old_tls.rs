//! A box that ends TLS and knows no version after 1.1.

use crate::authority::Authority;
use crate::network::{Place, SERVER_NAME};
use crate::process::Process;
use crate::world::World;

/// Where it listens.
const PORT: u16 = 9_995;

impl World {
    /// From now on the router ends the connections that the rule matches (such as `tcp dport 443`)
    /// with OpenSSL's own server, in TLS 1.1 at most, until it is dropped.
    #[must_use]
    pub fn speak_old_tls(&self, rule: &str) -> Process {
        let directory = self.network().scratch();
        let [certificate, key] = Authority::new("Old Box").issued((2020, 2099)).write(SERVER_NAME, directory);
        let mut command = self.network().command(Place::Router, "/usr/bin/openssl");
        command.args(["s_server", "-www", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-port"]);
        command.arg(PORT.to_string()).arg("-cert").arg(certificate).arg("-key").arg(key);
        let old = Process::start(&mut command, directory.join("old-tls.log"));
        self.network().await_listener(Place::Client, (self.network().router(), PORT).into());
        self.network().redirect(&format!("iifname fw0 {rule}"), PORT);
        old
    }
}
