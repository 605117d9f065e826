//! An open route as the server holds it: frames of text in both directions, whatever carries them.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use convene_model::limits::FRAME_BYTES_MAX;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::session::Polled;
use super::websocket::WebSocket;

/// An open route. Dropping it closes it.
#[derive(Debug)]
pub(crate) enum Pipe {
    /// One connection for it alone.
    WebSocket(WebSocket),
    /// Single requests, over whatever connections.
    Polled(Polled),
}

/// Why a pipe broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PipeError {
    /// A frame is over [`FRAME_BYTES_MAX`].
    #[error("a frame is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// A frame is not text.
    #[error("a frame is not text")]
    NotText,
    /// Too much has begun in the client's network that is not whole.
    #[error("the client's network has too much under way")]
    Crowded,
    /// The client does not keep to RFC 6455.
    #[error("the client does not keep to the WebSocket protocol")]
    Protocol,
    /// The connection ended without a farewell.
    #[error("the connection was closed without a farewell")]
    Closed,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
}

impl Pipe {
    /// Sends what `next` gives, as much of it together as fits, then waits for a frame if
    /// `reading`. `Ok(None)` after a farewell. Asks `next` again whenever the client takes more,
    /// holds at most 64 KiB and a frame of what it gave, and wakes the task when either direction
    /// can go on. After an error the pipe is good for nothing more.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reading: bool,
        next: impl FnMut() -> Option<Utf8Bytes>,
    ) -> Poll<Result<Option<Utf8Bytes>, PipeError>> {
        match self {
            Self::WebSocket(socket) => socket.poll(cx, reading, next),
            Self::Polled(polled) => polled.poll(cx, reading, next),
        }
    }

    /// It carries a seat that is open. The connections of single requests come and go.
    pub(crate) fn prove(&mut self) {
        match self {
            Self::WebSocket(socket) => socket.prove(),
            Self::Polled(_) => {}
        }
    }

    /// The next frame; `Ok(None)` after a farewell. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Option<Utf8Bytes>, PipeError> {
        poll_fn(|cx| self.poll(cx, true, || None)).await
    }

    /// Sends all texts, in order. Waits as long as the client does not read. If it is dropped, what
    /// it took from `texts` is sent by whatever is called next.
    pub(crate) async fn send_all(
        &mut self,
        texts: impl IntoIterator<Item = Utf8Bytes>,
    ) -> Result<(), PipeError> {
        let mut texts = texts.into_iter();
        poll_fn(|cx| match self {
            Self::WebSocket(socket) => socket.poll_send(cx, &mut || texts.next()),
            Self::Polled(polled) => polled.poll_send(cx, &mut || texts.next()),
        })
        .await
    }

    /// Sends the last texts, says farewell and closes: all of it in at most a second.
    pub(crate) async fn close(self, last: impl IntoIterator<Item = Utf8Bytes>) {
        match self {
            Self::WebSocket(socket) => socket.close(last).await,
            Self::Polled(polled) => polled.close(last),
        }
    }
}

impl PipeError {
    pub(super) fn of(error: &io::Error) -> Self {
        let kind = error.kind();
        if kind == io::ErrorKind::UnexpectedEof { Self::Closed } else { Self::Broken(kind) }
    }
}
