//! Links: each runs in the task of the pipe on which it began, and takes over the pipes that attach later.

mod opening;
mod task;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use convene_event_log::EventLog;
use convene_hosting::LinkNumber;
use convene_link::Greeted;
use convene_model::{LinkId, Nonce};
use convene_protocol::{Attach, RefuseCode};
use tokio::sync::{Notify, mpsc, watch};

use crate::conferences::Conferences;
use crate::delivery::{Delivery, LinkHandle};
use crate::web::Pipe;

/// Pipes that attach one link at the same moment: a daemon has one at a time.
const ATTACHES_MAX: usize = 4;

/// Certificates that are known at once: those of a server and its load balancers, and of some
/// renewals before.
const END_POINTS_MAX: usize = 16;

/// After how long a daemon may come back that was cut, or whose server restarts.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// How far apart daemons come back to a server that restarts: more than a connection and what was missed meanwhile cost it, so that
/// it is not besieged.
const RETURN_APART: Duration = Duration::from_millis(5);
/// Daemons that come back apart, within 20 s; more of them share their turns.
const RETURNS_MAX: u32 = 4_000;

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

/// What the server calls itself, and by what it is known.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    pub(crate) name: String,
    /// The `tls-server-end-point` of every certificate under which this server is reached, or was
    /// before.
    pub(crate) end_points: Vec<[u8; 32]>,
}

impl Naming {
    /// What holds after a change. Connections that stand, and load balancers for a while, show what
    /// was before: that stays known.
    pub(crate) fn followed_by(&self, name: &str, mut end_points: Vec<[u8; 32]>) -> Self {
        let before: Vec<_> =
            self.end_points.iter().filter(|old| !end_points.contains(old)).copied().collect();
        end_points.extend(before);
        end_points.truncate(END_POINTS_MAX);
        Self { name: name.to_owned(), end_points }
    }
}

/// What every pipe of this server has in common.
#[derive(Debug)]
pub(crate) struct Links<E> {
    pub(crate) naming: watch::Receiver<Arc<Naming>>,
    pub(crate) conferences: Arc<Conferences<E>>,
    /// Set when the server goes down.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Told whenever a link begins or ends.
    pub(crate) turnover: Notify,
    turns: Turns,
    /// How many links ever began.
    begun: AtomicU64,
    live: Mutex<BTreeMap<LinkId, mpsc::Sender<Box<Attaching>>>>,
}

impl<E: EventLog> Links<E> {
    pub(crate) fn new(
        naming: watch::Receiver<Arc<Naming>>,
        conferences: Arc<Conferences<E>>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            naming,
            conferences,
            stopping,
            turnover: Notify::new(),
            turns: Turns::default(),
            begun: AtomicU64::new(0),
            live: Mutex::default(),
        }
    }

    /// A WebSocket stands: serves it until it, and a link that began on it, have ended.
    pub(crate) async fn serve(self: Arc<Self>, mut pipe: Pipe) {
        let nonce = Nonce(rand::random());
        let naming = Arc::clone(&self.naming.borrow());
        let Some((attach, greeted)) = opening::greet(&mut pipe, nonce, &naming).await else { return };
        let link = attach.link.id();
        let attaching = Box::new(Attaching { pipe, attach, greeted });
        let Some((mut attaching, mut newer)) = self.enter(link, attaching).await else { return };
        self.turnover.notify_one();
        loop {
            task::run(&self, attaching, &mut newer).await;
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
    /// Invariant: a link has one task, because it is looked for and entered under one lock.
    async fn enter(
        &self,
        link: LinkId,
        mut attaching: Box<Attaching>,
    ) -> Option<(Box<Attaching>, mpsc::Receiver<Box<Attaching>>)> {
        loop {
            let task = {
                let mut live = self.live();
                match live.get(&link) {
                    Some(task) => task.clone(),
                    None => {
                        let (sender, newer) = mpsc::channel(ATTACHES_MAX);
                        live.insert(link, sender);
                        return Some((attaching, newer));
                    }
                }
            };
            match task.send(attaching).await {
                Ok(()) => return None,
                // It has ended, and is not live any more.
                Err(unsent) => attaching = unsent.0,
            }
        }
    }

    /// A link that begins, for conferences.
    fn handle(&self) -> (LinkHandle, mpsc::Receiver<Delivery>) {
        LinkHandle::new(LinkNumber(self.begun.fetch_add(1, Ordering::Relaxed)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_before_stays_known_and_is_forgotten_in_the_end() {
        let first = Naming { name: "a.example.org".to_owned(), end_points: vec![[1; 32], [2; 32]] };
        let second = first.followed_by("b.example.org", vec![[3; 32], [2; 32]]);
        assert_eq!(
            (second.name.as_str(), &*second.end_points),
            ("b.example.org", &[[3; 32], [2; 32], [1; 32]][..])
        );
        let last =
            (10..30).fold(second, |naming, number| naming.followed_by("b.example.org", vec![[number; 32]]));
        assert_eq!(last.end_points.len(), END_POINTS_MAX);
        assert_eq!(last.end_points[0], [29; 32]);
    }

    #[test]
    fn daemons_come_back_one_after_the_other_and_none_waits_longer_than_20_s() {
        let turns = Turns::default();
        assert_eq!([turns.next(), turns.next(), turns.next()], [0, 5, 10].map(Duration::from_millis));
        let others: Vec<_> = (3..=RETURNS_MAX).map(|_| turns.next()).collect();
        assert_eq!(others.iter().max(), Some(&Duration::from_millis(19_995)));
        assert_eq!(others.last(), Some(&Duration::ZERO));
    }
}
