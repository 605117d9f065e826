//! The ports: every address of every range, and the TLS connections that come in on them.

mod descriptors;
mod ports;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

#[cfg(test)]
pub(crate) use ports::closing;
pub(crate) use ports::{Closing, ListenError, Ports, addresses};

/// Connections of all ports together, where the system allows as many: several conferences of the
/// largest size.
const CONNECTIONS_MAX: usize = 16_384;
/// Handshakes at the same time: anyone who only knocks holds no more memory than these take. The
/// next ones wait for their turn.
const HANDSHAKES_MAX: usize = 1_024;
/// How long a client may take for its handshake: some round trips of the slowest path.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);
/// How long to wait where the system has no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);
/// Bytes as TLS carries them. In a box: it is large, and passes through many hands.
pub(crate) type Connection = Box<TlsStream<TcpStream>>;

/// The entrance that all ports share. It accepts connections, and gives each connection whose
/// handshake succeeds to `serve`, in a task of its own.
#[derive(Debug, Clone)]
pub(crate) struct Entrance<S> {
    tls: watch::Receiver<Arc<ServerConfig>>,
    connections: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    serve: S,
}

impl<S, F> Entrance<S>
where
    S: Fn(Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    /// Each connection is shown what `tls` holds when it comes.
    pub(crate) fn new(tls: watch::Receiver<Arc<ServerConfig>>, serve: S) -> Self {
        Self {
            tls,
            connections: Arc::new(Semaphore::new(descriptors::raise_to(CONNECTIONS_MAX))),
            handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
            serve,
        }
    }

    /// Accepts on one port until it is to close, and returns when the last connection has ended.
    /// Connections end with it if it is dropped.
    pub(crate) async fn open(self, listener: TcpListener, mut closing: Closing) {
        let mut connections = JoinSet::new();
        let mut exhausted = false;
        loop {
            let accepted = tokio::select! {
                accepted = self.accept_one(&listener) => accepted,
                Some(ended) = connections.join_next() => {
                    note_panic(ended);
                    continue;
                }
                () = closing.wanted() => break,
            };
            match accepted {
                Ok((stream, handshake)) => {
                    exhausted = false;
                    // A client that has to wait would suspect a firewall. A client whose connection
                    // is closed knows better, and comes back.
                    let Ok(place) = Arc::clone(&self.connections).try_acquire_owned() else { continue };
                    connections.spawn(self.clone().welcome(stream, handshake, place));
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

    async fn accept_one(&self, listener: &TcpListener) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let handshake = Arc::clone(&self.handshakes).acquire_owned().await.map_err(io::Error::other)?;
        Ok((listener.accept().await?.0, handshake))
    }

    async fn welcome(self, stream: TcpStream, handshake: OwnedSemaphorePermit, _place: OwnedSemaphorePermit) {
        // In a box: what the handshake needs is gone when the connection stands.
        let acceptor = TlsAcceptor::from(Arc::clone(&self.tls.borrow()));
        let connection = Box::pin(shake_hands(&acceptor, stream)).await;
        drop(handshake);
        if let Some(connection) = connection {
            (self.serve)(connection).await;
        }
    }
}

/// Most handshakes that fail are of scanners and of boxes on the way: nothing to tell an
/// administrator about.
async fn shake_hands(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<Connection> {
    stream.set_nodelay(true).ok()?;
    match timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
        Ok(Ok(connection)) => {
            // A proxy with Nagle's algorithm (RFC 896) keeps the first request until what ended the
            // handshake is acknowledged, which the kernel would put off for 40 ms. Where it cannot
            // be told so, that is what it takes.
            drop(connection.get_ref().0.set_quickack(true));
            Some(Box::new(connection))
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
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
