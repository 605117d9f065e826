//! The way in which the writer tells what is durable: it never waits for a listener, and it keeps
//! no more than one number per seat.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_seat::WriteId;
use tokio::sync::Notify;

use super::{SeatId, Tenure};

/// All writes of a seat's tenure up to this one are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    /// In which the write was made.
    pub(crate) tenure: Tenure,
    /// The seat.
    pub(crate) seat: SeatId,
    /// Its last durable write.
    pub(crate) through: WriteId,
}

/// The writer's end. Dropping it ends the notices.
#[derive(Debug)]
pub(super) struct Board(Arc<Shared>);

/// The listener's end.
#[derive(Debug)]
pub(crate) struct Notices(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    untold: Mutex<Untold>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Untold {
    durable: BTreeMap<SeatId, Stored>,
    ended: bool,
}

/// Both ends.
pub(super) fn channel() -> (Board, Notices) {
    let shared = Arc::new(Shared::default());
    (Board(Arc::clone(&shared)), Notices(shared))
}

impl Shared {
    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    /// Tells that these writes are durable; a later one of a seat stands for those before it.
    pub(super) fn tell(&self, durable: impl IntoIterator<Item = Stored>) {
        self.0.untold().durable.extend(durable.into_iter().map(|stored| (stored.seat, stored)));
        self.0.bell.notify_one();
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.0.untold().ended = true;
        self.0.bell.notify_one();
    }
}

impl Notices {
    /// The next news. Those of one seat never go back, and several may come as one. `None` once the
    /// store is closed and everything is told. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Stored> {
        loop {
            {
                let mut untold = self.0.untold();
                if let Some((_, stored)) = untold.durable.pop_first() {
                    return Some(stored);
                }
                if untold.ended {
                    return None;
                }
            }
            self.0.bell.notified().await;
        }
    }
}
