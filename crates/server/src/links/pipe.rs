//! One WebSocket in both directions at once, without a task or an allocation per frame.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::{Sink as _, Stream as _};

/// What came of driving a pipe.
#[derive(Debug)]
pub(super) enum PipeEvent {
    /// A frame.
    Frame(Utf8Bytes),
    /// The pipe is closed, or broken.
    Closed,
}

/// A pipe, and whether frames wait in it for a flush.
#[derive(Debug)]
pub(super) struct Pipe {
    socket: WebSocket,
    dirty: bool,
}

impl Pipe {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self { socket, dirty: false }
    }

    /// Takes what `next` gives while the socket takes it, and flushes all of it together; reads the next frame if `reading`.
    /// Wakes the task when either can go on.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reading: bool,
        mut next: impl FnMut() -> Option<Utf8Bytes>,
    ) -> Poll<PipeEvent> {
        if self.poll_write(cx, &mut next).is_err() {
            return Poll::Ready(PipeEvent::Closed);
        }
        if !reading {
            return Poll::Pending;
        }
        loop {
            let message = std::task::ready!(Pin::new(&mut self.socket).poll_next(cx));
            match message {
                Some(Ok(Message::Text(text))) => return Poll::Ready(PipeEvent::Frame(text)),
                // Answered by the WebSocket itself, with the next frame or the next read.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => {
                    return Poll::Ready(PipeEvent::Closed);
                }
            }
        }
    }

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        next: &mut impl FnMut() -> Option<Utf8Bytes>,
    ) -> Result<(), axum::Error> {
        let mut socket = Pin::new(&mut self.socket);
        while let Poll::Ready(ready) = socket.as_mut().poll_ready(cx) {
            ready?;
            let Some(text) = next() else { break };
            socket.as_mut().start_send(Message::Text(text))?;
            self.dirty = true;
        }
        if self.dirty
            && let Poll::Ready(flushed) = socket.poll_flush(cx)
        {
            flushed?;
            self.dirty = false;
        }
        Ok(())
    }

    /// Sends a last frame and closes; gives up where the other end does not take it.
    pub(super) async fn part(mut self, farewell: &convene_protocol::ServerFrame) {
        let goodbye = async {
            super::opening::say(&mut self.socket, farewell).await;
            self.socket.send(Message::Close(None)).await
        };
        if tokio::time::timeout(PARTING_MAX, goodbye).await.is_err() {
            tracing::debug!("a pipe did not take its farewell");
        }
    }
}

/// How long a farewell may take: who does not read it finds out by itself.
const PARTING_MAX: std::time::Duration = std::time::Duration::from_secs(1);
