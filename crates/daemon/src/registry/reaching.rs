//! Which servers a user may reach, by what, and when their conferences open: for checks of the
//! access.

use std::collections::BTreeSet;
use std::sync::Arc;

use convene_dial::Dialer;
use convene_model::{PortRange, Timestamp};
use convene_pac::Evaluator;
use convene_reach::ProxyAddress;
use tokio::sync::oneshot;

use super::{HeldSeat, JoinError, Registry};
use crate::config::HTTPS_PORT;
use crate::rules::Rules;
use crate::servers::{ServerHandle, Wish};
use crate::store::ServerAddress;

/// A server that a user may reach.
#[derive(Debug, Clone)]
pub(crate) struct KnownServer {
    pub(crate) address: ServerAddress,
    pub(crate) rules: Rules,
    /// The task of the user's connection; none, where only the configuration names the server.
    handle: Option<ServerHandle>,
}

/// The means of opening ways to a server.
#[derive(Debug)]
pub(crate) struct Ways {
    pub(crate) dialer: Arc<Dialer>,
    /// The proxies that the connection uses, however they were found.
    pub(crate) proxies: Vec<ProxyAddress>,
    /// Runs scripts that name proxies.
    pub(crate) evaluator: Evaluator,
    /// Where the network says that it can be asked about its login page.
    pub(crate) portal_api: Option<Arc<str>>,
}

/// A conference that is not open yet, and in which a user takes part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Opening {
    pub(crate) opens: Timestamp,
    pub(crate) user: String,
    pub(crate) server: ServerAddress,
}

impl HeldSeat {
    /// Where its server is.
    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }
}

impl Registry {
    /// The servers on which a user has seats, and then those that only the configuration names. One
    /// whose certificates cannot be read is left out, and told.
    pub(crate) async fn known_servers(&self, user: &str) -> Vec<KnownServer> {
        let mut known: Vec<KnownServer> = {
            let held = self.held();
            let own = held.servers.iter().filter(|((_, whose), _)| whose == user);
            let one =
                |((address, _), (handle, rules)): (&(ServerAddress, String), &(ServerHandle, Rules))| {
                    KnownServer {
                        address: address.clone(),
                        rules: rules.clone(),
                        handle: Some(handle.clone()),
                    }
                };
            own.map(one).collect()
        };
        let config = self.config.read().await;
        for server in &config.server {
            if known.iter().any(|known| known.address.host == server.host) {
                continue;
            }
            let address = ServerAddress {
                host: server.host.clone(),
                https_port: server.https_port.unwrap_or(HTTPS_PORT),
                ports: server.direct_ports.unwrap_or(PortRange::DEFAULT),
                fingerprint: None,
            };
            match Rules::of(&config, &address) {
                Ok(rules) => known.push(KnownServer { address, rules, handle: None }),
                Err(error) => tracing::warn!(server = server.host, %error, "this server cannot be checked"),
            }
        }
        known
    }

    /// The means by which this user's ways to a server are opened.
    pub(crate) async fn ways(&self, user: &str, server: &KnownServer) -> Result<Ways, JoinError> {
        self.proxies.recall(user).await;
        let (dialer, routes) = match &server.handle {
            Some(handle) => {
                let (answer, known) = oneshot::channel();
                handle.wishes.send(Wish::Proxies { answer }).await.map_err(|_| JoinError::Stopping)?;
                known.await.map_err(|_| JoinError::Stopping)?
            }
            None => (self.dialer(&server.rules, &server.address, user).await?, Vec::new()),
        };
        Ok(Ways {
            dialer: Arc::new(dialer.with_tickets(self.logins.tickets_for_check(user))),
            proxies: routes.into_iter().filter_map(|route| route.proxy).collect(),
            evaluator: Evaluator::of_this_program(),
            portal_api: self.whereabouts.borrow().portal_api.clone(),
        })
    }

    /// The conferences of all users that are not open yet.
    pub(crate) fn openings(&self) -> BTreeSet<Opening> {
        let held = self.held();
        let mut openings = BTreeSet::new();
        for ((server, user), (handle, _)) in &held.servers {
            for opens in handle.opens.borrow().iter() {
                openings.insert(Opening { opens: *opens, user: user.clone(), server: server.clone() });
            }
        }
        openings
    }

    /// The seats of a user on this server.
    pub(crate) fn seats_on(&self, user: &str, server: &ServerAddress) -> Vec<HeldSeat> {
        let is_there = |seat: &&HeldSeat| seat.user == user && seat.address == *server;
        self.held().seats.values().filter(is_there).cloned().collect()
    }
}
