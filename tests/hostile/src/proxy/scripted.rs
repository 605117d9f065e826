//! An HTTP proxy on the router that does what its script says: slow, broken, or contrary to every
//! RFC.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::network::Place;
use crate::resident::Resident;
use crate::world::World;

/// Bytes of a request's head that it reads at most.
const HEAD_MAX: usize = 16 * 1024;
/// Bytes that it passes on at once.
const PIECE: usize = 16 * 1024;

/// The steps that the proxy takes for a request, in this order; then it reads the next request on
/// the same connection.
pub type Script = fn(&Asked) -> Vec<Step>;

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its head.
    pub head: String,
    /// The number of its connection, from 0.
    pub connection: usize,
    /// Whether it shows a login.
    pub shows_login: bool,
}

/// One thing that the proxy does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Says this at once.
    Says(Cow<'static, [u8]>),
    /// Says this byte by byte, with a pause behind each.
    Drips(Cow<'static, [u8]>, Duration),
    /// Says this again and again for as long as somebody listens.
    Repeats(&'static str),
    /// Does nothing for a while.
    Waits(Duration),
    /// Says nothing more, and does not close.
    Hangs,
    /// Closes, and takes what the client still says, so that its system does not make a reset of
    /// it.
    Closes,
    /// Resets the connection.
    Resets,
    /// Opens the way to the server, until either side closes.
    Passes,
    /// The same for so many bytes of the server's, of which the last may be the middle of anything.
    /// Then the next step follows.
    PassesOnly(usize),
}

/// The proxy, until it is dropped.
#[derive(Debug)]
pub struct Scripted {
    _resident: Resident,
    address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    logins: AtomicUsize,
}

/// The course of a connection after a script's steps.
enum Then {
    NextRequest,
    Over,
}

impl Scripted {
    /// Starts it on a port of its own.
    pub fn start(world: &World, script: Script) -> Self {
        let network = world.network();
        let listener = network.listen(Place::Router, 0);
        let port = listener.local_addr().expect("a listener has an address").port();
        let (seen, server) = (Arc::<Seen>::default(), world.https());
        let sees = Arc::clone(&seen);
        let resident = network.play(Place::Router, listener, move |stream| {
            let connection = sees.connections.fetch_add(1, Ordering::SeqCst);
            let sees = Arc::clone(&sees);
            async move {
                // A connection that breaks is the client's business.
                drop(serve(stream, server, script, connection, &sees).await);
            }
        });
        Self { _resident: resident, address: SocketAddr::new(network.router(), port), seen }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that were opened so far.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Requests so far that showed a login.
    pub fn logins(&self) -> usize {
        self.seen.logins.load(Ordering::SeqCst)
    }
}

impl Step {
    /// Says this text at once.
    pub fn says(text: impl Into<String>) -> Self {
        Self::Says(Cow::Owned(text.into().into_bytes()))
    }
}

async fn serve(
    mut stream: TcpStream,
    server: SocketAddr,
    script: Script,
    connection: usize,
    seen: &Seen,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let head = read_head(&mut stream).await?;
        let shows_login = head.to_ascii_lowercase().contains("\r\nproxy-authorization:");
        seen.logins.fetch_add(shows_login.into(), Ordering::SeqCst);
        let mut onward = None;
        for step in script(&Asked { head, connection, shows_login }) {
            match play(step, &mut stream, server, &mut onward).await? {
                Then::NextRequest => {}
                Then::Over => return Ok(()),
            }
        }
    }
}

async fn play(
    step: Step,
    stream: &mut TcpStream,
    server: SocketAddr,
    onward: &mut Option<TcpStream>,
) -> std::io::Result<Then> {
    match step {
        Step::Says(bytes) => stream.write_all(&bytes).await?,
        Step::Drips(bytes, pause) => {
            for byte in bytes.iter() {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Step::Repeats(text) => loop {
            stream.write_all(text.as_bytes()).await?;
        },
        Step::Waits(time) => tokio::time::sleep(time).await,
        Step::Hangs => {
            tokio::io::copy(stream, &mut tokio::io::sink()).await?;
            return Ok(Then::Over);
        }
        Step::Closes => {
            stream.shutdown().await?;
            tokio::io::copy(stream, &mut tokio::io::sink()).await?;
            return Ok(Then::Over);
        }
        Step::Resets => {
            stream.set_zero_linger()?;
            return Ok(Then::Over);
        }
        Step::Passes => {
            let mut server = TcpStream::connect(server).await?;
            tokio::io::copy_bidirectional(stream, &mut server).await?;
            return Ok(Then::Over);
        }
        Step::PassesOnly(count) => {
            // Kept open: what follows is between the proxy and the client.
            let server = onward.insert(TcpStream::connect(server).await?);
            pass(stream, server, count).await?;
        }
    }
    Ok(Then::NextRequest)
}

/// Passes what the client says, and so many bytes of the server's.
async fn pass(client: &mut TcpStream, server: &mut TcpStream, mut left: usize) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let down = async {
        let mut piece = vec![0; PIECE];
        while left > 0 {
            let room = piece.get_mut(..left.min(PIECE)).unwrap_or_default();
            let count = from_server.read(room).await?;
            if count == 0 {
                return Ok(());
            }
            to_client.write_all(room.get(..count).unwrap_or_default()).await?;
            left -= count;
        }
        Ok(())
    };
    tokio::select! {
        ended = down => ended,
        ended = tokio::io::copy(&mut from_client, &mut to_server) => ended.map(drop),
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
