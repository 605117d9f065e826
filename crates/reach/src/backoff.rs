//! Pauses between failures, and the dice that spread them.

use std::time::{Duration, Instant};

use crate::timing::{BACKOFF, FAILURES_FADE_AFTER};

/// SplitMix64: spreads reconnects; no secret depends on it, and a seed replays alike on every
/// platform and version.
#[derive(Debug)]
pub(crate) struct Dice(u64);

/// Failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Streak {
    length: usize,
    last: Option<Instant>,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A duration from zero to `longest`, in whole milliseconds, each as likely as the others.
    pub(crate) fn up_to(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let span = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        Duration::from_millis(mixed % span)
    }
}

impl Streak {
    /// Counts one failure more; says how many were before it.
    pub(crate) fn count(&mut self, now: Instant) -> usize {
        let faded = self.last.is_some_and(|last| now.saturating_duration_since(last) > FAILURES_FADE_AFTER);
        let before = if faded { 0 } else { self.length };
        *self = Self { length: before.saturating_add(1), last: Some(now) };
        before
    }
}

/// The longest pause after a failure that so many went before.
pub(crate) fn pause(before: usize) -> Duration {
    let [.., longest] = BACKOFF;
    BACKOFF.get(before).copied().unwrap_or(longest)
}
