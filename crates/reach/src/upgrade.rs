//! When a working connection is tried to be bettered.

use std::collections::VecDeque;
use std::time::Instant;

use convene_model::{Carrier, Rung};

use crate::route::Route;
use crate::timing::{FLAPS_MAX, FLAPS_PAUSE, FLAPS_WITHIN, UPGRADE_AFTER, UPGRADE_EVERY};

#[derive(Debug, Default)]
pub(crate) struct Upgrade {
    at: Option<Instant>,
    /// The latest adoptions, at most [`FLAPS_MAX`].
    adoptions: VecDeque<Instant>,
    paused_until: Option<Instant>,
}

impl Upgrade {
    /// A route was adopted. `shunned`: a better rung has just failed under a young pipe and gets
    /// the long pause.
    pub(crate) fn adopted(&mut self, route: &Route, shunned: bool, now: Instant) {
        let wait = if shunned { UPGRADE_EVERY } else { UPGRADE_AFTER };
        let is_best = route.rung == Rung::Direct && route.carrier == Carrier::Websocket;
        self.at = (!is_best).then(|| now + wait);
        self.adoptions.push_back(now);
        if self.adoptions.len() > FLAPS_MAX {
            self.adoptions.pop_front();
        }
        let recent = self.adoptions.iter().filter(|at| now.saturating_duration_since(**at) <= FLAPS_WITHIN);
        if recent.count() >= FLAPS_MAX {
            self.paused_until = Some(now + FLAPS_PAUSE);
        }
    }

    /// The connection is gone.
    pub(crate) fn stop(&mut self) {
        self.at = None;
    }

    /// Something changed that makes a try worth while now; a pause still holds.
    pub(crate) fn hurry(&mut self, now: Instant) {
        self.at = self.at.map(|_| now);
    }

    /// The try that was due begins.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.at = Some(now + UPGRADE_EVERY);
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        self.at.map(|at| self.paused_until.map_or(at, |until| at.max(until)))
    }
}
