//! The plan of a world, made from a seed: its size, who takes part, its network, and what goes
//! wrong when.

mod focus;
mod open_space;
mod parts;
mod people;
mod troubles;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

pub(crate) use self::open_space::Space;
pub use self::parts::{Part, Parts};
pub(crate) use self::people::{Admission, SeatPlan, name};
pub(crate) use self::troubles::{StoreFault, Trouble};
use crate::world::Happening;
use crate::world::scenes::Scene;

/// Until when frontends act and things go wrong, unless another log is shown.
const TROUBLE: Duration = Duration::from_secs(30);
/// The same where another log is shown for longer than people are left in peace about it.
const TROUBLE_LONG: Duration = Duration::from_secs(760);
/// How long after that everything must have arrived. The longest chain of waits: a pipe that died
/// unnoticed (25 s to the next ping, 15 s for its answer, 60 s at worst where one direction lives),
/// a round of the ladder and its pause (30 s), a seat that was told to ask later (60 s), and the
/// remains of a slow log.
const BOUND: Duration = Duration::from_secs(240);
/// The same where seats have to be told that another log is shown, and their people turn to it.
const BOUND_LONG: Duration = Duration::from_secs(1_000);

/// Something that a frontend does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Says something to everyone; a long text is as long as a message may be.
    Say { long: bool },
    /// Says something to the organizers alone.
    Whisper,
    /// Says nothing, which is refused.
    SayNothing,
    /// Leaves the conference.
    Leave,
    /// Comes back into it.
    Join,
    /// Gives a command of the same participant again, perhaps from another device.
    Repeat,
    /// Uses the id of such a command for another text.
    Misuse,
    /// Asks for what was passed over.
    History { newest: bool },
    /// Does something in the Open Space.
    Space(Space),
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rng: StdRng,
    pub(crate) parts: Parts,
    pub(crate) conferences: usize,
    pub(crate) daemons: usize,
    pub(crate) seats: Vec<SeatPlan>,
    /// When the frontend of which seat does what.
    pub(crate) acts: Vec<(Duration, usize, Act)>,
    pub(crate) troubles: Vec<(Duration, Trouble)>,
    /// When the conferences open, as a span from the world's beginning, and the minutes of each
    /// phase.
    pub(crate) schedule: Option<(Duration, Vec<u32>)>,
    /// The steps that a scene brings.
    pub(crate) steps: Vec<(Duration, Happening)>,
    /// Of a thousand frames on a lossy pipe, how many are lost; as many are repeated, and as many
    /// overtake.
    pub(crate) loss: u32,
    pub(crate) until: Duration,
    pub(crate) bound: Duration,
}

impl Plan {
    /// The plan of a seed. `parts` are those of the world; by default they are drawn too.
    pub(crate) fn new(seed: u64, parts: Option<Parts>) -> Self {
        let (mut rng, mut apart) = (StdRng::seed_from_u64(seed), StdRng::seed_from_u64(!seed));
        let mut space = StdRng::seed_from_u64(seed.rotate_left(32) ^ 1);
        let drawn = Parts::draw(&mut rng, &mut apart, &mut space);
        let parts = parts.unwrap_or(drawn);
        if parts.has(Part::Scenes) {
            let scene = Scene::draw(&mut apart);
            return Self::around(scene, rng, parts).with_open_space(&mut space);
        }
        let daemons =
            if parts.has(Part::Devices) { rng.random_range(2..=3) } else { rng.random_range(1..=3) };
        let conferences = if parts.has(Part::Crowd) && rng.random_bool(0.5) { 2 } else { 1 };
        let seats = people::draw(&mut rng, &parts, daemons, conferences);
        Self::of(rng, parts, conferences, daemons, seats).with_open_space(&mut space)
    }

    /// A scene among all else that may happen to its people.
    fn around(scene: Scene, mut rng: StdRng, parts: Parts) -> Self {
        let pace = rng.random_range(80..=125);
        let seats = scene.seats(pace);
        let daemons = scene.daemons();
        Self { steps: scene.steps(pace), ..Self::of(rng, parts, 1, daemons, seats) }
    }

