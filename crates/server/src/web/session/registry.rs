//! All sessions, by their ids.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use convene_model::SessionId;
use tokio::time::Instant;

use super::{PollSession, Polled};

/// PollSessions at the same time: as many as connections, of which each session has one or two.
const SESSIONS_MAX: usize = 16_384;
/// How long the last frames of a session that is over can be fetched: a client that still polls
/// comes within its round trip.
const KEPT: Duration = Duration::from_secs(30);

/// All sessions of a server.
#[derive(Debug, Default)]
pub(crate) struct PollSessions {
    live: Mutex<BTreeMap<SessionId, Arc<PollSession>>>,
}

impl PollSessions {
    /// Begins a session. `None` where there are too many.
    pub(in crate::web) fn open(&self) -> Option<(SessionId, Polled)> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        live.retain(|_, session| session.state().over.is_none_or(|over| now.duration_since(over) < KEPT));
        if live.len() >= SESSIONS_MAX {
            return None;
        }
        let (id, session) = (SessionId(rand::random()), Arc::new(PollSession::new()));
        live.insert(id, Arc::clone(&session));
        Some((id, Polled(session)))
    }

    /// The session of that id, if it is known.
    pub(in crate::web) fn find(&self, id: SessionId) -> Option<Arc<PollSession>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}
