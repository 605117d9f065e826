//! Requests, and what is answered to each.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use convene_model::limits::FRAME_BYTES_MAX;
use convene_model::{PollRequest, SessionId};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::Pipe;
use super::pages::{Pages, is_page};
use super::session::{Answer, Events, PollSessions};
use super::websocket::WebSocket;
use crate::budget::{Block, Budget, Held};
use crate::listen::{Connection, UNCHARGED_BYTES};

/// Bytes of a request's head: the least that the library takes, and more than any client of ours
/// sends.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a request's body: a batch with one frame of the greatest length.
const BODY_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;
/// Bytes of a body that bears no frames: none that is said has a meaning.
const EMPTY_BYTES_MAX: usize = 1024;
/// Sessions that may begin on one connection as long as it stands: a daemon begins one, and another
/// where that one was cut.
const SESSIONS_MAX: usize = 8;
/// How long a client may take for a body: the slowest path carries one in that time.
const BODY_TIME_MAX: Duration = Duration::from_secs(30);
/// How long a connection may be of no use: neither become a WebSocket nor carry a request of a
/// session. A browser reads its page in that time, and a daemon's next frames find a connection
/// that stands.
const IDLE_MAX: Duration = Duration::from_secs(60);

pub(super) type Reply = Response<Either<Full<Bytes>, Events>>;

/// Answers the requests of a connection until it ends or is a WebSocket, which comes of it.
/// PollSessions that begin go to `begun`; people who ask from this address are shown `pages`.
pub(super) async fn answer_all(
    connection: Connection,
    sessions: Arc<PollSessions>,
    begun: mpsc::Sender<Pipe>,
    (pages, from): (Arc<Pages>, IpAddr),
) -> Option<Pipe> {
    let (owner, budget) = (connection.owner(), Arc::clone(connection.budget()));
    let desk = Desk {
        sessions,
        begun,
        pages,
        from,
        owner,
        budget,
        opened: AtomicUsize::new(0),
        upgrading: Mutex::new(None),
        was_of_use: Arc::default(),
    };
    let answer = async |request| Ok::<_, Infallible>(desk.answer(request).await);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(connection), service_fn(answer))
        .with_upgrades();
    tokio::select! {
        served = served => if let Err(error) = served {
            tracing::debug!(%error, "a connection ended badly");
            return None;
        },
        () = desk.is_of_no_use() => return None,
    }
    let upgrading = desk.upgrading.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    let parts = upgrading.await.ok()?.downcast::<TokioIo<Connection>>().ok()?;
    Some(Pipe::WebSocket(WebSocket::new(parts.io.into_inner(), &parts.read_buf)))
}

/// Answers the requests that come on one connection.
struct Desk {
    sessions: Arc<PollSessions>,
    begun: mpsc::Sender<Pipe>,
    pages: Arc<Pages>,
    /// The address at the other end.
    from: IpAddr,
    /// Its network, which is charged.
    owner: Block,
    budget: Arc<Budget>,
    /// The sessions that began here.
    opened: AtomicUsize,
    upgrading: Mutex<Option<OnUpgrade>>,
    /// Whether a session's request came since that was last asked.
    was_of_use: Arc<AtomicBool>,
}

