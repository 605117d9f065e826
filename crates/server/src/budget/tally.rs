//! Lines of the log that strangers can cause.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often each of them is told.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Counts what happens, so that each kind of it is told once a minute. Kinds are few, and ours.
#[derive(Debug)]
pub(crate) struct Tally<K>(Mutex<BTreeMap<K, Counted>>);

#[derive(Debug, Default)]
struct Counted {
    told: Option<Instant>,
    untold: u64,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<K: Ord> Tally<K> {
    /// It happened once more. Where it is to be told now, gives how often it did since it last was.
    pub(crate) fn count(&self, kind: K, now: Instant) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = kinds.entry(kind).or_default();
        counted.untold += 1;
        if counted.told.is_some_and(|told| now.saturating_duration_since(told) < TOLD_EVERY) {
            return None;
        }
        counted.told = Some(now);
        Some(std::mem::take(&mut counted.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_then_how_many_there_were_in_a_minute() {
        let (tally, now) = (Tally::default(), Instant::now());
        assert_eq!(tally.count("a", now), Some(1));
        assert!((0..1_000).all(|_| tally.count("a", now).is_none()));
        assert_eq!(tally.count("b", now), Some(1));
        assert_eq!(tally.count("a", now + TOLD_EVERY), Some(1_001));
    }
}
