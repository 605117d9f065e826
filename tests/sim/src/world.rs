//! The world: its clock, its queue of what happens next, and what happens.

mod carry;
mod troubles;

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_link::PipeId;
use convene_model::{Carrier, CommandId, LinkId, Name, Timestamp};
use convene_reach::{AttemptId, Failure};
use convene_seat::{JoinRequest, SeatRecord, SeatSecret};
use rand::RngExt as _;
use uuid::Uuid;

use crate::Defect;
use crate::daemon::{Daemon, Disk, Frontend, Wish, any_route};
use crate::network::{End, Firewall, Pipe};
use crate::oracle::{self, Violation};
use crate::plan::{BOUND, Plan, TROUBLE, Trouble};
use crate::server::{CODE, Server, first_entry};

/// How long a world goes on after everything has arrived: what is told twice is told soon.
const GRACE: Duration = Duration::from_secs(3);

/// How a world ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// Of everything that happened.
    pub trace: u64,
    /// Everything that happened, in words; empty unless it was wanted.
    pub story: Vec<String>,
    /// How long after the last obstacle everything had arrived.
    pub settled_after: Duration,
    /// Messages that were told accepted.
    pub commands: usize,
    /// How many frames each carrier brought to the daemons, behind the opening of the conversation.
    pub carried: BTreeMap<Carrier, usize>,
}

#[derive(Debug)]
enum Happening {
    Trouble(Trouble),
    /// The daemon's frontend wants to say something.
    Act(usize),
    DaemonStarts(usize),
    ServerStarts,
    /// The disk has so many of the writes that wait.
    Synced {
        daemon: usize,
        life: u32,
        count: usize,
    },
    Appended {
        life: u32,
        entries: Vec<Arc<str>>,
    },
    AppendFailed {
        life: u32,
    },
    Refused {
        daemon: usize,
        life: u32,
        attempt: AttemptId,
        failure: Failure,
    },
    BoxCuts {
        pipe: u64,
    },
    Stands {
        pipe: u64,
        end: End,
    },
    Frame {
        pipe: u64,
        to: End,
        written: Option<u64>,
        sent: Option<u64>,
        text: Arc<str>,
    },
    Closed {
        pipe: u64,
        at: End,
    },
    LogIsFast,
}

/// A daemon's place in the world, whether it runs or not.
#[derive(Debug)]
struct Site {
    disk: Disk,
    frontend: Frontend,
    firewall: Firewall,
    life: u32,
    running: Option<Daemon>,
    syncing: bool,
    /// The pipe of each attempt that stands or is on its way.
    pipes: BTreeMap<AttemptId, u64>,
}

/// The world.
pub(crate) struct World {
    base: Instant,
    now: Duration,
    queue: BTreeMap<(Duration, u64), Happening>,
    serial: u64,
    plan: Plan,
    defect: Option<Defect>,
    sites: Vec<Site>,
    log: Vec<Arc<str>>,
    server: Option<Server>,
    server_life: u32,
    slow_log: bool,
    fail_log: bool,
    pipes: BTreeMap<u64, Pipe>,
    carried: BTreeMap<Carrier, usize>,
    hasher: DefaultHasher,
    story: Option<Vec<String>>,
}

/// Plays the world of a seed. With `story`, everything that happens is told in words.
pub fn play(seed: u64, defect: Option<Defect>, story: bool) -> Outcome {
    World::new(seed, defect, story).play()
}

impl World {
    fn new(seed: u64, defect: Option<Defect>, story: bool) -> Self {
        let mut plan = Plan::new(seed);
        let sites = (0..plan.daemons).map(|number| Site::new(number, &mut plan)).collect();
        let mut world = Self {
            base: Instant::now(),
            now: Duration::ZERO,
            queue: BTreeMap::new(),
            serial: 0,
            plan,
            defect,
            sites,
            log: vec![first_entry()],
            server: None,
            server_life: 0,
            slow_log: false,
            fail_log: false,
            pipes: BTreeMap::new(),
            carried: BTreeMap::new(),
            hasher: DefaultHasher::new(),
            story: story.then(Vec::new),
        };
        world.at(Duration::ZERO, Happening::ServerStarts);
        for daemon in 0..world.sites.len() {
            let start = Duration::from_millis(world.plan.rng.random_range(0..3_000));
            world.at(start, Happening::DaemonStarts(daemon));
        }
        for (at, daemon) in std::mem::take(&mut world.plan.acts) {
            world.at(at, Happening::Act(daemon));
        }
        for (at, trouble) in std::mem::take(&mut world.plan.troubles) {
            world.at(at, Happening::Trouble(trouble));
        }
        world
    }

