//! Connections that were refused, told once a minute.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::os::AcceptError;

/// Between a first refusal and the line that tells of all: a loop of refusals is one line.
const TOLD_AFTER: Duration = Duration::from_mins(1);
/// Users who are told of by name; beyond it they are counted together.
const USERS_MAX: usize = 64;

/// Refusals that were not told of yet.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    by_user: BTreeMap<String, u64>,
    /// Those that are no known user's, and the last of them in words.
    others: u64,
    last_error: Option<String>,
    due: Option<Instant>,
}

impl Refusals {
    /// A user has too many frontends attached.
    pub(super) fn note(&mut self, user: &str) {
        if let Some(count) = self.by_user.get_mut(user) {
            *count += 1;
        } else if self.by_user.len() < USERS_MAX {
            self.by_user.insert(user.to_owned(), 1);
        } else {
            self.others += 1;
        }
        self.set_due();
    }

    /// A connection could not be accepted.
    pub(super) fn note_error(&mut self, error: &AcceptError) {
        self.others += 1;
        self.last_error = Some(error.to_string());
        self.set_due();
    }

    /// Waits until there is something to tell. Cancel safe.
    pub(super) async fn are_due(&self) {
        match self.due {
            Some(due) => sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// Tells of all.
    pub(super) fn tell(&mut self) {
        for (user, count) in std::mem::take(&mut self.by_user) {
            tracing::warn!(user, count, "frontends were refused: this user has too many attached");
        }
        let (count, error) = (std::mem::take(&mut self.others), self.last_error.take());
        if count > 0 {
            tracing::warn!(count, error, "frontends could not be accepted");
        }
        self.due = None;
    }

    fn set_due(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + TOLD_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn l6_however_many_are_refused_it_is_told_once_a_minute() {
        let mut refusals = Refusals::default();
        let began = Instant::now();
        for _ in 0..100_000 {
            refusals.note("anna");
        }
        for user in 0..1_000 {
            refusals.note(&user.to_string());
        }
        refusals.are_due().await;
        assert_eq!(began.elapsed(), TOLD_AFTER);
        assert_eq!((refusals.by_user.get("anna"), refusals.by_user.len()), (Some(&100_000), USERS_MAX));
        refusals.tell();
        assert!(refusals.due.is_none() && refusals.by_user.is_empty());
    }
}