impl Desk {
    /// Returns when the connection has been of no use for too long.
    async fn is_of_no_use(&self) {
        let mut asked = Instant::now();
        loop {
            asked += IDLE_MAX;
            sleep_until(asked).await;
            if !self.was_of_use.swap(false, Ordering::Relaxed) {
                return;
            }
        }
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Reply {
        let path = request.uri().path();
        let is_page = is_page(path);
        let poll = path.parse::<PollRequest>().ok();
        match (request.method(), poll) {
            (&Method::GET, _) if path == "/v1/link" => self.upgrade(&mut request),
            (&Method::POST, Some(poll)) => self.poll(poll, request.into_body()).await,
            (&Method::GET | &Method::HEAD, _) if is_page => self.pages.answer(&request, self.from),
            (_, Some(_)) => refusal(StatusCode::METHOD_NOT_ALLOWED, header::ALLOW, "POST"),
            _ if is_page || path == "/v1/link" => {
                refusal(StatusCode::METHOD_NOT_ALLOWED, header::ALLOW, "GET")
            }
            _ => plain(StatusCode::NOT_FOUND, Bytes::new()),
        }
    }

    fn upgrade(&self, request: &mut Request<Incoming>) -> Reply {
        let Ok(response) = create_response_with_body(request, || Either::Left(Full::default())) else {
            return refusal(StatusCode::UPGRADE_REQUIRED, header::UPGRADE, "websocket");
        };
        let mut upgrading = self.upgrading.lock().unwrap_or_else(PoisonError::into_inner);
        *upgrading = Some(hyper::upgrade::on(request));
        response
    }

    /// A session is looked up before anything of the body is read.
    async fn poll(&self, poll: PollRequest, body: Incoming) -> Reply {
        let (session, bytes_max) = match &poll {
            PollRequest::Open => (None, EMPTY_BYTES_MAX),
            PollRequest::Up { session, .. } => (Some(session), BODY_BYTES_MAX),
            PollRequest::Down { session, .. } | PollRequest::Stream { session } => {
                (Some(session), EMPTY_BYTES_MAX)
            }
        };
        if session.is_some_and(|session| self.sessions.find(*session).is_none()) {
            return plain(StatusCode::GONE, Bytes::new());
        }
        let body = match timeout(BODY_TIME_MAX, self.read(body, bytes_max)).await {
            Ok(Ok(body)) => body,
            Ok(Err(status)) => return plain(status, Bytes::new()),
            Err(_) => return plain(StatusCode::PAYLOAD_TOO_LARGE, Bytes::new()),
        };
        let Ok(frames) = std::str::from_utf8(&body.bytes) else {
            return plain(StatusCode::BAD_REQUEST, Bytes::new());
        };
        let answer = match poll {
            PollRequest::Open => return self.open(),
            PollRequest::Up { session, number } => match self.sessions.find(session) {
                Some(session) => session.up(number, frames).await,
                None => Answer::Gone,
            },
            PollRequest::Down { session, number, hold_ms } => match self.sessions.find(session) {
                Some(session) => session.down(number, Duration::from_millis(hold_ms.into())).await,
                None => Answer::Gone,
            },
            PollRequest::Stream { session } => return self.stream(session),
        };
        match answer {
            Answer::Batch(batch) => self.of_use(batch),
            Answer::Again => plain(StatusCode::SERVICE_UNAVAILABLE, Bytes::new()),
            Answer::Gone => plain(StatusCode::GONE, Bytes::new()),
        }
    }

    /// Reads a body, whose bytes the network is charged with as they come.
    async fn read(&self, mut body: Incoming, bytes_max: usize) -> Result<Body, StatusCode> {
        let crowded = StatusCode::SERVICE_UNAVAILABLE;
        let mut held = self.budget.unfinished.take(self.owner, 0).ok_or(crowded)?;
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
            let Ok(part) = frame.into_data() else { continue };
            let length = bytes.len() + part.len();
            if length > bytes_max {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            if length > UNCHARGED_BYTES && !held.set(length) {
                return Err(crowded);
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Body { bytes, _held: held })
    }

    /// Begins a session, whose pipe begins with it. An answer that is lost leaves a session of
    /// which nobody knows: it ends as a pipe does on which nothing is said.
    fn open(&self) -> Reply {
        let id = self.begin();
        id.map_or_else(
            || plain(StatusCode::SERVICE_UNAVAILABLE, Bytes::new()),
            |id| self.of_use(id.to_string().into()),
        )
    }

    fn begin(&self) -> Option<SessionId> {
        if self.opened.fetch_add(1, Ordering::Relaxed) >= SESSIONS_MAX {
            return None;
        }
        let (id, polled) = self.sessions.open(|| self.budget.sessions.take(self.owner, 1))?;
        self.begun.try_send(Pipe::Polled(polled)).ok()?;
        Some(id)
    }

    /// The head goes out at once: a box that keeps it back keeps the frames back too.
    fn stream(&self, session: SessionId) -> Reply {
        let session = self.sessions.find(session);
        let Some(events) = session.and_then(|session| session.stream(Arc::clone(&self.was_of_use))) else {
            return plain(StatusCode::GONE, Bytes::new());
        };
        self.was_of_use.store(true, Ordering::Relaxed);
        let mut response = plain(StatusCode::OK, Bytes::new()).map(|_| Either::Right(events));
        for (name, value) in [
            (header::CONTENT_TYPE, "text/event-stream"),
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn of_use(&self, batch: Bytes) -> Reply {
        self.was_of_use.store(true, Ordering::Relaxed);
        plain(StatusCode::OK, batch)
    }
}

/// A request's body, and the charge for it.
struct Body {
    bytes: Vec<u8>,
    _held: Held,
}

/// An answer that nothing on the way may keep or change.
fn plain(status: StatusCode, body: Bytes) -> Reply {
    let mut response = Response::new(Either::Left(Full::new(body)));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(status: StatusCode, name: HeaderName, value: &'static str) -> Reply {
    let mut response = plain(status, Bytes::new());
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
