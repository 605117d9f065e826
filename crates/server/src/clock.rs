//! The operating system's clocks.

#[cfg(feature = "test-clock")]
mod fast;

use std::time::{Duration, Instant, SystemTime};

use convene_hosting::{Clock, Now};
use convene_model::Timestamp;

#[cfg(feature = "test-clock")]
pub(crate) use self::fast::set_pace;

/// The wall clock, as conferences go by it.
pub(crate) fn wall() -> SystemTime {
    let wall = SystemTime::now();
    #[cfg(feature = "test-clock")]
    let wall = fast::wall(wall);
    wall
}

/// How long the runtime's timers have to run from one time of a conference to a later one.
pub(crate) fn timer_span(from: Timestamp, to: Timestamp) -> Duration {
    let ms = to.as_millis().saturating_sub(from.as_millis());
    let span = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    #[cfg(feature = "test-clock")]
    let span = fast::lasting(span);
    span
}

/// Reads the operating system's clocks for the clock of a conference, which has the rules.
#[derive(Debug)]
pub(crate) struct SystemClocks {
    clock: Clock,
    /// When this one was started, on both monotonic clocks.
    started: (Instant, Duration),
}

impl SystemClocks {
    /// With a clock of a conference that is set from the wall clock now.
    pub(crate) fn start() -> Self {
        let instant = tokio::time::Instant::now().into_std();
        let clock = Clock::new(instant, wall().into());
        Self { clock, started: (instant, since_boot()) }
    }

    /// The time at which something comes to a machine.
    pub(crate) fn now(&mut self) -> Now {
        let (instant, boot) = self.started;
        // The standard library's clock stands still while the machine sleeps.
        let passed = since_boot().saturating_sub(boot);
        #[cfg(feature = "test-clock")]
        let passed = fast::passed(passed);
        Now {
            // That of the runtime's timers: a test may let it pass at once.
            instant: tokio::time::Instant::now().into_std(),
            at: self.clock.read(instant + passed, wall().into()),
        }
    }
}

/// On a clock that counts sleep.
fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
