//! The seats of a task: which of them the conversation carries, and what happens to all of them
//! when the store fails.

mod folds;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use convene_conference::Receipt;
use convene_model::limits::{SEATS_KEPT_MAX, SEATS_PER_CONNECTION_MAX};
use convene_model::{CommandId, Timestamp};
use convene_seat::{Delta, Seat, SeatRecord, Standing, WriteId};
use convene_uplink::{Conversation, SeatIndex};
use tokio::sync::watch;

use self::folds::Folds;
use super::super::SeatView;
use super::super::watchers::{Told, Watchers};
use super::{Task, views};
use crate::store::{Health, SeatId, StoreError, Stored, Tenure};

/// A seat on this server.
#[derive(Debug)]
pub(super) struct TaskSeat {
    pub(super) held: Held,
    tenure: Tenure,
    /// Commands that the files hold after a commit failed: not known to be durable before the store
    /// is well again.
    pub(super) unsure: BTreeSet<CommandId>,
    /// News that had come and were not known to be durable when the store failed.
    untold: Vec<Delta>,
    view: Arc<watch::Sender<SeatView>>,
    pub(super) watchers: Watchers,
}

/// The place of a seat.
#[derive(Debug)]
pub(super) enum Held {
    /// The conversation carries it.
    Carried(SeatIndex),
    /// It has nothing to ask of the server, or may not ask now.
    Resting(Box<Seat>),
    /// It has to be read from the store, which does not give it out yet; with the seat as it was,
    /// where it was one in this task's life.
    Unread(Option<Box<Seat>>),
}

/// All seats of a task.
#[derive(Debug, Default)]
pub(super) struct Seats {
    pub(super) by_id: BTreeMap<SeatId, TaskSeat>,
    carried: BTreeMap<SeatIndex, SeatId>,
    /// The number of failures of the store when the seats were read.
    failures: u64,
    /// Whether nothing can be stored now.
    pub(super) fails: bool,
    /// Whether writes wait for room in the store's queue.
    pub(super) wait_for_room: bool,
    /// Whether a seat is to be read anew although the store has not failed.
    pub(super) is_stale: bool,
    pub(super) folds: Folds,
}

impl Task {
    /// Takes up what the task before this one had, which a defect ended.
    pub(super) async fn take_over(&mut self) -> Result<(), StoreError> {
        let Health { failures, fault } = self.health.borrow_and_update().clone();
        (self.seats.failures, self.seats.fails) = (failures, fault.is_some());
        if self.inbox.views.is_empty() {
            return Ok(());
        }
        for (seat, view) in &self.inbox.views {
            let SeatView { standing, cursor, .. } = *view.borrow();
            let watchers = Watchers::new(Told { standing, cursor });
            let task_seat = TaskSeat {
                held: Held::Unread(None),
                tenure: self.store.begin_tenure(),
                unsure: BTreeSet::new(),
                untold: Vec::new(),
                view: Arc::clone(view),
                watchers,
            };
            self.seats.by_id.insert(*seat, task_seat);
        }
        // Everything that the earlier task handed over must be stored before it is read.
        self.store.flush().await?;
        self.read_anew().await;
        Ok(())
    }

    pub(super) fn add(&mut self, seat: SeatId, record: SeatRecord) -> watch::Receiver<SeatView> {
        let machine = Box::new(Seat::new(record));
        let told = Told::of(machine.standing(), machine.record());
        let (view, receiver) = watch::channel(views::view(machine.record(), told, None, None));
        let view = Arc::new(view);
        self.inbox.views.insert(seat, Arc::clone(&view));
        let task_seat = TaskSeat {
            held: Held::Resting(machine),
            tenure: self.store.begin_tenure(),
            unsure: BTreeSet::new(),
            untold: Vec::new(),
            view,
            watchers: Watchers::new(told),
        };
        self.seats.by_id.insert(seat, task_seat);
        receiver
    }

    /// Lets a seat go; nothing that is wanted of it later has an effect.
    pub(super) fn remove(&mut self, seat: SeatId) {
        self.rest(seat);
        self.inbox.views.remove(&seat);
        self.seats.by_id.remove(&seat);
    }

