//! Links: each runs in the task of the pipe on which it began, and takes over the pipes that attach
//! later.

mod opening;
mod task;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use convene_event_log::EventLog;
use convene_hosting::LinkNumber;
use convene_link::Greeted;
use convene_model::{LinkId, Nonce};
use convene_protocol::{Attach, RefuseCode, Refused, ServerFrame};
use convene_service_log::number;
use tokio::sync::{Notify, mpsc, watch};

use crate::budget::{Block, Budget, Tally};
use crate::conferences::Conferences;
use crate::delivery::{Delivery, LinkHandle};
use crate::invitation::Guesses;
use crate::web::Pipe;

/// Pipes that attach one link at the same moment: a daemon has one at a time.
const ATTACHES_MAX: usize = 4;

/// Certificates that are known at once: those of a server and its load balancers, and of some
/// renewals before.
const END_POINTS_MAX: usize = 16;

/// After how long a daemon may come back that was cut, or whose server restarts.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// The time between two daemons that come back to a server that restarts: more than a connection
/// and what was missed meanwhile cost it, so that it is not besieged.
const RETURN_APART: Duration = Duration::from_millis(5);
/// Daemons that come back apart, within 20 s; more of them share their turns.
const RETURNS_MAX: u32 = 4_000;

/// How long a wrong code waits for its answer, of an address that has tried too many.
const WRONG_CODE_WAIT: Duration = Duration::from_secs(1);

/// Gives each daemon its turn to come back after a restart.
#[derive(Debug, Default)]
struct Turns(AtomicU32);

impl Turns {
    fn next(&self) -> Duration {
        RETURN_APART * (self.0.fetch_add(1, Ordering::Relaxed) % RETURNS_MAX)
    }
}

/// A pipe that wants to be a link's.
#[derive(Debug)]
struct Attaching {
    pipe: Pipe,
    attach: Attach,
    greeted: Greeted,
}

/// The result of handing over a pipe that wants to be a link's.
#[derive(Debug)]
enum Entered {
    /// The link's task has it.
    Given,
    /// The task that brought the pipe is the link's task from now on, and gets the pipes that come
    /// later.
    Begins(Box<Attaching>, mpsc::Receiver<Box<Attaching>>),
    /// Too many wait already.
    Busy(Box<Attaching>),
}

/// The server's name for itself, and the end points by which it is known.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    pub(crate) name: String,
    /// The `tls-server-end-point` of every certificate under which this server is reached, or was
    /// before.
    pub(crate) end_points: Vec<[u8; 32]>,
}

impl Naming {
    /// The naming after a change. Connections that stand still show the certificates from before,
    /// and so do load balancers for a while: these stay known.
    pub(crate) fn followed_by(&self, name: &str, mut end_points: Vec<[u8; 32]>) -> Self {
        let before: Vec<_> =
            self.end_points.iter().filter(|old| !end_points.contains(old)).copied().collect();
        end_points.extend(before);
        end_points.truncate(END_POINTS_MAX);
        Self { name: name.to_owned(), end_points }
    }
}

/// The data that every pipe of this server shares.
#[derive(Debug)]
pub(crate) struct Links<E> {
    pub(crate) naming: watch::Receiver<Arc<Naming>>,
    pub(crate) conferences: Arc<Conferences<E>>,
    budget: Arc<Budget>,
    /// Set when the server goes down.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Told whenever a link begins or ends.
    pub(crate) turnover: Notify,
    turns: Turns,
    /// Links and seats that were refused, for the log.
    refused: Tally<&'static str>,
    /// Codes that open nothing, of each address.
    wrong_codes: Guesses,
    /// The number of links that ever began.
    begun: AtomicU64,
    live: Mutex<BTreeMap<LinkId, mpsc::Sender<Box<Attaching>>>>,
    /// The handles of all links that ever began, for tests.
    #[cfg(test)]
    handles: Mutex<Vec<LinkHandle>>,
}

