//! The frames that a server sends.

use convene_conference::{Receipt, Refusal, Role};
use convene_model::{ConferenceId, Json, LogId, Nonce, ParticipantId, TermStart, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::VERSIONS;
use crate::control::{Ack, Ping, Pong, Unknown};
use crate::frame::frames;
use crate::shared::{EventsHead, base64_list};

frames! {
    /// A frame from a server.
    ServerFrame {
        /// The first frame on every pipe.
        Hello(ServerHello) = "hello",
        /// The answer to `attach`.
        Attached(Attached) = "attached",
        /// The server takes no link on this pipe now.
        Refused(Refused) = "refused",
        /// Counted: the answers to seats that asked to be opened.
        Opened(Vec<Opened>) = "opened",
        /// Counted: these seats are not open any more and must ask again.
        Reopen(Reopen) = "reopen",
        /// Counted: a seat begins or ends to be meant by frames to all who follow.
        Follow(Follow) = "follow",
        /// Counted: what happened.
        Events(Events) = "events",
        /// Counted: what became of commands.
        Receipts(Receipts) = "receipts",
        /// Counted: a part of the state that everyone sees.
        Snapshot(Snapshot) = "snapshot",
        /// Counted: the part of the state that one participant alone sees. It completes a snapshot.
        Own(OwnPart) = "own",
        /// Counted: a page of the past.
        History(HistoryPage) = "history",
        /// Not counted, and may be dropped: who is connected.
        Presence(Presence) = "_presence",
        /// Not counted.
        Ack(Ack) = "_ack",
        /// Not counted.
        Ping(Ping) = "_ping",
        /// Not counted.
        Pong(Pong) = "_pong",
        /// Not counted: the pipe will be closed now.
        Bye(Bye) = "_bye",
        /// Not counted.
        Unknown(Unknown) = "_unknown",
    }
}

/// The server shows itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHello {
    /// The version that both will speak on this pipe.
    pub version: u32,
    /// The server's name for itself.
    pub server: String,
    /// For the link and the seats to sign; never given twice.
    pub nonce: Nonce,
    /// The server's clock.
    pub now: Timestamp,
    /// The `tls-server-end-point` (RFC 5929, section 4) of every certificate under which the server
    /// is reached, base64url. Where a daemon sees another, somebody else's TLS stands in between.
    /// Empty where the server does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "base64_list")]
    pub end_points: Vec<[u8; 32]>,
}

/// The pipe is the link's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The number of counted frames of this link that the server has taken; 0 where it begins.
    pub received: u64,
    /// Whether the link goes on: seats stay open, and both sides send again what the other has not
    /// taken. Otherwise it begins.
    pub resumed: bool,
    /// Whether the end point that the daemon saw is one of the server's; absent where the daemon
    /// named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_point_known: Option<bool>,
}

/// No link on this pipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub code: RefuseCode,
    /// Milliseconds before which it is no use to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The versions that the server speaks, where that is why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<u32>,
}

impl Refused {
    /// For this reason, with nothing else to say.
    pub fn of(code: RefuseCode) -> Self {
        Self { code, retry_after_ms: None, versions: Vec::new() }
    }

    /// Whether the server is the one to be updated, where both sides speak no common version: all
    /// of its versions are below all of ours. A server of version 1 names none.
    pub fn is_of_earlier_server(&self) -> bool {
        let is_below_ours = |version: &u32| VERSIONS.iter().all(|ours| version < ours);
        self.code == RefuseCode::VersionUnsupported && self.versions.iter().all(is_below_ours)
    }
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
    /// The attach is not signed with the link's key.
    ProofInvalid,
    /// Too much work; come back later.
    Busy,
    /// The server is going down and will be back.
    Restarting,
    /// The daemon did not read what waited for it. The route is not to blame.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The daemon's number for the seat.
    pub index: u32,
    /// The count of the resume that is answered.
    pub count: u32,
    /// The last number that the replica and the log have in common, where the log holds another
    /// entry at the next number: what the replica holds above it is void. It counts first,
    /// whatever the answer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void_after: Option<u64>,
    /// The outcome of the wish.
    #[serde(flatten)]
    pub outcome: OpenedOutcome,
}

