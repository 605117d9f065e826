//! HTTP on the conference ports: pipes, over a WebSocket or by single requests, and pages for
//! anyone who opens a join link in a browser.

mod frames;
mod pages;
mod pipe;
mod requests;
mod session;
#[cfg(test)]
pub(crate) mod tests;
mod websocket;

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
pub(crate) use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) use self::pages::Pages;
pub(crate) use self::pipe::{Pipe, PipeError};
pub(crate) use self::session::PollSessions;
use crate::listen::Connection;

/// PollSessions that begin on one connection before its task has taken them up: a daemon begins
/// one.
const BEGINNING_MAX: usize = 4;

/// The facts about the other end of a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerFacts {
    /// From where the connection comes; a load balancer's address where one stands in front that is
    /// not trusted to name the other end.
    pub(crate) address: SocketAddr,
}

/// Serves one connection until it has ended, and every pipe that began on it: `handler` has each.
pub(crate) async fn serve<F: Future<Output = ()>>(
    connection: Connection,
    sessions: Arc<PollSessions>,
    pages: Arc<Pages>,
    handler: impl Fn(Pipe, PeerFacts) -> F,
) {
    let address = connection.peer();
    let run = |pipe| handler(pipe, PeerFacts { address });
    // The state that HTTP needs is in a box of its own, which is gone when a WebSocket stands.
    let (pipe, polled) = Box::pin(converse(connection, sessions, (pages, address.ip()), &run)).await;
    let polled = (!polled.is_empty()).then(|| Box::pin(polled.collect::<()>()));
    if let Some(pipe) = pipe {
        run(pipe).await;
    }
    if let Some(polled) = polled {
        polled.await;
    }
}

/// Answers requests until the connection ends or becomes a WebSocket. Pipes of single requests run
/// in this connection's task to their end, over whatever connections their requests come.
async fn converse<F: Future<Output = ()>>(
    connection: Connection,
    sessions: Arc<PollSessions>,
    pages: (Arc<Pages>, IpAddr),
    run: &impl Fn(Pipe) -> F,
) -> (Option<Pipe>, FuturesUnordered<F>) {
    let (begun, mut beginning) = mpsc::channel(BEGINNING_MAX);
    let mut http = pin!(requests::answer_all(connection, sessions, begun, pages));
    let mut polled = FuturesUnordered::new();
    let pipe = loop {
        tokio::select! {
            Some(pipe) = beginning.recv() => polled.push(run(pipe)),
            Some(()) = polled.next() => {}
            pipe = http.as_mut() => break pipe,
        }
    };
    while let Ok(pipe) = beginning.try_recv() {
        polled.push(run(pipe));
    }
    (pipe, polled)
}
