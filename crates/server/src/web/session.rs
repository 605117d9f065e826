//! Pipes that are made of single requests: sessions, each with what waits on it in either
//! direction.
//!
//! A box on the way may lose a request, lose its answer, or have either repeated. So both
//! directions are numbered: a batch that came is taken once, and a batch that was given is given
//! again until the next one is asked for.

mod registry;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use convene_model::limits::FRAME_BYTES_MAX;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::pipe::PipeError;
use crate::budget::Held;

pub(crate) use self::registry::PollSessions;
pub(super) use self::stream::Events;

/// Bytes of frames that wait for the next request: what one answer carries at the most, but for one
/// frame.
const BATCH_BYTES_MAX: usize = 64 * 1024;
/// Bytes of frames that came and were not taken; a request beyond it waits.
const INBOX_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;
/// The longest that an answer is held, whatever is asked: longer than any client of ours wants.
const HOLD_MAX: Duration = Duration::from_secs(60);
/// How long a request may wait for its frames to be taken, before it is to come again.
const ROOM_WAIT_MAX: Duration = Duration::from_secs(20);

/// The fate of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// These frames, one per line.
    Batch(Bytes),
    /// The request is to be made again.
    Again,
    /// The session is over, or the number cannot be.
    Gone,
}

/// The state that both ends of a session share.
#[derive(Debug)]
pub(super) struct PollSession {
    state: Mutex<State>,
    /// Something is there to be given, or the session is over.
    news: Notify,
    /// Frames were taken.
    taken: Notify,
    _place: Held,
}

#[derive(Debug)]
struct State {
    inbox: VecDeque<Utf8Bytes>,
    inbox_bytes: usize,
    /// The number of the last batch that came.
    came: u64,
    outbox: Vec<Utf8Bytes>,
    outbox_bytes: usize,
    /// The batch that was given last, and its number.
    given: (u64, Bytes),
    /// Whether the frames go out in one answer that does not end.
    streams: bool,
    /// Whom to wake when there is something for that answer.
    stream: Option<Waker>,
    /// Whether that answer broke: no frame reaches the client any more.
    cut: bool,
    /// Whom to wake when either direction can go on.
    pipe: Option<Waker>,
    /// Since when nothing more comes of it.
    over: Option<Instant>,
}

impl PollSession {
    fn new(place: Held) -> Self {
        let state = State {
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            came: 0,
            outbox: Vec::new(),
            outbox_bytes: 0,
            given: (0, Bytes::new()),
            streams: false,
            stream: None,
            cut: false,
            pipe: None,
            over: None,
        };
        Self { state: Mutex::new(state), news: Notify::new(), taken: Notify::new(), _place: place }
    }

    /// A batch came. Waits while the link does not read. Cancel safe: the batch was taken or was
    /// not.
    pub(super) async fn up(&self, number: u64, frames: &str) -> Answer {
        let limit = Instant::now() + ROOM_WAIT_MAX;
        loop {
            let taken = self.taken.notified();
            {
                let mut state = self.state();
                match state.came.cmp(&number.saturating_sub(1)) {
                    std::cmp::Ordering::Greater => return Answer::Batch(Bytes::new()),
                    std::cmp::Ordering::Less => return Answer::Gone,
                    std::cmp::Ordering::Equal => {}
                }
                if state.over.is_some() || state.cut {
                    return Answer::Gone;
                }
                if state.inbox.is_empty() || state.inbox_bytes + frames.len() <= INBOX_BYTES_MAX {
                    if state.take(frames).is_err() {
                        return Answer::Gone;
                    }
                    state.came = number;
                    state.wake();
                    return Answer::Batch(Bytes::new());
                }
            }
            if timeout_at(limit, taken).await.is_err() {
                return Answer::Again;
            }
        }
    }

