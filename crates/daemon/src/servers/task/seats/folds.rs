//! States that are folded anew: from what the store holds, beside everything else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_conference::State;
use convene_seat::Refold;
use convene_uplink::SeatIndex;
use tokio::task::{JoinError, JoinSet};

use super::super::Task;
use super::{Held, Seats};
use crate::store::{SeatId, Store};

/// Before a state that could not be read from the store is folded again.
const FOLD_PAUSE: Duration = Duration::from_secs(1);

/// States that are being folded anew.
pub(super) type Folds = JoinSet<(SeatId, Refold, Option<State>)>;

/// The outcome of one of these folds.
pub(crate) type Folded = Result<(SeatId, Refold, Option<State>), JoinError>;

impl Task {
    /// Begins to fold a seat's state anew.
    pub(crate) fn refold(&mut self, seat: SeatId, wish: Refold) {
        self.seats.folds.spawn(fold(Arc::clone(&self.store), seat, wish));
    }

    /// As [`Task::refold`], for a seat that the conversation carries.
    pub(crate) fn refold_carried(&mut self, index: SeatIndex, wish: Refold) {
        if let Some(seat) = self.seats.carried.get(&index) {
            self.refold(*seat, wish);
        }
    }

    /// A seat has its state again, and anyone who wants to watch it begins.
    pub(crate) fn folded(&mut self, folded: Folded) {
        let Ok((seat, wish, Some(state))) = folded else { return };
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        match &mut task_seat.held {
            Held::Unread(_) => return,
            Held::Resting(seat) => seat.handle_refolded(wish, state),
            Held::Carried(index) => {
                let index = *index;
                self.connection.with_conversation(Instant::now(), |conversation| {
                    conversation.handle_refolded(index, wish, state);
                });
            }
        }
        for wish in task_seat.watchers.take_unfolded() {
            self.watch(seat, wish);
        }
    }

    /// Begins to fold the states of seats that the conversation does not carry.
    pub(super) fn fold_resting(&mut self) {
        let store = &self.store;
        let Seats { by_id, folds, .. } = &mut self.seats;
        for (seat, task_seat) in by_id {
            if let Held::Resting(resting) = &mut task_seat.held
                && let Some(wish) = resting.poll_refold()
            {
                folds.spawn(fold(Arc::clone(store), *seat, wish));
            }
        }
    }
}

/// Folds a state, as soon as it can be read.
async fn fold(store: Arc<Store>, seat: SeatId, wish: Refold) -> (SeatId, Refold, Option<State>) {
    loop {
        match store.fold(seat, wish).await {
            Ok(state) => return (seat, wish, state),
            Err(error) => tracing::warn!(%error, "a conference cannot be folded anew; it is tried again"),
        }
        tokio::time::sleep(FOLD_PAUSE).await;
    }
}
