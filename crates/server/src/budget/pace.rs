//! What may be done at once, and how soon it may be done again.

use std::time::{Duration, Instant};

/// The work of one owner, as the time that it is worth. It may be ahead of the clock by `window`:
/// so much is done at once after a rest, and in the long run no more than time passes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    /// When all that was done is worth no more than the time that passed.
    until: Option<Instant>,
}

impl Pace {
    /// When more may be done; `None` if it may be now.
    pub(super) fn next(&self, window: Duration, now: Instant) -> Option<Instant> {
        let ahead = self.until?.saturating_duration_since(now);
        let wait = ahead.saturating_sub(window);
        (!wait.is_zero()).then(|| now + wait)
    }

    /// Whether it is as one that was never charged.
    pub(super) fn is_at_rest(&self, now: Instant) -> bool {
        self.next(Duration::ZERO, now).is_none()
    }

    /// Something is done that is worth so much time.
    pub(super) fn charge(&mut self, worth: Duration, now: Instant) {
        self.until = Some(self.until.map_or(now, |until| until.max(now)) + worth);
    }

    /// Something that was charged is not done.
    pub(super) fn give_back(&mut self, worth: Duration) {
        self.until = self.until.and_then(|until| until.checked_sub(worth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_at_once_and_then_as_time_passes() {
        let (mut pace, window, worth) = (Pace::default(), Duration::from_secs(2), Duration::from_secs(1));
        let now = Instant::now();
        let mut done = 0;
        while pace.next(window, now).is_none() {
            pace.charge(worth, now);
            done += 1;
        }
        assert_eq!(done, 3, "the window, and the one that leaves it");
        let next = pace.next(window, now).unwrap();
        assert_eq!(next, now + worth);
        assert_eq!(pace.next(window, next), None);
        let rested = now + 10 * window;
        pace.charge(worth, rested);
        assert_eq!(pace.next(Duration::ZERO, rested), Some(rested + worth), "rest is not saved up");
    }
}
