//! Shares: each user holds some of something that there is only so much of, within a
//! [`ShareLimit`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_model::ShareLimit;
use tokio::sync::Notify;

/// All that is held, by user.
#[derive(Debug)]
pub(crate) struct Shares {
    limit: ShareLimit,
    held: Mutex<convene_model::Shares<String>>,
    given_back: Notify,
}

/// A part of what a user holds. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Share {
    of: Arc<Shares>,
    user: String,
    amount: usize,
}

impl Shares {
    /// Nobody holds anything yet.
    pub(crate) fn new(limit: ShareLimit) -> Arc<Self> {
        let held = Mutex::new(convene_model::Shares::new(limit));
        Arc::new(Self { limit, held, given_back: Notify::new() })
    }

    /// So much more for this user, if that is within the limit.
    pub(crate) fn take(self: &Arc<Self>, user: &str, amount: usize) -> Option<Share> {
        let user = user.to_owned();
        let is_taken = self.held().take(&user, amount);
        is_taken.then(|| Share { of: Arc::clone(self), user, amount })
    }

    /// Waits until so much is there for this user. More than a quarter of a user's limit counts as
    /// that: one thing alone always fits. Cancel safe.
    pub(crate) async fn wait_for(self: &Arc<Self>, user: &str, amount: usize) -> Share {
        let amount = amount.min((self.limit.each / 4).max(1));
        loop {
            let given_back = self.given_back.notified();
            if let Some(share) = self.take(user, amount) {
                return share;
            }
            given_back.await;
        }
    }

    /// The sum of all users.
    pub(crate) fn total(&self) -> usize {
        self.held().total()
    }

    fn held(&self) -> MutexGuard<'_, convene_model::Shares<String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.held().give_back(&self.user, self.amount);
        self.of.given_back.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: ShareLimit = ShareLimit { each: 8, whole: 32 };

    #[test]
    fn nobody_holds_more_than_a_user_may_and_what_is_dropped_is_given_back() {
        let shares = Shares::new(LIMIT);
        let held = shares.take("anna", 8).unwrap();
        assert!(shares.take("anna", 1).is_none());
        assert!(shares.take("bert", 8).is_some(), "that is another user's");
        drop(held);
        assert_eq!(shares.total(), 0);
        assert!(shares.take("anna", 8).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_has_it_as_soon_as_it_is_given_back() {
        let shares = Shares::new(LIMIT);
        let held = shares.take("anna", 8).unwrap();
        let waits = shares.wait_for("anna", 100);
        tokio::pin!(waits);
        assert!(tokio::time::timeout(std::time::Duration::from_secs(1), &mut waits).await.is_err());
        drop(held);
        let share = waits.await;
        assert_eq!((share.amount, shares.total()), (2, 2));
    }
}