/// The outcome for a seat that asked to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum OpenedOutcome {
    /// It is open.
    Open {
        /// The participant who owns the seat.
        participant: ParticipantId,
        /// In which conference.
        conference: ConferenceId,
        /// Of which log.
        log: LogId,
        /// With which role.
        role: Role,
        /// The number of commands of this seat that may be without a receipt at the same time.
        credit: u32,
        /// The way in which its events go on.
        resume: Resumption,
    },
    /// Not now. Nothing of the seat is touched; it is to ask again.
    Later {
        /// Why.
        code: Refusal,
        /// Milliseconds before which it is no use to ask again.
        retry_after_ms: u64,
        /// The log that the server shows in place of the one that was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log: Option<LogId>,
    },
    /// It is refused. Which refusals are final, and when: [`Refusal::is_final`].
    Refused {
        /// Why.
        code: Refusal,
    },
    /// Of a later version: to be read as `later`.
    #[serde(other)]
    Other,
}

/// The way in which a seat's events go on from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resumption {
    /// Nothing was missed.
    Current,
    /// The missed events follow.
    Replay,
    /// The state after this number follows, then the events behind it.
    Snapshot {
        /// The number.
        number: u64,
    },
    /// Of a later version: the seat is to ask again for a snapshot.
    #[serde(other)]
    Other,
}

/// These seats must ask again. Commands of theirs that are under way are dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopen {
    /// Which seats.
    pub seats: Vec<u32>,
}

/// A seat begins or ends to be meant by [`To::Following`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// Which seat.
    pub index: u32,
    /// Whether it follows from here on.
    pub following: bool,
}

/// Which seats a frame of events is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Every seat of the conference on this link that was told that it follows.
    Following,
    /// These, by index.
    Seats(Vec<u32>),
    /// Of a later version: nobody.
    Other,
}

impl Serialize for To {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Following => serializer.serialize_str("following"),
            Self::Seats(seats) => seats.serialize(serializer),
            Self::Other => serializer.serialize_str("other"),
        }
    }
}

impl<'de> Deserialize<'de> for To {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelled {
            Seats(Vec<u32>),
            Word(String),
            Anything(serde::de::IgnoredAny),
        }
        Ok(match Spelled::deserialize(deserializer)? {
            Spelled::Seats(seats) => Self::Seats(seats),
            Spelled::Word(word) if word == "following" => Self::Following,
            Spelled::Word(_) | Spelled::Anything(_) => Self::Other,
        })
    }
}

/// The events of the entries above `after` up to `through`. A seat takes those above its cursor;
/// where `after` lies above the cursor, it asks to be opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// In which conference.
    pub conference: ConferenceId,
    /// In which log.
    pub log: LogId,
    /// For which seats.
    pub to: To,
    /// No event of an entry up to this number is in the list.
    pub after: u64,
    /// The new cursor.
    pub through: u64,
    /// Every term that begins above `after`, up to `through`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermStart>,
    /// The events that these seats may see, in order.
    pub list: Vec<Json>,
}

impl Events {
    /// The text in front of the list.
    pub fn head(&self) -> EventsHead<'_> {
        EventsHead {
            conference: self.conference,
            log: self.log,
            to: &self.to,
            after: self.after,
            through: self.through,
            terms: &self.terms,
        }
    }
}

/// The outcomes of commands. Each receipt comes after everything up to its number that the seat may
/// read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// For which seat.
    pub index: u32,
    /// The terms up to the highest number in the list that the seat was not told by events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermStart>,
    /// In the order in which they were decided.
    pub list: Vec<Receipt>,
}

/// A part of the state that everyone sees, for every seat of the conference on this link that was
/// told to wait for a snapshot at this number. The same bytes serve all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Of which conference.
    pub conference: ConferenceId,
    /// Of which log.
    pub log: LogId,
    /// The number of the last entry in the state.
    pub number: u64,
    /// The lowest level that can fold it.
    pub level: u32,
    /// Every term up to `number`; in the first part alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermStart>,
    /// Which part, from 0.
    pub part: u32,
    /// The number of parts; at least one.
    pub parts: u32,
    /// A piece of the state's JSON, compressed by DEFLATE (RFC 1951) as a whole and written as
    /// base64url.
    pub data: String,
}

/// The part of the state that one participant alone sees. The seat has the whole snapshot with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPart {
    /// For which seat.
    pub index: u32,
    /// The number of the last entry in the state.
    pub number: u64,
    /// The state's JSON.
    pub state: Json,
}

/// A page of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// For which seat.
    pub index: u32,
    /// The page holds the entries above this number.
    pub after: u64,
    /// And up to this one: nothing in between that the seat may see is missing. Equal to `after`
    /// where there is nothing to be had there.
    pub through: u64,
    /// The events in order, whichever end was asked for first.
    pub list: Vec<Json>,
}

/// The participants who have a living link, as a whole set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// In which conference.
    pub conference: ConferenceId,
    /// Of which log: participant numbers count in it.
    pub log: LogId,
    /// One bit per participant number from 1, the lowest bit of the first byte first; base64url.
    pub online: String,
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