    /// Whether nothing waits in a seat and no returned text is kept: nobody misses what it holds.
    pub(super) fn is_spare(&self, seat: SeatId) -> bool {
        let record = self.read(seat).map(Seat::record);
        record.is_some_and(|record| record.outbox.is_empty() && record.returned.is_empty())
    }

    /// A seat that the conversation carries has to be read anew.
    pub(super) fn reread(&mut self, index: SeatIndex) {
        let Some(seat) = self.seats.carried.get(&index).copied() else { return };
        self.rest(seat);
        if let Some(task_seat) = self.seats.by_id.get_mut(&seat) {
            task_seat.abandon();
        }
        self.seats.is_stale = true;
    }

    pub(super) fn stored(&mut self, stored: Stored) {
        let Stored { tenure, seat, through } = stored;
        let Some(task_seat) = self.seats.by_id.get_mut(&seat).filter(|task_seat| task_seat.tenure == tenure)
        else {
            return;
        };
        match &mut task_seat.held {
            Held::Unread(_) => return,
            Held::Resting(seat) => {
                seat.handle_stored(through);
                tell_all(seat, &mut task_seat.watchers);
            }
            Held::Carried(index) => {
                let index = *index;
                self.connection.with_conversation(Instant::now(), |conversation| {
                    conversation.handle_stored(index, through);
                });
            }
        }
        task_seat.watchers.handle_stored(through);
    }

    pub(super) fn tell(&mut self, index: SeatIndex, delta: Delta) {
        let Some(record) = self.connection.conversation().seat(index).map(Seat::record) else { return };
        let seat = self.seats.carried.get(&index);
        if let Some(task_seat) = seat.and_then(|seat| self.seats.by_id.get_mut(seat)) {
            task_seat.watchers.tell(delta, record);
        }
    }

    pub(super) fn tell_presence(&mut self, index: SeatIndex, online: Arc<[u8]>) {
        let seat = self.seats.carried.get(&index);
        if let Some(task_seat) = seat.and_then(|seat| self.seats.by_id.get_mut(seat)) {
            task_seat.watchers.tell_presence(Some(online));
        }
    }

    /// The connection is gone: who is connected is not known any more.
    pub(super) fn forget_presence(&mut self) {
        for task_seat in self.seats.by_id.values_mut() {
            task_seat.watchers.tell_presence(None);
        }
    }

    /// Hands to the store what is to be written, as far as there is room for it.
    pub(super) fn hand_over(&mut self, now: Instant) -> Result<(), StoreError> {
        let store = Arc::clone(&self.store);
        let Seats { by_id, carried, wait_for_room, .. } = &mut self.seats;
        *wait_for_room = true;
        while let Some(room) = store.try_reserve()? {
            let of_carried = self.connection.with_conversation(now, Conversation::poll_write);
            let carried =
                of_carried.and_then(|(index, id, write)| carried.get(&index).map(|seat| (*seat, id, write)));
            let write = carried.or_else(|| {
                by_id.iter_mut().find_map(|(seat, task_seat)| match &mut task_seat.held {
                    Held::Resting(resting) => resting.poll_write().map(|(id, write)| (*seat, id, write)),
                    Held::Carried(_) | Held::Unread(_) => None,
                })
            });
            let Some((seat, id, write)) = write else {
                *wait_for_room = false;
                break;
            };
            if let Some(task_seat) = by_id.get(&seat) {
                room.write(task_seat.tenure, seat, id, write);
            }
        }
        Ok(())
    }

    /// The store failed, or is well again. Whatever a seat holds may not be what is stored: it
    /// takes and sends nothing before it was read anew, and nothing at all while the store fails.
    /// The link stays.
    pub(super) async fn store_changed(&mut self) {
        let Health { failures, fault } = self.health.borrow_and_update().clone();
        self.seats.fails = fault.is_some();
        if failures != self.seats.failures {
            self.seats.failures = failures;
            let seats: Vec<SeatId> = self.seats.by_id.keys().copied().collect();
            for seat in seats {
                self.rest(seat);
                if let Some(task_seat) = self.seats.by_id.get_mut(&seat) {
                    task_seat.abandon();
                }
            }
        }
        self.read_anew().await;
    }

