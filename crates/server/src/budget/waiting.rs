//! A turnstile for networks, among tasks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::block::Block;
use super::turnstile::Turnstile;

type Inside = Turnstile<Block, oneshot::Sender<()>>;

/// Connections that are to be short.
#[derive(Debug, Clone)]
pub(crate) struct Waiting(Arc<Mutex<Inside>>);

impl Waiting {
    /// For so many, of which one network may have `each`.
    pub(crate) fn new(places: usize, each: usize) -> Self {
        Self(Arc::new(Mutex::new(Turnstile::new(places, each))))
    }

    /// Lets one more in, for which another one may have to go.
    pub(crate) fn enter(&self, owner: Block) -> Guest {
        let (stays, sent_away) = oneshot::channel();
        let (number, gone) = self.inside().enter(owner, stays);
        drop(gone);
        Guest { all: self.clone(), number, sent_away }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that was let in. It goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Guest {
    all: Waiting,
    number: u64,
    /// Nothing is ever sent: its other end is dropped.
    sent_away: oneshot::Receiver<()>,
}

impl Guest {
    /// It has said something.
    pub(crate) fn spoke(&self) {
        self.all.inside().spoke(self.number);
    }

    /// Returns what `work` gives; `None` where this one has to go before. Not to be asked again
    /// after that.
    pub(crate) async fn unless_sent_away<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            _ = &mut self.sent_away => None,
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        drop(self.all.inside().leave(self.number));
    }
}