    /// The batch of this number: at once where there is one, else when there is, and at last,
    /// empty, after `hold`. Cancel safe: a batch that was not delivered is given again.
    pub(super) async fn down(&self, number: u64, hold: Duration) -> Answer {
        let limit = Instant::now() + hold.min(HOLD_MAX);
        let mut late = false;
        loop {
            let news = self.news.notified();
            {
                let mut state = self.state();
                if state.given.0 == number {
                    return Answer::Batch(state.given.1.clone());
                }
                if state.streams
                    || state.given.0 + 1 != number
                    || (state.over.is_some() && state.outbox.is_empty())
                {
                    return Answer::Gone;
                }
                if !state.outbox.is_empty() || late {
                    let batch = state.give(number);
                    state.wake();
                    return Answer::Batch(batch);
                }
            }
            late = timeout_at(limit, news).await.is_err();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, frames: &str) -> Result<(), PipeError> {
        for frame in frames.lines().filter(|frame| !frame.is_empty()) {
            if frame.len() > FRAME_BYTES_MAX {
                return Err(PipeError::TooLong);
            }
            self.inbox_bytes += frame.len();
            self.inbox.push_back(Utf8Bytes::from(frame));
        }
        Ok(())
    }

    /// Everything that waits becomes the batch of this number.
    fn give(&mut self, number: u64) -> Bytes {
        let batch: Vec<&str> = self.outbox.iter().map(Utf8Bytes::as_str).collect();
        let batch = Bytes::from(batch.join("\n"));
        self.outbox = Vec::new();
        self.outbox_bytes = 0;
        self.given = (number, batch.clone());
        batch
    }

    fn wake(&mut self) {
        if let Some(waker) = self.pipe.take() {
            waker.wake();
        }
    }

    fn wake_stream(&mut self) {
        if let Some(waker) = self.stream.take() {
            waker.wake();
        }
    }
}

/// The link's end of a session. Dropping it ends the session; what waits can still be fetched for a
/// while.
#[derive(Debug)]
pub(crate) struct Polled(Arc<PollSession>);

impl Polled {
    /// As [`super::Pipe::poll`].
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reading: bool,
        mut next: impl FnMut() -> Option<Utf8Bytes>,
    ) -> Poll<Result<Option<Utf8Bytes>, PipeError>> {
        // A frame that does not fit goes out when the client has asked again.
        let _full = self.poll_send(cx, &mut next);
        let mut state = self.0.state();
        state.pipe = Some(cx.waker().clone());
        let frame = if reading { state.inbox.pop_front() } else { None };
        if frame.is_none() && reading && state.cut {
            return Poll::Ready(Err(PipeError::Closed));
        }
        let Some(frame) = frame else { return Poll::Pending };
        state.inbox_bytes -= frame.len();
        drop(state);
        self.0.taken.notify_waiters();
        Poll::Ready(Ok(Some(frame)))
    }

    /// Lays up what `next` gives, until it gives nothing more.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        next: &mut impl FnMut() -> Option<Utf8Bytes>,
    ) -> Poll<Result<(), PipeError>> {
        let mut state = self.0.state();
        let before = state.outbox.len();
        let mut is_full = true;
        while state.outbox_bytes < BATCH_BYTES_MAX {
            let Some(text) = next() else {
                is_full = false;
                break;
            };
            state.outbox_bytes += text.len();
            state.outbox.push(text);
        }
        let has_news = state.outbox.len() > before;
        state.pipe = Some(cx.waker().clone());
        if has_news {
            state.wake_stream();
        }
        drop(state);
        if has_news {
            self.0.news.notify_waiters();
        }
        if is_full { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    /// Lays up the last texts and ends the session.
    pub(super) fn close(self, last: impl IntoIterator<Item = Utf8Bytes>) {
        self.0.state().outbox.extend(last);
    }
}

impl Drop for Polled {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.over = Some(Instant::now());
        state.wake_stream();
        drop(state);
        self.0.news.notify_waiters();
        self.0.taken.notify_waiters();
    }
}
