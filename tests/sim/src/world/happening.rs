//! The things that can happen next.

use std::sync::Arc;

use convene_hosting::LinkNumber;
use convene_model::{CommandId, LogId};
use convene_reach::{AttemptId, Failure};

use super::Slow;
use crate::network::End;
use crate::plan::{Act, Trouble};
use crate::server::{Call, Done, HostRef, Mail};

/// A thing that happens next, at its time.
#[derive(Debug)]
pub(crate) enum Happening {
    Trouble(Trouble),
    /// The frontend of a seat does something.
    Act(usize, Act),
    /// It gives the command of another seat, counted from its first.
    Copy {
        seat: usize,
        of: usize,
        nth: usize,
    },
    /// The log answers slowly or quickly from now on.
    Slow(Slow),
    /// It gives a command again.
    Again(usize, CommandId),
    /// It comes back.
    Watch(usize),
    /// A device that was let in comes.
    Arrives(usize),
    /// Its person turns to the log that the server shows.
    Turn(usize, LogId),
    DaemonStarts(usize),
    ServerStarts,
    /// The disk has so many of the writes that wait.
    Synced {
        daemon: usize,
        life: u32,
        count: usize,
    },
    /// The log is asked something by this life of the server.
    Ask {
        life: u32,
        by: HostRef,
        call: Box<Call>,
    },
    /// A link or a conference of the server gets what the other one said.
    Mail {
        life: u32,
        mail: (HostRef, LinkNumber, Mail),
    },
    /// And has answered.
    Answered {
        life: u32,
        by: HostRef,
        done: Box<Done>,
    },
    /// A late write arrives: of a batch so many entries.
    Lands {
        entries: usize,
    },
    LogHasRoom,
    LogIsFast,
    /// The server is stopped, to be started with its own files again.
    OwnLog,
    Refused {
        daemon: usize,
        life: u32,
        attempt: AttemptId,
        failure: Failure,
    },
    BoxCuts {
        pipe: u64,
    },
    Stands {
        pipe: u64,
        end: End,
    },
    Frame {
        pipe: u64,
        to: End,
        written: Option<u64>,
        sent: Option<u64>,
        text: Arc<str>,
    },
    Closed {
        pipe: u64,
        at: End,
    },
}
