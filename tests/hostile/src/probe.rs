//! Plain connections, by which the lab is proven and its programs are awaited.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::network::{Network, Place};

/// Bytes of an answer's head that a probe reads at most.
const HEAD_MAX: usize = 16 * 1024;

impl Network {
    /// Opens a connection from that place.
    pub fn connect(&self, from: Place, to: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
        self.within(from, || TcpStream::connect_timeout(&to, limit))
    }

    /// Listens in that place, on all addresses.
    pub fn listen(&self, place: Place, port: u16) -> TcpListener {
        let any = if self.families().has_v6() {
            SocketAddr::from(([0; 8], port))
        } else {
            SocketAddr::from(([0; 4], port))
        };
        self.within(place, || TcpListener::bind(any)).expect("the port is free")
    }

    /// Asks a proxy for a tunnel from the client's place. The answer's status, and the tunnel.
    pub fn tunnel(
        &self,
        proxy: SocketAddr,
        target: &str,
        authorization: Option<&str>,
        limit: Duration,
    ) -> io::Result<(u16, TcpStream)> {
        let mut stream = self.connect(Place::Client, proxy, limit)?;
        stream.set_read_timeout(Some(limit))?;
        let login =
            authorization.map(|login| format!("Proxy-Authorization: Basic {login}\r\n")).unwrap_or_default();
        write!(stream, "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n")?;
        let mut head = Vec::new();
        let mut byte = [0];
        // Byte by byte, so that nothing of what follows the head is taken.
        while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX {
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(|| io::Error::other(head))?, stream))
    }
}
