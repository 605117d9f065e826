//! The calls with which a frontend begins: the description of the API, the hello, and the wish of
//! its person to connect.

use std::sync::LazyLock;

use convene_local_api::{
    API_VERSION, ConnectionRetry, DiscoverMethod, Empty, Hello, HelloParams, HelloResult, Method as _,
    OPENRPC, Request, RetryParams,
};

use serde_json::Value;
use serde_json::value::RawValue;

use super::answers::{Answering, with};
use super::attendant::Asker;

/// The name and the version with which the daemon introduces itself.
const PROGRAM: &str = concat!("convened ", env!("CARGO_PKG_VERSION"));

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            DiscoverMethod::NAME => Some(Ok(DOCUMENT.clone())),
            Hello::NAME => with::<Hello, _>(request, |params| async move { Ok(hello(&params)) }).await,
            ConnectionRetry::NAME => {
                with::<ConnectionRetry, _>(request, |params| async move { Ok(retry(asker, &params)) }).await
            }
            _ => None,
        }
    })
}

/// The description as a line holds it, which is made once. A test compares it with the types: it is
/// JSON.
static DOCUMENT: LazyLock<Box<RawValue>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(OPENRPC).unwrap_or_default();
    serde_json::value::to_raw_value(&document).unwrap_or_default()
});

fn hello(params: &HelloParams) -> HelloResult {
    let client: String = params.client.escape_debug().take(80).collect();
    tracing::debug!(client, "hello");
    HelloResult { daemon: PROGRAM.to_owned(), api: API_VERSION }
}

fn retry(asker: &Asker, wanted: &RetryParams) -> Empty {
    asker.means.registry.retry(&asker.peer.user, wanted.server.as_deref());
    Empty {}
}
