//! A pipe over a WebSocket: frames of text in both directions over one TLS connection.

use std::future::poll_fn;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncBufRead as _, AsyncWrite as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::frames::{Inbox, Outbox, Said, TOGETHER_MAX};
use super::pipe::PipeError;
use crate::listen::Connection;

/// How long a farewell may take: anyone who does not read it finds out by itself.
const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// Close code 1000, "normal" (RFC 6455, section 7.4.1).
const NORMAL: Bytes = Bytes::from_static(&1000_u16.to_be_bytes());

/// A WebSocket. Dropping it closes the connection.
///
/// One owner drives both directions, so that nothing is locked and nothing is copied from one task
/// to another. Texts go from where they lie straight into TLS records, and all that waits goes out
/// in one call of the system. While nothing is under way a pipe holds no buffer of its own.
#[derive(Debug)]
pub(crate) struct WebSocket {
    stream: Connection,
    inbox: Inbox,
    outbox: Outbox,
    /// The answer to the client's last ping; earlier ones need none (RFC 6455, section 5.5.3).
    pong: Option<Bytes>,
    /// Whether TLS holds records that the socket has not taken.
    unflushed: bool,
    over: bool,
}

impl WebSocket {
    /// `early` came behind the request.
    pub(super) fn new(stream: Connection, early: &[u8]) -> Self {
        let mut inbox = Inbox::default();
        // No more than a request's head may have, and charged with what comes next.
        inbox.extend(early);
        let outbox = Outbox::default();
        Self { stream, inbox, outbox, pong: None, unflushed: false, over: false }
    }

    /// Sends what `next` gives, as much of it together as fits, then waits for a frame if
    /// `reading`. `Ok(None)` after a farewell. Asks `next` again whenever the socket takes more,
    /// holds at most 64 KiB and a frame of what it gave, and wakes the task when either direction
    /// can go on. After an error the pipe is good for nothing more.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reading: bool,
        mut next: impl FnMut() -> Option<Utf8Bytes>,
    ) -> Poll<Result<Option<Utf8Bytes>, PipeError>> {
        if let Poll::Ready(Err(error)) = self.poll_send(cx, &mut next) {
            return Poll::Ready(Err(error));
        }
        if reading { self.poll_next(cx) } else { Poll::Pending }
    }

    /// It carries a seat that is open.
    pub(crate) fn prove(&mut self) {
        self.stream.prove();
    }

    /// Sends the last texts, says farewell and closes: all of it in at most a second.
    pub(crate) async fn close(mut self, last: impl IntoIterator<Item = Utf8Bytes>) {
        let mut last = last.into_iter();
        let farewell = async {
            poll_fn(|cx| self.poll_send(cx, &mut || last.next())).await?;
            self.outbox.control(Control::Close, NORMAL)?;
            poll_fn(|cx| self.poll_send(cx, &mut || None)).await?;
            self.stream.shutdown().await.map_err(|error| PipeError::of(&error))
        };
        match timeout(FAREWELL_MAX, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a pipe broke at its farewell"),
            Err(_) => tracing::debug!("a pipe did not take its farewell"),
        }
    }

    /// Sends what `next` gives, in order. Waits as long as the client does not read.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        next: &mut impl FnMut() -> Option<Utf8Bytes>,
    ) -> Poll<Result<(), PipeError>> {
        loop {
            if let Some(pong) = self.pong.take_if(|_| self.outbox.has_room()) {
                self.outbox.control(Control::Pong, pong)?;
            }
            while self.outbox.has_room() {
                let Some(text) = next() else { break };
                self.outbox.text(text)?;
            }
            if self.outbox.is_empty() {
                break;
            }
            let mut slices = [IoSlice::new(&[]); 2 * TOGETHER_MAX];
            let filled = self.outbox.slices(&mut slices);
            let slices = slices.get(..filled).unwrap_or_default();
            let taken = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices));
            self.outbox.advance(taken.map_err(|error| PipeError::of(&error))?);
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(|error| PipeError::of(&error))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Utf8Bytes>, PipeError>> {
        while !self.over {
            match self.inbox.next()? {
                Some(Said::Text(text)) => {
                    // What is left is less than was held.
                    self.stream.hold(self.inbox.bytes());
                    return Poll::Ready(Ok(Some(text)));
                }
                Some(Said::Ping(content)) => self.pong = Some(content),
                Some(Said::Farewell) => {
                    self.over = true;
                    self.outbox.control(Control::Close, NORMAL)?;
                }
                None => {
                    let bytes = ready!(Pin::new(&mut self.stream).poll_fill_buf(cx));
                    let bytes = bytes.map_err(|error| PipeError::of(&error))?;
                    if bytes.is_empty() {
                        return Poll::Ready(Err(PipeError::Closed));
                    }
                    let taken = bytes.len();
                    self.inbox.extend(bytes);
                    Pin::new(&mut self.stream).consume(taken);
                    if !self.stream.hold(self.inbox.bytes()) {
                        return Poll::Ready(Err(PipeError::Crowded));
                    }
                    continue;
                }
            }
            // An answer is due; where the socket does not take it, it goes out with what is sent
            // next.
            if let Poll::Ready(Err(error)) = self.poll_send(cx, &mut || None) {
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(None))
    }
}
