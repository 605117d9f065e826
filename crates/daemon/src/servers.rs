//! The task of each server: its connection, the seats on it, and the pipes that are open.

mod allowance;
mod pipes;
mod scripts;
mod status;
mod task;
mod watchers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use convene_conference::Receipt;
use convene_dial::Dialer;
use convene_local_api::{ConferenceNow, Connection as ConnectionView};
use convene_model::{CommandId, ConferenceId, Json, LogId, Name, ParticipantId, Point, Timestamp};
use convene_pac::Evaluator;
use convene_reach::Route;
use convene_seat::{EventText, HistoryWish, Returned, SeatRecord, Standing, Terms};
use tokio::sync::{mpsc, oneshot, watch};

use crate::logins::Logins;
use crate::network::Whereabouts;
use crate::proxies::Proxies;
use crate::rules::Rules;
use crate::store::{SeatId, ServerAddress, Store, Stored};

pub(crate) use scripts::{ScriptReader, ScriptResult};
pub(crate) use task::{PROGRAM, run};
pub(crate) use watchers::{Acting, WatchWish};

/// Wishes that wait for a server's task before their askers do.
const WISHES_MAX: usize = 256;
/// Notices of durable writes that wait: one per seat is enough, and they are small.
const NOTICES_MAX: usize = 1_024;

/// A wish that a server's task is asked.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Takes a seat over.
    Add { seat: SeatId, record: Box<SeatRecord>, answer: oneshot::Sender<watch::Receiver<SeatView>> },
    /// Lets a seat go: whatever waits in it, or only where nothing does and no returned text is
    /// kept. Says whether it did.
    Remove { seat: SeatId, only_spare: bool, answer: oneshot::Sender<bool> },
    /// Takes a command into a seat's outbox.
    Act { seat: SeatId, id: CommandId, body: Json, seen: Option<Point>, answer: Acting },
    /// Lets a returned text go.
    Dismiss { seat: SeatId, id: CommandId, answer: oneshot::Sender<Result<bool, NotStored>> },
    /// Begins to tell a frontend what happens on a seat.
    Watch { seat: SeatId, wish: WatchWish },
    /// Fetches a page of what a snapshot passed over, and says whether some of it came.
    Fetch { seat: SeatId, wish: HistoryWish, answer: oneshot::Sender<bool> },
    /// Turns a seat to the log that the server shows, and says whether that can be done.
    JoinLog { seat: SeatId, log: LogId, name: Name, answer: oneshot::Sender<bool> },
    /// Gives the dialer of the server, and the routes through proxies, best first.
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

/// The outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActAnswer {
    /// It is in the outbox, durably; the receipt comes later.
    Queued,
    /// It was decided before.
    Decided(Receipt),
    /// The disk did not take it.
    NotStored(NotStored),
}

/// The state of a change that the store failed to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotStored {
    /// Nothing of it is there, and nothing of it can appear later.
    Undone,
    /// It may hold.
    Unsure,
}

/// A seat as far as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeatView {
    pub(crate) standing: Standing,
    /// Once the server has named it.
    pub(crate) conference: Option<ConferenceId>,
    pub(crate) participant: Option<ParticipantId>,
    /// Whether it ever was a participant's.
    pub(crate) was_participant: bool,
    pub(crate) title: String,
    /// The participant's name, once the conference tells it: they may have changed it since.
    pub(crate) name: Option<String>,
    pub(crate) waiting: usize,
    /// Bytes of these commands, and of the texts that came back.
    pub(crate) kept_bytes: usize,
    pub(crate) cursor: u64,
    /// The participants that are connected, as in [`WatchEvent::Presence`].
    pub(crate) online: Option<Arc<[u8]>>,
    /// What goes on in the conference, while the participant takes part.
    pub(crate) now: Option<ConferenceNow>,
}

impl SeatView {
    /// Whether the participant is there as far as is known.
    pub(crate) fn takes_part(&self) -> bool {
        takes_part(self.standing, self.was_participant)
    }
}

