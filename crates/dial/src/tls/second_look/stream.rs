//! A connection that speaks TLS by the `openssl` crate.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::ssl::{self, ErrorCode, Ssl, SslStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::witness::Witness;

/// Bytes of records that wait to be written: a few of the longest.
const GOING_BYTES_MAX: usize = 64 * 1024;
/// Bytes that are read at once.
const READ_BYTES: usize = 8 * 1024;

/// A connection that speaks TLS.
pub(crate) struct Stream {
    ssl: SslStream<Buffers>,
    wire: Witness,
    is_shut: bool,
}

/// What passes between the library and the connection.
#[derive(Debug, Default)]
struct Buffers {
    came: VecDeque<u8>,
    is_over: bool,
    going: VecDeque<u8>,
}

impl Stream {
    /// Shakes hands.
    pub(super) async fn connect(ssl: Ssl, wire: Witness) -> io::Result<Self> {
        let ssl = SslStream::new(ssl, Buffers::default())?;
        let mut stream = Self { ssl, wire, is_shut: false };
        poll_fn(|cx| stream.poll_with(cx, SslStream::connect)).await?;
        Ok(stream)
    }

    /// The other end's certificate (DER).
    pub(in super::super) fn certificate(&self) -> Option<Vec<u8>> {
        self.ssl.ssl().peer_certificate()?.to_der().ok()
    }

    /// The `tls-server-end-point` of the other end's certificate (RFC 5929, section 4), as
    /// `native-tls` makes it.
    pub(in super::super) fn end_point(&self) -> Option<Vec<u8>> {
        let certificate = self.ssl.ssl().peer_certificate()?;
        let hash = certificate.signature_algorithm().object().nid().signature_algorithms()?.digest;
        let hash = if hash == Nid::MD5 || hash == Nid::SHA1 {
            MessageDigest::sha256()
        } else {
            MessageDigest::from_nid(hash)?
        };
        certificate.digest(hash).ok().map(|digest| digest.to_vec())
    }

    /// Has the library shake hands or write, and moves meanwhile what it reads and writes. What it
    /// wrote may wait until the next call.
    fn poll_with<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut step: impl FnMut(&mut SslStream<Buffers>) -> Result<T, ssl::Error>,
    ) -> Poll<io::Result<T>> {
        loop {
            let done = step(&mut self.ssl);
            let drained = self.poll_drain(cx)?;
            match done {
                Ok(done) => return Poll::Ready(Ok(done)),
                Err(error) if error.code() == ErrorCode::WANT_READ => ready!(self.poll_fill(cx))?,
                Err(error) if error.code() == ErrorCode::WANT_WRITE => ready!(drained),
                Err(error) => return Poll::Ready(Err(broken(error))),
            }
        }
    }

    /// Writes what the library has for the other end.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let going = &mut self.ssl.get_mut().going;
        while !going.is_empty() {
            let (first, _) = going.as_slices();
            let written = ready!(Pin::new(&mut self.wire).poll_write(cx, first))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            going.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads something for the library.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; READ_BYTES];
        let mut read = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut self.wire).poll_read(cx, &mut read))?;
        let buffers = self.ssl.get_mut();
        buffers.is_over = read.filled().is_empty();
        buffers.came.extend(read.filled());
        Poll::Ready(Ok(()))
    }
}

fn broken(error: ssl::Error) -> io::Error {
    error.into_io_error().unwrap_or_else(io::Error::other)
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl Read for Buffers {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.came.is_empty() && !self.is_over {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.came.read(bytes)
    }
}

impl Write for Buffers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.going.len() >= GOING_BYTES_MAX {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.going.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        let unfilled = buffer.initialize_unfilled();
        // Nothing is written here: another task may wait to write. Without renegotiation the
        // library has nothing to say but an alert, which goes out with what is written next.
        let count = loop {
            match stream.ssl.ssl_read(unfilled) {
                Ok(count) => break count,
                // The other end has said that nothing more comes.
                Err(error) if error.code() == ErrorCode::ZERO_RETURN => break 0,
                Err(error) if error.code() == ErrorCode::WANT_READ => ready!(stream.poll_fill(cx))?,
                Err(error) => return Poll::Ready(Err(broken(error))),
            }
        };
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll_with(cx, |ssl| ssl.ssl_write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        ready!(stream.poll_drain(cx))?;
        Pin::new(&mut stream.wire).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if !stream.is_shut {
            stream.is_shut = true;
            // Whether the other end can still be told makes no difference.
            drop(stream.ssl.shutdown());
        }
        ready!(stream.poll_drain(cx))?;
        Pin::new(&mut stream.wire).poll_shutdown(cx)
    }
}