impl<E: EventLog> Links<E> {
    pub(crate) fn new(
        naming: watch::Receiver<Arc<Naming>>,
        conferences: Arc<Conferences<E>>,
        budget: Arc<Budget>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            naming,
            conferences,
            budget,
            stopping,
            turnover: Notify::new(),
            turns: Turns::default(),
            refused: Tally::default(),
            wrong_codes: Guesses::default(),
            begun: AtomicU64::new(0),
            live: Mutex::default(),
            #[cfg(test)]
            handles: Mutex::default(),
        }
    }

    /// A pipe from this address stands: serves it until it, and a link that began on it, have
    /// ended. The network of the address is charged with the link.
    pub(crate) async fn serve(self: Arc<Self>, mut pipe: Pipe, from: SocketAddr) {
        let nonce = Nonce(rand::random());
        let naming = Arc::clone(&self.naming.borrow());
        let greeted = opening::greet(&mut pipe, nonce, &naming, |code| self.tell_refused(code)).await;
        let Some((attach, greeted)) = greeted else { return };
        let link = attach.link.id();
        let place = self.budget.links.enter(Block::of(from.ip()));
        let entered = self.enter(link, Box::new(Attaching { pipe, attach, greeted }));
        let (mut attaching, mut newer, mut place) = match (entered, place) {
            (Entered::Given, _) => return,
            (Entered::Begins(attaching, newer), Some(place)) => (attaching, newer, place),
            (Entered::Begins(attaching, mut newer), None) => {
                return self.forgo(link, *attaching, &mut newer).await;
            }
            (Entered::Busy(attaching), _) => return self.send_away(*attaching).await,
        };
        self.turnover.notify_one();
        loop {
            task::run(&self, attaching, &mut newer, from.ip(), &mut place).await;
            // A pipe that came when the link was ending begins it anew.
            let mut live = self.live();
            let Ok(next) = newer.try_recv() else {
                live.remove(&link);
                break;
            };
            attaching = next;
        }
        self.turnover.notify_one();
    }

    /// Gives the pipe to the task of its link, or makes this one the link's task.
    ///
    /// Invariant: a link has one task, and no pipe that was given to it is lost, because a link is
    /// looked for, entered, given a pipe and left under one lock.
    fn enter(&self, link: LinkId, attaching: Box<Attaching>) -> Entered {
        let mut live = self.live();
        let attaching = match live.get(&link) {
            Some(task) => match task.try_send(attaching) {
                Ok(()) => return Entered::Given,
                Err(mpsc::error::TrySendError::Full(attaching)) => return Entered::Busy(attaching),
                // A defect ended that task.
                Err(mpsc::error::TrySendError::Closed(attaching)) => attaching,
            },
            None => attaching,
        };
        let (sender, newer) = mpsc::channel(ATTACHES_MAX);
        live.insert(link, sender);
        Entered::Begins(attaching, newer)
    }

    /// There is no place for a link that would begin.
    async fn forgo(&self, link: LinkId, first: Attaching, newer: &mut mpsc::Receiver<Box<Attaching>>) {
        self.live().remove(&link);
        self.send_away(first).await;
        while let Ok(next) = newer.try_recv() {
            self.send_away(*next).await;
        }
    }

    async fn send_away(&self, Attaching { mut pipe, .. }: Attaching) {
        let code = RefuseCode::Busy;
        let retry_after_ms = self.retry_after(code).and_then(|after| after.as_millis().try_into().ok());
        opening::say(&mut pipe, &ServerFrame::Refused(Refused { retry_after_ms, ..Refused::of(code) })).await;
    }

    /// A link that begins, for conferences.
    fn handle(&self) -> (LinkHandle, mpsc::Receiver<Delivery>) {
        let begun = LinkHandle::new(LinkNumber(self.begun.fetch_add(1, Ordering::Relaxed)));
        #[cfg(test)]
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).push(begun.0.clone());
        begun
    }

    /// A code opens nothing. Where its address has tried too many, the answer waits: right codes
    /// never do, so nobody who shares the address is shut out.
    async fn slow_down_guesses(&self, from: IpAddr) {
        if !self.wrong_codes.count(from, tokio::time::Instant::now()) {
            tokio::time::sleep(WRONG_CODE_WAIT).await;
        }
    }

    /// Tells the log that a link was refused, once a minute.
    fn tell_refused(&self, reason: RefuseCode) {
        if let Some(count) = self.refused.count("a link", Instant::now()) {
            tracing::info!(number = number::LINK_REFUSED, ?reason, count, "a link was refused");
        }
    }

    /// When a daemon that is sent away for this may come back, if it may.
    fn retry_after(&self, code: RefuseCode) -> Option<Duration> {
        let turn = if code == RefuseCode::Restarting { self.turns.next() } else { Duration::ZERO };
        matches!(code, RefuseCode::Busy | RefuseCode::TooSlow | RefuseCode::Restarting)
            .then(|| RETRY_AFTER + turn)
    }

    fn live(&self) -> std::sync::MutexGuard<'_, BTreeMap<LinkId, mpsc::Sender<Box<Attaching>>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn knows_end_point(&self, attach: &Attach) -> Option<bool> {
        attach.end_point.map(|seen| self.naming.borrow().end_points.contains(&seen))
    }
}
