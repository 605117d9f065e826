//! The world: its clock, its queue of what happens next, and what happens.

mod acts;
mod asks;
mod carry;
mod happening;
mod looking;
mod pipes;
pub(crate) mod scenes;
mod settling;
mod stores;
mod troubles;

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::time::{Duration, Instant};

use convene_conference::{Description, PhasePlan, Role, Settings, State};
use convene_event_log::Snapshots;
use convene_hosting::{Codes, Entry, Now, Summary};
use convene_model::{Carrier, CommandId, ConferenceId, JoinCode, SeatKey, Timestamp};
use convene_reach::{AttemptId, Route};
use convene_seat::{Disk, JoinRequest, SeatRecord};
use rand::RngExt as _;
use uuid::Uuid;

use crate::books::Books;
use crate::daemon::{Daemon, any_route};
use crate::frontend::Frontend;
use crate::network::{Firewall, Pipe};
use crate::plan::{Admission, Part, Plan, SeatPlan, StoreFault};
use crate::promise::{Promise, Violation};
use crate::server::{Call, HostRef, Server};

pub(crate) use self::happening::Happening;

/// How long a world goes on after everything has arrived: what is told twice is told soon.
const GRACE: Duration = Duration::from_secs(3);
/// The time that the wall clock shows when the world begins.
const EPOCH_MS: i64 = 1_800_000_000_000;

/// The outcome of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// Of everything that happened.
    pub trace: u64,
    /// Everything that happened, in words; empty unless it was wanted.
    pub story: Vec<String>,
    /// The time from the last obstacle until everything had arrived.
    pub settled_after: Duration,
    /// The number of commands that were wanted.
    pub commands: usize,
    /// The number of frames that each carrier brought to the daemons, behind the opening of the
    /// conversation.
    pub carried: BTreeMap<Carrier, usize>,
    /// Things that happened, counted: to show that worlds are not empty.
    pub counts: BTreeMap<&'static str, usize>,
}

/// A daemon's place in the world, whether it runs or not.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) firewall: Firewall,
    life: u32,
    pub(crate) running: Option<Daemon>,
    syncing: bool,
    /// The route that won last.
    remembered: Option<Route>,
    /// The fault by which the next write of a command, or of another kind, fails.
    fails: Option<(bool, StoreFault)>,
    slow: bool,
    /// The next pipe on which it attaches is cut.
    cuts_attach: bool,
    /// The pipe of each attempt that stands or is on its way.
    pipes: BTreeMap<AttemptId, u64>,
}

/// A seat in the world: what its daemon has stored of it, and who watches it.
#[derive(Debug)]
pub(crate) struct SeatSite {
    pub(crate) plan: SeatPlan,
    pub(crate) key: SeatKey,
    pub(crate) conference: ConferenceId,
    pub(crate) disk: Disk,
    /// The stored cursor.
    pub(crate) stored: u64,
    /// The cursor that was stored before it became void, until the frontend is told that: what one
    /// write of a batch stored, and a later one of the same batch took back, is told in that order.
    pub(crate) void: u64,
    /// Commands that were stored.
    commands: BTreeSet<CommandId>,
    pub(crate) frontend: Frontend,
    /// Whether it is let in, where that is done by hand.
    pub(crate) active: bool,
    /// A device that was not let in yet asks for nothing.
    arrived: bool,
    orders: u64,
}

/// A chore that is done to the server's files before it starts.
#[derive(Debug, Clone, Copy)]
enum Chore {
    Restore(Snapshots),
    Show { other: bool },
}

/// The calls that the log answers slowly.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    appends: bool,
    following: bool,
    lookups: bool,
}

/// The next faults of the log.
#[derive(Debug, Default)]
struct LogFaults {
    write: Option<convene_event_log::Fault>,
    /// Of a late batch, how many entries arrive.
    late: usize,
    read: bool,
    /// The next claim has an outcome that is not known, and is written.
    claim: bool,
}

