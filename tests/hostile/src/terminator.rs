//! A box that ends TLS in front of the server, as a load balancer or a virus scanner does, and
//! looks at the HTTP inside.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_native_tls::TlsStream;
use tokio_native_tls::native_tls::{Identity, TlsAcceptor, TlsConnector};

use crate::network::Place;
use crate::resident::Resident;
use crate::world::World;

/// Where the box listens.
const PORT: u16 = 9_998;
/// Bytes of a request's head that it reads at most.
const HEAD_MAX: usize = 16 * 1024;
/// Bytes that it passes on at once.
const PIECE: usize = 16 * 1024;

/// The conduct of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// Nothing but to end TLS, in version 1.2 and without ALPN.
    Passes,
    /// Takes `Upgrade` and what belongs to it out of requests.
    StripsUpgrade,
    /// Answers 403 to a request with `Upgrade`.
    ForbidsUpgrade,
    /// Lets the handshake of a WebSocket pass, and then nothing more.
    SwallowsFrames,
    /// Closes a connection on which the server has said nothing for so long.
    Cuts(Duration),
    /// Closes every WebSocket so long after it began, whatever is said on it.
    CutsWebSockets(Duration),
    /// Answers every request with a page.
    ShowsPage,
}

/// A box at work, until it is dropped.
#[derive(Debug)]
pub struct Terminator {
    tally: Arc<Tally>,
    _resident: Resident,
}

#[derive(Debug, Default)]
struct Tally {
    connections: AtomicUsize,
    owed: AtomicUsize,
}

impl Terminator {
    /// The connections that it took so far.
    pub fn connections(&self) -> usize {
        self.tally.connections.load(Ordering::SeqCst)
    }

    /// The number of times that it cut a connection while the server owed an answer.
    pub fn owed(&self) -> usize {
        self.tally.owed.load(Ordering::SeqCst)
    }
}

impl World {
    /// From now on the router ends the connections that the rule matches (such as `tcp dport 443`)
    /// with the server's own key, and goes on to the server's port 443.
    #[must_use]
    pub fn terminate(&self, rule: &str, conduct: Conduct) -> Terminator {
        let listener = self.network().listen(Place::Router, PORT);
        self.network().redirect(&format!("iifname fw0 {rule}"), PORT);
        let upstream = self.https();
        let acceptor = TlsAcceptor::new(identity(self.identity()));
        let acceptor = tokio_native_tls::TlsAcceptor::from(acceptor.expect("TLS starts"));
        let connector = credulous();
        let tally = Arc::<Tally>::default();
        let counted = Arc::clone(&tally);
        let resident = self.network().play(Place::Router, listener, move |stream| {
            let (acceptor, connector, tally) = (acceptor.clone(), connector.clone(), Arc::clone(&counted));
            async move {
                tally.connections.fetch_add(1, Ordering::SeqCst);
                drop(stream.set_nodelay(true));
                if let Ok(client) = acceptor.accept(stream).await {
                    // A connection that breaks is the client's or the server's business.
                    drop(carry(client, (&connector, upstream), conduct, &tally).await);
                }
            }
        });
        Terminator { tally, _resident: resident }
    }
}

fn identity(files: &[PathBuf; 2]) -> Identity {
    let [certificate, key] =
        files.each_ref().map(|file| fs::read(file).expect("the server has its certificate"));
    Identity::from_pkcs8(&certificate, &key).expect("the server's key can be used")
}

