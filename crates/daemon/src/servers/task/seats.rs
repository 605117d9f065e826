//! The seats of a task: which of them the conversation carries, and what happens to all of them
//! when the store fails.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_model::CommandId;
use convene_model::limits::SEATS_PER_CONNECTION_MAX;
use convene_seat::{ActError, Acted as SeatActed, Delta, Digest, Phase, Seat, SeatRecord, Settled, Span};
use convene_uplink::{Conversation, SeatIndex};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::watchers::{Acting, Waiting, Watchers};
use super::super::{Acted, News, NotStored, SeatView, Watching};
use super::{Task, reply, views};
use crate::store::{Health, SeatId, StoreError, Stored, Tenure};

/// Before a seat that cannot be read is tried again.
const READ_AGAIN: Duration = Duration::from_secs(5);

/// A seat on this server.
#[derive(Debug)]
pub(super) struct Place {
    held: Held,
    tenure: Tenure,
    told: Told,
    /// Commands that the files hold after a commit failed: not known to be durable before the store
    /// is well again.
    unsure: BTreeSet<CommandId>,
    /// Receipts that had come and were not known to be durable when the store failed.
    receipts: Vec<Settled>,
    view: Arc<watch::Sender<SeatView>>,
    watchers: Watchers,
}

/// Where a seat is.
#[derive(Debug)]
enum Held {
    /// The conversation carries it.
    Carried(SeatIndex),
    /// It has nothing to ask of the server, or may not ask now.
    Resting(Box<Seat>),
    /// The store does not give it out.
    Unread,
}

/// How far a seat is, as everyone may know: all of it is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) phase: Phase,
    pub(super) cursor: u64,
}

impl Told {
    fn of(record: &SeatRecord) -> Self {
        Self { phase: record.phase(), cursor: record.cursor }
    }
}