    /// Reads all seats that are not carried, and answers those who waited for an outcome.
    pub(super) async fn read_anew(&mut self) {
        self.seats.is_stale = false;
        let away = |task_seat: &TaskSeat| !matches!(task_seat.held, Held::Carried(_));
        let seats: Vec<SeatId> =
            self.seats.by_id.iter().filter(|(_, task_seat)| away(task_seat)).map(|(seat, _)| *seat).collect();
        for seat in seats {
            let tenure = self.store.begin_tenure();
            let read = self.store.load_seat(seat).await;
            let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { continue };
            match read {
                Ok(Some(stored)) => task_seat.take(tenure, stored.record, self.seats.fails),
                // It was removed.
                Ok(None) => self.remove(seat),
                Err(error) => {
                    tracing::warn!(%error, "a seat cannot be read; it is tried again");
                    task_seat.abandon();
                    task_seat.watchers.handle_lost(None, &mut task_seat.unsure);
                }
            }
        }
    }

    /// Has the conversation carry the seats that want something of the server. As many as it takes
    /// of those whose participant is there; and of the others first those that still have something
    /// to say or to read, then those that wait to be opened, the latest first, then those whose
    /// participant left and may come back.
    pub(super) fn arrange(&mut self) {
        if self.seats.fails {
            return;
        }
        self.note_full();
        let seats: Vec<SeatId> = self.seats.by_id.keys().copied().collect();
        let (mut joined, mut others) = (Vec::new(), Vec::new());
        for seat in &seats {
            let Some(read) = self.read(*seat) else { continue };
            let first = Reverse(SeatId(i64::MAX));
            match read.standing() {
                Standing::Joined => joined.push(*seat),
                Standing::Left | Standing::Removed if !read.is_resting() => {
                    others.push((0, first, *seat));
                }
                Standing::Joining
                | Standing::NotHereNow { .. }
                | Standing::Refused { is_final: false, .. } => {
                    others.push((1, Reverse(*seat), *seat));
                }
                Standing::Left | Standing::Removed => others.push((2, first, *seat)),
                Standing::Refused { is_final: true, .. } => {}
            }
        }
        joined.truncate(SEATS_PER_CONNECTION_MAX);
        others.sort_unstable();
        others.truncate(SEATS_KEPT_MAX);
        let wanted: BTreeSet<SeatId> =
            joined.into_iter().chain(others.into_iter().map(|(.., seat)| seat)).collect();
        for seat in seats.iter().filter(|seat| !wanted.contains(seat)) {
            self.rest(*seat);
        }
        for seat in wanted {
            self.carry(seat);
        }
        self.fold_resting();
    }

    /// Tells seats when no more of their conferences is kept, and when there is room again.
    fn note_full(&mut self) {
        let full = self.full.borrow();
        for (seat, task_seat) in &mut self.seats.by_id {
            let is_full = full.holds(&self.user, *seat);
            match &mut task_seat.held {
                Held::Unread(_) => {}
                Held::Resting(resting) => {
                    if resting.is_full() != is_full {
                        resting.handle_full(is_full);
                        tell_all(resting, &mut task_seat.watchers);
                    }
                }
                Held::Carried(index) => {
                    let index = *index;
                    let known = self.connection.conversation().seat(index).map(Seat::is_full);
                    if known == Some(!is_full) {
                        self.connection.with_conversation(Instant::now(), |conversation| {
                            conversation.handle_full(index, is_full);
                        });
                    }
                }
            }
        }
    }

    fn carry(&mut self, seat: SeatId) {
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        if !matches!(task_seat.held, Held::Resting(_)) {
            return;
        }
        let Held::Resting(resting) = std::mem::replace(&mut task_seat.held, Held::Unread(None)) else {
            return;
        };
        let added =
            self.connection.with_conversation(Instant::now(), |conversation| conversation.add_seat(*resting));
        match added {
            Ok(index) => {
                task_seat.held = Held::Carried(index);
                self.seats.carried.insert(index, seat);
            }
            // It is read again, and waits until there is room.
            Err(_) => self.seats.is_stale = true,
        }
    }

