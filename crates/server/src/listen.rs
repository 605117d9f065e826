//! The ports: every address of every range, and the TLS connections that come in on them.

mod connection;
mod descriptors;
mod ports;
mod proxied;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) use connection::{Connection, UNCHARGED_BYTES};
#[cfg(test)]
pub(crate) use ports::closing;
pub(crate) use ports::{Closing, ListenError, Ports, addresses};

use crate::budget::{Block, Budget, Guest, Place, Places};

/// How long a client may take for its handshake: some round trips of the slowest path.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);
/// How long to wait where the system has no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

/// The entrance that all ports share. It accepts connections, and gives each connection whose
/// handshake succeeds to `serve`, in a task of its own.
#[derive(Debug, Clone)]
pub(crate) struct Entrance<S> {
    tls: watch::Receiver<Arc<ServerConfig>>,
    budget: Arc<Budget>,
    places: Places,
    trusted_proxies: Arc<[IpAddr]>,
    serve: S,
}

impl<S, F> Entrance<S>
where
    S: Fn(Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    /// Each connection is shown what `tls` holds when it comes. Those of `trusted_proxies` begin
    /// with a head that names the other end.
    pub(crate) fn new(
        tls: watch::Receiver<Arc<ServerConfig>>,
        budget: Arc<Budget>,
        trusted_proxies: Arc<[IpAddr]>,
        serve: S,
    ) -> Self {
        let connections = descriptors::raise_to(budget.limits.connections);
        let places = Places::new(connections, budget.limits.connections_per_network);
        Self { tls, budget, places, trusted_proxies, serve }
    }

    /// Accepts on one port until it is to close, and returns when the last connection has ended.
    /// Connections end with it if it is dropped.
    pub(crate) async fn open(self, listener: TcpListener, mut closing: Closing) {
        let mut connections = JoinSet::new();
        let mut exhausted = false;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(ended) = connections.join_next() => {
                    note_panic(ended);
                    continue;
                }
                () = closing.wanted() => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    exhausted = false;
                    // A client that has to wait would suspect a firewall. A client whose connection
                    // is closed knows better, and comes back.
                    let Some(place) = self.place(peer) else { continue };
                    let guest = self.budget.handshakes.enter(Block::of(peer.ip()));
                    connections.spawn(self.clone().welcome(stream, peer, guest, place));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if !exhausted {
                        tracing::warn!(%error, "connections cannot be accepted for the moment");
                    }
                    exhausted = true;
                    sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
        drop(listener);
        drop(closing);
        while let Some(ended) = connections.join_next().await {
            note_panic(ended);
        }
    }

    /// The place of a connection that comes from there. That of a trusted proxy has it when the
    /// other end is known. `None` where there is none.
    fn place(&self, peer: SocketAddr) -> Option<Option<Place>> {
        if self.is_trusted(peer) {
            return Some(None);
        }
        self.places.enter(Block::of(peer.ip())).map(Some)
    }

    fn is_trusted(&self, peer: SocketAddr) -> bool {
        self.trusted_proxies.contains(&peer.ip().to_canonical())
    }

    async fn welcome(self, stream: TcpStream, peer: SocketAddr, guest: Guest, place: Option<Place>) {
        // In a box: what the handshake needs is gone when the connection stands.
        if let Some(connection) = Box::pin(self.shake_hands(stream, peer, guest, place)).await {
            (self.serve)(connection).await;
        }
    }

    /// The time that this takes is charged to the network at the other end.
    async fn shake_hands(
        &self,
        mut stream: TcpStream,
        mut peer: SocketAddr,
        mut guest: Guest,
        place: Option<Place>,
    ) -> Option<Connection> {
        let limit = Instant::now() + HANDSHAKE_MAX;
        let place = match place {
            Some(place) => place,
            None => {
                let origin = timeout_at(limit, proxied::origin(&mut stream, peer));
                peer = guest.unless_sent_away(origin).await?.ok()??;
                guest = self.budget.handshakes.enter(Block::of(peer.ip()));
                self.places.enter(Block::of(peer.ip()))?
            }
        };
        guest.unless_sent_away(timeout_at(limit, stream.readable())).await?.ok()?.ok()?;
        guest.spoke();
        let acceptor = TlsAcceptor::from(Arc::clone(&self.tls.borrow()));
        let secured = guest.unless_sent_away(timeout_at(limit, secure(&acceptor, stream))).await?.ok()??;
        Some(Connection::new(secured, peer, Arc::clone(&self.budget), place))
    }
}

/// Most handshakes that fail are of scanners and of boxes on the way: nothing to tell an
/// administrator about.
async fn secure(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
    stream.set_nodelay(true).ok()?;
    match acceptor.accept(stream).await {
        Ok(connection) => {
            // A proxy with Nagle's algorithm (RFC 896) keeps the first request until what ended the
            // handshake is acknowledged, which the kernel would put off for 40 ms. Where it cannot
            // be told so, that is what it takes.
            drop(connection.get_ref().0.set_quickack(true));
            Some(connection)
        }
        Err(error) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
    }
}

/// Whether a client was gone before it was accepted: the next one may come at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task has failed");
    }
}
