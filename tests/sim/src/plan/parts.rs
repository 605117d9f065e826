//! What a world is made of.

use std::collections::BTreeSet;

use rand::RngExt as _;
use rand::rngs::StdRng;

/// A kind of use or of trouble that a world may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Several conferences, and several seats on a link.
    Crowd,
    /// Organizers, and talk among them.
    Private,
    /// Participants leave and come back.
    Leaving,
    /// Commands come again, with the same text or another.
    Repeats,
    /// Several devices of a participant, one of which may replace the others.
    Devices,
    /// Two people want the same name.
    Names,
    /// Texts so long that what was missed does not fit into a frame, or comes as a snapshot.
    Long,
    /// Frontends are cut and come back.
    Frontends,
    /// Pipes are cut, freeze and lose frames; firewalls change; readers are slow.
    Network,
    /// Daemons and servers are killed.
    Kills,
    /// A daemon's disk fails.
    Disks,
    /// The server's log is slow, full, fails, or does not know what it did.
    Logs,
    /// Deciders die, other processes take over, and conferences are let go.
    Terms,
    /// The server's wall clock is set back and ahead.
    Clocks,
    /// A backup of the server is restored.
    Backups,
    /// The server shows another log for a while.
    OtherLog,
    /// The people and the events of a [`crate::Scene`], a little quicker or slower, and the other
    /// parts beside them.
    Scenes,
    /// Rooms, café tables, roles, names and ballots.
    OpenSpace,
    /// A schedule, which takes effect by the server's clock, also where nobody is there.
    Phases,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Crowd,
        Self::Private,
        Self::Leaving,
        Self::Repeats,
        Self::Devices,
        Self::Names,
        Self::Long,
        Self::Frontends,
        Self::Network,
        Self::Kills,
        Self::Disks,
        Self::Logs,
        Self::Terms,
        Self::Clocks,
        Self::Backups,
        Self::OtherLog,
        Self::Scenes,
        Self::OpenSpace,
        Self::Phases,
    ];

    /// Of a hundred worlds, how many have it. Long texts and long times cost more than the others.
    fn percent(self) -> u32 {
        let is_dear = matches!(self, Self::Long | Self::OtherLog | Self::Scenes | Self::Phases);
        let is_plain = matches!(self, Self::Crowd | Self::Kills | Self::Network);
        if is_dear {
            12
        } else if is_plain {
            50
        } else {
            35
        }
    }
}

/// The parts of a world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts(BTreeSet<Part>);

impl Parts {
    /// These.
    pub fn of<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }

    /// Those with these names, such as `kills`; others are passed over.
    pub fn named(names: &[String]) -> Self {
        let is_meant = |part: &Part| names.iter().any(|name| format!("{part:?}").eq_ignore_ascii_case(name));
        Self(Part::ALL.into_iter().filter(is_meant).collect())
    }

    /// Whether it is one of them.
    pub fn has(&self, part: Part) -> bool {
        self.0.contains(&part)
    }

    /// Scenes are drawn apart, and so is what an Open Space brings: they came later than the
    /// others, and the worlds of seeds that once failed stay as they are.
    pub(crate) fn draw(rng: &mut StdRng, apart: &mut StdRng, space: &mut StdRng) -> Self {
        let mut draw = |part: Part| {
            let rng = if part == Part::Scenes {
                &mut *apart
            } else if matches!(part, Part::OpenSpace | Part::Phases) {
                &mut *space
            } else {
                &mut *rng
            };
            rng.random_range(0..100) < part.percent()
        };
        Self(Part::ALL.into_iter().filter(|part| draw(*part)).collect())
    }
}
