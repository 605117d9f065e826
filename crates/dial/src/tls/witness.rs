//! A connection that remembers what a handshake met: the TLS library's errors say it in other words
//! on each system.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use convene_model::{Code, Stage};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::wire::Wire;
use crate::failure::{Detail, DialError, code_of_broken};
use crate::head;

/// The first byte of a TLS record that carries the handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;
/// The first byte of a TLS record that carries an alert.
const ALERT: u8 = 21;
/// The alert that says that the peer speaks no version that was offered (RFC 8446, section 6.2).
const PROTOCOL_VERSION: u8 = 70;
/// TLS 1.2 as it stands in a ServerHello. Lower versions are too old, and newer ones say the same
/// here.
const TLS_1_2: u16 = 0x0303;
/// Bytes of a first answer that are looked at: the head of a page, and enough of its body to see
/// that it is one.
const FIRST_BYTES: usize = 1024;
/// Bytes of a first answer in TLS that are kept: up to the version in a ServerHello.
const HELLO_BYTES: usize = 11;

/// The observations of a handshake; they outlive the connection, which the TLS library drops when
/// it fails.
#[derive(Debug, Default)]
pub(crate) struct Testimony {
    first: OnceLock<Vec<u8>>,
    broken: OnceLock<Code>,
}

/// Passes bytes through and notes the first ones and how the connection ended.
#[derive(Debug)]
pub(crate) struct Witness {
    inner: Wire,
    testimony: Arc<Testimony>,
    /// Bytes that were read of the first answer and not asked for yet.
    early: Vec<u8>,
}

impl Testimony {
    /// Why a handshake failed, if the connection tells; `None` where it was the library that did
    /// not go on.
    pub(super) fn verdict(&self) -> Option<DialError> {
        let failed = |code| DialError::new(Stage::Tls, code);
        let broken = || self.broken.get().copied().map(failed);
        match self.first.get().map(Vec::as_slice) {
            None => broken(),
            Some(first @ [HANDSHAKE, ..]) if is_old(first) => Some(failed(Code::TlsVersion)),
            Some([HANDSHAKE, ..]) => broken(),
            Some([ALERT, _, _, _, _, _, PROTOCOL_VERSION, ..]) => Some(failed(Code::TlsVersion)),
            Some([ALERT, ..]) => Some(failed(Code::TlsFailed)),
            Some(first) => {
                let answer = head::read_cut(first);
                let code = if answer.is_some() && is_page(first) { Code::BlockPage } else { Code::NotTls };
                Some(failed(code).with(answer.map(Detail::Answer)))
            }
        }
    }

    /// Whether nothing came so far.
    pub(crate) fn is_silent(&self) -> bool {
        self.first.get().is_none()
    }

    fn note_first(&self, bytes: &[u8]) {
        let kept = if bytes.first() == Some(&HANDSHAKE) { HELLO_BYTES } else { FIRST_BYTES };
        self.first.get_or_init(|| bytes.iter().copied().take(kept).collect());
    }

    fn note_broken(&self, code: Code) {
        self.broken.get_or_init(|| code);
    }
}

/// Whether a record holds a ServerHello of a version before TLS 1.2 (RFC 8446, section 4.1.3):
/// behind the record's head of five bytes stand its kind, three bytes of length, and the version.
fn is_old(record: &[u8]) -> bool {
    const SERVER_HELLO: u8 = 2;
    match record {
        [_, _, _, _, _, SERVER_HELLO, _, _, _, major, minor, ..] => {
            u16::from_be_bytes([*major, *minor]) < TLS_1_2
        }
        _ => false,
    }
}

fn is_page(bytes: &[u8]) -> bool {
    bytes.to_ascii_lowercase().windows(4).any(|four| four == b"html")
}

impl Witness {
    pub(crate) fn new(inner: Wire, testimony: &Arc<Testimony>) -> Self {
        Self { inner, testimony: Arc::clone(testimony), early: Vec::new() }
    }

    pub(super) fn testimony(&self) -> Arc<Testimony> {
        Arc::clone(&self.testimony)
    }

    /// Reads the beginning of the first answer, more than a TLS library asks for. An answer that is
    /// not TLS, or is too old, ends here: OpenSSL would stop there too, and Windows' library would
    /// go on, or wait for the rest of a record as long as the text seems to say.
    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; FIRST_BYTES];
        let mut first = ReadBuf::new(&mut bytes);
        if let Err(error) = ready!(Pin::new(&mut self.inner).poll_read(cx, &mut first)) {
            self.testimony.note_broken(code_of_broken(error.kind()));
            return Poll::Ready(Err(error));
        }
        if first.filled().is_empty() {
            self.testimony.note_broken(Code::Closed);
        } else {
            self.testimony.note_first(first.filled());
            if !matches!(first.filled(), [HANDSHAKE | ALERT, ..]) || is_old(first.filled()) {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "no TLS, or an old one")));
            }
            self.early = first.filled().to_vec();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Witness {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.testimony.is_silent() {
            ready!(self.poll_first(cx))?;
            if self.early.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        if !self.early.is_empty() {
            let given = buffer.remaining().min(self.early.len());
            buffer.put_slice(self.early.get(..given).unwrap_or_default());
            self.early.drain(..given);
            if self.early.is_empty() {
                // The connection may last for days.
                self.early = Vec::new();
            }
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        match &polled {
            Poll::Ready(Ok(())) if buffer.filled().len() == before && buffer.remaining() > 0 => {
                self.testimony.note_broken(Code::Closed);
            }
            Poll::Ready(Err(error)) => self.testimony.note_broken(code_of_broken(error.kind())),
            Poll::Ready(Ok(())) | Poll::Pending => {}
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
