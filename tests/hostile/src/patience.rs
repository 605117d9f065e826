//! Waiting for a condition that nothing announces.

use std::time::{Duration, Instant};

/// How long the lab waits for anything of its own (a program that starts, an address that comes
/// up): many times what it takes on a busy machine, so that only a broken lab reaches it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at least: a hundredth of the shortest time that a test asserts.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Between two looks at most.
const LOOK_EVERY_MAX: Duration = Duration::from_millis(250);

/// Asks until there is an answer, for as long as `limit`; `None` if there was none by then. At
/// least once, and the less often the longer it takes: a tenth of the time is lost at most, and the
/// machine has better things to do.
pub fn patiently<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        let waited = began.elapsed();
        if waited >= limit {
            return None;
        }
        // Other processes and the kernel do not wake this thread: it has to look.
        std::thread::park_timeout((waited / 10).clamp(LOOK_EVERY, LOOK_EVERY_MAX));
    }
}