    fn play(mut self) -> Outcome {
        self.run_until(TROUBLE);
        self.heal();
        let mut settled = None;
        while self.now < TROUBLE + BOUND {
            self.run_until(self.now + Duration::from_secs(1));
            if self.judge().is_ok() {
                settled = Some(self.now);
                self.run_until(self.now + GRACE);
                break;
            }
        }
        let verdict = self.judge();
        Outcome {
            violation: verdict.err(),
            trace: self.hasher.finish(),
            settled_after: settled.unwrap_or(self.now).saturating_sub(TROUBLE),
            commands: self.sites.iter().map(|site| site.frontend.wishes.len()).sum(),
            carried: self.carried,
            story: self.story.unwrap_or_default(),
        }
    }

    fn judge(&self) -> Result<(), Violation> {
        if let Some(broken) = self.server.as_ref().and_then(|server| server.broken.clone()) {
            return Err(Violation(broken));
        }
        let frontends: Vec<&Frontend> = self.sites.iter().map(|site| &site.frontend).collect();
        oracle::judge(&frontends)
    }

    /// Lets happen what happens until then. A world whose machines want to be woken without end stands still here.
    fn run_until(&mut self, end: Duration) {
        loop {
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
            Happening::Act(daemon) => self.act(daemon),
            Happening::DaemonStarts(daemon) => self.start_daemon(daemon),
            Happening::ServerStarts => self.start_server(),
            Happening::Synced { daemon, life, count } => self.synced(daemon, life, count),
            Happening::Appended { life, entries } => self.appended(life, entries),
            Happening::AppendFailed { life } => self.append_failed(life),
            Happening::Refused { daemon, life, attempt, failure } => {
                self.refused(daemon, life, attempt, failure);
            }
            Happening::BoxCuts { pipe } => self.cut_between(pipe),
            Happening::Stands { pipe, end } => self.stands(pipe, end),
            Happening::Frame { pipe, to, written, sent, text } => self.frame(pipe, to, written, sent, &text),
            Happening::Closed { pipe, at } => self.closed(pipe, at),
            Happening::LogIsFast => self.slow_log = false,
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
        let now = self.instant();
        match who {
            Some(daemon) => {
                if let Some(running) = &mut self.site(daemon).running {
                    running.connection.handle_timeout(now);
                }
                self.pump_daemon(daemon);
            }
            None => {
                if let Some(server) = &mut self.server {
                    server.handle_timeout(now);
                }
                self.pump_server();
            }
        }
    }

    fn act(&mut self, daemon: usize) {
        let now = self.instant();
        let site = self.site(daemon);
        let number = site.frontend.wishes.len();
        let text = if number % 7 == 6 {
            String::new()
        } else {
            format!("message {number} of {}", site.frontend.name)
        };
        let body = serde_json::json!({ "kind": "say", "text": text }).to_string();
        let id = CommandId(Uuid::from_u64_pair(daemon as u64 + 1, number as u64 + 1));
        let wish = Wish { id, body: body.into(), told_queued: false };
        site.frontend.wishes.push(wish.clone());
        if let Some(running) = &mut site.running {
            running.act(&mut site.frontend, &wish, now);
        }
        self.tell(|| format!("frontend {daemon} says {text:?}"));
        self.pump_daemon(daemon);
    }

    fn site(&mut self, daemon: usize) -> &mut Site {
        #[expect(clippy::indexing_slicing, reason = "the world makes the numbers of its sites")]
        &mut self.sites[daemon]
    }

    fn at(&mut self, at: Duration, happening: Happening) {
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

    fn clock(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX))
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
    fn new(number: usize, plan: &mut Plan) -> Self {
        let secret = SeatSecret::from_bytes(&plan.rng.random());
        let named = format!("Seat {number}").parse::<Name>();
        #[expect(clippy::expect_used, reason = "a fixed name of letters, a blank and a digit")]
        let name = named.expect("a name");
        let join = JoinRequest { code: CODE, name, id: CommandId(Uuid::from_u64_pair(number as u64 + 1, 0)) };
        let frontend = Frontend { name: number.to_string(), cursor: 0, got: Vec::new(), wishes: Vec::new() };
        let remembered = plan.rng.random_bool(0.5).then(|| any_route(&mut plan.rng));
        let is_open = plan.rng.random_bool(0.5);
        let firewall = if is_open { Firewall::OPEN } else { Firewall::open_to_requests(&mut plan.rng) };
        Self {
            disk: Disk { record: SeatRecord::new(secret, join), replica: Vec::new(), remembered },
            frontend,
            firewall,
            life: 0,
            running: None,
            syncing: false,
            pipes: BTreeMap::new(),
        }
    }
}

fn pipe_id(pipe: u64) -> PipeId {
    PipeId(pipe)
}

fn link_id(random: u128) -> LinkId {
    LinkId(random.to_be_bytes())
}
