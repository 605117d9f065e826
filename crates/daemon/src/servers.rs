//! The task of each server: its connection, the seats on it, and the pipes that are open.

mod finding;
mod pipes;
mod status;
mod task;
mod watchers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use convene_conference::{Outcome, State};
use convene_dial::Dialer;
use convene_local_api::Connection as ConnectionView;
use convene_model::{CommandId, LogId};
use convene_pac::Evaluator;
use convene_reach::Route;
use convene_seat::{EventText, Membership, Phase, SeatRecord};
use tokio::sync::{mpsc, oneshot, watch};

use crate::logins::Logins;
use crate::network::Whereabouts;
use crate::proxies::Proxies;
use crate::rules::Rules;
use crate::store::{SeatId, ServerAddress, Store, Stored};

pub(crate) use task::run;
pub(crate) use watchers::Acting;

/// Wishes that wait for a server's task before their askers do.
const WISHES_MAX: usize = 256;
/// Notices of durable writes that wait: one per seat is enough, and they are small.
const NOTICES_MAX: usize = 1_024;

/// What a server's task is asked.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Takes a seat over.
    Add { seat: SeatId, record: Box<SeatRecord>, answer: oneshot::Sender<watch::Receiver<SeatView>> },
    /// Lets a seat go: whatever waits in it, or only where nothing does and no refused text is
    /// kept. Says whether it did.
    Remove { seat: SeatId, only_spare: bool, answer: oneshot::Sender<bool> },
    /// Takes a command into a seat's outbox.
    Act { seat: SeatId, id: CommandId, body: Arc<str>, answer: Acting },
    /// Lets a refused text go.
    Dismiss { seat: SeatId, id: CommandId, answer: oneshot::Sender<Result<bool, NotStored>> },
    /// Begins to tell a frontend what happens on a seat.
    Watch { seat: SeatId, news: mpsc::Sender<News>, answer: oneshot::Sender<Result<Watching, NotStored>> },
    /// Gives whoever opens routes to the server, and the routes through proxies, best first.
    Proxies { answer: oneshot::Sender<(Arc<Dialer>, Vec<Route>)> },
    /// The configuration says something else: with another way to open routes, all that is open is
    /// opened anew.
    Configure { rules: Rules, dialer: Option<Arc<Dialer>> },
    /// Tries at once.
    Retry,
    /// The machine has slept: finds out whether the pipe still lives.
    Wake { asleep: Duration },
    /// Meets a defect.
    #[cfg(test)]
    Panic,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acted {
    /// It is in the outbox, durably; the receipt comes later.
    Queued,
    /// It was decided before.
    Settled(Outcome),
    /// The disk did not take it.
    NotStored(NotStored),
}

/// What became of a change that the store failed to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotStored {
    /// Nothing of it is there, and nothing of it can appear later.
    Undone,
    /// It may hold.
    Unsure,
}

/// A seat as far as lists show it.
#[derive(Debug, Clone)]
pub(crate) struct SeatView {
    pub(crate) phase: Phase,
    pub(crate) membership: Option<Membership>,
    pub(crate) title: String,
    pub(crate) waiting: usize,
    pub(crate) cursor: u64,
    /// Counts the pages that were fetched of what snapshots passed over, and stored.
    pub(crate) fetched: u64,
}

/// Where a watch begins.
#[derive(Debug)]
pub(crate) struct Watching {
    pub(crate) membership: Option<Membership>,
    pub(crate) state: State,
    /// What the state covers.
    pub(crate) cursor: u64,
    pub(crate) phase: Phase,
    /// Commands without a receipt, in order.
    pub(crate) waiting: Vec<(CommandId, Arc<str>)>,
    /// Refused commands whose bodies are kept.
    pub(crate) refused: Vec<(CommandId, Outcome, Arc<str>)>,
}

/// What a watching frontend is told, in order.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// Events, and up to where nothing is missing.
    Events { items: Arc<[EventText]>, through: u64 },
    /// Everything up to here is in the store.
    Stored { through: u64 },
    /// A command waits in the outbox.
    Queued { id: CommandId, body: Arc<str> },
    /// A command has its receipt; the body of a refused one is kept.
    Receipt { id: CommandId, outcome: Outcome, kept: Option<Arc<str>> },
    /// The text of a refused command was let go.
    Dismissed { id: CommandId },
    /// The seat stands otherwise.
    Phase(Phase),
    /// The seat went on from a snapshot at this number.
    PassedOver { through: u64 },
    /// Everything that was known is void: the replica begins anew at this number of this log.
    Reset { log: LogId, through: u64 },
}

/// How a server's task is reached.
#[derive(Debug, Clone)]
pub(crate) struct ServerHandle {
    pub(crate) wishes: mpsc::Sender<Wish>,
    pub(crate) stored: mpsc::Sender<Stored>,
    /// How it is connected.
    pub(crate) status: watch::Receiver<ConnectionView>,
}

/// The other end of a [`ServerHandle`], for the task.
#[derive(Debug)]
pub(crate) struct Inbox {
    wishes: mpsc::Receiver<Wish>,
    stored: mpsc::Receiver<Stored>,
    status: watch::Sender<ConnectionView>,
    /// How each seat is shown; they outlive a task that a defect ends.
    views: BTreeMap<SeatId, Arc<watch::Sender<SeatView>>>,
}

/// What a server's task works with.
#[derive(Debug, Clone)]
pub(crate) struct Means {
    pub(crate) store: Arc<Store>,
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) address: ServerAddress,
    pub(crate) rules: Rules,
    /// Whose connection it is.
    pub(crate) user: String,
    /// Which proxies lead there.
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) logins: Arc<Logins>,
    /// Runs scripts that name proxies.
    pub(crate) evaluator: Evaluator,
    pub(crate) whereabouts: watch::Receiver<Whereabouts>,
}

/// Makes both ends.
pub(crate) fn channel(address: &ServerAddress, rules: &Rules) -> (ServerHandle, Inbox) {
    let (wishes, wishes_in) = mpsc::channel(WISHES_MAX);
    let (stored, stored_in) = mpsc::channel(NOTICES_MAX);
    let (status, status_out) = watch::channel(status::initial(address, rules));
    let handle = ServerHandle { wishes, stored, status: status_out };
    (handle, Inbox { wishes: wishes_in, stored: stored_in, status, views: BTreeMap::new() })
}
