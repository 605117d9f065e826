//! All sessions, by their ids.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use convene_model::SessionId;
use tokio::time::Instant;

use super::{PollSession, Polled};
use crate::budget::Held;

/// How long the last frames of a session that is over can be fetched: a client that still polls
/// comes within its round trip.
const KEPT: Duration = Duration::from_secs(30);
/// Sessions that are looked at whenever one begins, whether they are over: more than begin, so that
/// all are looked at in turn, and few, so that beginning one takes the same time however many there
/// are.
const LOOKED_AT: usize = 8;

/// All sessions of a server.
#[derive(Debug, Default)]
pub(crate) struct PollSessions {
    live: Mutex<Live>,
}

#[derive(Debug, Default)]
struct Live {
    sessions: BTreeMap<SessionId, Arc<PollSession>>,
    /// The session that was looked at last.
    looked_at: Option<SessionId>,
}

impl PollSessions {
    /// Begins a session, which has what `place` gives for as long as it is known. `None` where
    /// there is no place, though those of some that are over were given back before.
    pub(in crate::web) fn open(&self, place: impl FnOnce() -> Option<Held>) -> Option<(SessionId, Polled)> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.forget_some(Instant::now());
        let (id, session) = (SessionId(rand::random()), Arc::new(PollSession::new(place()?)));
        live.sessions.insert(id, Arc::clone(&session));
        Some((id, Polled(session)))
    }

    /// The session of that id, if it is known.
    pub(in crate::web) fn find(&self, id: SessionId) -> Option<Arc<PollSession>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).sessions.get(&id).cloned()
    }
}

impl Live {
    fn forget_some(&mut self, now: Instant) {
        let from = self.looked_at.map_or(Bound::Unbounded, Bound::Excluded);
        let next: Vec<_> = self
            .sessions
            .range((from, Bound::Unbounded))
            .take(LOOKED_AT)
            .map(|(id, session)| (*id, session.state().over))
            .collect();
        // Behind the last one it begins again.
        self.looked_at = next.get(LOOKED_AT - 1).map(|(id, _)| *id);
        for (id, over) in next {
            if over.is_some_and(|over| now.duration_since(over) >= KEPT) {
                self.sessions.remove(&id);
            }
        }
    }
}
