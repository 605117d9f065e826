//! The clock of a server on which conferences pass quickly.

use std::time::SystemTime;

use convene_model::Timestamp;

/// The environment variable that sets it: the feature `test-clock` of `convene-server` reads it.
const VARIABLE: &str = "CONVENE_TEST_CLOCK";

/// Reckons as the server does: from a moment on, a conference lives through so many seconds in
/// each. A server that is killed and started again goes on with the same clock.
#[derive(Debug, Clone, Copy)]
pub struct FastClock {
    factor: u32,
    since: Timestamp,
}

impl FastClock {
    /// One that goes quickly from now on.
    pub fn from_now(factor: u32) -> Self {
        Self { factor, since: SystemTime::now().into() }
    }

    /// What the environment of the server has to hold: a name and a value.
    pub fn setting(self) -> (&'static str, String) {
        (VARIABLE, format!("{}@{}", self.factor, self.since.as_millis()))
    }

    /// What it shows.
    pub fn now(self) -> Timestamp {
        let passed = Timestamp::from(SystemTime::now()).as_millis().saturating_sub(self.since.as_millis());
        self.after(passed.saturating_mul(i64::from(self.factor)))
    }

    /// What it shows so many minutes of a conference after the moment from which it goes quickly.
    pub fn minute(self, minutes: u32) -> Timestamp {
        self.after(i64::from(minutes) * 60_000)
    }

    fn after(self, ms: i64) -> Timestamp {
        Timestamp::from_millis(self.since.as_millis().saturating_add(ms))
    }
}
