//! Shares: each user holds some of something that there is only so much of.
//!
//! A user has a limit, and the whole has one. Of the whole, a user may hold as much as stays free
//! beside it: whatever others hold, there is room for one more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The most that users may hold of something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// One user.
    pub(crate) per_user: usize,
    /// All users together.
    pub(crate) whole: usize,
}

impl Limit {
    /// Whether a user may hold so much while the others hold that.
    pub(crate) fn allows(self, own: usize, others: usize) -> bool {
        own <= self.per_user && own <= self.whole.saturating_sub(others) / 2
    }
}

/// All that is held, by user.
#[derive(Debug)]
pub(crate) struct Shares {
    limit: Limit,
    held: Mutex<BTreeMap<String, usize>>,
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
    pub(crate) fn new(limit: Limit) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default(), given_back: Notify::new() })
    }

    /// So much more for this user, if that is within the limits.
    pub(crate) fn take(self: &Arc<Self>, user: &str, amount: usize) -> Option<Share> {
        let mut held = self.held();
        let own = held.get(user).copied().unwrap_or_default();
        let others = held.values().sum::<usize>().saturating_sub(own);
        let wanted = own.saturating_add(amount);
        if !self.limit.allows(wanted, others) {
            return None;
        }
        held.insert(user.to_owned(), wanted);
        Some(Share { of: Arc::clone(self), user: user.to_owned(), amount })
    }

    /// Waits until so much is there for this user. More than a quarter of a user's limit counts as
    /// that: one thing alone always fits. Cancel safe.
    pub(crate) async fn wait_for(self: &Arc<Self>, user: &str, amount: usize) -> Share {
        let amount = amount.min((self.limit.per_user / 4).max(1));
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
        self.held().values().sum()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        {
            let mut held = self.of.held();
            if let Some(own) = held.get_mut(&self.user) {
                *own = own.saturating_sub(self.amount);
                if *own == 0 {
                    held.remove(&self.user);
                }
            }
        }
        self.of.given_back.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { per_user: 8, whole: 32 };

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

    #[test]
    fn whatever_others_hold_there_is_room_for_one_more() {
        let shares = Shares::new(LIMIT);
        let mut held = Vec::new();
        for user in 0..32 {
            while let Some(share) = shares.take(&user.to_string(), 1) {
                held.push(share);
            }
        }
        assert!(shares.total() <= 32);
        let users = shares.held().len();
        assert!(users >= 5, "{users} users hold something");
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
