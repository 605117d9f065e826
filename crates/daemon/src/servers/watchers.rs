//! Frontends that watch seats, and askers who wait.

use std::collections::BTreeMap;

use convene_conference::Outcome;
use convene_model::CommandId;
use convene_seat::{ActError, Delta, WriteId};
use tokio::sync::{mpsc, oneshot};

use super::{Acted, News};

/// Those who want to know about one seat.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    news: Vec<mpsc::Sender<News>>,
    receipts: BTreeMap<CommandId, Vec<oneshot::Sender<Outcome>>>,
    /// Askers whose command is not durable yet.
    taking: Vec<(WriteId, CommandId, Asker)>,
}

/// Who put a command into the outbox.
type Asker = oneshot::Sender<Result<Acted, ActError>>;

impl Watchers {
    pub(super) fn watch(&mut self, news: mpsc::Sender<News>) {
        self.news.push(news);
    }

    /// Answers when the command is durable.
    pub(super) fn take(&mut self, write: WriteId, id: CommandId, answer: Asker) {
        self.taking.push((write, id, answer));
    }

    /// Everything up to this write is durable.
    pub(super) fn handle_stored(&mut self, through: WriteId) {
        let durable: Vec<_> = self.taking.extract_if(.., |(write, _, _)| *write <= through).collect();
        for (_, id, answer) in durable {
            self.answer(id, answer);
        }
    }

    /// The command is durable: says so, and tells the receipt later.
    pub(super) fn answer(&mut self, id: CommandId, answer: Asker) {
        self.receipts.retain(|_, waiting| waiting.iter().any(|one| !one.is_closed()));
        let (sender, receipt) = oneshot::channel();
        if answer.send(Ok(Acted::Queued(receipt))).is_ok() {
            self.receipts.entry(id).or_default().push(sender);
        }
    }

    /// Tells everyone. A frontend that does not keep up loses its watch, and with it its connection.
    pub(super) fn tell(&mut self, delta: Delta) {
        let news = match delta {
            Delta::Events { items, through } => News::Events { items, through },
            Delta::Receipt(settled) => {
                for waiting in self.receipts.remove(&settled.id).unwrap_or_default() {
                    if waiting.send(settled.outcome).is_err() {
                        tracing::debug!("nobody waits for the receipt any more");
                    }
                }
                News::Receipt { id: settled.id, outcome: settled.outcome }
            }
            Delta::Phase(phase) => News::Phase(phase),
            Delta::Snapshot { through } => News::Snapshot { through },
            Delta::History { missing } => News::History { missing },
        };
        self.news.retain(|watcher| watcher.try_send(news.clone()).is_ok());
    }
}
