//! Takes the proxies that a session knows of, and tests every proxy that is known.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use convene_dial::Dialer;
use convene_local_api::{
    ErrorCode, ErrorObject, Method as _, ProxyOffer, ProxyOfferParams, ProxyOfferResult, ProxyTest,
    ProxyTestResult, ProxyTested, Request,
};
use convene_model::{Attempt, Timestamp};
use convene_reach::{Route, describe};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::answers::{Answering, local, stopping, unsure, with};
use super::attendant::Asker;
use crate::proxies::OfferError;
use crate::servers::Wish;

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            ProxyOffer::NAME => with::<ProxyOffer, _>(request, |params| offer(asker, params)).await,
            ProxyTest::NAME => with::<ProxyTest, _>(request, |_| test_all(asker)).await,
            _ => None,
        }
    })
}

async fn offer(asker: &Asker, offered: ProxyOfferParams) -> Result<ProxyOfferResult, ErrorObject> {
    let now = Timestamp::from(SystemTime::now());
    let taken = asker.means.proxies.offer(asker.peer.user.as_str(), offered.sources, now);
    let refused = |error: OfferError| match error {
        OfferError::Fixed(setting) => ErrorObject::new(ErrorCode::FixedByPolicy).with("setting", setting),
        OfferError::TooLarge => ErrorObject::new(ErrorCode::InvalidParams).with("reason", error.to_string()),
        OfferError::Address(_) => {
            ErrorObject::new(ErrorCode::ProxyMalformed).with("reason", error.to_string())
        }
    };
    let used = local(async { taken.await.map_err(refused) }, unsure).await?;
    Ok(ProxyOfferResult { used })
}

/// Opens every route through a proxy to every server of the user's, all at the same time; they are
/// few.
async fn test_all(asker: &Asker) -> Result<ProxyTestResult, ErrorObject> {
    let user = &asker.peer.user;
    let mut tests = JoinSet::new();
    for server in asker.means.registry.servers(user) {
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
    let offered = asker.means.proxies.offered(user.as_str(), Timestamp::from(SystemTime::now()));
    Ok(ProxyTestResult { offered, tested: tested.into_iter().map(|(_, tested)| tested).collect() })
}

async fn test(dialer: &Dialer, route: &Route) -> ProxyTested {
    let began = Instant::now();
    let opened = dialer.open(route).await;
    let took = began.elapsed();
    let attempt: Option<Attempt> =
        opened.err().map(|error| describe::attempt(route, error.failure, took, error.evidence()));
    ProxyTested {
        server: route.target.to_string(),
        proxy: route.proxy.as_ref().map(ToString::to_string).unwrap_or_default(),
        ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        attempt,
    }
}
