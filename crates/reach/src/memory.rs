//! The routes that won, by network.

use std::collections::BTreeMap;
use std::time::Duration;

use convene_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::route::Route;
use crate::timing::{MEMORY_DAYS, NETWORKS_MAX};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A network as this machine sees it: a hash of its gateway's address, the kind of interface and
/// the DNS suffix. It is made where the network is watched and never leaves the machine; two
/// networks that share one cost a head start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetworkId(pub u64);

/// The route that won, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The route.
    pub route: Route,
    /// When it was adopted, by this machine's clock.
    pub at: Timestamp,
    /// The time between two heartbeats that a path there needs, where it taught one, in
    /// milliseconds.
    #[serde(default)]
    pub heartbeat_ms: Option<u32>,
    /// The longest time for which an answer of a long-poll may be held there, where a box taught
    /// it, in milliseconds.
    #[serde(default)]
    pub hold_ms: Option<u32>,
}

/// The route that won on each network, for one server: at most [`NETWORKS_MAX`] entries, each for
/// [`MEMORY_DAYS`]. Only success is remembered across restarts; failures fade in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(BTreeMap<NetworkId, Remembered>);

impl Memory {
    /// The route that won on this network within the last [`MEMORY_DAYS`].
    pub fn recall(&self, network: NetworkId, now: Timestamp) -> Option<&Route> {
        self.0
            .get(&network)
            .filter(|remembered| is_fresh(remembered, now))
            .map(|remembered| &remembered.route)
    }

    /// The time between two heartbeats that a path there needs.
    pub fn heartbeat(&self, network: NetworkId, now: Timestamp) -> Option<Duration> {
        let remembered = self.0.get(&network).filter(|remembered| is_fresh(remembered, now))?;
        remembered.heartbeat_ms.map(|ms| Duration::from_millis(ms.into()))
    }

    /// Remembers how often a path there must be used, if anything won there lately. Says whether it
    /// did.
    pub fn remember_heartbeat(&mut self, network: NetworkId, interval: Duration, now: Timestamp) -> bool {
        let heartbeat_ms = u32::try_from(interval.as_millis()).ok();
        let remembered = self.0.get_mut(&network).filter(|remembered| is_fresh(remembered, now));
        remembered.map(|remembered| remembered.heartbeat_ms = heartbeat_ms).is_some()
    }

    /// The longest time for which an answer of a long-poll may be held there.
    pub fn hold(&self, network: NetworkId, now: Timestamp) -> Option<Duration> {
        let remembered = self.0.get(&network).filter(|remembered| is_fresh(remembered, now))?;
        remembered.hold_ms.map(|ms| Duration::from_millis(ms.into()))
    }

    /// Remembers how long an answer may be held there, if anything won there lately. Says whether
    /// it did.
    pub fn remember_hold(&mut self, network: NetworkId, hold: Duration, now: Timestamp) -> bool {
        let hold_ms = u32::try_from(hold.as_millis()).ok();
        let remembered = self.0.get_mut(&network).filter(|remembered| is_fresh(remembered, now));
        remembered.map(|remembered| remembered.hold_ms = hold_ms).is_some()
    }

    /// Remembers what won, and forgets what is too old or too much.
    pub fn remember(&mut self, network: NetworkId, route: Route, now: Timestamp) {
        let known = self.0.get(&network).filter(|remembered| is_fresh(remembered, now));
        let heartbeat_ms = known.and_then(|remembered| remembered.heartbeat_ms);
        let hold_ms = known.and_then(|remembered| remembered.hold_ms);
        self.0.insert(network, Remembered { route, at: now, heartbeat_ms, hold_ms });
        self.0.retain(|_, remembered| is_fresh(remembered, now));
        while self.0.len() > NETWORKS_MAX {
            let others = self.0.iter().filter(|(id, _)| **id != network);
            let Some(oldest) = others.min_by_key(|(_, remembered)| remembered.at).map(|(id, _)| *id) else {
                break;
            };
            self.0.remove(&oldest);
        }
    }
}

/// An entry from the future was made before the clock was set back: it counts as fresh until it is
/// replaced.
fn is_fresh(remembered: &Remembered, now: Timestamp) -> bool {
    now.as_millis().saturating_sub(remembered.at.as_millis()) <= MEMORY_DAYS * DAY_MS
}
