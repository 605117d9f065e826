//! In which network this machine is, and who is told when that changes or the machine wakes up.

use std::sync::Arc;
use std::time::Duration;

use convene_dial::{Network, NetworkWatch};
use convene_reach::NetworkId;

use crate::os::service::Service;
use crate::store::Store;

/// Under which key the store keeps the secret that goes into networks' names.
const SALT: &str = "network salt";

/// The network, as far as connections need to know it.
#[derive(Debug, Clone)]
pub(crate) struct Whereabouts {
    /// Its name in this installation's memory.
    pub(crate) id: NetworkId,
    /// Whether it leads anywhere, so that silence on a connection means something.
    pub(crate) leads_out: bool,
    /// The address at which the network says that it can be asked about its login page.
    pub(crate) portal_api: Option<Arc<str>>,
}

/// Watches the network and the machine's sleep.
#[derive(Debug)]
pub(crate) struct Watcher {
    salt: [u8; 32],
    /// None where the system gives no hints.
    networks: Option<NetworkWatch>,
}

impl Watcher {
    /// Begins to watch. Must be called inside a runtime.
    pub(crate) async fn new(store: &Store) -> Self {
        let kept = store.recall(SALT).await.ok().flatten().and_then(|salt| salt.try_into().ok());
        let salt = kept.unwrap_or_else(|| {
            let salt: [u8; 32] = rand::random();
            store.remember(SALT, salt.to_vec());
            salt
        });
        let networks = NetworkWatch::new();
        if let Err(error) = &networks {
            tracing::warn!(%error, "the network cannot be watched: changes are noticed by heartbeats only");
        }
        Self { salt, networks: networks.ok() }
    }

    /// The network that this machine is in.
    pub(crate) fn whereabouts(&self) -> Whereabouts {
        self.networks.as_ref().map_or_else(
            || Whereabouts { id: Network::default().id(&self.salt), leads_out: true, portal_api: None },
            |networks| whereabouts(networks.network(), &self.salt),
        )
    }

    /// Tells where the machine comes to, and how long it slept when it wakes up; never ends.
    pub(crate) async fn run(
        mut self,
        service: &Service,
        moved: impl Fn(Whereabouts),
        woken: impl Fn(Duration),
    ) {
        let moves = async {
            let Some(networks) = &mut self.networks else { return };
            loop {
                let now = whereabouts(networks.changed().await, &self.salt);
                let announces = now.portal_api.is_some();
                tracing::info!(leads_out = now.leads_out, announces, "the network changed");
                moved(now);
            }
        };
        let wakes = async {
            loop {
                let asleep = service.woken().await;
                tracing::info!(?asleep, "the machine woke up");
                woken(asleep);
            }
        };
        tokio::join!(moves, wakes);
    }
}

fn whereabouts(network: &Network, salt: &[u8; 32]) -> Whereabouts {
    Whereabouts {
        id: network.id(salt),
        leads_out: network.has_default_route(),
        portal_api: network.portal_api().map(Arc::from),
    }
}