/// The world.
pub(crate) struct World {
    base: Instant,
    now: Duration,
    queue: BTreeMap<(Duration, u64), Happening>,
    serial: u64,
    plan: Plan,
    pub(crate) seats: Vec<SeatSite>,
    sites: Vec<Site>,
    pub(crate) books: Books,
    pub(crate) conferences: Vec<ConferenceId>,
    server: Option<Server>,
    server_life: u32,
    chores: Vec<Chore>,
    /// Those who follow the log and wait for news.
    followers: Vec<(u32, HostRef, Call)>,
    slow: Slow,
    faults: LogFaults,
    /// Before which nothing from a link arrives at a conference, and the other way round.
    mail_floors: [Duration; 2],
    /// By how much the server's wall clock is wrong.
    wall_ms: i64,
    /// Whether all obstacles are gone.
    healed: bool,
    pipes: BTreeMap<u64, Pipe>,
    broken: Option<Violation>,
    carried: BTreeMap<Carrier, usize>,
    counts: BTreeMap<&'static str, usize>,
    hasher: DefaultHasher,
    story: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(mut plan: Plan, story: bool) -> Self {
        let conferences: Vec<ConferenceId> = (0..plan.conferences).map(conference).collect();
        let created: Vec<_> = conferences
            .iter()
            .enumerate()
            .map(|(nth, id)| created(nth, *id, plan.schedule.as_ref()))
            .collect();
        let seats = plan
            .seats
            .clone()
            .into_iter()
            .enumerate()
            .map(|(nth, seat)| SeatSite::new(nth, seat, &conferences));
        let mut world = Self {
            base: zero(),
            now: Duration::ZERO,
            queue: BTreeMap::new(),
            serial: 0,
            seats: seats.collect(),
            sites: (0..plan.daemons).map(|_| Site::new(&mut plan)).collect(),
            books: Books::new(&created),
            conferences,
            server: None,
            server_life: 0,
            chores: Vec::new(),
            followers: Vec::new(),
            slow: Slow::default(),
            faults: LogFaults::default(),
            mail_floors: [Duration::ZERO; 2],
            wall_ms: 0,
            healed: false,
            pipes: BTreeMap::new(),
            broken: None,
            carried: BTreeMap::new(),
            counts: BTreeMap::new(),
            hasher: DefaultHasher::new(),
            story: story.then(Vec::new),
            plan,
        };
        world.admit_devices();
        world.at(Duration::ZERO, Happening::ServerStarts);
        for daemon in 0..world.sites.len() {
            let start = world.random_ms(0..1_500);
            world.at(start, Happening::DaemonStarts(daemon));
        }
        let late =
            world.seats.iter().enumerate().filter_map(|(number, seat)| Some((number, seat.plan.comes?)));
        for (number, at) in late.collect::<Vec<_>>() {
            world.at(at, Happening::Arrives(number));
        }
        for (at, seat, act) in std::mem::take(&mut world.plan.acts) {
            world.at(at, Happening::Act(seat, act));
        }
        for (at, trouble) in std::mem::take(&mut world.plan.troubles) {
            world.at(at, Happening::Trouble(trouble));
        }
        for (at, happening) in std::mem::take(&mut world.plan.steps) {
            world.at(at, happening);
        }
        world
    }

    pub(crate) fn play(mut self) -> Outcome {
        let until = self.plan.until;
        self.run_until(until);
        self.heal();
        let (settled, verdict) = self.settle(until + self.plan.bound);
        Outcome {
            violation: verdict.err(),
            trace: self.hasher.finish(),
            settled_after: settled.saturating_sub(until),
            commands: self.seats.iter().map(|seat| seat.frontend.wishes.len()).sum(),
            carried: self.carried,
            counts: self.counts,
            story: self.story.unwrap_or_default(),
        }
    }