/// One connection, from its first request on: what comes later on it is passed.
async fn carry(
    mut client: TlsStream<TcpStream>,
    (connector, upstream): (&tokio_native_tls::TlsConnector, SocketAddr),
    conduct: Conduct,
    tally: &Tally,
) -> std::io::Result<()> {
    let head = read_head(&mut client).await?;
    let upgrades = head.to_ascii_lowercase().contains("\r\nupgrade:");
    match conduct {
        Conduct::ForbidsUpgrade if upgrades => {
            let answer = "HTTP/1.1 403 Forbidden\r\nServer: Lab Gateway\r\nContent-Length: 0\r\n\r\n";
            return client.write_all(answer.as_bytes()).await;
        }
        Conduct::ShowsPage => {
            let page = "<html>blocked</html>";
            let length = page.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nServer: Lab Filter\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{page}"
            );
            return client.write_all(answer.as_bytes()).await;
        }
        Conduct::Passes
        | Conduct::StripsUpgrade
        | Conduct::ForbidsUpgrade
        | Conduct::SwallowsFrames
        | Conduct::Cuts(_)
        | Conduct::CutsWebSockets(_) => {}
    }
    let server = TcpStream::connect(upstream).await?;
    server.set_nodelay(true)?;
    let server = connector.connect("conference.test", server).await;
    let mut server = server.map_err(std::io::Error::other)?;
    let head = if conduct == Conduct::StripsUpgrade { stripped(&head) } else { head };
    server.write_all(head.as_bytes()).await?;
    if conduct == Conduct::SwallowsFrames && upgrades {
        let answer = read_head(&mut server).await?;
        client.write_all(answer.as_bytes()).await?;
        // Everything that either side says from here on is read and forgotten.
        let mut sink = tokio::io::sink();
        let (mut other, mut server) = (tokio::io::sink(), server);
        drop(tokio::join!(tokio::io::copy(&mut client, &mut sink), tokio::io::copy(&mut server, &mut other)));
        return Ok(());
    }
    match conduct {
        Conduct::Cuts(limit) => relay(client, server, limit, tally).await,
        Conduct::CutsWebSockets(age) if upgrades => {
            timeout(age, relay(client, server, Duration::MAX, tally)).await.unwrap_or(Ok(()))
        }
        Conduct::Passes
        | Conduct::StripsUpgrade
        | Conduct::ForbidsUpgrade
        | Conduct::SwallowsFrames
        | Conduct::CutsWebSockets(_)
        | Conduct::ShowsPage => relay(client, server, Duration::MAX, tally).await,
    }
}

/// The box is in the server's own house and knows it: it need not read whom the system trusts,
/// which takes a tenth of a second.
fn credulous() -> tokio_native_tls::TlsConnector {
    let mut connector = TlsConnector::builder();
    connector.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    connector.disable_built_in_roots(true);
    connector.build().expect("TLS starts").into()
}

/// Passes bytes on until either side ends, or the server says nothing for longer than the limit.
async fn relay(
    client: TlsStream<TcpStream>,
    server: TlsStream<TcpStream>,
    limit: Duration,
    tally: &Tally,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    // The first request's head has gone up.
    let owes = AtomicBool::new(true);
    let down = async {
        let mut piece = vec![0; PIECE];
        loop {
            let Ok(count) = timeout(limit, from_server.read(&mut piece)).await else {
                tally.owed.fetch_add(owes.load(Ordering::SeqCst).into(), Ordering::SeqCst);
                return Ok(());
            };
            match count? {
                0 => return Ok(()),
                count => {
                    owes.store(false, Ordering::SeqCst);
                    to_client.write_all(piece.get(..count).unwrap_or_default()).await?;
                    to_client.flush().await?;
                }
            }
        }
    };
    let up = async {
        let mut piece = vec![0; PIECE];
        loop {
            let count = from_client.read(&mut piece).await?;
            if count == 0 {
                return Ok(());
            }
            owes.store(true, Ordering::SeqCst);
            to_server.write_all(piece.get(..count).unwrap_or_default()).await?;
            to_server.flush().await?;
        }
    };
    tokio::select! {
        ended = down => ended,
        ended = up => ended,
    }
}

fn stripped(head: &str) -> String {
    let gone = ["upgrade:", "connection:", "sec-websocket-"];
    let kept =
        head.lines().filter(|line| !gone.iter().any(|name| line.to_ascii_lowercase().starts_with(name)));
    kept.map(|line| format!("{line}\r\n")).collect()
}

async fn read_head(stream: &mut TlsStream<TcpStream>) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
