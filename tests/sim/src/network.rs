//! Pipes: what one end sends, the other gets later, perhaps not, perhaps twice.

use std::time::Duration;

use convene_model::{Carrier, Rung};
use convene_reach::AttemptId;
use rand::RngExt as _;
use rand::rngs::StdRng;

/// Which end of a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Daemon,
    Server,
}

/// One pipe of the world.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) daemon: usize,
    /// Which life of the daemon opened it.
    pub(crate) daemon_life: u32,
    pub(crate) server_life: u32,
    pub(crate) attempt: AttemptId,
    pub(crate) latency: Duration,
    pub(crate) carrier: Carrier,
    /// Frames are numbered on it, and lost, repeated and reordered.
    pub(crate) lossy: bool,
    /// The conduct of the boxes on its way towards its carrier.
    pub(crate) manner: Manner,
    /// Bytes that pass towards the daemon in a millisecond; 0 for any number.
    pub(crate) rate: usize,
    /// Nothing passes any more, and nobody says so.
    pub(crate) frozen: bool,
    /// Cut on the way: nothing passes, and the ends learn of it in time.
    pub(crate) cut: bool,
    /// Nothing sent towards the daemon, or towards the server, arrives before these.
    pub(crate) floor: [Duration; 2],
}

impl Pipe {
    /// When a frame sent now arrives, if it does; a repeated one more than once. `first` ones open
    /// the conversation: no carrier loses those, for it would not stand.
    pub(crate) fn arrivals(
        &mut self,
        to: End,
        (first, bytes): (bool, usize),
        loss: u32,
        now: Duration,
        rng: &mut StdRng,
    ) -> Vec<Duration> {
        if self.cut || self.frozen || (self.manner == Manner::Swallow && to == End::Daemon) {
            return Vec::new();
        }
        let floor = &mut self.floor[usize::from(to == End::Server)];
        let jitter = Duration::from_micros(rng.random_range(0..3_000));
        let mut at = (now + self.latency + jitter).max(*floor);
        if self.rate > 0 && to == End::Daemon {
            at += Duration::from_millis(u64::try_from(bytes / self.rate).unwrap_or(0));
            *floor = at;
        }
        if self.carrier == Carrier::Poll {
            // A request that is lost, or whose answer is lost, is made again, and all that is
            // behind it waits.
            let is_lost = rng.random_range(0..1_000) < loss;
            let again = if is_lost { rng.random_range(250..2_000) } else { 0 };
            *floor = at + Duration::from_millis(again);
            return vec![*floor];
        }
        if !self.lossy || first || self.rate > 0 {
            *floor = at;
            return vec![at];
        }
        let fate = rng.random_range(0..1_000);
        if fate < loss {
            Vec::new()
        } else if fate < 2 * loss {
            vec![at, at + self.latency]
        } else if fate < 3 * loss {
            vec![at + 3 * self.latency]
        } else {
            vec![at]
        }
    }
}

/// The rule of a firewall for one rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Pass,
    Drop,
    Refuse,
}

/// The conduct of the boxes on the way towards a carrier that is not made of single requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Pass,
    /// They answer something else.
    Refuse,
    /// They keep what comes down until it ends.
    Swallow,
    /// They let it begin and cut it after a while.
    Cut,
}

/// The rules around one daemon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Firewall {
    direct: Rule,
    https: Rule,
    proxy: Rule,
    websocket: Manner,
    stream: Manner,
}

impl Firewall {
    pub(crate) const OPEN: Self = Self {
        direct: Rule::Pass,
        https: Rule::Pass,
        proxy: Rule::Pass,
        websocket: Manner::Pass,
        stream: Manner::Pass,
    };

    pub(crate) fn random(rng: &mut StdRng) -> Self {
        let mut rule = || match rng.random_range(0..3) {
            0 => Rule::Pass,
            1 => Rule::Drop,
            _ => Rule::Refuse,
        };
        let (direct, https, proxy) = (rule(), rule(), rule());
        Self { direct, https, proxy, ..Self::open_to_requests(rng) }
    }

    /// Every rung is open, but not to every carrier.
    pub(crate) fn open_to_requests(rng: &mut StdRng) -> Self {
        let mut manner = || match rng.random_range(0..6) {
            0 => Manner::Refuse,
            1 => Manner::Swallow,
            2 => Manner::Cut,
            _ => Manner::Pass,
        };
        Self { websocket: manner(), stream: manner(), ..Self::OPEN }
    }

    pub(crate) fn rule(self, rung: Rung) -> Rule {
        match rung {
            Rung::Direct => self.direct,
            Rung::Https => self.https,
            Rung::Proxy => self.proxy,
        }
    }

    pub(crate) fn manner(self, carrier: Carrier) -> Manner {
        match carrier {
            Carrier::Websocket => self.websocket,
            Carrier::Stream => self.stream,
            Carrier::Poll => Manner::Pass,
        }
    }
}