/// Whether the participant of a seat that stands so is there as far as is known. A server that does
/// not open the seat now changes nothing in that.
pub(crate) fn takes_part(standing: Standing, was_participant: bool) -> bool {
    match standing {
        Standing::Joined => true,
        Standing::NotHereNow { .. } | Standing::Refused { is_final: false, .. } => was_participant,
        Standing::Joining | Standing::Left | Standing::Removed | Standing::Refused { is_final: true, .. } => {
            false
        }
    }
}

/// The point from which a frontend wants to watch.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Begin {
    /// From now on.
    Here,
    /// Behind this number, whatever became of it.
    Number(u64),
    /// Behind what it was told, which it folded with code of this level.
    Point { point: Point, level: u32 },
}

/// The beginning of a watch.
#[derive(Debug)]
pub(crate) struct Watching {
    pub(crate) participant: Option<ParticipantId>,
    pub(crate) log: LogId,
    pub(crate) terms: Terms,
    /// Everything up to here is in the store, or was passed over.
    pub(crate) cursor: u64,
    /// The number behind which the watch begins.
    pub(crate) after: u64,
    /// Whether the frontend wanted to begin behind something that is void, or that it has to fold
    /// anew.
    pub(crate) is_reset: bool,
    /// The state at the cursor, as the participant may see it, where it is wanted.
    pub(crate) state: Option<Json>,
    /// Commands without a receipt, in order.
    pub(crate) waiting: Vec<(CommandId, Json)>,
    /// Texts that came back.
    pub(crate) returned: Vec<(CommandId, Returned)>,
}

/// Something that a watching frontend is told, in order.
#[derive(Debug, Clone)]
pub(crate) enum WatchEvent {
    /// Events, and up to where all is told.
    Events { items: Arc<[EventText]>, through: Point },
    /// The seat went on from a snapshot at this point.
    PassedOver { through: Point },
    /// Everything above this point is void, or the state has to be folded anew.
    Reset { to: Point },
    /// The last of these news: the watch has to begin anew behind what was told.
    Anew,
    /// A command waits in the outbox.
    Queued { id: CommandId, body: Json },
    /// A command has its receipt; the body of a refused one is kept.
    Receipt { receipt: Receipt, kept: Option<Json> },
    /// A command that was accepted is in the conference no more; its body is kept.
    Lost { id: CommandId, body: Json },
    /// A text that came back was let go.
    Dismissed { id: CommandId },
    /// The standing of the seat has changed.
    Seat(Standing),
    /// The participants that are connected: one bit for each participant number from 1, the lowest
    /// bit of the first byte first. None where that is not known, as this machine is not connected.
    Presence { online: Option<Arc<[u8]>> },
}

/// The channels to a server's task.
#[derive(Debug, Clone)]
pub(crate) struct ServerHandle {
    pub(crate) wishes: mpsc::Sender<Wish>,
    pub(crate) stored: mpsc::Sender<Stored>,
    /// The state of the server's connection.
    pub(crate) status: watch::Receiver<ConnectionView>,
    /// When those of its conferences open that are not open yet.
    pub(crate) opens: watch::Receiver<BTreeSet<Timestamp>>,
}

/// The other end of a [`ServerHandle`], for the task.
#[derive(Debug)]
pub(crate) struct Inbox {
    wishes: mpsc::Receiver<Wish>,
    stored: mpsc::Receiver<Stored>,
    status: watch::Sender<ConnectionView>,
    opens: watch::Sender<BTreeSet<Timestamp>>,
    /// The view of each seat; the views outlive a task that a defect ends.
    views: BTreeMap<SeatId, Arc<watch::Sender<SeatView>>>,
}

/// The means of a server's task.
#[derive(Debug, Clone)]
pub(crate) struct Means {
    pub(crate) store: Arc<Store>,
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) address: ServerAddress,
    pub(crate) rules: Rules,
    /// The user who owns the connection.
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
    let (opens, opens_out) = watch::channel(BTreeSet::new());
    let handle = ServerHandle { wishes, stored, status: status_out, opens: opens_out };
    (handle, Inbox { wishes: wishes_in, stored: stored_in, status, opens, views: BTreeMap::new() })
}
