//! All sessions, by their ids.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_model::SessionId;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::{PollSession, Polled};
use crate::budget::Held;

/// How long the last frames of a session that is over can be fetched: a client that still polls
/// comes within its round trip.
const KEPT: Duration = Duration::from_secs(30);
/// How often it is looked at which are over.
const LOOK_PAUSE: Duration = Duration::from_secs(5);

/// All sessions of a server.
#[derive(Debug, Default)]
pub(crate) struct PollSessions {
    live: Mutex<BTreeMap<SessionId, Arc<PollSession>>>,
    begun: Notify,
}

impl PollSessions {
    /// Begins a session, which has what `place` gives for as long as it is known. `None` where
    /// there is no place.
    pub(in crate::web) fn open(&self, place: impl FnOnce() -> Option<Held>) -> Option<(SessionId, Polled)> {
        let (id, session) = (SessionId(rand::random()), Arc::new(PollSession::new(place()?)));
        self.live().insert(id, Arc::clone(&session));
        self.begun.notify_one();
        Some((id, Polled(session)))
    }

    /// Forgets sessions that are over, and tells `forgotten` when some were. Without an end; cancel
    /// safe.
    pub(crate) async fn forget_over(&self, forgotten: &Notify) {
        loop {
            if self.live().is_empty() {
                self.begun.notified().await;
            }
            sleep(LOOK_PAUSE).await;
            let now = Instant::now();
            let is_kept = |over: Option<Instant>| over.is_none_or(|over| now.duration_since(over) < KEPT);
            let mut live = self.live();
            let before = live.len();
            live.retain(|_, session| is_kept(session.state().over));
            if live.len() < before {
                forgotten.notify_one();
            }
        }
    }

    /// The session of that id, if it is known.
    pub(in crate::web) fn find(&self, id: SessionId) -> Option<Arc<PollSession>> {
        self.live().get(&id).cloned()
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<SessionId, Arc<PollSession>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
