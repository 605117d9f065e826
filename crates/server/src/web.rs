//! HTTP on the conference ports: the WebSocket that carries links, and a page for whoever opens a join link in a browser.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use convene_event_log::EventLog;
use convene_model::limits::FRAME_BYTES_MAX;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::links::Links;

/// Bytes of a request's head, and of what is read at once.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long a client may take for its request.
const HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// Bytes that a WebSocket reads at once: a daemon says little at a time, and the buffer stays as long as the pipe.
const READ_BYTES: usize = 2 * 1024;
/// Bytes of frames that are gathered before they are written.
const WRITE_BYTES: usize = 32 * 1024;
/// Bytes that may wait for a client that does not read, before the link itself keeps them.
const WRITE_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;

/// What is served on every port.
pub(crate) fn router<E: EventLog>(links: Arc<Links<E>>) -> Router {
    Router::new()
        .route("/", get(async || page()))
        .route("/j/{code}", get(async || page()))
        .route("/v1/link", get(upgrade::<E>))
        .with_state(links)
}

/// Serves one connection until it ends, or has become a link's.
pub(crate) async fn serve(router: Router, stream: TlsStream<TcpStream>) {
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended badly");
    }
}

async fn upgrade<E: EventLog>(State(links): State<Arc<Links<E>>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(WRITE_BYTES)
        .max_write_buffer_size(WRITE_BYTES_MAX)
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .on_upgrade(move |pipe| links.serve(pipe))
}

fn page() -> impl IntoResponse {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Html(include_str!("web/page.html")))
}
