//! The settings that may change while the server runs, and how they are read again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use convene_service_log::number;
use rustls::ServerConfig;
use tokio::signal::unix::Signal;
use tokio::sync::watch;

use crate::certificate::Identity;
use crate::config::Config;
use crate::control::LinkFacts;
use crate::invitation::Site;
use crate::links::Naming;
use crate::listen;
use crate::os::systemd;
use crate::setup::{Problem, Sources};

/// Each part of the settings, as the tasks that need it see it.
#[derive(Debug)]
pub(crate) struct Live {
    sources: Sources,
    pub(crate) tls: watch::Sender<Arc<ServerConfig>>,
    pub(crate) facts: watch::Sender<LinkFacts>,
    pub(crate) site: watch::Sender<Arc<Site>>,
    pub(crate) naming: watch::Sender<Arc<Naming>>,
    pub(crate) ports: watch::Sender<BTreeSet<SocketAddr>>,
    pub(crate) check_ports: watch::Sender<BTreeSet<SocketAddr>>,
}

impl Live {
    pub(crate) fn new(sources: Sources, config: &Config, identity: &Identity) -> Self {
        let naming = Naming { name: config.name.clone(), end_points: identity.end_points() };
        Self {
            sources,
            tls: watch::Sender::new(Arc::clone(&identity.tls)),
            facts: watch::Sender::new(facts(config, identity)),
            site: watch::Sender::new(Arc::new(Site::of(config))),
            naming: watch::Sender::new(Arc::new(naming)),
            ports: watch::Sender::new(listen::addresses(&config.listen)),
            check_ports: watch::Sender::new(check_ports(config)),
        }
    }

    /// Reads everything again at each signal, as long as signals can come.
    pub(crate) async fn reload_at(&self, mut signal: Signal) {
        while signal.recv().await.is_some() {
            systemd::reloading();
            self.reload().await;
            systemd::ready();
        }
    }

    /// A configuration that cannot be used changes nothing.
    async fn reload(&self) {
        let sources = self.sources.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut setup = sources.read()?;
            setup.warn();
            let identity = setup.identity(&sources.state_dir).map_err(|error| vec![Problem::Own(error)])?;
            Ok::<_, Vec<_>>((setup.config, identity))
        });
        match read.await {
            Ok(Ok((config, identity))) => {
                identity.log();
                self.apply(&config, &identity);
                tracing::info!(number = number::CONFIGURATION_READ, "reloaded");
            }
            Ok(Err(problems)) => {
                for problem in problems {
                    if problem.prevents_a_start() {
                        let number = number::CONFIGURATION_REFUSED;
                        tracing::error!(number, "not reloaded, everything stays as it was: {problem}");
                    }
                }
            }
            Err(error) => tracing::error!(%error, "not reloaded: reading has failed"),
        }
    }

    fn apply(&self, config: &Config, identity: &Identity) {
        // Before the certificate: no client may see one that is not known.
        self.naming.send_modify(|naming| {
            *naming = Arc::new(naming.followed_by(&config.name, identity.end_points()));
        });
        self.tls.send_replace(Arc::clone(&identity.tls));
        self.facts.send_replace(facts(config, identity));
        self.site.send_replace(Arc::new(Site::of(config)));
        self.ports.send_replace(listen::addresses(&config.listen));
        self.check_ports.send_replace(check_ports(config));
    }
}

fn facts(config: &Config, identity: &Identity) -> LinkFacts {
    LinkFacts {
        host: config.name.clone(),
        https_port: config.https_port(),
        ports: config.conference_ports(),
        fingerprint: identity.fingerprint,
    }
}

fn check_ports(config: &Config) -> BTreeSet<SocketAddr> {
    listen::addresses(config.check_listen.as_slice())
}
