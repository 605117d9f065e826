//! Tells those who wait for more of a log that there is more.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use convene_event_log::StorageError;
use convene_model::ConferenceId;
use tokio::sync::watch;

/// One channel for each conference that somebody follows, and for no other.
#[derive(Debug, Default)]
pub(crate) struct Tidings(Mutex<BTreeMap<ConferenceId, watch::Sender<()>>>);

/// Waits for changes of one conference's log.
#[derive(Debug)]
pub(crate) struct Follower<'a> {
    tidings: &'a Tidings,
    conference: ConferenceId,
    changes: watch::Receiver<()>,
}

impl Tidings {
    /// Hears of every change of this conference's log from now on.
    pub(crate) fn follow(&self, conference: ConferenceId) -> Follower<'_> {
        let changes = self.followed().entry(conference).or_default().subscribe();
        Follower { tidings: self, conference, changes }
    }

    /// The logs of these conferences have changed.
    pub(crate) fn tell(&self, conferences: impl Iterator<Item = ConferenceId>) {
        let followed = self.followed();
        for changes in conferences.filter_map(|conference| followed.get(&conference)) {
            changes.send_replace(());
        }
    }

    fn followed(&self) -> MutexGuard<'_, BTreeMap<ConferenceId, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower<'_> {
    /// Returns once the log has changed since this follower began or last returned.
    pub(crate) async fn changed(&mut self) -> Result<(), StorageError> {
        self.changes.changed().await.map_err(|_| StorageError::Closed)
    }
}

impl Drop for Follower<'_> {
    fn drop(&mut self) {
        let mut followed = self.tidings.followed();
        // This one still counts.
        if followed.get(&self.conference).is_some_and(|changes| changes.receiver_count() == 1) {
            followed.remove(&self.conference);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_those_who_follow_no_longer() {
        let tidings = Tidings::default();
        let (one, other) = (ConferenceId::from_random(1), ConferenceId::from_random(2));
        let followers = [tidings.follow(one), tidings.follow(one), tidings.follow(other)];
        assert_eq!(tidings.followed().len(), 2);
        let [first, second, third] = followers;
        drop(first);
        drop(third);
        assert_eq!(tidings.followed().keys().copied().collect::<Vec<_>>(), [one]);
        drop(second);
        assert!(tidings.followed().is_empty());
    }
}
