//! Tells those who wait for more of a log that there is more.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use convene_model::ConferenceId;
use tokio::sync::watch;

/// One channel for each conference that somebody follows.
#[derive(Debug, Default)]
pub(crate) struct Tidings(Mutex<BTreeMap<ConferenceId, watch::Sender<()>>>);

impl Tidings {
    /// Changes whenever this conference's log does, from now on.
    pub(crate) fn of(&self, conference: ConferenceId) -> watch::Receiver<()> {
        self.followed().entry(conference).or_default().subscribe()
    }

    /// The logs of these conferences have changed.
    pub(crate) fn tell(&self, conferences: impl Iterator<Item = ConferenceId>) {
        let mut followed = self.followed();
        for conference in conferences {
            if followed.get(&conference).is_some_and(|told| told.send(()).is_err()) {
                // Nobody follows it any more.
                followed.remove(&conference);
            }
        }
    }

    fn followed(&self) -> MutexGuard<'_, BTreeMap<ConferenceId, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
