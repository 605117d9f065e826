//! The server's clock for conferences.

use std::time::{Duration, Instant};

use convene_model::Timestamp;

/// A step of the wall clock up to this is slewed away by the system, and does not count.
const STEP_MIN: Duration = Duration::from_secs(60);
/// How long a step must last before it counts: a wall clock that jumps and is set right again
/// within this time moves no phase and no ballot.
const STEP_LASTS: Duration = Duration::from_secs(60);

/// A monotonic clock that counts sleep, set from the wall clock at the start.
///
/// For example: an administrator sets the wall clock to next year by mistake and back half a minute
/// later. This clock goes on as if nothing had happened.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The readings of both clocks when this clock was set.
    set: (Instant, Timestamp),
    /// Since when the wall clock shows another time, and by how many milliseconds.
    stepped: Option<(Instant, i64)>,
}

impl Clock {
    /// A clock that is set now.
    pub fn new(now: Instant, wall: Timestamp) -> Self {
        Self { set: (now, wall), stepped: None }
    }

    /// Returns the time that this clock shows. `now` must count the time that the machine slept.
    pub fn read(&mut self, now: Instant, wall: Timestamp) -> Timestamp {
        let (since, at) = self.set;
        let passed = i64::try_from(now.saturating_duration_since(since).as_millis()).unwrap_or(i64::MAX);
        let shown = at.as_millis().saturating_add(passed);
        let step = wall.as_millis().saturating_sub(shown);
        if u128::from(step.unsigned_abs()) <= STEP_MIN.as_millis() {
            self.stepped = None;
            return Timestamp::from_millis(shown);
        }
        let lasting =
            self.stepped.filter(|(_, known)| u128::from(step.abs_diff(*known)) <= STEP_MIN.as_millis());
        let (from, _) = *self.stepped.insert(lasting.unwrap_or((now, step)));
        if now.saturating_duration_since(from) < STEP_LASTS {
            return Timestamp::from_millis(shown);
        }
        *self = Self::new(now, wall);
        wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[expect(clippy::disallowed_methods, reason = "only differences count: this is the test clock's zero")]
    fn zero() -> Instant {
        Instant::now()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn it_follows_the_monotonic_clock_and_not_small_steps() {
        let start = zero();
        let mut clock = Clock::new(start, at(1_000));
        assert_eq!(clock.read(start + 10 * SECOND, at(1_010)), at(1_010));
        assert_eq!(clock.read(start + 20 * SECOND, at(1_075)), at(1_020), "55 s ahead");
        assert_eq!(clock.read(start + 500 * SECOND, at(1_445)), at(1_500), "55 s behind, for minutes");
    }

    #[test]
    fn a_jump_that_is_set_right_again_moves_nothing() {
        let start = zero();
        let mut clock = Clock::new(start, at(1_000));
        for second in 1..50 {
            assert_eq!(clock.read(start + second * SECOND, at(9_000_000)), at(1_000 + i64::from(second)));
        }
        assert_eq!(clock.read(start + 50 * SECOND, at(1_050)), at(1_050));
        assert_eq!(clock.read(start + 70 * SECOND, at(9_000_000)), at(1_070), "another jump counts anew");
    }

    #[test]
    fn a_step_that_lasts_counts_after_a_minute_in_either_direction() {
        let start = zero();
        for there in [500_000, 100] {
            let mut clock = Clock::new(start, at(1_000));
            assert_eq!(clock.read(start + SECOND, at(there)), at(1_001));
            assert_eq!(clock.read(start + 60 * SECOND, at(there + 59)), at(1_060));
            assert_eq!(clock.read(start + 61 * SECOND, at(there + 60)), at(there + 60));
            assert_eq!(clock.read(start + 62 * SECOND, at(there + 61)), at(there + 61));
        }
    }
}
