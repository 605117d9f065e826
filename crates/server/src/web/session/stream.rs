//! The answer that does not end: every frame of a session as an event (HTML, section 9.2,
//! `text/event-stream`), which boxes on the way know as something that is not to be kept back.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{PollSession, State};

/// The texts that stand before and behind a frame.
const BEFORE: &str = "data: ";
const BEHIND: &str = "\n\n";

/// The frames of a session from now on. Where it is dropped before the session is over, what it had
/// taken is lost with the connection, as with every pipe: the link sends it again.
#[derive(Debug)]
pub(in crate::web) struct Events {
    session: Arc<PollSession>,
    /// Set whenever something goes out: the connection is of use.
    of_use: Arc<AtomicBool>,
}

impl PollSession {
    /// All frames from now on. `None` where they are asked for in another way already.
    pub(in crate::web) fn stream(self: &Arc<Self>, of_use: Arc<AtomicBool>) -> Option<Events> {
        let mut state = self.state();
        let is_free = !state.streams && state.given.0 == 0 && state.over.is_none();
        state.streams |= is_free;
        drop(state);
        is_free.then(|| Events { session: Arc::clone(self), of_use })
    }
}

impl State {
    /// Everything that waits, as events.
    fn events(&mut self) -> Bytes {
        let frames = self.outbox.iter().map(Utf8Bytes::as_str);
        let mut events =
            String::with_capacity(self.outbox_bytes + self.outbox.len() * (BEFORE.len() + BEHIND.len()));
        for frame in frames {
            events.extend([BEFORE, frame, BEHIND]);
        }
        self.outbox = Vec::new();
        self.outbox_bytes = 0;
        events.into()
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut state = self.session.state();
        if !state.outbox.is_empty() {
            let events = state.events();
            state.wake();
            drop(state);
            self.of_use.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Ok(Frame::data(events))));
        }
        if state.over.is_some() {
            return Poll::Ready(None);
        }
        state.stream = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Events {
    /// The client or the way to it is gone: the pipe ends, like a connection that broke.
    fn drop(&mut self) {
        let mut state = self.session.state();
        state.cut = true;
        state.wake();
        drop(state);
        self.session.taken.notify_waiters();
    }
}
