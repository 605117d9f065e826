//! One connection on which requests are made, one after the other.

use std::fmt;

use bytes::Bytes;
use convene_model::PollRequest;
use convene_model::limits::{BATCH_BYTES_MAX, FRAME_BYTES_MAX};
use convene_reach::Target;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::events::Events;
use crate::failure::{HttpAnswer, shown};
use crate::tls::Secured;

/// Bytes of an answer: a batch, and one frame of the greatest length.
const ANSWER_BYTES_MAX: usize = BATCH_BYTES_MAX + 2 * FRAME_BYTES_MAX;
/// Bytes that are buffered of an answer's head and between two reads.
const BUFFER_BYTES_MAX: usize = 32 * 1024;

/// Why a request has no good answer.
#[derive(Debug)]
pub(super) enum RequestError {
    /// The connection broke, or the answer was cut.
    Broken,
    /// The bytes that came are not HTTP.
    NotHttp,
    /// Somebody answered otherwise.
    Refused {
        /// The statements of the answer about whoever gave it.
        answer: HttpAnswer,
        /// Whether it is a page for people.
        is_page: bool,
    },
}

/// A connection that speaks HTTP. Dropping it closes it.
pub(super) struct Exchange {
    requests: SendRequest<Full<Bytes>>,
    _driver: JoinSet<()>,
}

impl Exchange {
    pub(super) async fn begin(stream: Secured) -> Result<Self, RequestError> {
        let mut builder = Builder::new();
        builder.title_case_headers(true).max_buf_size(BUFFER_BYTES_MAX);
        let begun = builder.handshake(TokioIo::new(stream)).await;
        let (requests, connection) = begun.map_err(|_| RequestError::Broken)?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // The maker of the request is told how the connection ended.
            drop(connection.await);
        });
        Ok(Self { requests, _driver: driver })
    }

    /// Makes a request; gives what a good answer holds. After an error, or if it is dropped, the
    /// connection must be.
    pub(super) async fn post(
        &mut self,
        target: &Target,
        request: PollRequest,
        body: Bytes,
    ) -> Result<Bytes, RequestError> {
        let answer = self.begin_answer(target, request, body).await?;
        let body = Limited::new(answer, ANSWER_BYTES_MAX).collect().await;
        body.map(|body| body.to_bytes()).map_err(|_| RequestError::Broken)
    }

    /// Makes a request whose answer does not end. The connection serves for nothing else then.
    pub(super) async fn stream(
        mut self,
        target: &Target,
        request: PollRequest,
    ) -> Result<Events, RequestError> {
        let answer = self.begin_answer(target, request, Bytes::new()).await?;
        Ok(Events::new(answer, self))
    }

    /// Makes a request; gives a good answer as soon as its head is there.
    async fn begin_answer(
        &mut self,
        target: &Target,
        request: PollRequest,
        body: Bytes,
    ) -> Result<Incoming, RequestError> {
        let host =
            if target.port == 443 { target.to_string().replace(":443", "") } else { target.to_string() };
        let request = Request::builder()
            .method(Method::POST)
            .uri(request.to_string())
            .header(header::HOST, host)
            .header(header::CACHE_CONTROL, "no-store, no-transform")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            // Some boxes refuse a POST that does not say that it is empty (RFC 9110, section 8.6).
            .header(header::CONTENT_LENGTH, body.len())
            .body(Full::new(body))
            .map_err(|_| RequestError::Broken)?;
        self.requests.ready().await.map_err(|error| of(&error))?;
        let answer = self.requests.send_request(request).await.map_err(|error| of(&error))?;
        let (head, body) = answer.into_parts();
        if head.status != StatusCode::OK {
            let is_page = text(&head.headers, "content-type").is_some_and(|kind| kind.contains("html"));
            return Err(RequestError::Refused { answer: seen(head.status, &head.headers), is_page });
        }
        Ok(body)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl RequestError {
    /// Whether the server itself says that the session is over.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Refused { answer, .. } if answer.status == StatusCode::GONE.as_u16())
    }
}

fn of(error: &hyper::Error) -> RequestError {
    if error.is_parse() { RequestError::NotHttp } else { RequestError::Broken }
}

fn seen(status: StatusCode, headers: &HeaderMap) -> HttpAnswer {
    HttpAnswer {
        status: status.as_u16(),
        server: text(headers, "server"),
        via: text(headers, "via"),
        agent: None,
        schemes: Vec::new(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| shown(&String::from_utf8_lossy(value.as_bytes())))
}
