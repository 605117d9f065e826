//! What comes in, and what is to be done about it.

use convene_local_api::{
    AccessCheckResult, ActParams, ActResult, Connections, DraftGetResult, DraftSetParams, DraftSetResult,
    HistoryParams, HistoryResult, JoinParams, JoinResult, LeaveParams, LeaveResult, ListResult,
    ProxyPasswordAnswer, ProxyPasswordParams, ProxyTestResult, Settings, SettingsPatchParams, Told,
    WatchParams, WatchResult,
};
use convene_local_client::CallError;
use convene_model::{CommandId, SeatName};
use crossterm::event::{KeyEvent, MouseEvent};

use crate::state::{Away, Wanted};

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Message {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resize {
        columns: u16,
        rows: u16,
    },
    /// There is a connection to the daemon, on which nothing was asked yet.
    Attached,
    /// The connection ended, and the daemon is looked for.
    Disconnected,
    /// It was looked for in vain.
    Away(Away),
    Told(Box<Told>),
    Answered(Box<Answer>),
    /// The daemon asks for a login, by a number of this program's.
    Asked(u64, ProxyPasswordParams),
    /// The letter was saved under this path, or why it was not.
    Saved(Result<String, String>),
    /// Time has passed.
    Tick,
    /// The program is to end.
    Stop,
}

/// Something to be done outside.
#[derive(Debug)]
pub(crate) enum Effect {
    Call(Box<Call>),
    /// Answers a question of the daemon's; none declines.
    Login(u64, Option<ProxyPasswordAnswer>),
    UseMouse(bool),
    /// Writes a file of this name.
    Save {
        name: String,
        text: String,
    },
    Suspend,
    Quit,
}

/// A call of the daemon's methods. What is needed to understand the answer stands beside it.
#[derive(Debug)]
pub(crate) enum Call {
    List,
    Connections,
    Settings,
    /// Gives the last access checks, and begins one where that is wanted.
    Checks {
        begins: bool,
    },
    Retry(Option<String>),
    Join(JoinParams),
    /// Turns a seat to another log.
    Turn(JoinParams),
    Watch(WatchParams),
    Unwatch(SeatName),
    History(Wanted, HistoryParams),
    Act(ActParams),
    Dismiss(SeatName, CommandId),
    Leave(LeaveParams),
    Forget(SeatName),
    Drafts(SeatName),
    Draft(DraftSetParams),
    Patch(SettingsPatchParams),
    TestProxies,
}

/// The answer to a call, or why there is none.
#[derive(Debug)]
pub(crate) enum Answer {
    List(Result<ListResult, CallError>),
    Connections(Result<Connections, CallError>),
    Settings(Box<Result<Settings, CallError>>),
    Checks(Result<AccessCheckResult, CallError>),
    Join(Box<Result<JoinResult, CallError>>),
    Watch(SeatName, Box<Result<WatchResult, CallError>>),
    History(SeatName, Wanted, Result<HistoryResult, CallError>),
    Act(SeatName, CommandId, Result<ActResult, CallError>),
    Leave(Result<LeaveResult, CallError>),
    /// Of a call after which the seats stand otherwise.
    Seats(Result<(), CallError>),
    Drafts(SeatName, Result<DraftGetResult, CallError>),
    Draft(SeatName, String, Result<DraftSetResult, CallError>),
    Patch(Box<Result<Settings, CallError>>),
    TestProxies(Result<ProxyTestResult, CallError>),
    /// Of a call whose answer says nothing; a failure is told.
    Done(Result<(), CallError>),
}
