//! The ports: every address of every range, and the TLS connections that come in on them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Listen;

/// Connections that may wait to be accepted on one port.
const BACKLOG: i32 = 1_024;
/// Connections of all ports together: the sockets that the service may have, less what it needs itself.
const CONNECTIONS_MAX: usize = 16_384;
/// How long a client may take for its handshake.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);
/// How long to wait where the system has no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);
/// The largest segment: tunnels and modems on the way cut larger packets away without a word, where the messages that would say
/// so are filtered. It costs a few percent of throughput.
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

/// Opens all ports, or none.
pub(crate) fn bind(wanted: &[Listen]) -> Result<Vec<TcpListener>, ListenError> {
    let addresses =
        wanted.iter().flat_map(|one| one.ports.iter().map(|port| SocketAddr::new(one.address, port)));
    addresses.map(|address| open(address).map_err(|source| refusal(address, source))).collect()
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

fn refusal(address: SocketAddr, source: io::Error) -> ListenError {
    if source.kind() == io::ErrorKind::AddrInUse {
        ListenError::InUse { address }
    } else if source.kind() == io::ErrorKind::PermissionDenied {
        ListenError::Rights { address }
    } else {
        ListenError::Io { address, source }
    }
}

/// Accepts on all ports until dropped, and gives each connection whose handshake succeeds to `serve`, in a task of its own.
pub(crate) async fn accept<S, F>(listeners: Vec<TcpListener>, tls: Arc<ServerConfig>, serve: S)
where
    S: Fn(TlsStream<TcpStream>) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let acceptor = TlsAcceptor::from(tls);
    let mut ports = JoinSet::new();
    for listener in listeners {
        ports.spawn(accept_on(listener, acceptor.clone(), Arc::clone(&room), serve.clone()));
    }
    while ports.join_next().await.is_some() {}
}

async fn accept_on<S, F>(listener: TcpListener, acceptor: TlsAcceptor, room: Arc<Semaphore>, serve: S)
where
    S: Fn(TlsStream<TcpStream>) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let accepted = loop {
            tokio::select! {
                accepted = listener.accept() => break accepted,
                Some(ended) = connections.join_next() => note_panic(ended),
            }
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
                continue;
            }
        };
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        connections.spawn(async move {
            let _permit = permit;
            if let Some(stream) = shake_hands(acceptor, stream).await {
                serve(stream).await;
            }
        });
    }
}

/// Most handshakes that fail are of scanners and of boxes on the way: nothing to tell an administrator about.
async fn shake_hands(acceptor: TlsAcceptor, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
    stream.set_nodelay(true).ok()?;
    match tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
        Ok(Ok(mut stream)) => {
            stream.get_mut().1.set_buffer_limit(Some(TLS_BUFFER_MAX));
            Some(stream)
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

/// Bytes of TLS records that wait for a socket: as much as is worth one call of the system.
const TLS_BUFFER_MAX: usize = 64 * 1024;

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task has failed");
    }
}
