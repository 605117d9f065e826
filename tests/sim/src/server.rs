//! The server of the world: a process that runs the real machines of links and conferences.
//!
//! It finds conferences and carries what desks and hosts want of one another; it decides nothing.

mod calls;
mod conferences;
mod links;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// The last reading of the clock.
    read: Now,
    /// The conferences that it has, with the hashes of their codes.
    known: BTreeMap<ConferenceId, BTreeSet<CodeHash>>,
    hosts: BTreeMap<ConferenceId, Running>,
    /// When conferences that do not run have something to do by themselves.
    due: BTreeMap<ConferenceId, Timestamp>,
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
        let summaries = at_once(log.summaries()).unwrap_or_default();
        let summaries = summaries.iter().map(|summary| (summary.conference, Summary::parse(&summary.text)));
        let summaries: Vec<_> = summaries.collect();
        Self {
            rng: StdRng::seed_from_u64(seed),
            clock: Clock::new(now, wall),
            read: Now { instant: now, at: wall },
            due: summaries.iter().filter_map(|(id, summary)| Some((*id, summary.next_due?))).collect(),
            known: summaries.into_iter().map(|(id, summary)| (id, summary.codes)).collect(),
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
        self.read = Now { instant, at: self.clock.read(instant, wall) };
        self.read
    }

    pub(crate) fn handle_timeout(&mut self, now: Now) {
        self.handle_links_due(now);
        let planned: Vec<ConferenceId> =
            self.due.iter().filter(|(_, due)| **due <= now.at).map(|(id, _)| *id).collect();
        for conference in planned {
            self.run(conference);
        }
        let read = self.read;
        let due = |running: &Running| running.poll_timeout(read).is_some_and(|due| due <= now.instant);
        for running in self.hosts.values_mut().filter(|running| due(running)) {
            running.handle_timeout(now);
        }
        self.carry(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let hosts = self.hosts.values().filter_map(|running| running.poll_timeout(self.read));
        let planned = self.due.values().map(|due| wake_at(self.read, *due));
        hosts.chain(planned).chain(self.links_due()).min()
    }

    /// A conference that does not run any more has something to do then.
    fn note_due(&mut self, conference: ConferenceId, due: Option<Timestamp>) {
        self.due.extend(due.map(|due| (conference, due)));
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

/// After which a server looks at its clock again that waits for something planned: the wall clock
/// may be set, and nothing tells.
const CLOCK_LOOK: Duration = Duration::from_secs(60);

/// When to wake for something that is planned.
fn wake_at(read: Now, planned: Timestamp) -> Instant {
    let ms = planned.as_millis().saturating_sub(read.at.as_millis());
    read.instant + Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(CLOCK_LOOK)
}
