//! The connection under the server's TLS: TCP, or TLS to a proxy.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Secured;

/// A connection to the server or to a proxy.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Nothing in between.
    Tcp(TcpStream),
    /// The proxy wants TLS itself.
    Secured(Box<Secured>),
}

impl Wire {
    /// The other end of TCP.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().ok().map(|address| address.ip()),
            Self::Secured(_) => None,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => {
                let read = Pin::new(&mut *stream).poll_read(cx, buffer);
                if read.is_ready() {
                    acknowledge(stream);
                }
                read
            }
            Self::Secured(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

/// A proxy with Nagle's algorithm (RFC 896) keeps back what follows until this was acknowledged,
/// which the kernel would put off for 40 ms. It forgets the wish with every answer; where it cannot
/// be told, that is what it takes.
#[cfg(target_os = "linux")]
fn acknowledge(stream: &TcpStream) {
    drop(stream.set_quickack(true));
}

/// Windows puts acknowledgements off as well, and cannot be told not to for one connection.
#[cfg(not(target_os = "linux"))]
const fn acknowledge(_: &TcpStream) {}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Secured(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secured(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secured(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
