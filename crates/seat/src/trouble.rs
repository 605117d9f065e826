//! Why a seat is not open, and when it asks again.

use std::time::{Duration, Instant};

use convene_conference::Refusal;
use convene_model::LogId;
use convene_model::limits::{CODE_UNKNOWN_FINAL_AFTER, OTHER_LOG_TOLD_AFTER};

/// The first pause after something that should not happen twice in a row.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// The pause where a server says "later" and asks for less, or for no time at all.
const LATER_MIN: Duration = Duration::from_secs(1);
/// The longest time for which a server can keep a seat from asking: it may be mended meanwhile.
const LATER_MAX: Duration = Duration::from_secs(600);

/// When a closed seat asks again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pause {
    until: Option<Instant>,
    failures: u32,
}

impl Pause {
    pub(crate) fn is_over(self) -> bool {
        self.until.is_none()
    }

    pub(crate) fn until(self) -> Option<Instant> {
        self.until
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.until.take_if(|until| *until <= now);
    }

    /// The seat has moved on.
    pub(crate) fn handle_progress(&mut self) {
        self.failures = 0;
    }

    /// Something failed that fails again if it is repeated at once: 1, 2, 4 … 60 s.
    pub(crate) fn back_off(&mut self, now: Instant) {
        let doubled = PAUSE_FIRST.saturating_mul(1 << self.failures.min(6));
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + doubled.min(PAUSE_MAX));
    }

    /// The seat lacks something: it asks at once the first time, and later if that did not help.
    pub(crate) fn ask_again(&mut self, now: Instant) {
        if self.failures > 0 {
            return self.back_off(now);
        }
        self.failures = 1;
        self.until = None;
    }

    /// The server asked for this long.
    pub(crate) fn wait(&mut self, for_ms: u64, now: Instant) {
        self.until = Some(now + Duration::from_millis(for_ms).clamp(LATER_MIN, LATER_MAX));
    }

    /// The server refused, and may say something else one day.
    pub(crate) fn wait_long(&mut self, now: Instant) {
        self.until = Some(now + PAUSE_MAX);
    }

    pub(crate) fn end(&mut self) {
        self.until = None;
    }
}

/// The trouble of a seat, as far as the server told it. It is not stored: the server says it again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trouble {
    /// Refused, and not for good.
    pub(crate) refused: Option<Refusal>,
    /// Not now.
    pub(crate) not_here: Option<Refusal>,
    /// The server shows another log.
    pub(crate) other_log: Option<OtherLog>,
    /// When the join link was first said to be unknown.
    code_unknown_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct OtherLog {
    pub(crate) log: LogId,
    since: Instant,
    /// Whether it lasts so long that people are told.
    pub(crate) is_told: bool,
}

impl Trouble {
    /// The server shows this log in place of the seat's. A restore takes a while, and so nobody is
    /// told for ten minutes.
    pub(crate) fn note_other_log(&mut self, log: LogId, now: Instant) {
        if self.other_log.is_none_or(|other| other.log != log) {
            self.other_log = Some(OtherLog { log, since: now, is_told: false });
        }
        self.handle_timeout(now);
    }

    /// The join link is said to be unknown. Whether that is final: it was said at least ten minutes
    /// ago for the first time.
    pub(crate) fn note_code_unknown(&mut self, now: Instant) -> bool {
        let since = *self.code_unknown_since.get_or_insert(now);
        now.saturating_duration_since(since) >= CODE_UNKNOWN_FINAL_AFTER
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Some(other) = &mut self.other_log {
            other.is_told |= other.since + OTHER_LOG_TOLD_AFTER <= now;
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let waiting = self.other_log.filter(|other| !other.is_told);
        waiting.map(|other| other.since + OTHER_LOG_TOLD_AFTER)
    }
}
