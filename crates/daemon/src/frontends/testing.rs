//! Testing every proxy that is known, for a person who wants to know which of them works.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use convene_dial::Dialer;
use convene_local_api::{ErrorObject, ProxyTestResult, ProxyTested};
use convene_model::{Attempt, Timestamp};
use convene_reach::{Route, describe};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::answers::stopping;
use super::attendant::Asker;
use crate::servers::Wish;

/// Opens every route through a proxy to every server of the user's, all at the same time; they are few.
pub(super) async fn proxies(asker: &Asker) -> Result<ProxyTestResult, ErrorObject> {
    let user = &asker.peer.user;
    let mut tests = JoinSet::new();
    for server in asker.registry.servers(user) {
        let (answer, known) = oneshot::channel();
        server.wishes.send(Wish::Proxies { answer }).await.map_err(|_| stopping())?;
        let (dialer, routes) = known.await.map_err(|_| stopping())?;
        for route in routes {
            let at = tests.len();
            let dialer = Arc::clone(&dialer);
            tests.spawn(async move { (at, test(&dialer, &route).await) });
        }
    }
    let mut tested = tests.join_all().await;
    tested.sort_by_key(|(at, _)| *at);
    let offered = asker.registry.proxies.offered(user.as_str(), Timestamp::from(SystemTime::now()));
    Ok(ProxyTestResult { offered, tested: tested.into_iter().map(|(_, tested)| tested).collect() })
}

async fn test(dialer: &Dialer, route: &Route) -> ProxyTested {
    let began = Instant::now();
    let opened = dialer.open(route).await;
    let took = began.elapsed();
    let attempt: Option<Attempt> =
        opened.err().map(|error| describe::attempt(route, error.failure, took, error.seen()));
    ProxyTested {
        server: route.target.to_string(),
        proxy: route.proxy.as_ref().map(ToString::to_string).unwrap_or_default(),
        ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        attempt,
    }
}
