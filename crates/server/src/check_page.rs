//! A plain page, fixed and short, by which a daemon tells a network's login page from the server.
//! It says nothing about conferences, and anyone who rewrites it deceives nobody: nothing but a
//! verdict depends on it.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use convene_model::{CHECK_BODY, CHECK_PATH};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::budget::{Block, Waiting};
use crate::listen::Closing;

/// How long one may last: a request and an answer of one packet each, on the slowest path.
const CONNECTION_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of a request's head: the least that the library takes.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long to wait where the system has no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

/// Serves the page on one port until it is to close. All ports together have `places`: the next one
/// is let in at once, and the oldest of the network that has most of them has to go for it.
pub(crate) async fn open(listener: TcpListener, mut closing: Closing, places: Waiting) {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving the check page");
    }
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closing.wanted() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let mut guest = places.enter(Block::of(peer.ip()));
                connections.spawn(async move {
                    // Anyone who is too slow asks again.
                    let _: Option<_> =
                        guest.unless_sent_away(timeout(CONNECTION_TIME_MAX, answer(stream))).await;
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection to the check page was not accepted");
                sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
}

async fn answer(stream: TcpStream) {
    let page = |request| std::future::ready(Ok::<_, Infallible>(page(&request)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CONNECTION_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service_fn(page));
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the check page ended badly");
    }
}

/// The library adds `Date` and `Content-Length`.
fn page(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let asked = request.uri().path() == CHECK_PATH && matches!(*request.method(), Method::GET | Method::HEAD);
    let mut page = Response::new(Full::new(Bytes::from_static(CHECK_BODY.as_bytes())));
    if !asked {
        page = Response::new(Full::new(Bytes::new()));
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::listen::closing;

    async fn asked(request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_close, closing) = closing();
        let talk = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        tokio::select! {
            () = open(listener, closing, Waiting::new(4, 4)) => unreachable!(),
            answer = talk => answer,
        }
    }

    #[tokio::test]
    async fn the_page_is_fixed_short_dated_and_never_cached() {
        let answer = asked("GET /v1/check HTTP/1.1\r\nHost: a\r\n\r\n").await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 200 ok\r\n"), "{answer}");
        for part in ["\r\ndate: ", "\r\ncache-control: no-store\r\n", "\r\ncontent-length: 21\r\n"] {
            assert!(answer.contains(part), "{part:?} is missing in {answer}");
        }
        assert!(answer.ends_with(&format!("\r\n\r\n{CHECK_BODY}")), "{answer}");
    }

    #[tokio::test]
    async fn those_who_ask_nothing_are_in_nobodys_way() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_close, closing) = closing();
        let talk = async {
            let mut idle = Vec::new();
            for _ in 0..20 {
                idle.push(TcpStream::connect(address).await.unwrap());
            }
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /v1/check HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            drop(idle);
            answer
        };
        let answer = tokio::select! {
            () = open(listener, closing, Waiting::new(4, 4)) => unreachable!(),
            answer = timeout(CONNECTION_TIME_MAX / 2, talk) => answer.unwrap(),
        };
        assert!(answer.ends_with(CHECK_BODY), "{answer}");
    }

    #[tokio::test]
    async fn nothing_else_is_served() {
        for request in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /v1/check HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let answer = asked(request).await;
            assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("convene"), "{answer}");
        }
    }
}
