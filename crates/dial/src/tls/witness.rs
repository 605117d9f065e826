//! A connection that remembers what a handshake met: the TLS library's errors say it in other words on each system.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use convene_model::Code;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::failure::code_of_broken;
use crate::wire::Wire;

/// The first byte of a TLS record that carries the handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;
/// The first byte of a TLS record that carries an alert.
const ALERT: u8 = 21;

/// What a handshake met; it outlives the connection, which the TLS library drops when it fails.
#[derive(Debug, Default)]
pub(super) struct Testimony {
    first: OnceLock<u8>,
    broken: OnceLock<Code>,
}

/// Passes bytes through and notes the first one and how the connection ended.
#[derive(Debug)]
pub(crate) struct Witness {
    inner: Wire,
    testimony: Arc<Testimony>,
}

impl Testimony {
    /// Why a handshake failed, if the connection tells; `None` where it was the library that did not go on.
    pub(super) fn verdict(&self) -> Option<Code> {
        match self.first.get() {
            None | Some(&HANDSHAKE) => self.broken.get().copied(),
            Some(&ALERT) => Some(Code::TlsFailed),
            Some(_) => Some(Code::NotTls),
        }
    }

    fn note_broken(&self, code: Code) {
        self.broken.get_or_init(|| code);
    }
}

impl Witness {
    pub(super) fn new(inner: Wire) -> (Self, Arc<Testimony>) {
        let testimony = Arc::<Testimony>::default();
        (Self { inner, testimony: Arc::clone(&testimony) }, testimony)
    }
}

impl AsyncRead for Witness {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        match &polled {
            Poll::Ready(Ok(())) => match buffer.filled().get(before) {
                Some(byte) => {
                    self.testimony.first.get_or_init(|| *byte);
                }
                None if buffer.remaining() > 0 => self.testimony.note_broken(Code::Closed),
                None => {}
            },
            Poll::Ready(Err(error)) => self.testimony.note_broken(code_of_broken(error.kind())),
            Poll::Pending => {}
        }
        polled
    }
}

impl AsyncWrite for Witness {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        if let Poll::Ready(Err(error)) = &polled {
            self.testimony.note_broken(code_of_broken(error.kind()));
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
