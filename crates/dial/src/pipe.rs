//! An open route: frames of text in both directions.

use std::io;
use std::time::Duration;

use convene_model::Fingerprint;
use convene_model::limits::FRAME_BYTES_MAX;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::poll;
use crate::tls::Secured;

/// The text of one frame; cloning it is cheap, and it is made from a `String` without copying.
pub type FrameText = tokio_tungstenite::tungstenite::Utf8Bytes;

/// How long a farewell may take: whoever closes wants to be gone, and a peer that is gone does not read it.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// An open route. Dropping both halves closes it.
#[derive(Debug)]
pub struct Pipe {
    /// The way to the server.
    pub sender: PipeSender,
    /// The way from the server.
    pub receiver: PipeReceiver,
    /// Who is at the other end of TLS.
    pub peer: Peer,
}

/// Who is at the other end of TLS: the server, or a box that is trusted in its stead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The `tls-server-end-point` of its certificate (RFC 5929, section 4): the first 32 bytes where its hash is longer,
    /// SHA-256 where its signature has no hash of its own.
    pub end_point: [u8; 32],
    /// Its key.
    pub fingerprint: Fingerprint,
    /// Who issued its certificate, as [`CertificateSeen`](crate::CertificateSeen) tells it: the name of a box that
    /// inspects TLS. Empty where the certificate cannot be read so far.
    pub issuer: String,
}

/// The half that sends.
#[derive(Debug)]
pub struct PipeSender(Sending);

#[derive(Debug)]
enum Sending {
    WebSocket(SplitSink<WebSocketStream<Secured>, Message>),
    Poll(poll::Sender),
}

/// The half that receives. It must be polled even where nothing is expected: it answers pings.
#[derive(Debug)]
pub struct PipeReceiver {
    receiving: Receiving,
    over: bool,
}

#[derive(Debug)]
enum Receiving {
    WebSocket(SplitStream<WebSocketStream<Secured>>),
    Poll(poll::Receiver),
}

/// Why a pipe broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PipeError {
    /// A frame is over [`FRAME_BYTES_MAX`].
    #[error("a frame is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// A frame is not text.
    #[error("a frame is not text")]
    NotText,
    /// The other side does not keep to RFC 6455.
    #[error("the other side does not keep to the WebSocket protocol")]
    Protocol,
    /// The connection ended without a farewell.
    #[error("the connection was closed without a farewell")]
    Closed,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
}

impl Pipe {
    pub(crate) fn over_websocket(stream: WebSocketStream<Secured>, peer: Peer) -> Self {
        let (sink, stream) = stream.split();
        Self::new(Sending::WebSocket(sink), Receiving::WebSocket(stream), peer)
    }

    pub(crate) fn over_poll(sender: poll::Sender, receiver: poll::Receiver, peer: Peer) -> Self {
        Self::new(Sending::Poll(sender), Receiving::Poll(receiver), peer)
    }

    fn new(sending: Sending, receiving: Receiving, peer: Peer) -> Self {
        Self { sender: PipeSender(sending), receiver: PipeReceiver { receiving, over: false }, peer }
    }
}

impl PipeSender {
    /// Sends all frames, in order, and flushes. Waits as long as the other side does not read; holds at most one
    /// frame more than 64 KiB meanwhile. After an error, or if the future was dropped, the pipe is good for nothing more.
    pub async fn send<T: Into<FrameText>>(
        &mut self,
        frames: impl IntoIterator<Item = T>,
    ) -> Result<(), PipeError> {
        for frame in frames {
            let frame = frame.into();
            if frame.len() > FRAME_BYTES_MAX {
                return Err(PipeError::TooLong);
            }
            match &mut self.0 {
                Sending::WebSocket(sink) => {
                    sink.feed(Message::Text(frame)).await.map_err(|error| PipeError::of(&error))?;
                }
                Sending::Poll(sender) => sender.feed(&frame).await?,
            }
        }
        match &mut self.0 {
            Sending::WebSocket(sink) => sink.flush().await.map_err(|error| PipeError::of(&error)),
            Sending::Poll(sender) => sender.flush().await,
        }
    }

    /// Says farewell where the carrier has one, for at most a second. The connection closes when the receiver is gone as well.
    pub async fn close(self) {
        match self.0 {
            // Whether the other side hears it changes nothing: it learns of the end either way.
            Sending::WebSocket(mut sink) => drop(timeout(CLOSE_LIMIT, sink.close()).await),
            Sending::Poll(_) => {}
        }
    }
}

impl PipeReceiver {
    /// The next frame; `None` after a farewell and after an error. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<FrameText, PipeError>> {
        if self.over {
            return None;
        }
        let next = match &mut self.receiving {
            Receiving::WebSocket(stream) => next_of_websocket(stream).await,
            Receiving::Poll(receiver) => receiver.next().await,
        };
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

async fn next_of_websocket(
    stream: &mut SplitStream<WebSocketStream<Secured>>,
) -> Option<Result<FrameText, PipeError>> {
    loop {
        return Some(Err(match stream.next().await {
            Some(Ok(Message::Text(text))) => return Some(Ok(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_))) => continue,
            Some(Ok(Message::Binary(_))) => PipeError::NotText,
            Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => return None,
            Some(Err(error)) => PipeError::of(&error),
        }));
    }
}

impl PipeError {
    fn of(error: &Error) -> Self {
        match error {
            Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Self::Closed,
            Error::Io(error) => Self::Broken(error.kind()),
            Error::Capacity(_) | Error::WriteBufferFull(_) => Self::TooLong,
            Error::ConnectionClosed | Error::AlreadyClosed => Self::Closed,
            Error::Protocol(error) if is_abrupt(error) => Self::Closed,
            Error::Protocol(_)
            | Error::Tls(_)
            | Error::Utf8(_)
            | Error::AttackAttempt
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => Self::Protocol,
        }
    }
}

fn is_abrupt(error: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    *error == tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
}