/// All seats of a task.
#[derive(Debug, Default)]
pub(super) struct Seats {
    places: BTreeMap<SeatId, Place>,
    carried: BTreeMap<SeatIndex, SeatId>,
    /// How often the store had failed when they were read.
    failures: u64,
    /// Whether nothing can be stored now.
    fails: bool,
    /// Whether writes wait for room in the store's queue.
    pub(super) wait_for_room: bool,
    /// When those that could not be read are tried again.
    pub(super) read_again: Option<Instant>,
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
            let SeatView { phase, cursor, .. } = *view.borrow();
            self.seats.places.insert(
                *seat,
                Place {
                    held: Held::Unread,
                    tenure: self.store.begin_tenure(),
                    told: Told { phase, cursor },
                    unsure: BTreeSet::new(),
                    receipts: Vec::new(),
                    view: Arc::clone(view),
                    watchers: Watchers::default(),
                },
            );
        }
        // What that task handed over must be stored before it is read.
        self.store.flush().await?;
        self.read_anew().await;
        Ok(())
    }

    pub(super) fn add(&mut self, seat: SeatId, record: SeatRecord) -> watch::Receiver<SeatView> {
        let told = Told::of(&record);
        let (view, receiver) = watch::channel(views::view(&record, told));
        let view = Arc::new(view);
        self.inbox.views.insert(seat, Arc::clone(&view));
        self.seats.places.insert(
            seat,
            Place {
                held: Held::Resting(Box::new(Seat::new(record))),
                tenure: self.store.begin_tenure(),
                told,
                unsure: BTreeSet::new(),
                receipts: Vec::new(),
                view,
                watchers: Watchers::default(),
            },
        );
        receiver
    }

    /// Lets a seat go; nothing that is wanted of it later has an effect.
    pub(super) fn remove(&mut self, seat: SeatId) {
        self.rest(seat);
        self.inbox.views.remove(&seat);
        self.seats.places.remove(&seat);
    }

    /// Whether nothing waits in a seat and no refused text is kept: nobody misses what it holds.
    pub(super) fn is_spare(&self, seat: SeatId) -> bool {
        self.read(seat).map(Seat::record).is_some_and(|record| {
            record.outbox.is_empty() && record.settled.values().all(|settled| settled.kept.is_none())
        })
    }

    pub(super) fn act(&mut self, seat: SeatId, id: CommandId, body: Arc<str>, answer: Acting) {
        let fails = self.seats.fails;
        let Some(place) = self.seats.places.get_mut(&seat) else { return };
        let acted = match &mut place.held {
            Held::Unread => return reply(answer.acted, Ok(Acted::NotStored(NotStored::Unsure))),
            Held::Resting(seat) if fails => {
                return match known(seat.record(), &place.unsure, id, &body) {
                    Some(Ok(Acted::Queued)) => place.watchers.answer(id, answer),
                    Some(known) => reply(answer.acted, known),
                    None => reply(answer.acted, Ok(Acted::NotStored(NotStored::Undone))),
                };
            }
            Held::Resting(seat) => seat.act(id, body),
            Held::Carried(index) => {
                let act = |conversation: &mut Conversation| conversation.act(*index, id, body);
                let Some(acted) = self.connection.with_conversation(Instant::now(), act) else { return };
                acted
            }
        };
        match acted {
            Ok(SeatActed::Queued { write, .. }) => self.when_stored(seat, write, Waiting::Act(id, answer)),
            Ok(SeatActed::Settled(outcome)) => reply(answer.acted, Ok(Acted::Settled(outcome))),
            Err(error) => reply(answer.acted, Err(error)),
        }
    }

    pub(super) fn dismiss(
        &mut self,
        seat: SeatId,
        id: CommandId,
        answer: oneshot::Sender<Result<bool, NotStored>>,
    ) {
        let fails = self.seats.fails;
        let Some(place) = self.seats.places.get_mut(&seat) else { return };
        let dismissed = match &mut place.held {
            Held::Unread | Held::Resting(_) if fails => {
                return reply(answer, Err(NotStored::Undone));
            }
            Held::Unread => return reply(answer, Err(NotStored::Undone)),
            Held::Resting(seat) => seat.dismiss(id),
            Held::Carried(index) => self
                .connection
                .with_conversation(Instant::now(), |conversation| conversation.dismiss(*index, id)),
        };
        match self.read(seat).map(Seat::last_write) {
            Some(write) if dismissed => self.when_stored(seat, write, Waiting::Dismiss(id, answer)),
            Some(_) | None => reply(answer, Ok(false)),
        }
    }

    /// What is told from now on goes to `news`. The answer says where that begins, once all of it
    /// is durable.
    pub(super) fn watch(
        &mut self,
        seat: SeatId,
        news: mpsc::Sender<News>,
        answer: oneshot::Sender<Result<Watching, NotStored>>,
    ) {
        let Some(read) = self.read(seat) else { return reply(answer, Err(NotStored::Undone)) };
        let (watching, write) = (views::watching(read.record()), read.last_write());
        if let Some(place) = self.seats.places.get_mut(&seat) {
            place.watchers.watch(news);
            self.when_stored(seat, write, Waiting::Watch(Box::new(watching), answer));
        }
    }

    /// Answers when everything up to this write is durable.
    fn when_stored(&mut self, seat: SeatId, write: convene_seat::WriteId, waiting: Waiting) {
        let is_stored = self.read(seat).is_some_and(|seat| seat.is_stored(write));
        let Some(place) = self.seats.places.get_mut(&seat) else { return };
        if is_stored { place.watchers.fulfil(waiting) } else { place.watchers.wait(write, waiting) }
    }

    pub(super) fn stored(&mut self, stored: Stored) {
        let Stored { tenure, seat, through } = stored;
        let Some(place) = self.seats.places.get_mut(&seat).filter(|place| place.tenure == tenure) else {
            return;
        };
        let mut deltas = Vec::new();
        match &mut place.held {
            Held::Unread => return,
            Held::Resting(seat) => {
                seat.handle_stored(through);
                deltas.extend(std::iter::from_fn(|| seat.poll_delta()));
            }
            Held::Carried(index) => {
                let index = *index;
                self.connection.with_conversation(Instant::now(), |conversation| {
                    conversation.handle_stored(index, through);
                });
            }
        }
        place.watchers.handle_stored(through);
        deltas.into_iter().for_each(|delta| place.tell(delta));
    }

    pub(super) fn tell(&mut self, index: SeatIndex, delta: Delta) {
        let seat = self.seats.carried.get(&index);
        if let Some(place) = seat.and_then(|seat| self.seats.places.get_mut(seat)) {
            place.tell(delta);
        }
    }

    /// Hands to the store what is to be written, as far as there is room for it.
    pub(super) fn hand_over(&mut self, now: Instant) -> Result<(), StoreError> {
        let store = Arc::clone(&self.store);
        let Seats { places, carried, wait_for_room, .. } = &mut self.seats;
        *wait_for_room = true;
        while let Some(room) = store.try_reserve()? {
            let of_carried = self.connection.with_conversation(now, Conversation::poll_write);
            let carried =
                of_carried.and_then(|(index, id, write)| carried.get(&index).map(|seat| (*seat, id, write)));
            let write = carried.or_else(|| {
                places.iter_mut().find_map(|(seat, place)| match &mut place.held {
                    Held::Resting(resting) => resting.poll_write().map(|(id, write)| (*seat, id, write)),
                    Held::Carried(_) | Held::Unread => None,
                })
            });
            let Some((seat, id, write)) = write else {
                *wait_for_room = false;
                break;
            };
            if let Some(place) = places.get(&seat) {
                room.write(place.tenure, seat, id, write);
            }
        }
        Ok(())
    }

    /// The store failed, or is well again. Whatever a seat holds may not be what is stored: it
    /// takes and sends nothing before it was read anew, and nothing at all while the store fails.
    /// The link stays.
    pub(super) async fn store_changed(&mut self) {
        let Health { failures, fault } = self.health.borrow_and_update().clone();
        let has_failed = self.seats.fails || failures != self.seats.failures;
        (self.seats.failures, self.seats.fails) = (failures, fault.is_some());
        let seats: Vec<SeatId> = self.seats.places.keys().copied().filter(|_| has_failed).collect();
        for seat in seats {
            self.rest(seat);
            if let Some(place) = self.seats.places.get_mut(&seat) {
                place.abandon();
            }
        }
        self.read_anew().await;
    }

    /// Reads all seats that are to be read, and answers everyone who waited for what became of
    /// them. One that cannot be read is tried again.
    pub(super) async fn read_anew(&mut self) {
        let is_unread = |place: &Place| matches!(place.held, Held::Unread);
        let seats: Vec<SeatId> =
            self.seats.places.iter().filter(|(_, place)| is_unread(place)).map(|(seat, _)| *seat).collect();
        self.seats.read_again = None;
        for seat in seats {
            let tenure = self.store.begin_tenure();
            let read = self.store.load_seat(seat).await;
            let Some(place) = self.seats.places.get_mut(&seat) else { continue };
            match read {
                Ok(Some(stored)) => place.take(tenure, stored.record, self.seats.fails),
                // It was removed.
                Ok(None) => self.remove(seat),
                Err(error) => {
                    tracing::warn!(%error, "a seat cannot be read; it is tried again");
                    self.seats.read_again = Some(Instant::now() + READ_AGAIN);
                    place.watchers.handle_lost(None, &mut place.unsure);
                }
            }
        }
    }

    /// Has the conversation carry the seats that want something of the server: whose participant is
    /// there first, then those that still have something to say, then those that were never a
    /// participant's, the latest first.
    pub(super) fn arrange(&mut self) {
        if self.seats.fails {
            return;
        }
        let rank = |seat: SeatId, record: &SeatRecord| match record.phase() {
            Phase::Joined => Some((0, Reverse(SeatId(i64::MAX)), seat)),
            Phase::Left if !record.outbox.is_empty() => Some((1, Reverse(SeatId(i64::MAX)), seat)),
            Phase::Joining => Some((2, Reverse(seat), seat)),
            Phase::Left | Phase::Refused { .. } => None,
        };
        let seats: Vec<SeatId> = self.seats.places.keys().copied().collect();
        let mut ranked: Vec<_> =
            seats.iter().filter_map(|seat| rank(*seat, self.read(*seat)?.record())).collect();
        ranked.sort_unstable();
        ranked.truncate(SEATS_PER_CONNECTION_MAX);
        let wanted: BTreeSet<SeatId> = ranked.into_iter().map(|(.., seat)| seat).collect();
        for seat in seats.iter().filter(|seat| !wanted.contains(seat)) {
            self.rest(*seat);
        }
        for seat in wanted {
            self.carry(seat);
        }
    }

    fn carry(&mut self, seat: SeatId) {
        let Some(place) = self.seats.places.get_mut(&seat) else { return };
        if !matches!(place.held, Held::Resting(_)) {
            return;
        }
        let Held::Resting(resting) = std::mem::replace(&mut place.held, Held::Unread) else { return };
        let added =
            self.connection.with_conversation(Instant::now(), |conversation| conversation.add_seat(*resting));
        if let Ok(index) = added {
            place.held = Held::Carried(index);
            self.seats.carried.insert(index, seat);
        }
    }

    /// Takes a seat out of the conversation; the server is told to send nothing more for it.
    fn rest(&mut self, seat: SeatId) {
        let Some(place) = self.seats.places.get_mut(&seat) else { return };
        let Held::Carried(index) = place.held else { return };
        self.seats.carried.remove(&index);
        let taken =
            self.connection.with_conversation(Instant::now(), |conversation| conversation.remove_seat(index));
        place.held = taken.map_or(Held::Unread, |mut seat| {
            seat.handle_detached();
            Held::Resting(Box::new(seat))
        });
    }

    /// A seat, wherever it is.
    fn read(&self, seat: SeatId) -> Option<&Seat> {
        match &self.seats.places.get(&seat)?.held {
            Held::Carried(index) => self.connection.conversation().seat(*index),
            Held::Resting(seat) => Some(seat),
            Held::Unread => None,
        }
    }

    /// Shows how the seats are.
    pub(super) fn show_seats(&self) {
        for (seat, place) in &self.seats.places {
            let Some(record) = self.read(*seat).map(Seat::record) else { continue };
            place.view.send_if_modified(|shown| {
                let before = shown.phase;
                let changed = views::update(shown, record, place.told);
                if before != shown.phase {
                    views::log(&self.targets.host, &self.user, shown);
                }
                changed
            });
        }
    }
}

