//! A SOCKS 5 proxy on the router that answers every request with one reply (RFC 1928, section 6):
//! real ones do not give all of them.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::network::Place;
use crate::resident::Resident;
use crate::world::World;

/// The proxy, until it is dropped.
#[derive(Debug)]
pub struct RefusingSocks {
    _resident: Resident,
    address: SocketAddr,
}

impl RefusingSocks {
    /// Starts it on a port of its own. It wants no login.
    pub fn start(world: &World, reply: u8) -> Self {
        let network = world.network();
        let listener = network.listen(Place::Router, 0);
        let port = listener.local_addr().expect("a listener has an address").port();
        let resident = network.play(Place::Router, listener, move |stream| async move {
            // A connection that breaks is the client's business.
            drop(refuse(stream, reply).await);
        });
        Self { _resident: resident, address: SocketAddr::new(network.router(), port) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn refuse(mut stream: TcpStream, reply: u8) -> std::io::Result<()> {
    let [_, methods] = read(&mut stream).await?;
    stream.read_exact(&mut vec![0; methods.into()]).await?;
    stream.write_all(&[5, 0]).await?;
    // A request for a name, whose length stands in front of it, or for an IPv4 address; the port
    // stands behind it.
    let [_, _, _, kind, first] = read(&mut stream).await?;
    let length = if kind == 1 { 3 } else { first };
    stream.read_exact(&mut vec![0; usize::from(length) + 2]).await?;
    stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]).await
}

async fn read<const LENGTH: usize>(stream: &mut TcpStream) -> std::io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
