//! Frontends that watch a seat, and askers who wait until something of it is durable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use convene_conference::{Outcome, Receipt};
use convene_model::{CommandId, Point};
use convene_seat::{ActError, Delta, SeatRecord, Span, Standing, WriteId};
use tokio::sync::{mpsc, oneshot};

use super::task::{reply, watching};
use super::{ActAnswer, Begin, NotStored, WatchEvent, Watching};

/// Those who want to know about one seat.
#[derive(Debug)]
pub(super) struct Watchers {
    /// The standing and the cursor of the seat, as everyone may know them.
    pub(super) told: Told,
    /// The participants that are connected, as they were told last.
    pub(super) online: Option<Arc<[u8]>>,
    news: Vec<mpsc::Sender<WatchEvent>>,
    receipts: BTreeMap<CommandId, Vec<oneshot::Sender<Receipt>>>,
    /// Those who wait until this write is durable.
    waiting: Vec<(WriteId, Waiting)>,
    /// Those who wait for a page of the past.
    fetching: Vec<(Span, oneshot::Sender<bool>)>,
    /// Those who want to watch while there is no state.
    unfolded: Vec<WatchWish>,
}

/// The standing and the cursor of a seat: both are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) standing: Standing,
    pub(super) cursor: u64,
}

/// Tells what became of a command, and later its receipt.
#[derive(Debug)]
pub(crate) struct Acting {
    pub(crate) acted: oneshot::Sender<Result<ActAnswer, ActError>>,
    pub(crate) receipt: oneshot::Sender<Receipt>,
}

/// Someone who wants to watch.
#[derive(Debug)]
pub(crate) struct WatchWish {
    pub(crate) begin: Begin,
    /// Whether the state is wanted.
    pub(crate) state: bool,
    /// The channel for the news.
    pub(crate) news: mpsc::Sender<WatchEvent>,
    pub(crate) answer: oneshot::Sender<Result<Watching, NotStored>>,
}

/// Someone who waits until something is durable.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A command in the outbox.
    Act(CommandId, Acting),
    /// A returned text that is let go.
    Dismiss(CommandId, oneshot::Sender<Result<bool, NotStored>>),
    /// The beginning of a watch.
    Watch(Box<Watching>, (Begin, bool), oneshot::Sender<Result<Watching, NotStored>>),
    /// A page of the past that has come.
    Fetched(oneshot::Sender<bool>),
}

impl Watchers {
    pub(super) fn new(told: Told) -> Self {
        Self {
            told,
            online: None,
            news: Vec::new(),
            receipts: BTreeMap::new(),
            waiting: Vec::new(),
            fetching: Vec::new(),
            unfolded: Vec::new(),
        }
    }

    /// Tells what happens from now on, and first who is connected.
    pub(super) fn watch(&mut self, news: mpsc::Sender<WatchEvent>) {
        let presence = WatchEvent::Presence { online: self.online.clone() };
        if self.online.is_none() || news.try_send(presence).is_ok() {
            self.news.push(news);
        }
    }

    /// The watch begins once the state is folded.
    pub(super) fn wait_for_state(&mut self, wish: WatchWish) {
        self.unfolded.push(wish);
    }

    pub(super) fn take_unfolded(&mut self) -> Vec<WatchWish> {
        std::mem::take(&mut self.unfolded)
    }

    /// Answers when a wish for this span has come to its end: whether something came.
    pub(super) fn fetch(&mut self, span: Span, answer: oneshot::Sender<bool>) {
        self.fetching.retain(|(_, waiting)| !waiting.is_closed());
        self.fetching.push((span, answer));
    }

    /// Answers when this write is durable.
    pub(super) fn wait(&mut self, write: WriteId, waiting: Waiting) {
        self.waiting.push((write, waiting));
    }

    /// Everything up to this write is durable.
    pub(super) fn handle_stored(&mut self, through: WriteId) {
        let durable: Vec<_> = self.waiting.extract_if(.., |(write, _)| *write <= through).collect();
        durable.into_iter().for_each(|(_, waiting)| self.fulfil(waiting));
    }

    /// Answers someone who waited for something that is durable now.
    pub(super) fn fulfil(&mut self, waiting: Waiting) {
        match waiting {
            Waiting::Act(id, answer) => self.answer(id, answer),
            Waiting::Dismiss(_, answer) => reply(answer, Ok(true)),
            Waiting::Watch(watching, _, answer) => reply(answer, Ok(*watching)),
            Waiting::Fetched(answer) => reply(answer, true),
        }
    }

