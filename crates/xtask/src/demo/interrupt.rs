//! Ctrl-C and its like end the demo in order instead of leaving programs and directories behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// How often a condition outside of this process is looked at: no one waits on it in a tight loop,
/// no one notices.
const LOOK_EVERY: Duration = Duration::from_millis(20);

extern "C" fn stop(_signal: libc::c_int) {
    STOPPED.store(true, Ordering::SeqCst);
}

/// From here on an interrupt makes the waits below fail, and the failure unwinds through everything
/// that cleans up.
pub(super) fn arm() {
    let handler = stop as extern "C" fn(libc::c_int);
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        #[expect(unsafe_code, reason = "the standard library catches no signals")]
        // SAFETY: the handler only stores to an atomic, which a signal may interrupt anywhere.
        unsafe {
            libc::signal(signal, handler as libc::sighandler_t);
        }
    }
}

/// Whether someone asked us to stop.
pub(super) fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Asks again until there is an answer.
///
/// # Errors
/// When `ask` fails, after `limit`, or on an interrupt.
pub(super) fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if stopped() {
            bail!("stopped");
        }
        if start.elapsed() > limit {
            bail!("waited {} s for {what}", limit.as_secs());
        }
        pause();
    }
}

/// A moment before looking again at something outside of this process.
pub(super) fn pause() {
    thread::park_timeout(LOOK_EVERY);
}
