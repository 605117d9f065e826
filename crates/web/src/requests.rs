//! Requests of browsers, and what is answered to each.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use crate::address::only;
use crate::bridge::{self, Upgraded};
use crate::files;
use crate::shared::Shared;

/// Where the code of a link is exchanged for a token.
const TOKEN_PATH: &str = "/token";
/// Where the WebSocket is.
const SOCKET_PATH: &str = "/socket";
/// The subprotocol that is spoken. Beside it the page names its token, where no address, log or
/// history shows it, and it is not repeated to the page.
const PROTOCOL: &str = "convene";
/// Bytes of a request's head. Browsers send the cookies that other programs of this machine have
/// set on its loopback address, whatever the port: a dozen of the greatest length find room.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a code: 32, as base64, and a little more.
const CODE_BYTES_MAX: usize = 64;
/// How long a connection may last that does not become a WebSocket: a browser reads its page in
/// that time, and opens another one when it wants more.
const CONNECTION_MAX: Duration = Duration::from_secs(60);
/// How long it may be silent meanwhile.
const SILENCE_MAX: Duration = Duration::from_secs(20);

type Reply = Response<Full<Bytes>>;

/// Serves a connection until it has ended. Where it is not of this user, everything that it asks
/// for is forbidden.
pub(crate) async fn serve(stream: TcpStream, is_own: bool, shared: Arc<Shared>) {
    let desk = Desk { is_own, shared: Arc::clone(&shared), upgrading: Mutex::new(None) };
    // In a box, which is gone when a WebSocket stands.
    let answered = timeout(CONNECTION_MAX, Box::pin(answer_all(stream, desk))).await;
    if let Ok(Some(upgraded)) = answered {
        let _page = shared.usage.page();
        bridge::run(upgraded, &shared.introduction).await;
    }
}

/// Answers requests until the connection ends, or is to become a WebSocket.
async fn answer_all(stream: TcpStream, desk: Desk) -> Option<Upgraded> {
    let answer = async |request| Ok::<_, Infallible>(desk.answer(request).await);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .with_upgrades();
    served.await.ok()?;
    let upgrading = desk.upgrading.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    let parts = upgrading.await.ok()?.downcast::<TokioIo<TcpStream>>().ok()?;
    Some(Upgraded { stream: parts.io.into_inner(), early: parts.read_buf.to_vec() })
}

/// Answers the requests that come on one connection.
struct Desk {
    is_own: bool,
    shared: Arc<Shared>,
    upgrading: Mutex<Option<OnUpgrade>>,
}

impl Desk {
    async fn answer(&self, mut request: Request<Incoming>) -> Reply {
        let address = &self.shared.address;
        if !self.is_own || !address.is_meant(&request) {
            return forbidden();
        }
        let is_from_page = address.is_from_page(&request);
        let path = request.uri().path();
        match *request.method() {
            Method::POST if is_from_page && path == TOKEN_PATH => self.exchange(request.into_body()).await,
            Method::GET if is_from_page && path == SOCKET_PATH => self.upgrade(&mut request),
            Method::GET | Method::HEAD if path != TOKEN_PATH && path != SOCKET_PATH => self.file(path),
            _ => forbidden(),
        }
    }

    async fn exchange(&self, body: Incoming) -> Reply {
        let body = timeout(SILENCE_MAX, Limited::new(body, CODE_BYTES_MAX).collect()).await;
        let Ok(Ok(body)) = body else { return forbidden() };
        let body = body.to_bytes();
        let admitted = std::str::from_utf8(&body).ok().and_then(|code| self.shared.exchange(code));
        match admitted.and_then(|admitted| serde_json::to_string(&admitted).ok()) {
            Some(admitted) => self.reply("application/json", admitted.into()),
            None => forbidden(),
        }
    }

    fn upgrade(&self, request: &mut Request<Incoming>) -> Reply {
        let offered = only(request.headers(), header::SEC_WEBSOCKET_PROTOCOL).unwrap_or_default();
        let offered: Vec<&str> = offered.split(',').map(str::trim).collect();
        let is_admitted = match offered.as_slice() {
            [PROTOCOL, token] => self.shared.admits(token),
            _ => false,
        };
        if !is_admitted {
            return forbidden();
        }
        let Ok(mut response) = create_response_with_body(request, Full::default) else { return forbidden() };
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        let mut upgrading = self.upgrading.lock().unwrap_or_else(PoisonError::into_inner);
        *upgrading = Some(hyper::upgrade::on(request));
        response
    }

    fn file(&self, path: &str) -> Reply {
        match files::find(path) {
            Some(file) => self.reply(file.kind, file.content),
            None => refusal(StatusCode::NOT_FOUND),
        }
    }

    /// An answer that nobody keeps, and that no other page can read, show or run.
    fn reply(&self, kind: &'static str, content: Bytes) -> Reply {
        let mut response = Response::new(Full::new(content));
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // Without the policy nothing is answered.
        let Ok(policy) = HeaderValue::try_from(self.policy()) else { return forbidden() };
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }

    /// The page runs and shows what came from here, talks to the bridge, and does nothing else.
    /// Svelte makes its templates by the one policy of Trusted Types that is named.
    fn policy(&self) -> String {
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {}; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types svelte-trusted-html",
            self.shared.address.websocket_origin()
        )
    }
}

/// Says no, and nothing else.
fn forbidden() -> Reply {
    refusal(StatusCode::FORBIDDEN)
}

fn refusal(status: StatusCode) -> Reply {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
