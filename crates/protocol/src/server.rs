//! What a server says.

use std::fmt;
use std::str::FromStr;

use convene_conference::{Receipt, Refusal, Right};
use convene_model::{ConferenceId, IdError, LogId, Nonce, ParticipantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::control::{Ack, Ping, Pong, Unknown};
use crate::frame::frames;
use crate::shared::{EventsHead, Resumption, base64_list, text_id};

frames! {
    /// A frame from a server.
    ServerFrame {
        /// The first on every pipe.
        Hello(ServerHello) = "hello",
        /// The answer to `attach`.
        Attached(Attached) = "attached",
        /// The server takes no link on this pipe now.
        Refused(Refused) = "refused",
        /// Data: the answer to seats that asked to be opened.
        Opened(Vec<Opened>) = "opened",
        /// Data: what happened.
        Events(Events) = "events",
        /// Data: what became of commands.
        Receipts(Receipts) = "receipts",
        /// Data: a part of a state.
        Snapshot(Snapshot) = "snapshot",
        /// Data: a page of the past.
        History(HistoryPage) = "history",
        /// Control.
        Ack(Ack) = "ack",
        /// Control.
        Ping(Ping) = "ping",
        /// Control.
        Pong(Pong) = "pong",
        /// Control: the pipe will be closed now.
        Bye(Bye) = "bye",
        /// Control.
        Unknown(Unknown) = "unknown",
    }
}

/// The server shows itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHello {
    /// The version both will speak on this pipe.
    pub version: u32,
    /// What the server calls itself.
    pub server: String,
    /// For the seats to sign; never given twice.
    pub nonce: Nonce,
    /// The server's clock.
    pub now: Timestamp,
    /// The `tls-server-end-point` (RFC 5929, section 4) of every certificate under which the server is reached, base64url.
    /// Where a daemon sees another, somebody else's TLS stands in between. Empty where the server does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "base64_list")]
    pub end_points: Vec<[u8; 32]>,
}

/// The pipe is the link's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// How many data frames of this link the server has taken; 0 where it begins.
    pub received: u64,
    /// Whether the link goes on: seats stay open, and both sides resend what the other has not taken. Otherwise it begins.
    pub resumed: bool,
    /// Whether the end point that the daemon saw is one of the server's; absent where the daemon named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_point_known: Option<bool>,
}

/// No link on this pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub code: RefuseCode,
    /// Milliseconds before which it is no use to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// Why a server takes no link, or ends a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefuseCode {
    /// No common version.
    VersionUnsupported,
    /// A frame that cannot be read, or at the wrong time.
    Malformed,
    /// The epoch is not above that of the link's last attach.
    OldEpoch,
    /// Too much work; come back later.
    Busy,
    /// The server is going down and will be back.
    Restarting,
    /// The daemon did not read what waited for it.
    TooSlow,
    /// The link's daemon attached elsewhere.
    Superseded,
    /// Nothing was heard for too long.
    Silent,
    /// Of a later version.
    #[serde(other)]
    Other,
}

/// The answer to one seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The daemon's number for the seat.
    pub index: u32,
    /// What became of its wish.
    pub outcome: OpenedOutcome,
}

/// What became of a seat that asked to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedOutcome {
    /// It is open.
    Open {
        /// Whose seat it is.
        participant: ParticipantId,
        /// In which conference.
        conference: ConferenceId,
        /// Which incarnation of its log.
        log: LogId,
        /// With which right.
        role: Right,
        /// The highest command number decided for this seat.
        last_number: u64,
        /// How its events go on.
        resume: Resumption,
    },
    /// It is refused for good.
    Refused {
        /// Why.
        code: Refusal,
    },
}

/// Whose cursors a frame of events moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// Every seat on this link with this right in the conference.
    Right(Right),
    /// The seat of this participant.
    One(ParticipantId),
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right(Right::Participant) => f.write_str("participants"),
            Self::Right(Right::Organizer) => f.write_str("organizers"),
            Self::One(participant) => participant.fmt(f),
        }
    }
}

impl FromStr for To {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "participants" => Ok(Self::Right(Right::Participant)),
            "organizers" => Ok(Self::Right(Right::Organizer)),
            one => one.parse().map(Self::One),
        }
    }
}
text_id!(To);

/// What happened, for those seats whose cursor is at `after` or behind it, up to `through`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Events {
    /// In which conference.
    pub conference: ConferenceId,
    /// Which incarnation of its log.
    pub log: LogId,
    /// For which seats.
    pub to: To,
    /// Nothing at or below this number is in the list.
    pub after: u64,
    /// The new cursor.
    pub through: u64,
    /// The events that these seats may see, in order.
    pub list: Vec<Box<RawValue>>,
}

impl Events {
    /// What stands in front of the list.
    pub fn head(&self) -> EventsHead {
        EventsHead {
            conference: self.conference,
            log: self.log,
            to: self.to,
            after: self.after,
            through: self.through,
        }
    }
}

/// What became of commands of one seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// Whose.
    pub index: u32,
    /// In the order in which they were decided.
    pub list: Vec<Receipt>,
}

/// A part of the state after entry `number`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// For which seat.
    pub index: u32,
    /// The cursor behind the state.
    pub number: u64,
    /// Which part, from 0.
    pub part: u32,
    /// How many there are.
    pub parts: u32,
    /// A piece of the state's JSON.
    pub data: String,
}

/// A page of the past.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryPage {
    /// For which seat.
    pub index: u32,
    /// Nothing at or below this number is in the list.
    pub after: u64,
    /// Up to here nothing that the seat may see is missing.
    pub through: u64,
    /// In order.
    pub list: Vec<Box<RawValue>>,
}

/// The server closes the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// Why.
    pub code: RefuseCode,
    /// Milliseconds before which it is no use to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}
