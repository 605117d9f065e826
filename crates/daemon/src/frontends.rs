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
mod lines;
mod patching;
mod person;
mod presence;
mod proxies;
mod quotas;
mod refusals;
mod rights;
mod seats;
mod settings;
mod system;
mod telling;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::access::Access;
use crate::instance::Instance;
use crate::logins::Logins;
use crate::os::{AcceptError, LocalListener};
use crate::proxies::Proxies;
use crate::questions::Questions;
use crate::registry::Registry;
use crate::settings::Board;
use crate::store::Store;

use self::attendant::Asker;
use self::drafts::Followed;
use self::quotas::Quotas;
use self::refusals::Refusals;

/// How long to wait where the system has no room for another connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);
/// Refused frontends that are told why at the same time; beyond it they see that they were let go.
const REFUSED_TOLD_MAX: usize = 16;

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
    let quotas = Quotas::default();
    let (mut tasks, mut refusing, mut refusals) = (JoinSet::new(), JoinSet::new(), Refusals::default());
    let mut came = 0;
    loop {
        let accepted = tokio::select! {
            // What has ended is given back before anybody else comes in.
            biased;
            _ = stopping.changed() => break,
            Some(ended) = tasks.join_next() => {
                note(ended);
                left.notify_one();
                continue;
            }
            Some(ended) = refusing.join_next() => {
                note(ended);
                continue;
            }
            () = quotas.freed.notified() => {
                left.notify_one();
                continue;
            }
            () = refusals.are_due() => {
                refusals.tell();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        // However many come, those who are served already have their turn between two of them.
        tokio::task::yield_now().await;
        match accepted {
            Ok((stream, peer)) => {
                let Some(attachment) = quotas.attached.take(peer.user.as_str(), 1) else {
                    refusals.note(peer.user.as_str());
                    if refusing.len() < REFUSED_TOLD_MAX {
                        refusing.spawn(attendant::refuse(stream));
                    }
                    continue;
                };
                came += 1;
                let turn = quotas.turns.of(peer.user.as_str());
                let (peer, followed) = (Arc::new(peer), Arc::new(Followed::new(came)));
                let (means, quotas) = (means.clone(), quotas.clone());
                let asker = Asker { peer, means, quotas, turn, followed };
                tasks.spawn(attendant::attend(stream, asker, attachment, Arc::clone(&questions)));
            }
            Err(error @ AcceptError::Exhausted(_)) => {
                refusals.note_error(&error);
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
            Err(error) => refusals.note_error(&error),
        }
    }
    refusing.shutdown().await;
    tasks.shutdown().await;
}

fn note(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a frontend's task has failed");
    }
}
