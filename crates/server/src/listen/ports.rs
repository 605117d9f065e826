//! The ports that are wanted: open where they can be had, and tried again where they cannot.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use convene_model::Listen;
use convene_service_log::number;
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::note_panic;

/// Between two tries for what could not be had: an address that comes with the network, or a port
/// that someone gives back, is taken soon, and trying costs nothing.
const RETRY: Duration = Duration::from_secs(5);
/// Connections that may wait to be accepted on one port.
const BACKLOG: i32 = 1_024;
/// The largest segment: tunnels and modems on the way cut larger packets away without a word, where
/// the messages that would say so are filtered. It costs a few percent of throughput.
#[cfg(target_os = "linux")]
pub(super) const SEGMENT_BYTES_MAX: u32 = 1_220;

/// An address that cannot be had, or none of all.
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
    /// The machine has no such address, or not yet.
    #[error("{address} is not an address of this machine, or not yet (`ip address` lists them)")]
    Foreign {
        /// The address and port.
        address: SocketAddr,
    },
    /// Not one of them can be had.
    #[error("no address can be listened on; the first: {0}")]
    None(Box<Self>),
    /// Anything else.
    #[error("{address} cannot be opened: {source}")]
    Io {
        /// The address and port.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Every address and port of these.
pub(crate) fn addresses(listen: &[Listen]) -> BTreeSet<SocketAddr> {
    let of = |one: &Listen| {
        let address = one.address;
        one.ports.iter().map(move |port| SocketAddr::new(address, port))
    };
    listen.iter().flat_map(of).collect()
}

/// Tells the task of a port when to close it. Dropped when the port is closed.
#[derive(Debug)]
pub(crate) struct Closing {
    wanted: oneshot::Receiver<()>,
    _done: oneshot::Sender<()>,
}

impl Closing {
    /// Completes when the port is to be closed. Not to be called again then.
    pub(crate) async fn wanted(&mut self) {
        // The task that opened the port drops its end.
        drop((&mut self.wanted).await);
    }
}

/// Closes a port: at once when dropped.
#[derive(Debug)]
pub(crate) struct Close {
    close: oneshot::Sender<()>,
    closed: oneshot::Receiver<()>,
}

impl Close {
    /// Closes it, and waits until it is.
    pub(crate) async fn close(self) {
        drop(self.close);
        // The task drops its end.
        drop(self.closed.await);
    }
}

/// The two ends for closing an open port: one for the task that closes it, and one for the port's
/// own task.
pub(crate) fn closing() -> (Close, Closing) {
    let (close, wanted) = oneshot::channel();
    let (done, closed) = oneshot::channel();
    (Close { close, closed }, Closing { wanted, _done: done })
}

/// The ports, each with a task that accepts on it.
#[derive(Debug)]
pub(crate) struct Ports<S> {
    wanted: watch::Receiver<BTreeSet<SocketAddr>>,
    open: BTreeMap<SocketAddr, Close>,
    missing: BTreeMap<SocketAddr, ListenError>,
    tasks: JoinSet<()>,
    serve: S,
}

impl<S, F> Ports<S>
where
    S: Fn(TcpListener, Closing) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    /// Opens all that can be had at once, and runs `serve` for each in a task of its own.
    pub(crate) fn open(mut wanted: watch::Receiver<BTreeSet<SocketAddr>>, serve: S) -> Self {
        let now = wanted.borrow_and_update().clone();
        let (open, missing) = (BTreeMap::new(), BTreeMap::new());
        let mut ports = Self { wanted, open, missing, tasks: JoinSet::new(), serve };
        for address in now {
            ports.add(address);
        }
        ports
    }

    /// # Errors
    /// [`ListenError::None`], where addresses are wanted and not one of them could be had.
    pub(crate) fn need_one(mut self) -> Result<Self, ListenError> {
        if self.open.is_empty()
            && let Some((_, first)) = self.missing.pop_first()
        {
            return Err(ListenError::None(Box::new(first)));
        }
        Ok(self)
    }

    /// Follows what is wanted and tries again for what is missing, until `stopping` becomes true or
    /// is dropped. Then it closes the ports, and returns when their tasks have ended.
    pub(crate) async fn keep(mut self, mut stopping: watch::Receiver<bool>) {
        let mut due = Instant::now() + RETRY;
        loop {
            tokio::select! {
                changed = self.wanted.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.follow().await;
                }
                () = sleep_until(due), if !self.missing.is_empty() => {
                    self.try_again();
                    due = Instant::now() + RETRY;
                }
                Some(ended) = self.tasks.join_next() => note_panic(ended),
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
        self.open.clear();
        while let Some(ended) = self.tasks.join_next().await {
            note_panic(ended);
        }
    }

    /// Closes first: what is wanted now may be part of what was.
    async fn follow(&mut self) {
        let wanted = self.wanted.borrow_and_update().clone();
        self.missing.retain(|address, _| wanted.contains(address));
        let unwanted: Vec<_> = self.open.keys().filter(|open| !wanted.contains(open)).copied().collect();
        for address in unwanted {
            if let Some(open) = self.open.remove(&address) {
                open.close().await;
                tracing::info!(%address, "closed");
            }
        }
        for address in wanted {
            if !self.open.contains_key(&address) && !self.missing.contains_key(&address) {
                self.add(address);
            }
        }
    }

    fn try_again(&mut self) {
        let missing: Vec<_> = self.missing.keys().copied().collect();
        for address in missing {
            if let Ok(listener) = open(address) {
                self.missing.remove(&address);
                self.serve(address, listener);
            }
        }
    }

    /// An address that cannot be had is missing from then on, and told once.
    fn add(&mut self, address: SocketAddr) {
        let source = match open(address) {
            Ok(listener) => return self.serve(address, listener),
            Err(source) => source,
        };
        let (system, again) = (source.to_string(), RETRY.as_secs());
        let lacks_ipv6 = address.ip() == Ipv6Addr::UNSPECIFIED && lacks_ipv6(&source);
        let error = refusal(address, source);
        if lacks_ipv6 {
            tracing::warn!(%address, system, "not opened: this machine has no IPv6");
        } else {
            let number = number::NOT_LISTENING;
            tracing::error!(number, %address, system, "not opened: {error}; tried again every {again} s");
        }
        self.missing.insert(address, error);
    }

    fn serve(&mut self, address: SocketAddr, listener: TcpListener) {
        tracing::info!(number = number::LISTENING, %address, "listening");
        let (close, closing) = closing();
        self.open.insert(address, close);
        self.tasks.spawn((self.serve)(listener, closing));
    }
}

pub(super) fn open(address: SocketAddr) -> io::Result<TcpListener> {
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

pub(super) fn lacks_ipv6(error: &io::Error) -> bool {
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
    } else if kind == io::ErrorKind::AddrNotAvailable {
        ListenError::Foreign { address }
    } else {
        ListenError::Io { address, source }
    }
}
