//! The things that can be wanted, and by whom.

use convene_model::{ParticipantId, RoomId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::TellAccess;
use crate::attendance::{AddOrganizer, Join, Remove, RemoveOrganizer, Rename, Role};
use crate::ballots::{OpenBallot, Vote};
use crate::phases::{ExtendPhase, ShortenPhase};
use crate::refusal::Refusal;
use crate::rooms::{AddRoom, CloseRoom, Go};
use crate::tables::{AcceptTable, AskToTable, DeclineTable};
use crate::talk::Say;

/// Something that someone wants. Travels as `{"kind":"say",…}`; unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// To take part, or to come back.
    Join(Join),
    /// To take part no more.
    Leave,
    /// To say something.
    Say(Say),
    /// To end the conference.
    End,
    /// To bear another name.
    Rename(Rename),
    /// To make a participant an organizer.
    AddOrganizer(AddOrganizer),
    /// To make an organizer a participant like the others.
    RemoveOrganizer(RemoveOrganizer),
    /// To stand in another room.
    Go(Go),
    /// To add a room.
    AddRoom(AddRoom),
    /// To close a room.
    CloseRoom(CloseRoom),
    /// To ask people to a café table.
    AskToTable(AskToTable),
    /// To sit down at a table to which one was asked.
    AcceptTable(AcceptTable),
    /// Not to come to a table to which one was asked.
    DeclineTable(DeclineTable),
    /// To stand up from one's table.
    LeaveTable,
    /// To let the phase that runs last longer.
    ExtendPhase(ExtendPhase),
    /// To let the phase that runs end earlier.
    ShortenPhase(ShortenPhase),
    /// To let the next phase begin now.
    SkipPhase,
    /// To ask for votes.
    OpenBallot(OpenBallot),
    /// To vote, or to vote otherwise.
    Vote(Vote),
    /// To close the ballot that is open.
    CloseBallot,
    /// To let the organizers know how one's access check went.
    Access(TellAccess),
    /// To remove a participant, lock the doors, and replace the codes that they may know.
    Remove(Remove),
    /// To let no newcomers in.
    LockDoors,
    /// To let newcomers in again.
    OpenDoors,
    /// To have a personal link, by which one takes part on another device too.
    MakeLink,
}

/// The words by which commands travel.
pub(crate) const KINDS: [&str; 25] = [
    "join",
    "leave",
    "say",
    "end",
    "rename",
    "add_organizer",
    "remove_organizer",
    "go",
    "add_room",
    "close_room",
    "ask_to_table",
    "accept_table",
    "decline_table",
    "leave_table",
    "extend_phase",
    "shorten_phase",
    "skip_phase",
    "open_ballot",
    "vote",
    "close_ballot",
    "access",
    "remove",
    "lock_doors",
    "open_doors",
    "make_link",
];

impl Command {
    /// Reads a command as it travels.
    ///
    /// # Errors
    /// `command_unknown` where the kind is not known here, and `command_invalid` where the kind is
    /// known but a field is missing or of another form, such as `{"kind":"say"}` without a text.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Tagged {
            kind: String,
        }
        serde_json::from_str(text).map_err(|_| match serde_json::from_str::<Tagged>(text) {
            Ok(tagged) if KINDS.contains(&tagged.kind.as_str()) => Refusal::CommandInvalid,
            Ok(_) | Err(_) => Refusal::CommandUnknown,
        })
    }

    /// Whether it adds text to the conference, of which there may be only so much.
    pub fn adds_text(&self) -> bool {
        matches!(self, Self::Say(_) | Self::Rename(_))
    }

    /// Whether it names, by an id, something that an event made, such as a table or a ballot. After
    /// a restored backup that id may stand for something else, so a command whose author saw what
    /// the restore lost is refused `log_changed` instead of being decided.
    ///
    /// The rooms that every conference has do not count.
    pub fn names_by_id(&self) -> bool {
        match self {
            Self::Join(_)
            | Self::Leave
            | Self::End
            | Self::Rename(_)
            | Self::AddRoom(_)
            | Self::LeaveTable
            | Self::ExtendPhase(_)
            | Self::ShortenPhase(_)
            | Self::SkipPhase
            | Self::OpenBallot(_)
            | Self::CloseBallot
            | Self::Access(_)
            | Self::LockDoors
            | Self::OpenDoors
            | Self::MakeLink => false,
            Self::Say(say) => say.room.as_ref().is_some_and(is_made),
            Self::Go(go) => is_made(&go.room),
            Self::AcceptTable(accept) => accept.table.is_some(),
            Self::DeclineTable(decline) => decline.table.is_some(),
            Self::CloseRoom(_)
            | Self::AskToTable(_)
            | Self::AddOrganizer(_)
            | Self::RemoveOrganizer(_)
            | Self::Remove(_)
            | Self::Vote(_) => true,
        }
    }
}

/// Whether a room is not one that every conference has.
fn is_made(room: &RoomId) -> bool {
    !RoomId::FIXED.contains(room)
}

/// The one who wants something, as the server has established it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The holder of a join code who is no participant in this log.
    Newcomer {
        /// The role that the code gives.
        role: Role,
        /// Whether the seat was a participant's before a backup was restored that does not hold its
        /// join. Such a join is never refused for its name or because the conference is full.
        was_participant: bool,
    },
    /// A participant, present or not.
    Participant(ParticipantId),
    /// The person who runs the server, through its control socket.
    Operator,
    /// The server's clock, for what was planned.
    Clock,
}
