//! The server of the world: a process that runs the real machines of links and conferences.
//!
//! It finds conferences and carries what desks and hosts want of one another; it decides nothing.

mod calls;
mod conferences;
mod links;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use convene_event_log::{EventLog as _, MemoryLog};
use convene_hosting::{Clock, CodeHash, LinkNumber, Now, Summary};
use convene_link::PipeId;
use convene_model::{ConferenceId, LinkId, TermId, Timestamp};
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

pub(crate) use self::calls::{Call, Done};
pub(crate) use self::conferences::Mail;
use self::conferences::Running;
use self::links::{Held, Link};
use crate::books::at_once;

/// A conference that runs. One that was started again has another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostRef {
    pub(crate) conference: ConferenceId,
    pub(crate) number: u64,
}

/// A frame for a pipe: a counted one with its number.
pub(crate) type Outgoing = (PipeId, Option<u64>, Arc<str>);

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    rng: StdRng,
    clock: Clock,
    /// The conferences that it has, with the hashes of their codes.
    known: BTreeMap<ConferenceId, BTreeSet<CodeHash>>,
    hosts: BTreeMap<ConferenceId, Running>,
    /// The term of each conference in this process, also where it was let go.
    terms: BTreeMap<ConferenceId, TermId>,
    pipes: BTreeMap<PipeId, Held>,
    links: BTreeMap<LinkNumber, Link>,
    by_id: BTreeMap<LinkId, LinkNumber>,
    /// Counts links and conferences that were started.
    numbers: u64,
    /// For the world to do.
    pub(crate) out: Vec<Outgoing>,
    pub(crate) closing: BTreeSet<PipeId>,
    pub(crate) calls: VecDeque<(HostRef, Call)>,
    /// Between the tasks of links and of conferences.
    pub(crate) mail: VecDeque<(HostRef, LinkNumber, Mail)>,
    pub(crate) broken: Option<String>,
    /// Links that were cut because they were not read.
    pub(crate) cuts: usize,
}

impl Server {
    pub(crate) fn start(log: &MemoryLog, seed: u64, now: Instant, wall: Timestamp) -> Self {
        let codes = |text: &str| serde_json::from_str::<Summary>(text).unwrap_or_default().codes;
        let summaries = at_once(log.summaries()).unwrap_or_default();
        Self {
            rng: StdRng::seed_from_u64(seed),
            clock: Clock::new(now, wall),
            known: summaries.iter().map(|summary| (summary.conference, codes(&summary.text))).collect(),
            hosts: BTreeMap::new(),
            terms: BTreeMap::new(),
            pipes: BTreeMap::new(),
            links: BTreeMap::new(),
            by_id: BTreeMap::new(),
            numbers: 0,
            out: Vec::new(),
            closing: BTreeSet::new(),
            calls: VecDeque::new(),
            mail: VecDeque::new(),
            broken: None,
            cuts: 0,
        }
    }

    /// The time that the server's clock for conferences shows.
    pub(crate) fn now(&mut self, instant: Instant, wall: Timestamp) -> Now {
        Now { instant, at: self.clock.read(instant, wall) }
    }

    pub(crate) fn handle_timeout(&mut self, now: Now) {
        self.handle_links_due(now);
        let due = |running: &Running| running.poll_timeout().is_some_and(|due| due <= now.instant);
        for running in self.hosts.values_mut().filter(|running| due(running)) {
            running.handle_timeout(now);
        }
        self.carry(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let hosts = self.hosts.values().filter_map(Running::poll_timeout);
        hosts.chain(self.links_due()).min()
    }

    fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes[..]);
        bytes
    }
}
