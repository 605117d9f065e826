//! The way to a server on this machine.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use convene_dial::{Authorities, DialSettings, Dialer, Pipe, Trust};
use convene_model::{Carrier, JoinLink, Rung};
use convene_reach::{Route, Target};

/// The way to one server, to be gone many times. A clone is the same way.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    dialer: Dialer,
    route: Route,
}

impl Way {
    /// To the server of a join link, which shows its own certificate.
    pub(crate) fn to(link: &JoinLink) -> Result<Self> {
        let settings = DialSettings {
            trust: Trust::Fingerprint(link.fingerprint.context("a fingerprint")?),
            proxy_authorities: Authorities::default(),
            addresses: Vec::new(),
            logins: Arc::default(),
            whose: String::new(),
            tickets: None,
            allow_local: true,
        };
        let target = Target { host: link.host.clone(), port: link.ports.first() };
        let route = Route { rung: Rung::Direct, target, proxy: None, carrier: Carrier::Websocket };
        Ok(Self { dialer: Dialer::new(settings)?, route })
    }

    /// Opens a pipe.
    pub(crate) async fn open(&self) -> Result<Pipe> {
        self.dialer.open(&self.route).await.context("opening a pipe")
    }
}
