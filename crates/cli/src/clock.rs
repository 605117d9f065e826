//! The clock of the person at the terminal.

use std::time::SystemTime;

use convene_model::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What time it is, and in which zone it is told.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// The zone of the person.
    pub(crate) zone: TimeZone,
    now: fn() -> Timestamp,
}

impl Clock {
    /// The clock and the zone of this system.
    pub(crate) fn of_system() -> Self {
        Self { zone: TimeZone::system(), now: || Timestamp::from(SystemTime::now()) }
    }

    /// A clock that a test sets.
    #[cfg(all(test, unix))]
    pub(crate) fn set(zone: TimeZone, now: fn() -> Timestamp) -> Self {
        Self { zone, now }
    }

    /// The day of a moment.
    pub(crate) fn day(&self, at: Timestamp) -> Date {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        at.to_zoned(self.zone.clone()).date()
    }

    /// This moment.
    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }
}
