//! The interval at which a path must be used so that no box on it forgets the connection.

use std::time::Duration;

use crate::timing::{HEARTBEAT, HEARTBEAT_MIN, IDLE_DEATHS};

/// The time between two pings, as the path has taught it. It only ever gets shorter: what a box
/// forgets, it forgets again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heartbeat {
    interval: Duration,
    /// Pipes that died of idleness, one after the other.
    deaths: u32,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self::of(HEARTBEAT)
    }
}

impl Heartbeat {
    /// The lesson from before; nonsense is brought within bounds.
    pub(crate) fn of(interval: Duration) -> Self {
        Self { interval: interval.clamp(HEARTBEAT_MIN, HEARTBEAT), deaths: 0 }
    }

    pub(crate) fn interval(self) -> Duration {
        self.interval
    }

    /// A ping was answered: the deaths before had other reasons.
    pub(crate) fn handle_answer(&mut self) {
        self.deaths = 0;
    }

    /// A pipe died because nothing answered a ping that came after an idle interval.
    pub(crate) fn handle_idle_death(&mut self) {
        self.deaths = self.deaths.saturating_add(1);
        if self.deaths >= IDLE_DEATHS {
            *self = Self::of(self.interval / 2);
        }
    }
}
