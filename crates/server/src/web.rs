//! HTTP on the conference ports: the WebSocket that carries links, and a page for whoever opens a join link in a browser.

mod frames;
mod pipe;
#[cfg(test)]
pub(crate) mod tests;

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;
pub(crate) use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

pub(crate) use self::pipe::{Pipe, PipeError};
use crate::listen::Connection;

/// Bytes of a request's head: the least that the library takes, and more than any client of ours sends.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long a client may take for the head of a request.
const HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// How long a connection may take to become a pipe: a browser reads its page in that time.
const REQUESTS_TIME_MAX: Duration = Duration::from_secs(60);

/// What is known of the other end of a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerFacts {
    /// From where the connection comes; a load balancer's address where one stands in front.
    pub(crate) address: SocketAddr,
}

/// Serves one connection until it ends. If it becomes a pipe, `handler` has it.
pub(crate) async fn serve<F: Future<Output = ()>>(
    connection: Connection,
    handler: impl FnOnce(Pipe, PeerFacts) -> F,
) {
    let Ok(address) = connection.get_ref().0.peer_addr() else { return };
    // What HTTP needs is in a box of its own, which is gone when the pipe stands.
    let pipe = Box::pin(timeout(REQUESTS_TIME_MAX, converse(connection))).await;
    if let Ok(Some(pipe)) = pipe {
        handler(pipe, PeerFacts { address }).await;
    }
}

/// Answers requests until one is for a pipe, which comes of it.
async fn converse(connection: Connection) -> Option<Pipe> {
    let upgrading = Mutex::new(None);
    let answer = |request| ready(Ok::<_, Infallible>(answer(request, &upgrading)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(connection), service_fn(answer))
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended badly");
        return None;
    }
    let upgrading: OnUpgrade = upgrading.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    let parts = upgrading.await.ok()?.downcast::<TokioIo<Connection>>().ok()?;
    Some(Pipe::new(parts.io.into_inner(), &parts.read_buf))
}

fn answer(mut request: Request<Incoming>, upgrading: &Mutex<Option<OnUpgrade>>) -> Response<String> {
    let path = request.uri().path();
    let is_page = path == "/" || path.strip_prefix("/j/").is_some_and(|code| !code.contains('/'));
    match *request.method() {
        Method::GET if path == "/v1/link" => {
            let Ok(response) = create_response_with_body(&request, String::new) else {
                return refusal(StatusCode::UPGRADE_REQUIRED, header::UPGRADE, "websocket");
            };
            let mut upgrading = upgrading.lock().unwrap_or_else(PoisonError::into_inner);
            *upgrading = Some(hyper::upgrade::on(&mut request));
            response
        }
        Method::GET | Method::HEAD if is_page => page(),
        _ if is_page || path == "/v1/link" => refusal(StatusCode::METHOD_NOT_ALLOWED, header::ALLOW, "GET"),
        _ => {
            let mut response = Response::new(String::new());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

/// Always the same, whatever the code: who guesses one learns nothing here.
fn page() -> Response<String> {
    let mut response = Response::new(include_str!("web/page.html").to_owned());
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(status: StatusCode, name: header::HeaderName, value: &'static str) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