    /// The store failed before it told what became of the writes that are waited for, and this is
    /// what it holds, if it can be read. A command that is there is not known to be durable and
    /// becomes one of the `unsure`.
    pub(super) fn handle_lost(&mut self, record: Option<&SeatRecord>, unsure: &mut BTreeSet<CommandId>) {
        let told = |undone: bool| if undone { NotStored::Undone } else { NotStored::Unsure };
        for (_, waiting) in std::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Act(id, Acting { acted, .. }) => {
                    let undone = record.is_some_and(|record| !holds(record, id));
                    if !undone {
                        unsure.insert(id);
                    }
                    reply(acted, Ok(ActAnswer::NotStored(told(undone))));
                }
                Waiting::Dismiss(id, answer) => {
                    let kept = record.is_some_and(|record| record.returned.contains_key(&id));
                    reply(answer, Err(told(kept)));
                }
                Waiting::Watch(_, (begin, state), answer) => {
                    let watching = record.and_then(|record| watching(record, begin, state));
                    reply(answer, watching.ok_or(NotStored::Undone));
                }
                Waiting::Fetched(answer) => reply(answer, false),
            }
        }
    }

    /// The command is durable: says so, and tells the receipt later.
    pub(super) fn answer(&mut self, id: CommandId, answer: Acting) {
        self.receipts.retain(|_, waiting| waiting.iter().any(|one| !one.is_closed()));
        if answer.acted.send(Ok(ActAnswer::Queued)).is_ok() {
            self.receipts.entry(id).or_default().push(answer.receipt);
        }
    }

    /// Tells everyone. `record` is the seat's, which may be ahead of what is told.
    pub(super) fn tell(&mut self, delta: Delta, record: &SeatRecord) {
        let point =
            |number| record.replica.as_ref().map(|replica| Point { number, term: replica.term_of(number) });
        match delta {
            Delta::Seat(standing) => {
                self.told.standing = standing;
                self.pass_on(&WatchEvent::Seat(standing));
            }
            Delta::Events { through, items, .. } => {
                self.told.cursor = through;
                if let Some(through) = point(through) {
                    self.pass_on(&WatchEvent::Events { items, through });
                }
            }
            Delta::PassedOver(Span { through, .. }) => {
                self.told.cursor = through;
                if let Some(through) = point(through) {
                    self.pass_on(&WatchEvent::PassedOver { through });
                }
            }
            Delta::Reset { number } => {
                self.told.cursor = number;
                if let Some(to) = point(number) {
                    self.pass_on(&WatchEvent::Reset { to });
                }
            }
            Delta::WatchAnew => {
                self.told.cursor = record.replica.as_ref().map_or(0, |replica| replica.cursor);
                self.pass_on(&WatchEvent::Anew);
                self.news.clear();
            }
            Delta::Queued { id } => self.tell_queued(id, record),
            Delta::Receipt(receipt) => self.tell_receipt(receipt, record),
            Delta::Lost { id, body } => self.pass_on(&WatchEvent::Lost { id, body }),
            Delta::Dismissed { id } => self.pass_on(&WatchEvent::Dismissed { id }),
            Delta::History { asked, came } => {
                for (_, answer) in self.fetching.extract_if(.., |(span, _)| *span == asked) {
                    reply(answer, came.is_some());
                }
            }
            // This store undoes all writes of a seat or none: who waits is told once it is read.
            Delta::NotQueued { .. } => {}
        }
    }

    /// A command waits in the outbox, if it still does.
    pub(super) fn tell_queued(&mut self, id: CommandId, record: &SeatRecord) {
        if let Some(queued) = record.outbox.get(id) {
            self.pass_on(&WatchEvent::Queued { id, body: queued.body.clone() });
        }
    }

    /// A command has its receipt.
    pub(super) fn tell_receipt(&mut self, receipt: Receipt, record: &SeatRecord) {
        for waiting in self.receipts.remove(&receipt.id).unwrap_or_default() {
            reply(waiting, receipt);
        }
        let is_refused = matches!(receipt.outcome, Outcome::Refused { .. });
        let kept = record.returned.get(&receipt.id).filter(|_| is_refused);
        self.pass_on(&WatchEvent::Receipt { receipt, kept: kept.map(|kept| kept.body.clone()) });
    }

    /// Tells who is connected in the seat's conference, or that this is not known any more.
    pub(super) fn tell_presence(&mut self, online: Option<Arc<[u8]>>) {
        if self.online != online {
            self.online.clone_from(&online);
            self.pass_on(&WatchEvent::Presence { online });
        }
    }

    /// A frontend that does not keep up loses its watch, and with it its connection.
    fn pass_on(&mut self, told: &WatchEvent) {
        self.news.retain(|watcher| watcher.try_send(told.clone()).is_ok());
    }
}

fn holds(record: &SeatRecord, id: CommandId) -> bool {
    let has_receipt = record.replica.as_ref().is_some_and(|replica| replica.receipts.get(id).is_some());
    record.outbox.get(id).is_some() || has_receipt
}
