//! The course of a session: which request is made on which connection, and what happens when one
//! breaks.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use convene_model::{PollRequest, SessionId};
use convene_reach::Target;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::Reopen;
use super::exchange::{Exchange, RequestError};
use super::hold::Hold;
use crate::frame::FrameText;

/// How long an answer is held where one connection carries both directions: what is said waits for
/// it.
const SHARED_HOLD: Duration = Duration::from_secs(1);
/// How much longer than asked an answer may take: a slow path, and a busy server.
const SLACK: Duration = Duration::from_secs(10);
/// How long a request is made again before the session is given up: the server keeps it for longer.
const AGAIN_MAX: Duration = Duration::from_secs(30);
/// The pauses between tries; the last repeats.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(2)];
/// How long a second connection may take before the first is used for both: people wait for what
/// they said.
const SECOND_MAX: Duration = Duration::from_secs(3);
/// When a second connection is tried again after there was none to be had.
const SECOND_AGAIN: Duration = Duration::from_secs(60);

/// Frames to be sent, one per line, and whom to tell that the server has them.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) frames: Bytes,
    pub(super) done: oneshot::Sender<()>,
}

/// A request that is to go over the connection of the other direction.
struct Lent {
    request: PollRequest,
    frames: Bytes,
    answer: oneshot::Sender<Result<Bytes, RequestError>>,
}

/// The form in which frames come down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Down {
    /// In answers that end.
    Polled,
    /// In one answer that does not.
    Streamed,
}

/// A session under way.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) route: Box<dyn Reopen>,
    pub(super) target: Target,
    pub(super) session: SessionId,
    pub(super) down: Down,
    pub(super) hold: Arc<Hold>,
}

impl Course {
    /// Carries batches up and frames down, until the session is over or its server is not reached
    /// any more.
    pub(super) fn run(
        self,
        first: Exchange,
        batches: mpsc::Receiver<Batch>,
        frames: mpsc::Sender<FrameText>,
        tasks: &mut JoinSet<()>,
    ) {
        let course = Arc::new(self);
        let (lend, lent) = mpsc::channel(1);
        tasks.spawn(Upward { course: Arc::clone(&course), own: None, own_at: None, lend }.run(batches));
        let downward = Downward { course, exchange: Some(first), lent, shares_until: None };
        tasks.spawn(downward.run(frames));
    }

    /// Makes a request on a connection, which is opened where there is none and dropped where it
    /// breaks. Cancel safe: the connection is gone if it is dropped.
    async fn ask(
        &self,
        exchange: &mut Option<Exchange>,
        request: PollRequest,
        frames: Bytes,
        limit: Duration,
    ) -> Result<Bytes, RequestError> {
        let mut open = match exchange.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        let answer = timeout(limit, open.post(&self.target, request, frames)).await;
        let answer = answer.unwrap_or(Err(RequestError::Broken))?;
        *exchange = Some(open);
        Ok(answer)
    }

    /// Asks for a batch, and learns from what becomes of it how long answers may be held. Cancel
    /// safe as [`Self::ask`] is.
    async fn ask_down(
        &self,
        exchange: &mut Option<Exchange>,
        number: u64,
        hold: Duration,
    ) -> Result<Bytes, RequestError> {
        if exchange.is_none() {
            // A connection that is not to be had says nothing about answers.
            *exchange = Some(self.connect().await?);
        }
        let hold_ms = u32::try_from(hold.as_millis()).unwrap_or(u32::MAX);
        let request = PollRequest::Down { session: self.session, number, hold_ms };
        let (began, limit) = (Instant::now(), hold + SLACK);
        let asked = self.ask(exchange, request, Bytes::new(), limit).await;
        let after = began.elapsed();
        match &asked {
            Ok(_) => self.hold.handle_whole(after),
            Err(error) if error.is_final() || after >= limit => {}
            Err(_) => self.hold.handle_cut(after),
        }
        asked
    }

    async fn connect(&self) -> Result<Exchange, RequestError> {
        let stream = self.route.reopen().await.map_err(|_| RequestError::Broken)?;
        Exchange::begin(stream).await
    }
}

/// Tries again for a while.
struct Patience {
    until: Instant,
    tries: usize,
}

impl Patience {
    fn new() -> Self {
        Self { until: Instant::now() + AGAIN_MAX, tries: 0 }
    }

    /// Waits for the next try. `false` when there is none.
    async fn wait(&mut self, error: &RequestError) -> bool {
        let [.., longest] = PAUSES;
        let at = Instant::now() + PAUSES.get(self.tries).copied().unwrap_or(longest);
        self.tries += 1;
        if error.is_final() || at > self.until {
            return false;
        }
        sleep_until(at).await;
        true
    }
}

/// The direction to the server.
struct Upward {
    course: Arc<Course>,
    own: Option<Exchange>,
    /// When a connection of its own is tried again.
    own_at: Option<Instant>,
    lend: mpsc::Sender<Lent>,
}

