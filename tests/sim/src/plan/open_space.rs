//! What people do in an Open Space, and its schedule.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{Act, Part, Plan, Trouble, moment};

/// Something that a frontend does in an Open Space. People, rooms and options are numbers, which
/// may mean nobody and nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Go { room: usize },
    AskToTable { whom: u32 },
    Accept,
    Decline,
    LeaveTable,
    Rename,
    Promote { whom: u32 },
    Demote { whom: u32 },
    AddRoom,
    CloseRoom { room: usize },
    OpenBallot,
    Vote { option: u32 },
    CloseBallot,
    Extend,
    Shorten,
    Skip,
    TellAccess { verdict: u32 },
}

/// Until when phases take their turns, and who is away comes back.
const SCHEDULED: Duration = Duration::from_secs(200);

impl Plan {
    /// Adds what an Open Space brings. Where there is a schedule, things happen and go wrong for as
    /// long as it lasts.
    pub(super) fn with_open_space(mut self, rng: &mut StdRng) -> Self {
        let is_planned = self.parts.has(Part::Phases);
        if is_planned {
            let opens = Duration::from_millis(rng.random_range(1_000..25_000));
            self.schedule = Some((opens, (0..rng.random_range(1..=3)).map(|_| 1).collect()));
            self.until = self.until.max(SCHEDULED);
            for _ in 0..rng.random_range(0..=3) {
                let at = Duration::from_millis(rng.random_range(25_000..190_000));
                let daemon = rng.random_range(0..self.daemons);
                let trouble =
                    if rng.random_bool(0.5) { Trouble::KillServer } else { Trouble::KillDaemon(daemon) };
                self.troubles.push((at, trouble));
            }
        }
        if self.parts.has(Part::OpenSpace) || is_planned {
            for _ in 0..rng.random_range(6..=40) {
                let late = is_planned && rng.random_bool(0.4);
                let late = if late { Duration::from_secs(rng.random_range(0..160)) } else { Duration::ZERO };
                let act = if rng.random_bool(0.25) {
                    Act::Say { long: false }
                } else {
                    Act::Space(draw(rng, is_planned))
                };
                self.acts.push((moment(rng) + late, rng.random_range(0..self.seats.len()), act));
            }
            self.acts.sort_by_key(|(at, _, _)| *at);
        }
        self
    }
}

fn draw(rng: &mut StdRng, is_planned: bool) -> Space {
    let whom = rng.random_range(1..=5);
    match rng.random_range(0..24) {
        0..=2 => Space::Go { room: rng.random_range(0..6) },
        3..=6 => Space::AskToTable { whom },
        7..=9 => Space::Accept,
        10 => Space::Decline,
        11 => Space::LeaveTable,
        12 => Space::Rename,
        13 | 14 => Space::Promote { whom },
        15 => Space::Demote { whom },
        16 => Space::AddRoom,
        17 => Space::CloseRoom { room: rng.random_range(4..6) },
        18 => Space::OpenBallot,
        19..=21 => Space::Vote { option: rng.random_range(1..=3) },
        22 if is_planned => match rng.random_range(0..3) {
            0 => Space::Extend,
            1 => Space::Shorten,
            _ => Space::Skip,
        },
        // Some of those that mostly come to nothing: nothing more is drawn for it, and so all else
        // in a world stays as it was.
        23 if whom > 2 => Space::TellAccess { verdict: whom },
        _ => Space::CloseBallot,
    }
}
