//! What a seed makes of a world: its size, its network, and what goes wrong when.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Until when frontends act and things go wrong.
pub(crate) const TROUBLE: Duration = Duration::from_secs(60);
/// How long after that everything must have arrived. The longest chain of waits: a pipe that died unnoticed (25 s to the
/// next ping, 15 s for its answer, 60 s at worst where one direction lives), a round of the ladder and its pause (30 s),
/// and the remains of a slow log.
pub(crate) const BOUND: Duration = Duration::from_secs(180);

/// Something that happens to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    KillServer,
    KillDaemon(usize),
    /// Every pipe of this daemon is cut; only the ends learn of it, and with luck.
    CutPipes(usize),
    /// Pipes stand, and nothing passes any more.
    Freeze(usize),
    /// The firewall around this daemon changes.
    Firewall(usize),
    /// This daemon's machine comes into what seems to be another network.
    Roam(usize),
    /// The user of this daemon wants a better way now.
    Retry(usize),
    /// The log answers slowly for a while.
    SlowLog,
    /// The next batch of the log fails.
    FailLog,
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rng: StdRng,
    pub(crate) daemons: usize,
    /// When which daemon's frontend does its next thing.
    pub(crate) acts: Vec<(Duration, usize)>,
    pub(crate) troubles: Vec<(Duration, Trouble)>,
    /// Of a thousand frames on a lossy pipe, how many are lost; as many are repeated, and as many overtake.
    pub(crate) loss: u32,
}

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let daemons = rng.random_range(1..=3);
        let moments = |rng: &mut StdRng, count: usize| -> Vec<Duration> {
            let mut moments: Vec<_> = (0..count).map(|_| moment(rng)).collect();
            moments.sort_unstable();
            moments
        };
        let acts = rng.random_range(3..=24);
        let acts: Vec<(Duration, usize)> =
            moments(&mut rng, acts).into_iter().map(|at| (at, rng.random_range(0..daemons))).collect();
        let troubles = rng.random_range(0..=8);
        let troubles = moments(&mut rng, troubles)
            .into_iter()
            .map(|at| {
                // Trouble matters most while something is under way.
                let act = acts.get(rng.random_range(0..2 * acts.len())).copied();
                let (at, daemon) = match act {
                    Some((act, daemon)) => {
                        let spread = if rng.random_bool(0.5) { 60 } else { 600 };
                        (act + Duration::from_millis(rng.random_range(0..spread)), daemon)
                    }
                    None => (at, rng.random_range(0..daemons)),
                };
                let trouble = match rng.random_range(0..20) {
                    0..=2 => Trouble::KillServer,
                    3..=6 => Trouble::KillDaemon(daemon),
                    7..=9 => Trouble::CutPipes(daemon),
                    10 => Trouble::Freeze(daemon),
                    11..=13 => Trouble::Firewall(daemon),
                    14 => Trouble::SlowLog,
                    15 => Trouble::Roam(daemon),
                    16..=18 => Trouble::Retry(daemon),
                    _ => Trouble::FailLog,
                };
                (at, trouble)
            })
            .collect();
        let loss = if rng.random_bool(0.5) { 0 } else { rng.random_range(1..=80) };
        Self { rng, daemons, acts, troubles, loss }
    }
}

/// Most things happen in bursts: that is when they meet.
fn moment(rng: &mut StdRng) -> Duration {
    let burst = rng.random_range(0..6) * 10_000;
    Duration::from_millis(burst + rng.random_range(0..1_500))
}
