//! A connection that speaks TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[cfg(target_os = "linux")]
use super::second_look;
use super::witness::Witness;

/// A connection that speaks TLS.
#[derive(Debug)]
pub(crate) enum Secured {
    /// As everywhere.
    Usual(tokio_native_tls::TlsStream<Witness>),
    /// With whom another handshake was needed.
    #[cfg(target_os = "linux")]
    Second(Box<second_look::Stream>),
}

impl Secured {
    /// The other end's certificate (DER).
    pub(super) fn certificate(&self) -> Option<Vec<u8>> {
        match self {
            Self::Usual(stream) => stream.get_ref().peer_certificate().ok()??.to_der().ok(),
            #[cfg(target_os = "linux")]
            Self::Second(stream) => stream.certificate(),
        }
    }

    /// The `tls-server-end-point` of the other end's certificate (RFC 5929, section 4), to which a
    /// login can be bound; `None` where its signature has no hash of its own.
    pub(crate) fn end_point(&self) -> Option<Vec<u8>> {
        match self {
            Self::Usual(stream) => stream.get_ref().tls_server_end_point().ok().flatten(),
            #[cfg(target_os = "linux")]
            Self::Second(stream) => stream.end_point(),
        }
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Usual(stream) => Pin::new(stream).poll_read(cx, buffer),
            #[cfg(target_os = "linux")]
            Self::Second(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Secured {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Usual(stream) => Pin::new(stream).poll_write(cx, bytes),
            #[cfg(target_os = "linux")]
            Self::Second(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Usual(stream) => Pin::new(stream).poll_flush(cx),
            #[cfg(target_os = "linux")]
            Self::Second(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Usual(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(target_os = "linux")]
            Self::Second(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
