//! Scenes: worlds of which not the seed but a script says what happens. Each plays a trace by which
//! a rule of the design is known to be needed, or reaches a limit that no short world reaches.

use std::time::Duration;

use convene_seat::SeatSecret;
use convene_tests_planted::Planted;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{Happening, Outcome, Slow, World};
use crate::plan::{Act, Admission, Plan, SeatPlan, Trouble, name};

/// What happens at which millisecond.
type Steps = Vec<(u64, Happening)>;
/// The daemon of a seat, its person, how it is let in, and at which millisecond it comes.
type Person = (usize, usize, Admission, Option<u64>);

/// Of so many scenes that are drawn, each dear one is drawn once.
const DEAR_ONE_OF: u32 = 60;

/// A scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Two devices give the same command, and the index is asked about it while it becomes durable.
    LookedUpOnce,
    /// A seat that is brought up slowly gets a receipt.
    ReceiptBehindEvents,
    /// Two people want a name, and the first is let in by a decider that is deposed.
    NameOfALostTerm,
    /// A backup is restored that does not hold a join, and another person has taken the name before
    /// it is repeated.
    NameTakenMeanwhile,
    /// Several terms begin in the part that a restored backup makes void.
    ManyTermsVoid,
    /// Another process takes the conference over while somebody says one thing after the other.
    TakenOver,
    /// A newer program has written into the log what the server cannot fold, until a backup is
    /// restored.
    LaterVersion,
    /// A daemon reads nothing while more is said than may wait for it.
    SlowReader,
    /// A backup is put in the place of the log while the server runs.
    LogCut,
    /// The same, and all that is gone is an entry that the server has written and not read back.
    LogCutUnread,
    /// The same, and the server reads what is left slowly, while seats come that hold more.
    LogCutAndReadSlowly,
    /// So much is said that the server stores a snapshot, and is started again from it.
    StoredSnapshot,
    /// The same, and another device gives a command again that lies before the snapshot.
    RepeatBehindSnapshot,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::LookedUpOnce,
        Self::ReceiptBehindEvents,
        Self::NameOfALostTerm,
        Self::NameTakenMeanwhile,
        Self::ManyTermsVoid,
        Self::TakenOver,
        Self::LaterVersion,
        Self::SlowReader,
        Self::LogCut,
        Self::LogCutUnread,
        Self::LogCutAndReadSlowly,
        Self::StoredSnapshot,
        Self::RepeatBehindSnapshot,
    ];

    /// The mistake that breaks it.
    pub fn mistake(self) -> Option<Planted> {
        match self {
            Self::LookedUpOnce => Some(Planted::DecidedTwice),
            Self::ReceiptBehindEvents => Some(Planted::ReceiptFirst),
            Self::NameOfALostTerm => Some(Planted::AnswerOfEarlierTerm),
            Self::NameTakenMeanwhile => Some(Planted::NeverParticipant),
            Self::ManyTermsVoid => Some(Planted::FewTermsNamed),
            Self::TakenOver => Some(Planted::TermNotNamed),
            Self::LaterVersion => Some(Planted::ClaimedUnread),
            Self::LogCut => Some(Planted::TermGoesOn),
            Self::LogCutUnread => Some(Planted::CutUnnoticed),
            Self::LogCutAndReadSlowly => Some(Planted::AheadTakenForVoid),
            Self::RepeatBehindSnapshot => Some(Planted::StoredWithoutFilter),
            Self::SlowReader | Self::StoredSnapshot => None,
        }
    }

    /// One of them; rarely one in which so much is said that it takes seconds.
    pub(crate) fn draw(rng: &mut StdRng) -> Self {
        let (dear, cheap): (Vec<Self>, Vec<Self>) = Self::ALL.into_iter().partition(|scene| {
            matches!(scene, Self::SlowReader | Self::StoredSnapshot | Self::RepeatBehindSnapshot)
        });
        let is_dear = rng.random_ratio(u32::try_from(dear.len()).unwrap_or(1), DEAR_ONE_OF);
        let scenes = if is_dear { dear } else { cheap };
        let nth = rng.random_range(0..scenes.len());
        scenes.get(nth).copied().unwrap_or(Self::TakenOver)
    }

    /// Its seats, in a scene that takes so many hundredths of its time.
    pub(crate) fn seats(self, pace: u64) -> Vec<SeatPlan> {
        (0..).zip(self.people()).map(|(nth, person)| seat_plan(nth, person, pace)).collect()
    }

    /// How many daemons they have.
    pub(crate) fn daemons(self) -> usize {
        self.people().into_iter().map(|(daemon, ..)| daemon + 1).max().unwrap_or(1)
    }

    /// What happens, in a scene that takes so many hundredths of its time.
    pub(crate) fn steps(self, pace: u64) -> Vec<(Duration, Happening)> {
        self.script().into_iter().map(|(at, happening)| (paced(at, pace), happening)).collect()
    }

    fn people(self) -> Vec<Person> {
        let code = Admission::Code;
        match self {
            Self::LookedUpOnce => (0..3).map(|daemon| (daemon, 0, Admission::Written, None)).collect(),
            Self::ReceiptBehindEvents => vec![(0, 0, code, None), (1, 1, code, None), (1, 2, code, None)],
            Self::NameOfALostTerm => {
                vec![(0, 0, code, None), (1, 1, code, Some(5_010)), (0, 1, code, Some(5_060))]
            }
            Self::NameTakenMeanwhile => {
                vec![(0, 0, code, None), (1, 1, code, Some(4_000)), (0, 1, code, Some(9_000))]
            }
            Self::ManyTermsVoid
            | Self::TakenOver
            | Self::LaterVersion
            | Self::SlowReader
            | Self::LogCut
            | Self::LogCutUnread
            | Self::LogCutAndReadSlowly
            | Self::StoredSnapshot => {
                vec![(0, 0, code, None), (1, 1, code, None)]
            }
            Self::RepeatBehindSnapshot => {
                vec![(0, 0, Admission::Written, None), (1, 0, Admission::Written, None)]
            }
        }
    }

    fn script(self) -> Steps {
        let trouble = Happening::Trouble;
        let slow = |appends, lookups| Happening::Slow(Slow { appends, following: false, lookups });
        match self {
            Self::LookedUpOnce => vec![
                (5_000, say(0)),
                (5_100, say(0)),
                (7_000, slow(false, true)),
                // The index is asked about this one, and answers late.
                (7_010, Happening::Copy { seat: 2, of: 0, nth: 0 }),
                (7_100, slow(true, true)),
                (7_150, say(0)),
                (7_155, Happening::Copy { seat: 1, of: 0, nth: 1 }),
                (7_156, Happening::Copy { seat: 1, of: 0, nth: 2 }),
                (20_000, slow(false, false)),
            ],
            Self::ReceiptBehindEvents => receipt_behind_events(),
            Self::NameOfALostTerm => vec![
                (5_000, slow(true, false)),
                (5_090, trouble(Trouble::AnotherClaims(0))),
                (9_000, slow(false, false)),
            ],
            Self::NameTakenMeanwhile => vec![
                (3_000, trouble(Trouble::Backup)),
                (5_000, say(1)),
                (6_000, trouble(Trouble::KillDaemon(1))),
                (6_001, trouble(Trouble::Firewall(1))),
                (6_100, trouble(Trouble::Restore { keep_snapshots: false })),
            ],
            Self::ManyTermsVoid => {
                let mut steps = vec![(5_000, say(0)), (6_000, trouble(Trouble::Backup))];
                for nth in 0..4 {
                    steps.push((7_000 + nth * 1_000, trouble(Trouble::AnotherClaims(0))));
                    steps.push((7_500 + nth * 1_000, say(1)));
                }
                steps.push((12_000, trouble(Trouble::Restore { keep_snapshots: false })));
                steps
            }
            Self::TakenOver => {
                let mut steps: Vec<_> = (0..80).map(|nth| (5_000 + nth, say(0))).collect();
                steps.push((5_040, trouble(Trouble::AnotherClaims(0))));
                steps
            }
            Self::LaterVersion => vec![
                (4_000, trouble(Trouble::Backup)),
                (5_000, say(0)),
                (10_000, trouble(Trouble::LaterVersion(0))),
                (15_000, say(1)),
                (25_000, trouble(Trouble::Restore { keep_snapshots: false })),
            ],
            Self::LogCut => log_cut(),
            Self::LogCutUnread => vec![
                (5_000, trouble(Trouble::Backup)),
                (5_050, Happening::Slow(Slow { appends: false, following: true, lookups: false })),
                (5_100, say(0)),
                (5_400, trouble(Trouble::CutLog)),
                (9_000, slow(false, false)),
            ],
            Self::LogCutAndReadSlowly => log_cut_and_read_slowly(),
            Self::SlowReader => {
                let mut steps = vec![(4_900, trouble(Trouble::Freeze(1)))];
                steps.extend(
                    (0..270).map(|nth| (5_000 + nth * 10, Happening::Act(0, Act::Say { long: true }))),
                );
                steps
            }
            Self::StoredSnapshot => stored_snapshot(),
            Self::RepeatBehindSnapshot => repeat_behind_snapshot(),
        }
    }
}

