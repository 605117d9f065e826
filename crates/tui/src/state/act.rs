//! What a person may set going: by Enter on an entry, by a choice, by a command that is typed.

use convene_conference::Command;
use convene_model::{CommandId, LogId, ParticipantId, RoomId, SeatName};
use convene_wording::Language;

use super::dialog::Confirm;

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum View {
    Join,
    Conferences,
    Talk,
    People,
    Schedule,
    Ballot,
    Organize,
    Check,
    /// The letter about this server.
    Letter(String),
    Settings,
}

impl View {
    /// Whether it is about one conference.
    pub(crate) fn is_of_conference(&self) -> bool {
        matches!(self, Self::Talk | Self::People | Self::Schedule | Self::Ballot | Self::Organize)
    }

    /// The key of its title.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Join => "page-join-title",
            Self::Conferences => "page-conferences",
            Self::Talk => "page-tab-talk",
            Self::People => "page-people-title",
            Self::Schedule => "page-schedule",
            Self::Ballot => "page-ballot",
            Self::Organize => "page-organize",
            Self::Check => "page-check",
            Self::Letter(_) => "page-letter",
            Self::Settings => "page-settings",
        }
    }
}

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormKind {
    Join,
    /// Turns the seat to which the server shows this log.
    Turn(LogId),
    Rename,
    NewRoom,
    NewBallot,
    /// Asks people to a table.
    Ask,
    /// The proxy by hand, or the script that names one.
    Proxy,
    Script,
    /// A login for a proxy: the daemon's question.
    Login(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    Show(View),
    /// Shows the talk of a room, and stands there where one's feet are free.
    ShowRoom(RoomId),
    /// Stands in a room, and shows it.
    Go(RoomId),
    /// Sits down at a table, and shows it.
    SitDown(RoomId),
    Open(SeatName),
    Forget(SeatName),
    Leave,
    Want(Box<Command>),
    /// Says what follows before it is done.
    Ask(Box<Confirm>),
    /// Shows what may be done with a person.
    Person(ParticipantId),
    Fill(FormKind),
    Check,
    Retry,
    SaveLetter(String),
    Speak(Language),
    ForgetProxy,
    TestProxies,
    TellAccess(bool),
    /// The text of a message that came back goes into the field again.
    Edit(CommandId),
    Discard(CommandId),
    SendAgain(CommandId),
    Reply,
    /// Of two drafts: the other one, or this one.
    TakeOther,
    KeepMine,
    ReadOn,
    UseMouse(bool),
    Help,
    /// Ends the program, and asks first where something would be lost.
    Quit,
    /// Ends it whatever is lost.
    End,
}
