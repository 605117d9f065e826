//! A connection whose handshake succeeded.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::budget::{Block, Budget, Held, Place};

/// Bytes of something unfinished that are not charged: what every connection may be in the midst
/// of.
pub(crate) const UNCHARGED_BYTES: usize = 4 * 1024;

/// Bytes as TLS carries them, and what they take: it is free when this is dropped. In a box: it is
/// large, and passes through many hands.
#[derive(Debug)]
pub(crate) struct Connection(Box<Secured>);

#[derive(Debug)]
struct Secured {
    stream: TlsStream<TcpStream>,
    peer: SocketAddr,
    budget: Arc<Budget>,
    place: Place,
    /// What came and is not whole.
    unfinished: Option<Held>,
}

impl Connection {
    pub(super) fn new(
        stream: TlsStream<TcpStream>,
        peer: SocketAddr,
        budget: Arc<Budget>,
        place: Place,
    ) -> Self {
        Self(Box::new(Secured { stream, peer, budget, place, unfinished: None }))
    }

    /// The other end, as a trusted proxy in between names it.
    pub(crate) fn peer(&self) -> SocketAddr {
        self.0.peer
    }

    /// The network that is charged.
    pub(crate) fn owner(&self) -> Block {
        Block::of(self.0.peer.ip())
    }

    /// Of what it takes its part.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.0.budget
    }

    /// It carries a seat that is open.
    pub(crate) fn prove(&mut self) {
        self.0.place.prove();
    }

    /// So many bytes of it wait for the rest. Whether the network may have so many.
    pub(crate) fn hold(&mut self, bytes: usize) -> bool {
        let owner = self.owner();
        let Secured { budget, unfinished, .. } = &mut *self.0;
        if bytes <= UNCHARGED_BYTES {
            *unfinished = None;
            return true;
        }
        match unfinished {
            Some(held) => held.set(bytes),
            None => {
                *unfinished = budget.unfinished.take(owner, bytes);
                unfinished.is_some()
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.stream).poll_read(cx, buffer)
    }
}

impl AsyncBufRead for Connection {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().0.stream).poll_fill_buf(cx)
    }

    fn consume(mut self: Pin<&mut Self>, bytes: usize) {
        Pin::new(&mut self.0.stream).consume(bytes);
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.stream).poll_shutdown(cx)
    }
}