    /// Lets happen what happens until then. A world whose machines want to be woken without end
    /// stands still here.
    pub(crate) fn run_until(&mut self, end: Duration) {
        while self.broken.is_none() {
            let next = self.queue.first_key_value().map(|((at, _), _)| *at);
            let timer = self.next_timer();
            match (next, timer) {
                (Some(at), timer) if at <= end && timer.is_none_or(|(timer, _)| at <= timer) => {
                    self.now = self.now.max(at);
                    if let Some((_, happening)) = self.queue.pop_first() {
                        self.happen(happening);
                    }
                }
                (_, Some((at, who))) if at <= end => {
                    self.now = self.now.max(at);
                    self.wake(who);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Trouble(trouble) => self.trouble(trouble),
            Happening::Act(seat, act) => self.act(seat, act),
            Happening::Copy { seat, of, nth } => self.copy(seat, of, nth),
            Happening::Slow(slow) => self.slow = slow,
            Happening::Again(seat, id) => self.again(seat, id),
            Happening::Watch(seat) => self.watch(seat),
            Happening::Arrives(seat) => self.arrives(seat),
            Happening::Turn(seat, log) => self.turn(seat, log),
            Happening::DaemonStarts(daemon) => self.start_daemon(daemon),
            Happening::ServerStarts => self.start_server(),
            Happening::Synced { daemon, life, count } => self.synced(daemon, life, count),
            Happening::Ask { life, by, call } => self.ask(life, by, *call),
            Happening::Mail { life, mail } if life == self.server_life => {
                self.with_server(|server, now| server.handle_mail(mail, now));
            }
            Happening::Mail { .. } => {}
            Happening::Answered { life, by, done } => self.answered(life, by, *done),
            Happening::Lands { entries } => self.lands(entries),
            Happening::LogHasRoom => self.books.log().set_full(false),
            Happening::LogIsFast => self.slow = Slow::default(),
            Happening::OwnLog => self.change_files(Chore::Show { other: false }),
            Happening::Refused { daemon, life, attempt, failure } => {
                self.refused(daemon, life, attempt, failure);
            }
            Happening::BoxCuts { pipe } => self.cut_between(pipe),
            Happening::Stands { pipe, end } => self.stands(pipe, end),
            Happening::Frame { pipe, to, written, sent, text } => self.frame(pipe, to, written, sent, &text),
            Happening::Closed { pipe, at } => self.closed(pipe, at),
        }
    }

    /// The next machine that wants to be woken: a daemon's number, or none for the server.
    fn next_timer(&self) -> Option<(Duration, Option<usize>)> {
        let since = |at: Instant| at.saturating_duration_since(self.base);
        let daemons = self.sites.iter().enumerate().filter_map(|(number, site)| {
            Some((since(site.running.as_ref()?.connection.poll_timeout()?), Some(number)))
        });
        let server = self.server.as_ref().and_then(Server::poll_timeout).map(|at| (since(at), None));
        daemons.chain(server).min_by_key(|(at, _)| *at)
    }

    fn wake(&mut self, who: Option<usize>) {
        match who {
            Some(daemon) => {
                let now = self.instant();
                if let Some(running) = &mut self.site(daemon).running {
                    running.connection.handle_timeout(now);
                }
                self.pump_daemon(daemon);
            }
            None => self.with_server(Server::handle_timeout),
        }
    }

    /// Lets something be done to the server, if it runs, and does what it wants then.
    fn with_server(&mut self, run: impl FnOnce(&mut Server, Now)) {
        let (instant, wall) = (self.instant(), self.wall());
        if let Some(server) = &mut self.server {
            let now = server.now(instant, wall);
            run(server, now);
        }
        self.pump_server();
    }

    fn site(&mut self, daemon: usize) -> &mut Site {
        #[expect(clippy::indexing_slicing, reason = "the world makes the numbers of its sites")]
        &mut self.sites[daemon]
    }

    fn seat(&mut self, number: usize) -> &mut SeatSite {
        #[expect(clippy::indexing_slicing, reason = "the world makes the numbers of its seats")]
        &mut self.seats[number]
    }

    /// The daemon of a seat, while it runs.
    pub(crate) fn daemon_of(&self, seat: usize) -> Option<&Daemon> {
        self.sites.get(self.seats.get(seat)?.plan.daemon)?.running.as_ref()
    }

    pub(crate) fn at(&mut self, at: Duration, happening: Happening) {
        self.serial += 1;
        self.queue.insert((at, self.serial), happening);
    }

    fn after(&mut self, delay: Duration, happening: Happening) {
        self.at(self.now + delay, happening);
    }

    fn random_ms(&mut self, span: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.plan.rng.random_range(span))
    }

    fn instant(&self) -> Instant {
        self.base + self.now
    }

    /// The time that the server's wall clock shows.
    fn wall(&self) -> Timestamp {
        let passed = i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(EPOCH_MS + passed + self.wall_ms)
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn breaks(&mut self, promise: Promise, what: String) {
        self.tell(|| format!("!!! {what}"));
        self.broken.get_or_insert(Violation { promise, what });
    }

    /// Adds a line to what happened.
    fn tell(&mut self, line: impl FnOnce() -> String) {
        let line = format!("{:>10.3} s  {}", self.now.as_secs_f64(), line());
        line.hash(&mut self.hasher);
        if let Some(story) = &mut self.story {
            story.push(line);
        }
    }
}

impl Site {
    fn new(plan: &mut Plan) -> Self {
        let rng = &mut plan.rng;
        let remembered = rng.random_bool(0.5).then(|| any_route(rng));
        let is_open = !plan.parts.has(Part::Network) || rng.random_bool(0.5);
        let firewall = if is_open { Firewall::OPEN } else { Firewall::open_to_requests(rng) };
        Self {
            firewall,
            life: 0,
            running: None,
            syncing: false,
            remembered,
            fails: None,
            slow: false,
            cuts_attach: false,
            pipes: BTreeMap::new(),
        }
    }
}

impl SeatSite {
    fn new(number: usize, plan: SeatPlan, conferences: &[ConferenceId]) -> Self {
        let code = code(plan.conference, if plan.organizer { Role::Organizer } else { Role::Participant });
        let id = CommandId(Uuid::from_u64_pair(number as u64 + 1, 0));
        let join = JoinRequest { code, name: plan.name.clone(), id };
        Self {
            key: plan.secret.key(),
            conference: conferences.get(plan.conference).copied().unwrap_or_else(|| conference(0)),
            disk: Disk::new(SeatRecord::new(plan.secret.clone(), join)),
            stored: 0,
            void: 0,
            commands: BTreeSet::new(),
            frontend: Frontend::default(),
            active: plan.admission != Admission::Replacing,
            arrived: plan.admission != Admission::Replacing && plan.comes.is_none(),
            orders: 0,
            plan,
        }
    }
}

/// Only differences count.
fn zero() -> Instant {
    Instant::now()
}

fn conference(number: usize) -> ConferenceId {
    ConferenceId::from_random(number as u64 + 1)
}

fn code(conference: usize, role: Role) -> JoinCode {
    let first = if role == Role::Organizer { 100 } else { 50 };
    JoinCode([first + u8::try_from(conference).unwrap_or(0); 16])
}

/// A conference as it begins to exist.
fn created(
    number: usize,
    id: ConferenceId,
    schedule: Option<&(Duration, Vec<u32>)>,
) -> (ConferenceId, Entry, Summary) {
    let codes: Codes =
        [Role::Participant, Role::Organizer].into_iter().map(|role| (code(number, role), role)).collect();
    let start = schedule.map(|(opens, _)| EPOCH_MS + i64::try_from(opens.as_millis()).unwrap_or(0));
    let start = start.map(Timestamp::from_millis);
    let phases = schedule.into_iter().flat_map(|(_, minutes)| minutes);
    let plan = |minutes: &u32| PhasePlan { kind: "workshops".to_owned(), minutes: *minutes, rounds: 1 };
    let phases = phases.map(plan).collect();
    let settings = Settings { title: format!("World {number}"), start, ..Settings::default() };
    let description = Description { settings, phases, ..Description::default() };
    let creation = Entry::creation(&description, codes.clone(), Timestamp::from_millis(EPOCH_MS));
    let mut state = State::default();
    for event in &creation.events {
        if let Ok(event) = serde_json::from_str(event.text.get()) {
            state.evolve(&event);
        }
    }
    (id, creation, Summary::of(&state, &codes))
}