impl Upward {
    async fn run(mut self, mut batches: mpsc::Receiver<Batch>) {
        let mut number = 0;
        while let Some(Batch { frames, done }) = batches.recv().await {
            number += 1;
            let request = PollRequest::Up { session: self.course.session, number };
            let mut patience = Patience::new();
            // The first goes over the connection that stands: nothing is held on it yet.
            while let Err(error) = self.send(request, frames.clone(), number == 1).await {
                if !patience.wait(&error).await {
                    return;
                }
            }
            if done.send(()).is_err() {
                tracing::debug!("who sent the frames has gone");
            }
        }
        // Only the one half was dropped: the other goes on until it is dropped too.
        std::future::pending::<()>().await;
    }

    async fn send(&mut self, request: PollRequest, frames: Bytes, first: bool) -> Result<(), RequestError> {
        if !first && self.own_at.is_none_or(|at| at <= Instant::now()) {
            let is_new = self.own.is_none();
            if is_new {
                self.own = timeout(SECOND_MAX, self.course.connect()).await.ok().and_then(Result::ok);
            }
            if self.own.is_some() {
                let asked = self.course.ask(&mut self.own, request, frames.clone(), SLACK).await;
                if asked.is_ok() || !is_new {
                    return asked.map(drop);
                }
            }
            // A second connection that is not let in, or of no use, is not to be had.
            self.own_at = (self.course.down == Down::Polled).then(|| Instant::now() + SECOND_AGAIN);
        }
        if !first && self.course.down == Down::Streamed {
            // The answer that does not end has the other connection to itself.
            return Err(RequestError::Broken);
        }
        let (answer, answered) = oneshot::channel();
        self.lend.send(Lent { request, frames, answer }).await.map_err(|_| RequestError::Broken)?;
        answered.await.unwrap_or(Err(RequestError::Broken)).map(drop)
    }
}

/// The direction from the server.
struct Downward {
    course: Arc<Course>,
    exchange: Option<Exchange>,
    lent: mpsc::Receiver<Lent>,
    /// Until when the connection carries both directions.
    shares_until: Option<Instant>,
}

impl Downward {
    async fn run(mut self, frames: mpsc::Sender<FrameText>) {
        // Nothing comes before something was said.
        let Some(first) = self.lent.recv().await else { return };
        self.carry(first).await;
        if self.course.down == Down::Streamed {
            return self.stream(&frames).await;
        }
        let mut number = 1;
        let mut patience = Patience::new();
        loop {
            while let Ok(lent) = self.lent.try_recv() {
                self.carry(lent).await;
            }
            match self.next(number).await {
                None => {}
                Some(Ok(batch)) => {
                    number += 1;
                    patience = Patience::new();
                    if deliver(&batch, &frames).await.is_none() {
                        return;
                    }
                }
                Some(Err(error)) if patience.wait(&error).await => {}
                Some(Err(_)) => return,
            }
        }
    }

    /// The next batch; nothing if something was lent instead.
    async fn next(&mut self, number: u64) -> Option<Result<Bytes, RequestError>> {
        let shares = self.shares_until.is_some_and(|until| until > Instant::now());
        let known = self.course.hold.get();
        let hold = if shares { SHARED_HOLD.min(known) } else { known };
        tokio::select! {
            asked = self.course.ask_down(&mut self.exchange, number, hold) => Some(asked),
            // The other direction has no connection of its own: the held answer makes way for it.
            Some(lent) = self.lent.recv(), if !shares => {
                self.exchange = None;
                self.shares_until = Some(Instant::now() + SECOND_AGAIN);
                self.carry(lent).await;
                None
            }
        }
    }

    /// Hands on the frames of the one answer, as long as it lasts.
    async fn stream(&mut self, frames: &mpsc::Sender<FrameText>) {
        let Some(exchange) = self.exchange.take() else { return };
        let request = PollRequest::Stream { session: self.course.session };
        let Ok(mut events) = exchange.stream(&self.course.target, request).await else { return };
        while let Ok(frame) = events.next().await {
            if frames.send(frame).await.is_err() {
                return;
            }
        }
    }

    async fn carry(&mut self, lent: Lent) {
        let Lent { request, frames, answer } = lent;
        let asked = self.course.ask(&mut self.exchange, request, frames, SLACK).await;
        // The lender may have gone.
        drop(answer.send(asked));
    }
}

/// Hands the frames of a batch on; `None` when nobody takes them any more.
async fn deliver(batch: &Bytes, frames: &mpsc::Sender<FrameText>) -> Option<()> {
    let Ok(batch) = std::str::from_utf8(batch) else { return None };
    for frame in batch.lines().filter(|frame| !frame.is_empty()) {
        frames.send(FrameText::from(frame)).await.ok()?;
    }
    Some(())
}
