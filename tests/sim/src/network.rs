//! Pipes: what one end sends, the other gets later, perhaps not, perhaps twice.

use std::time::Duration;

use convene_model::Rung;
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
    /// A carrier that writes numbers, and loses, repeats and reorders.
    pub(crate) lossy: bool,
    /// Nothing passes any more, and nobody says so.
    pub(crate) frozen: bool,
    /// Cut on the way: nothing passes, and the ends learn of it in time.
    pub(crate) cut: bool,
    /// Nothing sent towards the daemon, or towards the server, arrives before these.
    pub(crate) floor: [Duration; 2],
}

impl Pipe {
    /// When a frame sent now arrives, if it does; a repeated one more than once. `first` ones open the conversation: no
    /// carrier loses those, for it would not stand.
    pub(crate) fn arrivals(
        &mut self,
        to: End,
        first: bool,
        loss: u32,
        now: Duration,
        rng: &mut StdRng,
    ) -> Vec<Duration> {
        if self.cut || self.frozen {
            return Vec::new();
        }
        let floor = &mut self.floor[usize::from(to == End::Server)];
        let jitter = Duration::from_micros(rng.random_range(0..3_000));
        let at = (now + self.latency + jitter).max(*floor);
        if !self.lossy || first {
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

/// What a firewall does with one rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Pass,
    Drop,
    Refuse,
}

/// The rules around one daemon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Firewall {
    direct: Rule,
    https: Rule,
    proxy: Rule,
}

impl Firewall {
    pub(crate) const OPEN: Self = Self { direct: Rule::Pass, https: Rule::Pass, proxy: Rule::Pass };

    pub(crate) fn random(rng: &mut StdRng) -> Self {
        let mut rule = || match rng.random_range(0..3) {
            0 => Rule::Pass,
            1 => Rule::Drop,
            _ => Rule::Refuse,
        };
        Self { direct: rule(), https: rule(), proxy: rule() }
    }

    pub(crate) fn rule(self, rung: Rung) -> Rule {
        match rung {
            Rung::Direct => self.direct,
            Rung::Https => self.https,
            Rung::Proxy => self.proxy,
        }
    }
}
