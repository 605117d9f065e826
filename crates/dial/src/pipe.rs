//! An open route: frames of text in both directions.

use std::io;
use std::time::Duration;

use convene_model::limits::FRAME_BYTES_MAX;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::frame::{FrameText, PipeError};
use crate::poll;
use crate::tls::{Peer, Secured};

/// How long a farewell may take: whoever closes wants to be gone, and a peer that is gone does not
/// read it.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// An open route. Dropping both halves closes it.
#[derive(Debug)]
pub struct Pipe {
    /// The way to the server.
    pub sender: PipeSender,
    /// The way from the server.
    pub receiver: PipeReceiver,
    /// The peer at the other end of TLS.
    pub peer: Peer,
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
    /// Sends all frames, in order, and flushes. Waits as long as the other side does not read;
    /// holds at most one frame more than 64 KiB meanwhile. After an error, or if the future was
    /// dropped, the pipe is good for nothing more.
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
                    sink.feed(Message::Text(frame)).await.map_err(|error| why(&error))?;
                }
                Sending::Poll(sender) => sender.feed(&frame).await?,
            }
        }
        match &mut self.0 {
            Sending::WebSocket(sink) => sink.flush().await.map_err(|error| why(&error)),
            Sending::Poll(sender) => sender.flush().await,
        }
    }

    /// Says farewell where the carrier has one, for at most a second. The connection closes when
    /// the receiver is gone as well.
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
            Some(Err(error)) => why(&error),
        }));
    }
}

fn why(error: &Error) -> PipeError {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => PipeError::Closed,
        Error::Io(error) => PipeError::Broken(error.kind()),
        Error::Capacity(_) | Error::WriteBufferFull(_) => PipeError::TooLong,
        Error::ConnectionClosed | Error::AlreadyClosed => PipeError::Closed,
        Error::Protocol(error) if is_abrupt(error) => PipeError::Closed,
        Error::Protocol(_)
        | Error::Tls(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => PipeError::Protocol,
    }
}

fn is_abrupt(error: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    *error == tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
}
