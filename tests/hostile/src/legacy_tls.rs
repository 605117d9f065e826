//! A box that ends TLS 1.2 and does not know RFC 5746 (secure renegotiation), as very old ones do.

use std::fs;

use crate::network::Place;
use crate::process::Process;
use crate::world::World;

/// Where it listens.
const PORT: u16 = 9_994;

impl World {
    /// From now on the router ends the connections that the rule matches (such as `tcp dport 443`)
    /// with the server's own key, in TLS 1.2 as it was before RFC 5746, and goes on to the server's
    /// port 443, until it is dropped.
    #[must_use]
    pub fn speak_legacy_tls(&self, rule: &str) -> Process {
        let directory = self.network().scratch();
        let script = directory.join("legacy_tls.py");
        fs::write(&script, include_str!("legacy_tls.py")).expect("the lab writes to its directory");
        let ([certificate, key], router, upstream) = (self.identity(), self.network().router(), self.https());
        let mut command = self.network().command(Place::Router, "/usr/bin/python3");
        command.arg(script).args([router.to_string(), PORT.to_string()]).arg(certificate).arg(key);
        command.args([upstream.ip().to_string(), upstream.port().to_string()]);
        let legacy = Process::start(&mut command, directory.join("legacy-tls.log"));
        self.network().await_listener(Place::Client, (router, PORT).into());
        self.network().redirect(&format!("iifname fw0 {rule}"), PORT);
        legacy
    }
}
