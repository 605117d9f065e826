//! A clock on which conferences pass quickly. Builds for tests alone have it.

use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The environment variable that sets it: `FACTOR@UNIX_MS`.
const VARIABLE: &str = "CONVENE_TEST_CLOCK";

/// Set at the start. Where it is not set, a second lasts a second.
static PACE: OnceLock<Pace> = OnceLock::new();

/// From a moment on, a conference lives through so many seconds in each. A server that is started
/// again goes on where it would be by now, because it reckons from the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pace {
    /// Not 0.
    factor: u32,
    since: SystemTime,
}

/// The environment sets a clock, and nobody can read how.
// The message names the variable as a whole, by which xtask knows a program that has this clock.
#[derive(Debug, thiserror::Error)]
#[error("CONVENE_TEST_CLOCK is to be FACTOR@UNIX_MS, such as 60@1795424400000, and not {0:?}")]
pub(crate) struct PaceUnreadable(OsString);

/// Sets the pace, where the environment says one. To be called before any conference runs.
///
/// # Errors
/// When it says what is none: a test that waits for a quick clock is to be told.
pub(crate) fn set_pace(environment: impl Fn(&str) -> Option<OsString>) -> Result<(), PaceUnreadable> {
    let Some(text) = environment(VARIABLE) else { return Ok(()) };
    let pace = text.to_str().and_then(Pace::read).ok_or(PaceUnreadable(text))?;
    PACE.get_or_init(|| pace);
    Ok(())
}

/// What a conference's wall clock shows when the system's shows this.
pub(super) fn wall(system: SystemTime) -> SystemTime {
    PACE.get().map_or(system, |pace| pace.wall(system))
}

/// The span that a conference lives through in a span of the system's.
pub(super) fn passed(system: Duration) -> Duration {
    PACE.get().map_or(system, |pace| system.saturating_mul(pace.factor))
}

/// The span of the system's in which a conference lives through one.
pub(super) fn lasting(conference: Duration) -> Duration {
    PACE.get().map_or(conference, |pace| conference / pace.factor)
}

impl Pace {
    fn read(text: &str) -> Option<Self> {
        let (factor, since) = text.split_once('@')?;
        let factor = factor.parse::<u32>().ok().filter(|factor| *factor > 0)?;
        let since = UNIX_EPOCH.checked_add(Duration::from_millis(since.parse().ok()?))?;
        Some(Self { factor, since })
    }

    /// Up to the moment from which it reckons, both show the same.
    fn wall(self, system: SystemTime) -> SystemTime {
        let Ok(passed) = system.duration_since(self.since) else { return system };
        self.since.checked_add(passed.saturating_mul(self.factor)).unwrap_or(system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_its_moment_on_it_goes_quickly_whenever_it_is_asked() {
        let pace = Pace::read("60@1000000").unwrap();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(pace.wall(at(999)), at(999));
        assert_eq!(pace.wall(at(1_000)), at(1_000));
        assert_eq!(pace.wall(at(1_002)), at(1_120));
        assert_eq!(Pace::read("60@1000000"), Some(pace), "another start reads the same");
    }

    #[test]
    fn what_is_no_pace_is_told() {
        for text in ["", "60", "60@", "@1000", "0@1000", "-1@1000", "60@-1", "1.5@1000", "sixty@1000"] {
            assert_eq!(Pace::read(text), None, "{text}");
            let told = set_pace(|_| Some(text.into())).unwrap_err().to_string();
            assert!(told.starts_with("CONVENE_TEST_CLOCK is to be FACTOR@UNIX_MS"), "{told}");
        }
        assert!(set_pace(|_| None).is_ok());
    }
}