fn say(seat: usize) -> Happening {
    Happening::Act(seat, Act::Say { long: false })
}

fn receipt_behind_events() -> Steps {
    let mut steps = vec![
        (4_000, Happening::Trouble(Trouble::SlowReader(1))),
        (4_100, Happening::Trouble(Trouble::KillDaemon(1))),
    ];
    steps.extend((0..13).map(|nth| (4_200 + nth * 10, Happening::Act(0, Act::Say { long: true }))));
    steps.extend((0..40).flat_map(|nth| [(4_100 + nth * 150, say(1)), (4_120 + nth * 150, say(2))]));
    steps
}

fn log_cut() -> Steps {
    vec![
        (5_000, Happening::Trouble(Trouble::Backup)),
        (6_000, say(0)),
        (6_100, say(0)),
        (7_000, Happening::Trouble(Trouble::CutLog)),
        (7_000, say(1)),
        (9_000, say(1)),
    ]
}

fn log_cut_and_read_slowly() -> Steps {
    let mut steps: Vec<_> = (0..12).map(|nth| (5_000 + nth * 50, say(0))).collect();
    steps.push((7_000, Happening::Trouble(Trouble::Backup)));
    steps.push((7_500, say(0)));
    steps.push((8_000, Happening::Slow(Slow { appends: false, following: true, lookups: false })));
    steps.push((8_000, Happening::Trouble(Trouble::CutLog)));
    steps.push((8_010, say(1)));
    steps
}

