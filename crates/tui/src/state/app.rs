//! Everything that is not of one conference: the daemon, its connections, the seats, the settings,
//! and which view is shown.

use std::collections::VecDeque;

use convene_local_api::{
    AccessCheckRecord, Connection, JoinResult, ListedSeat, ProxyPasswordParams, ProxyTested, Settings,
    Storage,
};
use convene_model::{CommandId, Timestamp};

use crate::editor::Editor;
use crate::words::{Tone, Words};

use super::act::{FormKind, View};
use super::conference::Conference;
use super::dialog::{Dialog, Field, Form};

/// How long a daemon may be away before people are told by a page of its own, in milliseconds.
const AWAY_MS: i64 = 3_000;

/// How the daemon is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Daemon {
    /// It is looked for, for the first time or again, since then.
    Sought {
        since: Timestamp,
    },
    Attached,
    /// It was looked for in vain, since then.
    Away {
        since: Timestamp,
        why: Away,
    },
}

/// Why there is no daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Away {
    pub(crate) kind: AwayKind,
    /// For somebody who is asked for help: no secret stands there.
    pub(crate) details: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AwayKind {
    /// Nothing answers.
    NotRunning,
    /// Somebody else has the daemon's socket.
    Impostor,
    /// Something answers that speaks another language.
    Version,
}

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    Places,
    /// The talk, or the entries of another view.
    Main,
    Composer,
}

/// What was chosen in a view of entries, and how far it is scrolled.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// Which of the entries that do something.
    pub(crate) at: usize,
    /// The first row that is shown.
    pub(crate) top: usize,
    /// What is looked for, in lists of people.
    pub(crate) filter: Editor,
}

/// What came of the last thing that was wanted, where the eye does not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

/// To join: what is typed, what is tried.
#[derive(Debug)]
pub(crate) struct Joining {
    pub(crate) form: Form,
    /// The server that is tried.
    pub(crate) host: Option<String>,
    pub(crate) last: Option<JoinResult>,
}

pub(crate) struct App {
    pub(crate) words: Words,
    pub(crate) now: Timestamp,
    /// The size of the terminal.
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    pub(crate) daemon: Daemon,
    /// None until they were told.
    pub(crate) seats: Option<Vec<ListedSeat>>,
    pub(crate) connections: Vec<Connection>,
    /// None until somebody looked at them.
    pub(crate) settings: Option<Settings>,
    /// None until somebody looked at them.
    pub(crate) checks: Option<Vec<AccessCheckRecord>>,
    /// None until it was tried, and what is under way.
    pub(crate) tested: Option<Vec<ProxyTested>>,
    pub(crate) is_testing: bool,
    pub(crate) view: View,
    pub(crate) focus: Focus,
    pub(crate) sheet: Sheet,
    /// Which of the places is chosen.
    pub(crate) place: usize,
    pub(crate) joining: Joining,
    /// The last one is in front.
    pub(crate) dialogs: Vec<Dialog>,
    /// Logins that the daemon asks for, in its order.
    pub(crate) questions: VecDeque<(u64, ProxyPasswordParams)>,
    /// The conference that is shown.
    pub(crate) conference: Option<Conference>,
    /// The conference that is to be shown once it is listed, by its title or id.
    pub(crate) named: Option<String>,
    pub(crate) notice: Option<Notice>,
    /// Whether the person reads on although nothing can be stored.
    pub(crate) reads_on: bool,
    pub(crate) uses_mouse: bool,
    /// By when the program ends, once somebody has said so.
    pub(crate) ending: Option<Timestamp>,
    new_id: Box<dyn FnMut() -> CommandId>,
}

impl App {
    /// Before anything is known. `new_id` gives an id that nobody has.
    pub(crate) fn new(
        words: Words,
        now: Timestamp,
        named: Option<String>,
        new_id: impl FnMut() -> CommandId + 'static,
    ) -> Self {
        let fields = vec![Field::new("page-join-link", ""), Field::new("page-your-name", "")];
        Self {
            words,
            now,
            columns: 80,
            rows: 24,
            daemon: Daemon::Sought { since: now },
            seats: None,
            connections: Vec::new(),
            settings: None,
            checks: None,
            tested: None,
            is_testing: false,
            view: View::Conferences,
            focus: Focus::Main,
            sheet: Sheet::default(),
            place: 0,
            joining: Joining { form: Form::new(FormKind::Join, fields), host: None, last: None },
            dialogs: Vec::new(),
            questions: VecDeque::new(),
            conference: None,
            named,
            notice: None,
            reads_on: false,
            uses_mouse: false,
            ending: None,
            new_id: Box::new(new_id),
        }
    }

    /// An id that nobody has.
    pub(crate) fn new_id(&mut self) -> CommandId {
        (self.new_id)()
    }

    pub(crate) fn is_attached(&self) -> bool {
        self.daemon == Daemon::Attached
    }

    /// The seat that is shown, as the daemon lists it.
    pub(crate) fn seat(&self) -> Option<&ListedSeat> {
        let name = &self.conference.as_ref()?.name;
        self.seats.iter().flatten().find(|seat| seat.seat == *name)
    }

    pub(crate) fn connection_of(&self, server: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.server == server)
    }

    /// The connection that the status is about: that of the conference, or the only one.
    pub(crate) fn connection(&self) -> Option<&Connection> {
        match (self.seat(), self.connections.as_slice()) {
            (Some(seat), _) => self.connection_of(&seat.server),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// Why nothing can be done, where a page of its own says so: since when, and the reason.
    pub(crate) fn away(&self) -> Option<&Away> {
        let Daemon::Away { since, why } = &self.daemon else { return None };
        (self.now.as_millis() - since.as_millis() >= AWAY_MS || self.seats.is_none()).then_some(why)
    }

    /// When the page of its own is due.
    pub(crate) fn away_at(&self) -> Option<Timestamp> {
        let Daemon::Away { since, .. } = &self.daemon else { return None };
        Some(super::schedule::later(*since, AWAY_MS)).filter(|due| *due > self.now)
    }

    /// Why nothing can be stored, where a page of its own says so.
    pub(crate) fn storage(&self) -> Option<Storage> {
        let full = self.connections.iter().find_map(|connection| connection.storage);
        full.filter(|_| !self.reads_on)
    }

    pub(crate) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    pub(crate) fn tell(&mut self, tone: Tone, text: String) {
        self.notice = Some(Notice { tone, text });
    }
}
