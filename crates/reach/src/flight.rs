//! One attempt under way: how far it has come and how long that may take.

use std::time::Instant;

use convene_model::{Carrier, Code, Evidence, Stage};

use crate::pace::Pace;
use crate::race::Reason;
use crate::route::{Failure, Route};
use crate::timing::{CARRIER_AFTER_MAX, CARRIER_AFTER_MIN, CARRIER_ROUND_TRIPS, OPEN_MAX};

/// The weight of an attempt in the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It delays the next, and its failure starts the next.
    Counted,
    /// It runs beside the timetable.
    Beside,
    /// It is past its limit: to the timetable it has failed, but it may still win.
    Late,
}

#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) route: Route,
    pub(crate) began: Instant,
    pub(crate) weight: Weight,
    pace: Pace,
    /// The evidence that was seen of whoever is in its way.
    pub(crate) evidence: Option<Evidence>,
    /// Whether its server speaks earlier versions than this program.
    pub(crate) is_of_earlier_server: bool,
    /// When TLS stood.
    pub(crate) secured: Option<Instant>,
}

impl Flight {
    pub(crate) fn new(route: Route, weight: Weight, now: Instant) -> Self {
        let pace = Pace::new(now);
        Self { route, began: now, weight, pace, evidence: None, is_of_earlier_server: false, secured: None }
    }

    pub(crate) fn stage(&self) -> Stage {
        self.pace.stage()
    }

    /// The flight came to this stage. It may be an earlier one: a proxy that closes is dialled
    /// again.
    pub(crate) fn reach(&mut self, stage: Stage, now: Instant) {
        if self.pace.reach(stage, now) {
            // A flight that is dialled anew stands anew.
            self.secured = if stage < Stage::Http { None } else { self.secured.or(Some(now)) };
        }
    }

    /// When another carrier is to accompany its own, if that says nothing until then. A server that
    /// has much to do is slow in TLS already.
    pub(crate) fn carrier_due(&self) -> Option<Instant> {
        let patience = self.pace.round_trip().saturating_mul(CARRIER_ROUND_TRIPS);
        Some(self.secured? + patience.clamp(CARRIER_AFTER_MIN, CARRIER_AFTER_MAX))
    }

    /// When it is next to be looked at: at its limit, or at its end.
    pub(crate) fn due(&self) -> (Instant, Reason) {
        let end = (self.began + OPEN_MAX, Reason::AttemptEnd);
        let limit = (self.pace.limit(), Reason::AttemptLimit);
        if self.weight == Weight::Late || end.0 <= limit.0 { end } else { limit }
    }

    /// The failure that its silence means.
    pub(crate) fn silence(&self) -> Failure {
        let code = match self.stage() {
            Stage::Dns => Code::DnsTimedOut,
            Stage::Tcp | Stage::Proxy | Stage::Tls | Stage::Http => Code::TimedOut,
            // The session had begun on this way, so it is the one answer that does not come.
            Stage::Hello if self.route.carrier == Carrier::Stream => Code::ResponseHeld,
            Stage::Hello => Code::NoHello,
        };
        Failure { stage: self.stage(), code }
    }
}
