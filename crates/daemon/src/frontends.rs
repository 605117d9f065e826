//! The local socket: frontends come and go, each in a task of its own.

mod access;
mod acting;
mod answers;
mod attendant;
mod bodies;
mod drafts;
mod hello;
mod history;
mod joining;
mod patching;
mod person;
mod presence;
mod proxies;
mod rights;
mod seats;
mod settings;
mod system;
mod telling;
mod watching;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_model::limits::FRONTENDS_PER_USER_MAX;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::access::Access;
use crate::instance::Instance;
use crate::logins::Logins;
use crate::os::{AcceptError, LocalListener, UserId};
use crate::proxies::Proxies;
use crate::questions::Questions;
use crate::registry::Registry;
use crate::settings::Board;
use crate::store::Store;

use self::attendant::Asker;
use self::drafts::Followed;

/// How long to wait where the system has no room for another connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

/// The number of frontends that each user has attached.
#[derive(Debug, Clone, Default)]
struct Attached(Arc<Mutex<BTreeMap<UserId, usize>>>);

/// One attached frontend. Dropping it makes room for another.
#[derive(Debug)]
struct Attachment {
    attached: Attached,
    user: UserId,
}

impl Attached {
    /// Room for one more frontend of this user, if there is.
    fn attach(&self, user: &UserId) -> Option<Attachment> {
        let mut counts = self.counts();
        let count = counts.entry(user.clone()).or_default();
        if *count >= FRONTENDS_PER_USER_MAX {
            return None;
        }
        *count += 1;
        Some(Attachment { attached: self.clone(), user: user.clone() })
    }

    /// All frontends of all users.
    fn count(&self) -> u64 {
        self.counts().values().sum::<usize>() as u64
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let mut counts = self.attached.counts();
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

/// From what frontends are answered.
#[derive(Debug, Clone)]
pub(crate) struct Means {
    pub(crate) registry: Arc<Registry>,
    pub(crate) store: Arc<Store>,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) logins: Arc<Logins>,
    pub(crate) instance: Arc<Instance>,
    pub(crate) access: Arc<Access>,
    pub(crate) board: Arc<Board>,
}

/// Serves frontends until `stopping` is set, and lets those that are served finish what they say.
/// Whenever one has `left`, that is told.
pub(crate) async fn serve(
    mut listener: LocalListener,
    means: Means,
    questions: Arc<Questions>,
    left: &Notify,
    mut stopping: watch::Receiver<bool>,
) {
    let attached = Attached::default();
    let mut tasks = JoinSet::new();
    let mut came = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(ended) = tasks.join_next() => {
                note(ended);
                left.notify_one();
                continue;
            }
            _ = stopping.changed() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let attachment = attached.attach(&peer.user);
                came += 1;
                let (peer, followed) = (Arc::new(peer), Arc::new(Followed::new(came)));
                let asker = Asker { peer, means: means.clone(), attached: attached.clone(), followed };
                tasks.spawn(attendant::attend(stream, asker, attachment, Arc::clone(&questions)));
            }
            Err(AcceptError::Exhausted(error)) => {
                tracing::warn!(%error, "no room for another frontend");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
            Err(error) => tracing::warn!(%error, "a frontend could not be accepted"),
        }
    }
    tasks.shutdown().await;
}

fn note(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a frontend's task has failed");
    }
}
