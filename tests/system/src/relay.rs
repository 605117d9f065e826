//! A box on the way from daemons to their server, which a test may cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use convene_model::{JoinLink, PortRange};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Carries connections to one port of this machine, until it is dropped.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    way: watch::Sender<Way>,
    /// Connections that it carries.
    carried: Arc<AtomicUsize>,
    _carrying: JoinSet<()>,
}

/// The state of the way behind the box. Whoever is carried is cut when it changes.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    cuts: u64,
    is_shut: bool,
}

impl Relay {
    /// A relay to this port, on a port of its own.
    ///
    /// # Panics
    /// When the system has no port.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.unwrap_or_else(|error| unreachable!("a port: {error}"));
        let port = listener.local_addr().map_or(0, |address| address.port());
        let (way, seen) = watch::channel(Way::default());
        let carried = Arc::<AtomicUsize>::default();
        let mut carrying = JoinSet::new();
        carrying.spawn(carry_all(listener, server, seen, Arc::clone(&carried)));
        Self { port, way, carried, _carrying: carrying }
    }

    /// A join link that leads through it. The server proves itself by its key, so that it matters
    /// to nobody which ports are in between.
    ///
    /// # Panics
    /// When that is no join link of a server of this machine.
    pub fn lead(&self, link: &str) -> String {
        let link = link.parse::<JoinLink>();
        let link = link.unwrap_or_else(|error| unreachable!("the server printed it: {error}"));
        let ports = PortRange::new(self.port, self.port);
        let ports = ports.unwrap_or_else(|| unreachable!("the system gave a port"));
        JoinLink { https_port: self.port, ports, ..link }.to_string()
    }

    /// The number of connections that it carries.
    pub fn carried(&self) -> usize {
        self.carried.load(Ordering::Relaxed)
    }

    /// Cuts what it carries. What comes next is carried again.
    pub fn cut(&self) {
        self.way.send_modify(|way| way.cuts += 1);
    }

    /// Cuts what it carries, and whatever comes until it is opened.
    pub fn shut(&self) {
        self.way.send_modify(|way| *way = Way { cuts: way.cuts + 1, is_shut: true });
    }

    /// Carries again.
    pub fn open(&self) {
        self.way.send_modify(|way| way.is_shut = false);
    }
}

async fn carry_all(
    listener: TcpListener,
    server: u16,
    mut way: watch::Receiver<Way>,
    carried: Arc<AtomicUsize>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // What changed before this one came does not cut it.
                let is_shut = way.borrow_and_update().is_shut;
                if let (Ok((daemon, _)), false) = (accepted, is_shut) {
                    connections.spawn(carry(daemon, server, way.clone(), Arc::clone(&carried)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut daemon: TcpStream, server: u16, mut way: watch::Receiver<Way>, carried: Arc<AtomicUsize>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    carried.fetch_add(1, Ordering::Relaxed);
    tokio::select! {
        // Either end may go away at any time, and how does not matter here.
        ended = copy_bidirectional(&mut daemon, &mut server) => drop(ended),
        changed = way.changed() => drop(changed),
    }
    carried.fetch_sub(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A connection through the relay on which a byte has come back from the far end.
    async fn carried(relay: &Relay, server: &TcpListener) -> (TcpStream, TcpStream) {
        let mut near = TcpStream::connect(("127.0.0.1", relay.port)).await.unwrap();
        let (mut far, _) = server.accept().await.unwrap();
        far.write_all(b"x").await.unwrap();
        assert_eq!(near.read_u8().await.unwrap(), b'x');
        (near, far)
    }

    #[tokio::test]
    async fn it_carries_cuts_shuts_and_opens() {
        let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let relay = Relay::to(server.local_addr().unwrap().port()).await;
        let (mut near, _far) = carried(&relay, &server).await;
        assert_eq!(relay.carried(), 1);
        relay.cut();
        assert!(near.read_u8().await.is_err(), "cut");
        let (mut near, _far) = carried(&relay, &server).await;
        relay.shut();
        assert!(near.read_u8().await.is_err(), "cut as it is shut");
        let mut refused = TcpStream::connect(("127.0.0.1", relay.port)).await.unwrap();
        assert!(refused.read_u8().await.is_err(), "shut");
        relay.open();
        let (_near, _far) = carried(&relay, &server).await;
    }
}
