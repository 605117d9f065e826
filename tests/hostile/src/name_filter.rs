//! A box that reads the name in the first bytes of TLS (SNI) and lets everything pass but the
//! server's.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::network::{Place, SERVER_NAME};
use crate::resident::Resident;
use crate::world::World;

/// Where the box listens.
const PORT: u16 = 9_994;
/// Bytes of a record's own head (RFC 8446, section 5.1).
const RECORD_HEAD: usize = 5;
/// Bytes of the first record that it reads at most: the longest record there is.
const RECORD_MAX: usize = RECORD_HEAD + 16 * 1024;

/// The fate of a connection that names the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filtering {
    /// It is closed.
    Closes,
    /// It is reset.
    Resets,
    /// Nothing more is said on it.
    Silences,
}

/// The box, until it is dropped.
#[derive(Debug)]
pub struct NameFilter(#[expect(dead_code, reason = "it is kept, and that is all")] Resident);

impl World {
    /// From now on the box stands in the way of the connections that the rule matches (such as
    /// `tcp dport 443`).
    #[must_use]
    pub fn filter_name(&self, rule: &str, filtering: Filtering) -> NameFilter {
        let listener = self.network().listen(Place::Router, PORT);
        self.network().redirect(&format!("iifname fw0 {rule}"), PORT);
        let server = self.https();
        NameFilter(self.network().play(Place::Router, listener, move |stream| async move {
            // A connection that breaks is the client's or the server's business.
            drop(look(stream, server, filtering).await);
        }))
    }
}

async fn look(mut client: TcpStream, server: SocketAddr, filtering: Filtering) -> std::io::Result<()> {
    let mut first = vec![0; RECORD_HEAD];
    client.read_exact(&mut first).await?;
    let length = match first.as_slice() {
        [_, _, _, high, low] => usize::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    };
    first.resize((RECORD_HEAD + length).min(RECORD_MAX), 0);
    client.read_exact(first.get_mut(RECORD_HEAD..).unwrap_or_default()).await?;
    if first.windows(SERVER_NAME.len()).any(|name| name == SERVER_NAME.as_bytes()) {
        match filtering {
            Filtering::Closes => {}
            Filtering::Resets => client.set_zero_linger()?,
            Filtering::Silences => drop(tokio::io::copy(&mut client, &mut tokio::io::sink()).await),
        }
        return Ok(());
    }
    let mut server = TcpStream::connect(server).await?;
    tokio::io::AsyncWriteExt::write_all(&mut server, &first).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}
