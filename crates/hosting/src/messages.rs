//! The messages between the desks of links, the publisher and the decider of a conference.

use std::sync::Arc;

use convene_conference::{Receipt, Refusal};
use convene_model::{CommandId, ParticipantId, SeatKey, TermId};
use convene_protocol::{HistoryRequest, Join, OutgoingCommand, Point, Resume};

/// A link, as this process numbers it. No number is given twice: a link that begins anew has
/// another, so nothing that was meant for the one before reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkNumber(pub u64);

/// A seat on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The link.
    pub link: LinkNumber,
    /// The daemon's number for the seat on it.
    pub index: u32,
}

/// From a desk to the publisher of a conference.
#[derive(Debug, Clone)]
pub enum Wish {
    /// A seat wants to be open. Its proof holds.
    Open(Arc<Resume>),
    /// A seat is not wanted any more.
    Close {
        /// Which seat.
        index: u32,
    },
    /// A page of the past is wanted.
    History(HistoryRequest),
    /// The link has room for more of this seat's events.
    Ready {
        /// Which seat.
        index: u32,
    },
}

/// From a desk to the decider: commands of one open seat, in its order.
#[derive(Debug, Clone)]
pub struct CommandsWish {
    /// From where.
    pub place: Place,
    /// The key of the seat.
    pub key: SeatKey,
    /// The term of the opening under which they came. A decider of another term drops them: every
    /// seat is opened again then, and its daemon sends them again.
    pub term: TermId,
    /// The commands.
    pub list: Vec<OutgoingCommand>,
}

/// From the publisher to the decider: a key that is nobody's wants to be a participant's.
#[derive(Debug, Clone)]
pub struct JoinWish {
    /// From where.
    pub place: Place,
    /// The count of the resume that asks. The answer repeats it, so that the refusal of a name is
    /// never taken for that of the next one.
    pub count: u32,
    /// The key.
    pub key: SeatKey,
    /// The newest term that the publisher knows. A decider of another term drops the wish.
    pub term: TermId,
    /// With what it asks to join.
    pub join: Join,
    /// Whether it ever was a participant's.
    pub was_participant: bool,
}

/// From the decider to the publisher: an answer without an entry of its own. The publisher gives it
/// out once it has the entry on which it rests, and drops it where another term begins before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The seat that asked.
    pub place: Place,
    /// The last entry that was decided when this was answered.
    pub rests_on: Point,
    /// The answer.
    pub what: AnswerKind,
}

/// An answer without an entry of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerKind {
    /// A join is refused.
    JoinRefused {
        /// Of the wish.
        count: u32,
        /// Why.
        code: Refusal,
    },
    /// A join cannot be decided now: the seat is to ask again later.
    JoinLater {
        /// Of the wish.
        count: u32,
        /// Why.
        code: Refusal,
    },
    /// The first receipt of a command that came again. It is for every open seat of the participant
    /// whose key still holds, and for the one that asked.
    Repeated {
        /// The participant who sent the command.
        participant: ParticipantId,
        /// Its first receipt.
        receipt: Receipt,
    },
    /// The id was used for a command with another body. Only the seat that asked is told.
    IdReused {
        /// The id.
        id: CommandId,
    },
}

/// From the publisher to the desk of one link: a frame, and what it means for the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The frame, to be counted and sent.
    pub text: Arc<str>,
    /// Its meaning.
    pub note: Note,
}

/// The meaning that a frame from the publisher has for the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Nothing: it is only sent.
    None,
    /// The seat is open under this count of its resume, in this term.
    Opened {
        /// Which seat.
        index: u32,
        /// Which opening.
        count: u32,
        /// The newest term that the publisher knew.
        term: TermId,
        /// Whether something is to be sent to the seat: as with [`Note::More`].
        more: bool,
    },
    /// The seat is not open: it was refused, or is to ask later.
    NotOpened {
        /// Which seat.
        index: u32,
        /// Which opening.
        count: u32,
    },
    /// These seats must ask again; commands of earlier openings are dropped from here on.
    Reopen {
        /// Which seats.
        seats: Vec<u32>,
    },
    /// The seat has more to be sent: call for it by [`Wish::Ready`] once the link has room.
    More {
        /// Which seat.
        index: u32,
    },
    /// The seat was called for and has nothing more to be sent.
    Enough {
        /// Which seat.
        index: u32,
    },
    /// These commands have their receipt.
    Receipts {
        /// Of which seat.
        index: u32,
        /// Which commands; some of them may have come from other devices.
        ids: Vec<CommandId>,
    },
}