    fn of(mut rng: StdRng, parts: Parts, conferences: usize, daemons: usize, seats: Vec<SeatPlan>) -> Self {
        let acts = draw_acts(&mut rng, &parts, seats.len());
        let troubles = troubles::draw(&mut rng, &parts, &seats, daemons, conferences, &acts);
        let lossy = parts.has(Part::Network) && rng.random_bool(0.5);
        let loss = if lossy { rng.random_range(1..=80) } else { 0 };
        let long = parts.has(Part::OtherLog);
        let (until, bound) = if long { (TROUBLE_LONG, BOUND_LONG) } else { (TROUBLE, BOUND) };
        let (schedule, steps) = (None, Vec::new());
        Self { rng, parts, conferences, daemons, seats, acts, troubles, schedule, steps, loss, until, bound }
    }

    /// A scene and nothing else.
    pub(crate) fn scene(scene: Scene, seed: u64) -> Self {
        Self { steps: scene.steps(100), ..Self::quiet(seed, scene.daemons(), scene.seats(100)) }
    }

    /// A world without acts and troubles.
    pub(crate) fn quiet(seed: u64, daemons: usize, seats: Vec<SeatPlan>) -> Self {
        let (rng, parts) = (StdRng::seed_from_u64(seed), Parts::default());
        let (acts, troubles, steps) = (Vec::new(), Vec::new(), Vec::new());
        let (schedule, until, bound) = (None, TROUBLE, BOUND);
        let (conferences, loss) = (1, 0);
        Self { rng, parts, conferences, daemons, seats, acts, troubles, schedule, steps, loss, until, bound }
    }
}

fn draw_acts(rng: &mut StdRng, parts: &Parts, seats: usize) -> Vec<(Duration, usize, Act)> {
    // In a scene enough happens, and some mistakes are mended by whatever is said next.
    let count = rng.random_range(if parts.has(Part::Scenes) { 0..=24 } else { 3..=24 });
    let mut acts: Vec<_> =
        (0..count).map(|_| (moment(rng), rng.random_range(0..seats), draw_act(rng, parts))).collect();
    if parts.has(Part::Long) {
        // So much that those who were away are given a snapshot.
        let (at, seat) = (moment(rng), rng.random_range(0..seats));
        let many = if rng.random_bool(0.5) { rng.random_range(4..=12) } else { rng.random_range(17..=22) };
        acts.extend(
            (0..many).map(|nth| (at + Duration::from_millis(nth * 15), seat, Act::Say { long: true })),
        );
        for _ in 0..rng.random_range(1..=4) {
            let newest = rng.random_bool(0.5);
            acts.push((at + moment(rng), rng.random_range(0..seats), Act::History { newest }));
        }
    }
    if parts.has(Part::OtherLog) {
        for _ in 0..rng.random_range(1..=8) {
            let at = Duration::from_millis(rng.random_range(620_000..750_000));
            acts.push((at, rng.random_range(0..seats), draw_act(rng, parts)));
        }
    }
    acts.sort_by_key(|(at, _, _)| *at);
    acts
}

fn draw_act(rng: &mut StdRng, parts: &Parts) -> Act {
    let say = Act::Say { long: false };
    match rng.random_range(0..12) {
        0 => Act::SayNothing,
        1 | 2 if parts.has(Part::Repeats) => Act::Repeat,
        3 if parts.has(Part::Repeats) => Act::Misuse,
        4 if parts.has(Part::Leaving) => Act::Leave,
        5 | 6 if parts.has(Part::Leaving) => Act::Join,
        7 | 8 if parts.has(Part::Private) => Act::Whisper,
        9 if parts.has(Part::Long) => Act::Say { long: true },
        _ => say,
    }
}

/// Most things happen in bursts: that is when they meet.
pub(crate) fn moment(rng: &mut StdRng) -> Duration {
    let burst = rng.random_range(0..5) * 5_000;
    Duration::from_millis(burst + rng.random_range(0..1_200))
}
