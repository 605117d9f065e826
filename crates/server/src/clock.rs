//! The operating system's clocks.

use std::time::{Duration, Instant, SystemTime};

use convene_hosting::{Clock, Now};

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
        let clock = Clock::new(instant, SystemTime::now().into());
        Self { clock, started: (instant, since_boot()) }
    }

    /// The time at which something comes to a machine.
    pub(crate) fn now(&mut self) -> Now {
        let (instant, boot) = self.started;
        // The standard library's clock stands still while the machine sleeps.
        let awake_and_asleep = instant + since_boot().saturating_sub(boot);
        Now {
            // That of the runtime's timers: a test may let it pass at once.
            instant: tokio::time::Instant::now().into_std(),
            at: self.clock.read(awake_and_asleep, SystemTime::now().into()),
        }
    }
}

/// On a clock that counts sleep.
fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
