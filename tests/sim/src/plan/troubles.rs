//! What goes wrong.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{Act, Admission, Part, Parts, SeatPlan, moment};

/// How a write of a daemon's disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreFault {
    /// Nothing is stored, and the store knows it.
    Undone,
    /// The store does not know; it is stored, or not.
    Unsure { stored: bool },
    /// It is stored, and the daemon dies before it hears of it.
    Crash,
}

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
    /// From now on this daemon's pipes carry little at a time.
    SlowReader(usize),
    /// The next write of a command, or of what came from the server, fails at this daemon.
    FailStore {
        daemon: usize,
        command: bool,
        fault: StoreFault,
    },
    /// The log answers slowly for a while: whoever appends, follows or looks something up waits.
    SlowAppends,
    SlowFollowing,
    SlowLookups,
    /// The next write of the log fails, and wrote nothing.
    FailLog,
    /// The next write of the log has an outcome that is not known: so many entries stand.
    UnknownLog {
        entries: usize,
    },
    /// The next write of the log arrives later than anybody waits for it, of a batch so many
    /// entries.
    LateLog {
        entries: usize,
    },
    /// The next read of the log fails.
    FailRead,
    /// The server's disk is full for a while.
    FullDisk,
    /// Another process claims the conference, and does nothing with it.
    AnotherClaims(usize),
    /// The same, and the server's own claim of the conference has an outcome that it does not know:
    /// it is written.
    UnknownClaim(usize),
    /// Another process claims the conference while the server's appends are under way.
    TakenOver(usize),
    /// The next pipe on which this daemon attaches is cut before the answer.
    CutAttach(usize),
    /// What runs a conference in the server dies; its links live.
    HostDies(usize),
    /// The server lets a conference go that nobody uses.
    LetGo(usize),
    /// The server's wall clock steps by so many seconds.
    Step(i64),
    Backup,
    /// The backup is restored. Stored snapshots are those of the backup, or stay.
    Restore {
        keep_snapshots: bool,
    },
    /// The backup is put in the place of the log while the server runs.
    CutLog,
    /// The server is stopped, and a newer program writes what it cannot fold. Only a restored
    /// backup helps.
    LaterVersion(usize),
    /// The server is started with other files, and after so many seconds with its own again.
    OtherLog {
        seconds: u64,
    },
    /// The organizer writes the key of this seat into the log.
    Replace(usize),
    /// The frontend of this seat is cut, and comes back.
    CutFrontend(usize),
}

struct Draw<'a> {
    rng: &'a mut StdRng,
    seats: &'a [SeatPlan],
    daemons: usize,
    conferences: usize,
}

pub(super) fn draw(
    rng: &mut StdRng,
    parts: &Parts,
    seats: &[SeatPlan],
    daemons: usize,
    conferences: usize,
    acts: &[(Duration, usize, Act)],
) -> Vec<(Duration, Trouble)> {
    let kinds: Vec<Part> =
        [Part::Frontends, Part::Network, Part::Kills, Part::Disks, Part::Logs, Part::Terms, Part::Clocks]
            .into_iter()
            .filter(|part| parts.has(*part))
            .collect();
    let mut troubles = Vec::new();
    let count = if kinds.is_empty() { 0 } else { rng.random_range(1..=9) };
    for _ in 0..count {
        // Trouble matters most while something is under way.
        let act = acts.get(rng.random_range(0..(2 * acts.len()).max(1))).copied();
        let come: Vec<Duration> = seats.iter().filter_map(|seat| seat.comes).collect();
        let (at, daemon) = match act {
            _ if !come.is_empty() && rng.random_bool(0.3) => {
                let come = come.get(rng.random_range(0..come.len())).copied().unwrap_or_default();
                (come + Duration::from_millis(rng.random_range(0..80)), rng.random_range(0..daemons))
            }
            Some((act, seat, _)) => {
                let spread = if rng.random_bool(0.5) { 60 } else { 600 };
                let daemon = seats.get(seat).map_or(0, |seat| seat.daemon);
                (act + Duration::from_millis(rng.random_range(0..spread)), daemon)
            }
            None => (moment(rng), rng.random_range(0..daemons)),
        };
        let kind = kinds.get(rng.random_range(0..kinds.len())).copied();
        let mut draw = Draw { rng, seats, daemons, conferences };
        troubles.extend(kind.and_then(|kind| draw.of(kind, daemon)).map(|trouble| (at, trouble)));
    }
    Draw { rng, seats, daemons, conferences }.backups(parts, &mut troubles);
    troubles.sort_by_key(|(at, _)| *at);
    troubles
}

