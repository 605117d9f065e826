//! The ports: every address of every range, and the TLS connections that come in on them.

mod descriptors;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use convene_model::Listen;
use rustix::io::Errno;
use rustls::ServerConfig;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Connections that may wait to be accepted on one port.
const BACKLOG: i32 = 1_024;
/// Connections of all ports together, where the system allows as many: several conferences of the largest size.
const CONNECTIONS_MAX: usize = 16_384;
/// Handshakes at the same time: whoever only knocks holds no more memory than these take. The next ones wait for their turn.
const HANDSHAKES_MAX: usize = 1_024;
/// How long a client may take for its handshake: some round trips of the slowest path.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);
/// How long to wait where the system has no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);
/// The largest segment: tunnels and modems on the way cut larger packets away without a word, where the messages that would say
/// so are filtered. It costs a few percent of throughput.
#[cfg(target_os = "linux")]
const SEGMENT_BYTES_MAX: u32 = 1_220;

/// A port that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Someone else has it.
    #[error("{address} is in use; stop what listens there (`ss -ltnp` names it), or choose another `listen`")]
    InUse {
        /// The address and port.
        address: SocketAddr,
    },
    /// Ports below 1024 need a right.
    #[error("{address} may not be opened by this user; ports below 1024 need CAP_NET_BIND_SERVICE")]
    Rights {
        /// The address and port.
        address: SocketAddr,
    },
    /// Anything else.
    #[error("{address} cannot be opened: {source}")]
    Io {
        /// The address and port.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Opens all ports, or none. On a machine without IPv6 "every IPv6 address" is none.
pub(crate) fn bind(wanted: &[Listen]) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    let mut skipped = None;
    for one in wanted {
        for port in one.ports.iter() {
            let address = SocketAddr::new(one.address, port);
            match open(address) {
                Ok(listener) => listeners.push(listener),
                Err(source) if one.address == Ipv6Addr::UNSPECIFIED && lacks_ipv6(&source) => {
                    tracing::warn!(%address, "not opened: this machine has no IPv6");
                    skipped = Some(ListenError::Io { address, source });
                }
                Err(source) => return Err(refusal(address, source)),
            }
        }
    }
    skipped.filter(|_| listeners.is_empty()).map_or(Ok(listeners), Err)
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_mss(SEGMENT_BYTES_MAX)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn lacks_ipv6(error: &io::Error) -> bool {
    [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn refusal(address: SocketAddr, source: io::Error) -> ListenError {
    let kind = source.kind();
    if kind == io::ErrorKind::AddrInUse {
        ListenError::InUse { address }
    } else if kind == io::ErrorKind::PermissionDenied {
        ListenError::Rights { address }
    } else {
        ListenError::Io { address, source }
    }
}

/// Bytes as TLS carries them. In a box: it is large, and passes through many hands.
pub(crate) type Connection = Box<TlsStream<TcpStream>>;

/// What all ports share.
#[derive(Clone)]
struct Entrance<S> {
    acceptor: TlsAcceptor,
    connections: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    serve: S,
}

/// Accepts on all ports, and gives each connection whose handshake succeeds to `serve`, in a task of its own. When `stopping`
/// becomes true or is dropped it closes the ports, and returns when the last connection has ended. Connections end with it
/// if it is dropped.
pub(crate) async fn accept<S, F>(
    listeners: Vec<TcpListener>,
    tls: Arc<ServerConfig>,
    stopping: watch::Receiver<bool>,
    serve: S,
) where
    S: Fn(Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let entrance = Entrance {
        acceptor: TlsAcceptor::from(tls),
        connections: Arc::new(Semaphore::new(descriptors::raise_to(CONNECTIONS_MAX))),
        handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
        serve,
    };
    let mut ports = JoinSet::new();
    for listener in listeners {
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "listening");
        }
        ports.spawn(entrance.clone().open(listener, stopping.clone()));
    }
    while let Some(ended) = ports.join_next().await {
        note_panic(ended);
    }
}

impl<S, F> Entrance<S>
where
    S: Fn(Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    async fn open(self, listener: TcpListener, mut stopping: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let mut exhausted = false;
        loop {
            let accepted = tokio::select! {
                accepted = self.accept_one(&listener) => accepted,
                Some(ended) = connections.join_next() => {
                    note_panic(ended);
                    continue;
                }
                _ = stopping.wait_for(|stopping| *stopping) => break,
            };
            match accepted {
                Ok((stream, handshake)) => {
                    exhausted = false;
                    // Who is let wait would take it for a firewall; who is closed knows better, and comes back.
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
        let connection = Box::pin(shake_hands(&self.acceptor, stream)).await;
        drop(handshake);
        if let Some(connection) = connection {
            (self.serve)(connection).await;
        }
    }
}

/// Most handshakes that fail are of scanners and of boxes on the way: nothing to tell an administrator about.
async fn shake_hands(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<Connection> {
    stream.set_nodelay(true).ok()?;
    match timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
        Ok(Ok(connection)) => {
            // A proxy with Nagle's algorithm (RFC 896) keeps the first request until what ended the handshake is acknowledged,
            // which the kernel would put off for 40 ms. Where it cannot be told so, that is what it takes.
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