fn stored_snapshot() -> Steps {
    let mut steps = vec![(4_000, Happening::Trouble(Trouble::Backup))];
    steps.extend((0..2_100).map(|nth| (5_000 + nth * 6, say(usize::from(nth % 2 == 0)))));
    steps.push((20_000, Happening::Trouble(Trouble::KillServer)));
    steps.push((26_000, say(0)));
    steps.push((27_000, Happening::Trouble(Trouble::Restore { keep_snapshots: true })));
    steps
}

fn repeat_behind_snapshot() -> Steps {
    let mut steps: Vec<_> = (0..2_100).map(|nth| (5_000 + nth * 6, say(0))).collect();
    steps.push((20_000, Happening::Trouble(Trouble::KillServer)));
    steps.push((26_000, Happening::Copy { seat: 1, of: 0, nth: 0 }));
    steps
}

/// Plays a scene, and nothing beside it.
pub fn play_scene(scene: Scene, seed: u64, planted: Option<Planted>, story: bool) -> Outcome {
    convene_tests_planted::plant(planted);
    let outcome = World::new(Plan::scene(scene, seed), story).play();
    convene_tests_planted::plant(None);
    outcome
}

fn seat_plan(nth: usize, (daemon, person, admission, comes): Person, pace: u64) -> SeatPlan {
    let secret = SeatSecret::from_bytes(&[u8::try_from(nth + 1).unwrap_or(1); 32]);
    let (conference, organizer, name) = (0, false, name(person));
    let comes = comes.map(|at| paced(at, pace));
    // Seats of one name that come by a code are of different people.
    let person = if admission == Admission::Code { nth } else { person };
    SeatPlan { daemon, conference, person, organizer, name, secret, admission, comes }
}

fn paced(at: u64, pace: u64) -> Duration {
    Duration::from_micros(at * 10 * pace)
}