impl Draw<'_> {
    /// A trouble of this kind, mostly for this daemon.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other parts bring no trouble of their own")]
    fn of(&mut self, kind: Part, near: usize) -> Option<Trouble> {
        let rng = &mut *self.rng;
        let daemon = if rng.random_bool(0.7) { near } else { rng.random_range(0..self.daemons) };
        let conference = rng.random_range(0..self.conferences);
        Some(match kind {
            Part::Frontends => Trouble::CutFrontend(rng.random_range(0..self.seats.len())),
            Part::Network => match rng.random_range(0..14) {
                0..=4 => Trouble::CutPipes(daemon),
                12 | 13 => Trouble::CutAttach(daemon),
                5 => Trouble::Freeze(daemon),
                6 | 7 => Trouble::Firewall(daemon),
                8 => Trouble::Roam(daemon),
                9 => Trouble::SlowReader(daemon),
                _ => Trouble::Retry(daemon),
            },
            Part::Kills if rng.random_bool(0.5) => Trouble::KillServer,
            Part::Kills => Trouble::KillDaemon(daemon),
            Part::Disks => {
                let fault = match rng.random_range(0..5) {
                    0 | 1 => StoreFault::Unsure { stored: true },
                    2 => StoreFault::Unsure { stored: false },
                    3 => StoreFault::Undone,
                    _ => StoreFault::Crash,
                };
                Trouble::FailStore { daemon, command: rng.random_bool(0.5), fault }
            }
            Part::Logs => match rng.random_range(0..16) {
                0 | 1 => Trouble::FailLog,
                2..=4 => Trouble::UnknownLog { entries: rng.random_range(0..3) },
                5..=7 => Trouble::LateLog { entries: rng.random_range(1..4) },
                8 => Trouble::FailRead,
                9 => Trouble::FullDisk,
                10 | 11 => Trouble::SlowAppends,
                12 | 13 => Trouble::SlowFollowing,
                _ => Trouble::SlowLookups,
            },
            Part::Terms => match rng.random_range(0..10) {
                0..=2 => Trouble::AnotherClaims(conference),
                3 | 4 => Trouble::UnknownClaim(conference),
                5 | 6 => Trouble::TakenOver(conference),
                7 | 8 => Trouble::HostDies(conference),
                _ => Trouble::LetGo(conference),
            },
            Part::Clocks => {
                let days = rng.random_range(-400..400);
                Trouble::Step(if rng.random_bool(0.5) { days * 86_400 } else { days / 2 })
            }
            _ => return None,
        })
    }

    /// Backups and other logs, each in its order, and the one device that replaces others.
    fn backups(&mut self, parts: &Parts, troubles: &mut Vec<(Duration, Trouble)>) {
        let rng = &mut *self.rng;
        if parts.has(Part::Backups) {
            let made = moment(rng) + Duration::from_millis(rng.random_range(0..1_000));
            troubles.push((made, Trouble::Backup));
            for _ in 0..rng.random_range(1..=2) {
                let keep_snapshots = rng.random_bool(0.5);
                let at = made + moment(rng) + Duration::from_millis(rng.random_range(300..3_000));
                troubles.push((at, Trouble::Restore { keep_snapshots }));
            }
        }
        if parts.has(Part::OtherLog) {
            let at = Duration::from_millis(rng.random_range(3_000..20_000));
            let seconds =
                if rng.random_bool(0.3) { rng.random_range(5..60) } else { rng.random_range(640..740) };
            troubles.push((at, Trouble::OtherLog { seconds }));
        }
        for (number, seat) in self.seats.iter().enumerate() {
            if seat.admission == Admission::Replacing && rng.random_bool(0.6) {
                troubles.push((moment(rng), Trouble::Replace(number)));
            }
        }
    }
}
