//! Each user has an allowance for all that servers send: it is computed with and kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

/// A rate that may be exceeded for a while.
#[derive(Debug, Clone, Copy)]
struct Rate {
    bytes_per_second: u64,
    /// Bytes at once.
    burst: u64,
}

/// A conference of 2,000 people at its liveliest sends a fraction of it; at once come the snapshots
/// and pages of history of a user who is back in many conferences.
const LIVELY: Rate = Rate { bytes_per_second: 512 * 1024, burst: 16 * 1024 * 1024 };
/// A user's conferences send a fraction of it in a day: so much of the disk servers can take.
const LASTING: Rate = Rate { bytes_per_second: 6 * 1024, burst: 512 * 1024 * 1024 };

/// The allowances of all users with a connection.
static ALL: Mutex<BTreeMap<String, Weak<Allowance>>> = Mutex::new(BTreeMap::new());

/// The bytes that servers may send to one user, all together.
#[derive(Debug)]
pub(super) struct Allowance(Mutex<[(Rate, Used); 2]>);

/// The bytes that were sent beyond the rate.
#[derive(Debug, Clone, Copy)]
struct Used {
    bytes: u64,
    at: Instant,
}

impl Allowance {
    /// That of this user.
    pub(super) fn of(user: &str) -> Arc<Self> {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, allowance| allowance.strong_count() > 0);
        let known = all.get(user).and_then(Weak::upgrade);
        let allowance = known.unwrap_or_else(|| Arc::new(Self::new(Instant::now())));
        all.insert(user.to_owned(), Arc::downgrade(&allowance));
        allowance
    }

    fn new(now: Instant) -> Self {
        Self(Mutex::new([LIVELY, LASTING].map(|rate| (rate, Used { bytes: 0, at: now }))))
    }

    /// So much was sent; says how long to read nothing more.
    pub(super) fn take(&self, bytes: usize, now: Instant) -> Duration {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pauses = all.iter_mut().map(|(rate, used)| used.take(*rate, bytes as u64, now));
        pauses.max().unwrap_or_default()
    }
}

impl Used {
    fn take(&mut self, rate: Rate, bytes: u64, now: Instant) -> Duration {
        let span = u64::try_from(now.saturating_duration_since(self.at).as_millis()).unwrap_or(u64::MAX);
        let gained = span.saturating_mul(rate.bytes_per_second) / 1_000;
        if gained > 0 {
            self.bytes = self.bytes.saturating_sub(gained);
            self.at = now;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        let beyond = self.bytes.saturating_sub(rate.burst);
        Duration::from_millis(beyond.saturating_mul(1_000) / rate.bytes_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 256 * 1024;

    /// The bytes that a server that sends without end gets read in this span.
    fn read_within(span: Duration) -> usize {
        let began = Instant::now();
        let (allowance, mut now, mut read) = (Allowance::new(began), began, 0);
        while now.duration_since(began) < span {
            now += allowance.take(FRAME, now);
            read += FRAME;
        }
        read
    }

    #[test]
    fn s2_a_server_that_sends_without_end_is_read_slowly_and_in_the_end_very_slowly() {
        let mib = 1024 * 1024;
        assert!(read_within(Duration::from_secs(15)) <= 24 * mib + FRAME, "a quarter of a minute");
        assert!(read_within(Duration::from_hours(24)) <= 2 * 1024 * mib, "a day");
    }

    #[test]
    fn s2_what_conferences_send_is_read_at_once() {
        let began = Instant::now();
        let allowance = Allowance::new(began);
        for minute in 0..60 {
            let now = began + Duration::from_mins(minute);
            assert_eq!(allowance.take(4 * 1024 * 1024, now), Duration::ZERO, "minute {minute}");
        }
    }

    #[test]
    fn all_connections_of_a_user_share_one() {
        let (one, other) = (Allowance::of("one of two"), Allowance::of("one of two"));
        assert!(Arc::ptr_eq(&one, &other) && !Arc::ptr_eq(&one, &Allowance::of("another")));
    }
}
