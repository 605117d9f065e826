//! The progress of one attempt, and how long each stage may take. The ladder goes by it, and so
//! does a dialer without one.

use std::time::{Duration, Instant};

use convene_model::Stage;

use crate::timing::{
    DNS_LIMIT, HELLO_LIMIT_MIN, HELLO_ROUND_TRIPS, PROXY_LIMIT, TCP_LIMIT, TLS_LIMIT_MIN, TLS_ROUND_TRIPS,
};

/// The stage of one attempt, since when, and what the path taught so far.
#[derive(Debug)]
pub struct Pace {
    stage: Stage,
    since: Instant,
    /// The longest of what took one round trip so far.
    round_trip: Duration,
}

impl Pace {
    /// Of an attempt that begins with opening TCP: a lookup is reported only by those who make one.
    pub fn new(now: Instant) -> Self {
        Self { stage: Stage::Tcp, since: now, round_trip: Duration::ZERO }
    }

    /// The attempt came to this stage. It may be an earlier one: a proxy that closes is dialled
    /// again. Says whether it is another stage than before.
    pub fn reach(&mut self, stage: Stage, now: Instant) -> bool {
        if stage == self.stage {
            return false;
        }
        if matches!(self.stage, Stage::Tcp | Stage::Proxy | Stage::Tls) {
            self.round_trip = self.round_trip.max(now.saturating_duration_since(self.since));
        }
        (self.stage, self.since) = (stage, now);
        true
    }

    /// The stage that was reached last.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The longest of what took one round trip so far.
    pub fn round_trip(&self) -> Duration {
        self.round_trip
    }

    /// When the stage has lasted too long.
    pub fn limit(&self) -> Instant {
        self.since
            + match self.stage {
                Stage::Dns => DNS_LIMIT,
                Stage::Tcp => TCP_LIMIT,
                Stage::Proxy => PROXY_LIMIT,
                Stage::Tls => TLS_LIMIT_MIN.max(self.round_trip.saturating_mul(TLS_ROUND_TRIPS)),
                Stage::Http | Stage::Hello => {
                    HELLO_LIMIT_MIN.max(self.round_trip.saturating_mul(HELLO_ROUND_TRIPS))
                }
            }
    }
}
