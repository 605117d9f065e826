//! The progress of one attempt: who is told of it, and how long each stage may take.

use std::fmt;

use convene_model::{Code, Stage};
use convene_reach::Pace;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::failure::DialError;

/// The watcher that is told about each stage. With a watcher the limits are the watcher's.
pub(crate) type Watcher<'a> = &'a mut (dyn FnMut(Stage) + Send + Sync);

pub(crate) struct Progress<'a> {
    pace: Pace,
    watcher: Option<Watcher<'a>>,
}

impl<'a> Progress<'a> {
    /// An attempt that begins with opening TCP; that stage is not told.
    pub(crate) fn new(watcher: Option<Watcher<'a>>) -> Self {
        Self { pace: Pace::new(Instant::now().into_std()), watcher }
    }

    /// The attempt came to this stage; it may be an earlier one.
    pub(crate) fn reach(&mut self, stage: Stage) {
        if self.pace.reach(stage, Instant::now().into_std())
            && let Some(watcher) = &mut self.watcher
        {
            watcher(stage);
        }
    }

    /// The failure that silence means now.
    pub(crate) fn silence(&self) -> DialError {
        Self::silence_at(self.pace.stage())
    }

    /// The failure that silence means at this stage.
    pub(crate) fn silence_at(stage: Stage) -> DialError {
        let code = if stage == Stage::Dns { Code::DnsTimedOut } else { Code::TimedOut };
        DialError::new(stage, code)
    }

    /// Returns when the stage has lasted too long; never if someone watches.
    pub(crate) async fn expired(&self) {
        match self.limit() {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// The work of one stage, within its limit.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        match self.limit() {
            Some(at) => timeout_at(at, work).await.unwrap_or_else(|_| Err(self.silence())),
            None => work.await,
        }
    }

    fn limit(&self) -> Option<Instant> {
        self.watcher.is_none().then(|| self.pace.limit().into())
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("stage", &self.pace.stage()).finish_non_exhaustive()
    }
}
