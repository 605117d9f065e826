//! The end of a sleep: one clock has gone on and another has stood still.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The time by which two readings of the clocks may lie apart without a sleep between them.
const JITTER: Duration = Duration::from_secs(1);
/// A time that no clock shows, in seconds: the timer never runs out.
const NEVER: i64 = i64::MAX / 2_000_000_000;

/// Waits until the machine has slept, and gives for how long. Nothing wakes up for it but a clock
/// that jumps: resuming sets CLOCK_REALTIME, and that cancels a timer (timerfd_create(2),
/// TFD_TIMER_CANCEL_ON_SET).
pub(super) async fn woken() -> io::Result<Duration> {
    let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
    let timer = when_readable(timerfd_create(TimerfdClockId::Realtime, flags)?)?;
    let before = slept();
    loop {
        arm(timer.get_ref())?;
        // After the timer is armed, so that no sleep falls between the two.
        let asleep = slept().saturating_sub(before);
        if asleep > JITTER {
            return Ok(asleep);
        }
        timer.readable().await?.try_io(|timer| jumped(timer.get_ref())).map_or(Ok(()), |jumped| jumped)?;
    }
}

fn arm(timer: &OwnedFd) -> io::Result<()> {
    let none = Timespec { tv_sec: 0, tv_nsec: 0 };
    let at = Itimerspec { it_interval: none, it_value: Timespec { tv_sec: NEVER, ..none } };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    match timerfd_settime(timer, flags, &at) {
        // The clock was set since the last time; the timer is armed all the same.
        Ok(_) | Err(Errno::CANCELED) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn jumped(timer: &OwnedFd) -> io::Result<()> {
    match rustix::io::read(timer.as_fd(), &mut [0_u8; 8]) {
        Ok(_) | Err(Errno::CANCELED) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The time for which this machine has slept since it was started.
fn slept() -> Duration {
    let [all, awake] = [ClockId::Boottime, ClockId::Monotonic].map(clock_gettime);
    let since_start = |at: Timespec| Duration::try_from(at).unwrap_or_default();
    since_start(all).saturating_sub(since_start(awake))
}

#[expect(unsafe_code, reason = "tokio wants a word that the descriptor stays open")]
fn when_readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is one open descriptor until it is dropped, and the `AsyncFd` takes it
    // over.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_does_not_sleep_does_not_wake() {
        let woken = tokio::time::timeout(Duration::from_secs(60), woken()).await;
        assert!(woken.is_err(), "{woken:?}");
    }
}
