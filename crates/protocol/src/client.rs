//! What a daemon says.

use convene_model::{CommandId, ConferenceId, JoinCode, LinkId, LogId, Name, SeatKey};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::control::{Ack, Ping, Pong, Unknown};
use crate::frame::frames;
use crate::proof::Signature;
use crate::shared::{base64_bytes, base64_code};

frames! {
    /// A frame from a daemon.
    ClientFrame {
        /// The first on every pipe. It has no side effects: any number of racing pipes may say it.
        Hello(ClientHello) = "hello",
        /// Makes this pipe the link's, and every older one of the same link void.
        Attach(Attach) = "attach",
        /// Data: opens seats on a link that stands.
        Open(OpenSeats) = "open",
        /// Data: a seat is not wanted any more.
        Close(CloseSeat) = "close",
        /// Data: commands of one seat, in its order.
        Commands(Commands) = "commands",
        /// Data: asks for a page of the past.
        History(HistoryRequest) = "history",
        /// Control.
        Ack(Ack) = "ack",
        /// Control.
        Ping(Ping) = "ping",
        /// Control.
        Pong(Pong) = "pong",
        /// Control.
        Unknown(Unknown) = "unknown",
    }
}

/// Who speaks, and what it can speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// The versions of this protocol, best first.
    pub versions: Vec<u32>,
    /// The program and its version, for the server's log.
    pub program: String,
}

/// The winner of a race takes the link over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    /// Which link: random, made anew whenever the daemon starts.
    pub link: LinkId,
    /// Above that of every attach of the same link before.
    pub epoch: u64,
    /// How many data frames of this link the daemon has taken; 0 where it begins.
    pub received: u64,
    /// The `tls-server-end-point` (RFC 5929, section 4) that the daemon saw, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "base64_bytes")]
    pub end_point: Option<[u8; 32]>,
    /// All seats. They are opened where the link begins, and ignored where it is resumed.
    pub seats: Vec<Resume>,
}

/// A seat asks to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The daemon's number for the seat on this link.
    pub index: u32,
    /// The seat.
    pub key: SeatKey,
    /// Its conference; absent until the server has named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<ConferenceId>,
    /// Where its replica ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// With what it asks to join, until it has joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<Join>,
    /// Over [`crate::proof::message`].
    pub signature: Signature,
}

/// A place in a conference's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which incarnation of the log.
    pub log: LogId,
    /// The last number that is known.
    pub number: u64,
}

/// The wish to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Of the join link, base64url.
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
    /// Signed like those of the attach with which the link began.
    pub seats: Vec<Resume>,
}

/// A seat to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseSeat {
    /// Which.
    pub index: u32,
}

/// Commands of one seat.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commands {
    /// Whose.
    pub index: u32,
    /// In the seat's order.
    pub list: Vec<OutgoingCommand>,
}

/// A command as it travels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutgoingCommand {
    /// Its number in the seat's order.
    pub number: u64,
    /// The frontend's name for it.
    pub id: CommandId,
    /// The command as the frontend wrote it.
    pub body: Box<RawValue>,
}

/// A wish to read the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// Whose.
    pub index: u32,
    /// Events above this number.
    pub after: u64,
    /// Up to and including this one.
    pub through: u64,
}