impl Place {
    fn tell(&mut self, delta: Delta) {
        match delta {
            Delta::Phase(phase) => self.told.phase = phase,
            Delta::Events { through, .. }
            | Delta::PassedOver(Span { through, .. })
            | Delta::Reset { through, .. } => self.told.cursor = through,
            Delta::History { .. } => self.view.send_modify(|shown| shown.fetched += 1),
            Delta::Queued(_) | Delta::Receipt(_) | Delta::Dismissed(_) => {}
        }
        self.watchers.tell(delta);
    }

    /// What it holds is not to be relied on any more.
    fn abandon(&mut self) {
        if let Held::Resting(mut seat) = std::mem::replace(&mut self.held, Held::Unread) {
            let last = seat.last_write();
            seat.handle_stored(last);
            let untold = std::iter::from_fn(|| seat.poll_delta());
            self.receipts.extend(untold.filter_map(|delta| match delta {
                Delta::Receipt(settled) => Some(settled),
                Delta::Phase(_)
                | Delta::Events { .. }
                | Delta::Queued(_)
                | Delta::Dismissed(_)
                | Delta::PassedOver(_)
                | Delta::Reset { .. }
                | Delta::History { .. } => None,
            }));
        }
    }

    /// Goes on from what is stored. Where that is more than was told, it is told now.
    fn take(&mut self, tenure: Tenure, record: SeatRecord, fails: bool) {
        self.watchers.handle_lost(Some(&record), &mut self.unsure);
        if !fails {
            let unsure = std::mem::take(&mut self.unsure);
            for queued in record.outbox.values().filter(|queued| unsure.contains(&queued.id)) {
                self.watchers.tell(Delta::Queued(queued.clone()));
            }
        }
        for settled in std::mem::take(&mut self.receipts) {
            if record.settled.contains_key(&settled.number) {
                self.watchers.tell(Delta::Receipt(settled));
            }
        }
        let now = Told::of(&record);
        if now.cursor != self.told.cursor {
            self.watchers.tell_stored(now.cursor);
        }
        // Pages of history may be among what was stored and not told.
        self.view.send_modify(|shown| shown.fetched += 1);
        if now.phase != self.told.phase {
            self.watchers.tell(Delta::Phase(now.phase));
        }
        self.told = now;
        self.tenure = tenure;
        self.held = Held::Resting(Box::new(Seat::new(record)));
    }
}

/// What is known of a command while nothing can be stored; `None` where it is not known.
fn known(
    record: &SeatRecord,
    unsure: &BTreeSet<CommandId>,
    id: CommandId,
    body: &str,
) -> Option<Result<Acted, ActError>> {
    if let Some(queued) = record.outbox.values().find(|queued| queued.id == id) {
        return Some(match &*queued.body == body {
            false => Err(ActError::IdReused),
            true if unsure.contains(&id) => Ok(Acted::NotStored(NotStored::Unsure)),
            true => Ok(Acted::Queued),
        });
    }
    let settled = record.settled.values().find(|settled| settled.id == id)?;
    let same = settled.digest == Digest::of(body);
    Some(if same { Ok(Acted::Settled(settled.outcome)) } else { Err(ActError::IdReused) })
}
