//! Who takes part, where and by which devices.

use std::time::Duration;

use convene_model::Name;
use convene_seat::SeatSecret;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{Part, Parts, moment};

/// How a device's key becomes a participant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The seat asks to join with a code.
    Code,
    /// An organizer writes it into the log before the world begins.
    Written,
    /// An organizer writes it into the log later: it replaces all keys of the participant.
    Replacing,
}

/// One device's seat.
#[derive(Debug, Clone)]
pub(crate) struct SeatPlan {
    pub(crate) daemon: usize,
    pub(crate) conference: usize,
    /// Whose it is. Ids of commands are the person's.
    pub(crate) person: usize,
    pub(crate) organizer: bool,
    pub(crate) name: Name,
    pub(crate) secret: SeatSecret,
    pub(crate) admission: Admission,
    /// When it comes, where that is not when its daemon starts first.
    pub(crate) comes: Option<Duration>,
}

pub(super) fn draw(rng: &mut StdRng, parts: &Parts, daemons: usize, conferences: usize) -> Vec<SeatPlan> {
    let mut seats: Vec<SeatPlan> = Vec::new();
    for daemon in 0..daemons {
        let count = if parts.has(Part::Crowd) { rng.random_range(1..=3) } else { 1 };
        for _ in 0..count {
            let person = seats.len();
            let conference = rng.random_range(0..conferences);
            let organizer = parts.has(Part::Private) && rng.random_bool(0.6);
            let taken = parts.has(Part::Names) && rng.random_bool(0.4);
            let named = if taken { person.saturating_sub(1) } else { person };
            let secret = SeatSecret::from_bytes(&rng.random());
            let admission = Admission::Code;
            let comes = (person > 0 && rng.random_bool(0.3)).then(|| moment(rng));
            let before = seats.last().and_then(|seat| seat.comes);
            let comes = if taken && rng.random_bool(0.6) { before.or(comes) } else { comes };
            let name = name(named);
            seats.push(SeatPlan { daemon, conference, person, organizer, name, secret, admission, comes });
        }
    }
    if parts.has(Part::Devices) {
        add_devices(rng, daemons, &mut seats);
    }
    seats
}

/// The first person gets a second device, and perhaps a third one that replaces both.
fn add_devices(rng: &mut StdRng, daemons: usize, seats: &mut Vec<SeatPlan>) {
    let Some(first) = seats.first_mut() else { return };
    first.admission = Admission::Written;
    let first = first.clone();
    let mut add = |admission| {
        let (daemon, secret) = (rng.random_range(0..daemons), SeatSecret::from_bytes(&rng.random()));
        seats.push(SeatPlan { daemon, secret, admission, ..first.clone() });
    };
    add(Admission::Written);
    add(Admission::Replacing);
}

pub(crate) fn name(number: usize) -> Name {
    let named = format!("Seat {number}").parse();
    #[expect(clippy::expect_used, reason = "a fixed name of letters, a blank and digits")]
    named.expect("a name")
}
