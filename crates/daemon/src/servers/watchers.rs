//! Frontends that watch a seat, and askers who wait until something of it is durable.

use std::collections::{BTreeMap, BTreeSet};

use convene_conference::Outcome;
use convene_model::CommandId;
use convene_seat::{ActError, Delta, SeatRecord, WriteId};
use tokio::sync::{mpsc, oneshot};

use super::{Acted, News, NotStored, Watching};

/// Those who want to know about one seat.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    news: Vec<mpsc::Sender<News>>,
    receipts: BTreeMap<CommandId, Vec<oneshot::Sender<Outcome>>>,
    /// Who waits until this write is durable.
    waiting: Vec<(WriteId, Waiting)>,
}

/// Tells what became of a command, and later its receipt.
#[derive(Debug)]
pub(crate) struct Acting {
    pub(crate) acted: oneshot::Sender<Result<Acted, ActError>>,
    pub(crate) receipt: oneshot::Sender<Outcome>,
}

/// Someone who waits until something is durable.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A command in the outbox.
    Act(CommandId, Acting),
    /// A refused text that is let go.
    Dismiss(CommandId, oneshot::Sender<Result<bool, NotStored>>),
    /// Where a watch begins.
    Watch(Box<Watching>, oneshot::Sender<Result<Watching, NotStored>>),
}

impl Watchers {
    pub(super) fn watch(&mut self, news: mpsc::Sender<News>) {
        self.news.push(news);
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

    /// What it waits for is durable.
    pub(super) fn fulfil(&mut self, waiting: Waiting) {
        match waiting {
            Waiting::Act(id, answer) => self.answer(id, answer),
            Waiting::Dismiss(_, answer) => super::task::reply(answer, Ok(true)),
            Waiting::Watch(watching, answer) => super::task::reply(answer, Ok(*watching)),
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
                    super::task::reply(acted, Ok(Acted::NotStored(told(undone))));
                }
                Waiting::Dismiss(id, answer) => {
                    let kept = |record: &SeatRecord| {
                        record.settled.values().any(|settled| settled.id == id && settled.kept.is_some())
                    };
                    super::task::reply(answer, Err(told(record.is_some_and(kept))));
                }
                Waiting::Watch(_, answer) => {
                    let watching = record.map(super::task::watching).ok_or(NotStored::Undone);
                    super::task::reply(answer, watching);
                }
            }
        }
    }

    /// The command is durable: says so, and tells the receipt later.
    pub(super) fn answer(&mut self, id: CommandId, answer: Acting) {
        self.receipts.retain(|_, waiting| waiting.iter().any(|one| !one.is_closed()));
        if answer.acted.send(Ok(Acted::Queued)).is_ok() {
            self.receipts.entry(id).or_default().push(answer.receipt);
        }
    }

    /// Tells everyone. A frontend that does not keep up loses its watch, and with it its connection.
    pub(super) fn tell(&mut self, delta: Delta) {
        let told = match delta {
            Delta::Events { items, through } => News::Events { items, through },
            Delta::Receipt(settled) => {
                for waiting in self.receipts.remove(&settled.id).unwrap_or_default() {
                    if waiting.send(settled.outcome).is_err() {
                        tracing::debug!("nobody waits for the receipt any more");
                    }
                }
                News::Receipt { id: settled.id, outcome: settled.outcome, kept: settled.kept }
            }
            Delta::Queued(queued) => News::Queued { id: queued.id, body: queued.body },
            Delta::Dismissed(id) => News::Dismissed { id },
            Delta::Phase(phase) => News::Phase(phase),
            Delta::PassedOver(span) => News::PassedOver { through: span.through },
            Delta::Reset { log, through } => News::Reset { log, through },
            // Watches were told that these events are passed over; `conference.history` gives them.
            Delta::History { .. } => return,
        };
        self.pass_on(&told);
    }

    /// Everything up to here is in the store, and not all of it was told: it is read there.
    pub(super) fn tell_stored(&mut self, through: u64) {
        self.pass_on(&News::Stored { through });
    }

    fn pass_on(&mut self, told: &News) {
        self.news.retain(|watcher| watcher.try_send(told.clone()).is_ok());
    }
}

fn holds(record: &SeatRecord, id: CommandId) -> bool {
    let outbox = record.outbox.values().map(|queued| queued.id);
    let settled = record.settled.values().map(|settled| settled.id);
    outbox.chain(settled).any(|known| known == id)
}