    /// Takes a seat out of the conversation; the server is told to send nothing more for it.
    fn rest(&mut self, seat: SeatId) {
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        let Held::Carried(index) = task_seat.held else { return };
        self.seats.carried.remove(&index);
        let taken =
            self.connection.with_conversation(Instant::now(), |conversation| conversation.remove_seat(index));
        task_seat.held = taken.map_or(Held::Unread(None), |seat| Held::Resting(Box::new(seat)));
    }

    /// A seat, wherever it is.
    pub(super) fn read(&self, seat: SeatId) -> Option<&Seat> {
        match &self.seats.by_id.get(&seat)?.held {
            Held::Carried(index) => self.connection.conversation().seat(*index),
            Held::Resting(seat) => Some(seat),
            Held::Unread(_) => None,
        }
    }

    /// Shows how the seats are.
    pub(super) fn show_seats(&self) {
        for (seat, task_seat) in &self.seats.by_id {
            let Some(record) = self.read(*seat).map(Seat::record) else { continue };
            task_seat.view.send_if_modified(|shown| {
                let Watchers { told, online, .. } = &task_seat.watchers;
                let fresh = views::view(record, *told, online.clone(), Some(&*shown));
                let changed = fresh != *shown;
                if fresh.standing != shown.standing {
                    views::log(&self.targets.host, &self.user, &fresh);
                }
                *shown = fresh;
                changed
            });
        }
        let opens = |task_seat: &TaskSeat| task_seat.view.borrow().now.as_ref()?.opens;
        let opens: BTreeSet<Timestamp> = self.seats.by_id.values().filter_map(opens).collect();
        self.inbox.opens.send_if_modified(|shown| {
            let changed = *shown != opens;
            *shown = opens;
            changed
        });
    }
}

impl TaskSeat {
    /// Gives up the seat's content, which is not to be relied on any more.
    fn abandon(&mut self) {
        let Held::Resting(mut seat) = std::mem::replace(&mut self.held, Held::Unread(None)) else { return };
        let last = seat.last_write();
        seat.handle_stored(last);
        let untold = std::iter::from_fn(|| seat.poll_delta());
        self.untold.extend(untold.filter(|delta| matches!(delta, Delta::Receipt(_) | Delta::Lost { .. })));
        seat.handle_write_failed(WriteId(u64::MAX), false);
        self.held = Held::Unread(Some(seat));
    }

    /// Goes on from what is stored. Where that is more than was told, it is told now.
    fn take(&mut self, tenure: Tenure, record: SeatRecord, fails: bool) {
        self.watchers.handle_lost(Some(&record), &mut self.unsure);
        let unsure = if fails { BTreeSet::new() } else { std::mem::take(&mut self.unsure) };
        let seat = match std::mem::replace(&mut self.held, Held::Unread(None)) {
            Held::Resting(mut seat) | Held::Unread(Some(mut seat)) => {
                seat.handle_reread(record);
                seat
            }
            Held::Unread(None) | Held::Carried(_) => Box::new(Seat::new(record)),
        };
        let record = seat.record();
        for id in unsure {
            self.watchers.tell_queued(id, record);
        }
        for delta in std::mem::take(&mut self.untold) {
            let holds = match &delta {
                Delta::Receipt(receipt) => receipt_of(record, receipt.id) == Some(*receipt),
                Delta::Lost { id, .. } => record.returned.contains_key(id),
                Delta::Seat(_)
                | Delta::Events { .. }
                | Delta::PassedOver(_)
                | Delta::Reset { .. }
                | Delta::WatchAnew
                | Delta::Queued { .. }
                | Delta::NotQueued { .. }
                | Delta::Dismissed { .. }
                | Delta::History { .. } => false,
            };
            if holds {
                self.watchers.tell(delta, record);
            }
        }
        self.tenure = tenure;
        self.held = Held::Resting(seat);
        if let Held::Resting(seat) = &mut self.held {
            tell_all(seat, &mut self.watchers);
            self.watchers.told = Told::of(seat.standing(), seat.record());
        }
    }
}

fn tell_all(seat: &mut Seat, watchers: &mut Watchers) {
    while let Some(delta) = seat.poll_delta() {
        watchers.tell(delta, seat.record());
    }
}

fn receipt_of(record: &SeatRecord, id: CommandId) -> Option<Receipt> {
    Some(record.replica.as_ref()?.receipts.get(id)?.receipt(id))
}
