//! The frames that a daemon sends.

use convene_model::{CommandId, ConferenceId, JoinCode, Json, LogId, Name, Point, SeatKey, TermStart};
use serde::{Deserialize, Serialize};

use crate::control::{Ack, Ping, Pong, Unknown};
use crate::frame::frames;
use crate::proof::{LinkKey, Signature};
use crate::shared::{base64_bytes, base64_code};

frames! {
    /// A frame from a daemon.
    ClientFrame {
        /// The first frame on every pipe. It has no side effects: any number of racing pipes may
        /// say it.
        Hello(ClientHello) = "hello",
        /// Makes this pipe the link's, and every older pipe of the same link void.
        Attach(Attach) = "attach",
        /// Counted: asks for seats to be opened on a link that stands.
        Open(OpenSeats) = "open",
        /// Counted: a seat is not wanted on this link any more.
        Close(CloseSeat) = "close",
        /// Counted: commands of one seat, in its order.
        Commands(Commands) = "commands",
        /// Counted: asks for a page of the past.
        History(HistoryRequest) = "history",
        /// Not counted.
        Ack(Ack) = "_ack",
        /// Not counted.
        Ping(Ping) = "_ping",
        /// Not counted.
        Pong(Pong) = "_pong",
        /// Not counted.
        Unknown(Unknown) = "_unknown",
    }
}

/// The program that speaks, and the versions that it can speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// The versions of this protocol, best first.
    pub versions: Vec<u32>,
    /// The program and its version, for the server's log.
    pub program: String,
}

/// The winner of a race takes the link over.
///
/// Every attach is signed with the link's key, a resuming one as well: so nobody goes on with a
/// link by knowing its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    /// The public half of the link's key, made anew for each server whenever the daemon starts.
    /// The link's id is made of it: [`LinkKey::id`].
    pub link: LinkKey,
    /// Above the epoch of every attach of the same link before.
    pub epoch: u64,
    /// The number of counted frames of this link that the daemon has taken; 0 where it begins.
    pub received: u64,
    /// The `tls-server-end-point` (RFC 5929, section 4) that the daemon saw, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "base64_bytes")]
    pub end_point: Option<[u8; 32]>,
    /// The seats that are opened where the link begins. They are ignored where it is resumed.
    pub seats: Vec<Resume>,
    /// The link's own, over [`crate::proof::attach_message`].
    pub signature: Signature,
}

/// A seat asks to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The daemon's number for the seat on this link. A link never gives an index to another seat.
    pub index: u32,
    /// The number of times that the daemon has asked for this index on this link, from 1. Every
    /// answer repeats it, and an answer with an older count means nothing any more.
    pub count: u32,
    /// The key of this device's seat.
    pub key: SeatKey,
    /// Its conference; absent until the server has named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<ConferenceId>,
    /// The extent of the seat's replica; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica: Option<Replica>,
    /// Whether the seat wants the state as it is now in place of the events that it missed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
    /// All that would be needed to join, also where the seat is a participant's already: a server
    /// whose log was restored may have lost the joining.
    pub join: Join,
    /// Whether the seat ever was a participant's. Such a one is not refused for a name that was
    /// taken meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_participant: bool,
    /// The seat's own, over [`crate::proof::resume_message`].
    pub signature: Signature,
}

/// The extent of a replica of a conference's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replica {
    /// Of which log.
    pub log: LogId,
    /// The cursor: the last number that the replica covers.
    pub number: u64,
    /// The highest number of a receipt that the daemon keeps; it may lie above `number`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub receipts: u64,
    /// Every term up to the higher of both numbers, oldest first. The term that is named by the
    /// log's own id is not written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermStart>,
}

/// The wish to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The code of the join link, base64url.
    #[serde(with = "base64_code")]
    pub code: JoinCode,
    /// The wanted name.
    pub name: Name,
    /// The wish's own id.
    pub id: CommandId,
}

/// Seats to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSeats {
    /// Signed in the context of the attach with which the link began.
    pub seats: Vec<Resume>,
}

/// A seat to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseSeat {
    /// Which one.
    pub index: u32,
}

/// Commands of one seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commands {
    /// Of which seat.
    pub index: u32,
    /// The count of the opening under which they are sent. Those of earlier openings are dropped:
    /// the daemon sends them again.
    pub count: u32,
    /// In the order in which the daemon accepted them.
    pub list: Vec<OutgoingCommand>,
}

/// A command as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingCommand {
    /// The frontend's name for it. Ids are the participant's, over all devices.
    pub id: CommandId,
    /// The point at which its author saw the conference; absent where nothing was seen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Point>,
    /// The command as the frontend wrote it.
    pub body: Json,
}

/// A wish to read the past. The answer is one page, perhaps of less than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// Of which seat.
    pub index: u32,
    /// Entries above this number.
    pub after: u64,
    /// Up to and including this one.
    pub through: u64,
    /// Whether the page is to hold the end of that span; otherwise it holds its beginning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newest: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
