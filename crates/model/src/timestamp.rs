//! A moment of the server's clock.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ids::{IdError, serde_as_text};

/// Milliseconds since 1970-01-01T00:00:00Z; prints as RFC 3339 in UTC with three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last moment that prints with a year of four digits everywhere on Earth.
    const MAX: i64 = 253_402_207_200_000;

    /// From milliseconds since 1970; a moment before 1970 or after the year 9999 is cut to the
    /// nearest one within.
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(0, Self::MAX))
    }

    /// Milliseconds since 1970.
    pub fn as_millis(self) -> i64 {
        self.0
    }
}

/// A clock before 1970 or after the year 9999 is cut to the nearest moment within.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            Err(_) => f.write_str("1970-01-01T00:00:00.000Z"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| IdError { kind: "time stamp (RFC 3339)" })?;
        Ok(Self::from_millis(moment.as_millisecond()))
    }
}
serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_rfc_3339() {
        let moment = Timestamp::from_millis(1_795_424_400_007);
        assert_eq!(moment.to_string(), "2026-11-23T09:00:00.007Z");
        assert_eq!("2026-11-23T10:00:00.007+01:00".parse(), Ok(moment));
    }

    #[test]
    fn a_clock_is_read_in_milliseconds_and_one_before_1970_is_none() {
        let at = |time| Timestamp::from(time).as_millis();
        assert_eq!(
            at(UNIX_EPOCH + std::time::Duration::from_micros(1_795_424_400_007_999)),
            1_795_424_400_007
        );
        assert_eq!(at(UNIX_EPOCH - std::time::Duration::from_secs(1)), 0);
    }

    #[test]
    fn moments_beyond_the_calendar_are_cut() {
        assert_eq!(
            Timestamp::from_millis(i64::MAX).to_string().parse(),
            Ok(Timestamp::from_millis(i64::MAX))
        );
    }
}
