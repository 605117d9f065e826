//! What is durable of a seat, and the writes that change it.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_conference::{Outcome, Refusal, Right, State};
use convene_model::{CommandId, ConferenceId, JoinCode, LogId, Name, ParticipantId};
use sha2::{Digest as _, Sha256};

use crate::history::Span;
use crate::secret::SeatSecret;

/// The order of one seat's writes, from 1. A store that made a write durable has made all before it durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteId(pub u64);

/// One change of what is durable. Each is one transaction: all of it is stored or nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// The server gave the seat a participant, or named it again on another log.
    Opened(Membership),
    /// The server refused the seat for good.
    Refused {
        /// Why.
        code: Refusal,
    },
    /// A command waits for its receipt.
    Queued(Queued),
    /// A command has its receipt and leaves the outbox. A refused one keeps its body until it is dismissed.
    Settled(Settled),
    /// The participant has read why the command was refused.
    Dismissed {
        /// Which.
        id: CommandId,
    },
    /// Events, and the cursor behind them, together.
    Events {
        /// In order, all above the old cursor.
        items: Vec<EventText>,
        /// The new cursor.
        through: u64,
    },
    /// The state after entry `through`; what lies between the old cursor and it is fetched as history.
    Snapshot {
        /// Whose seat it is, and in which log the new cursor counts.
        membership: Membership,
        /// The new cursor.
        through: u64,
        /// The conference as it stood there.
        state: Box<State>,
        /// Whether the replica of an earlier log is void and must be deleted.
        replaces: bool,
    },
    /// Events of the past that a snapshot had passed over.
    History {
        /// In order.
        items: Vec<EventText>,
        /// Up to here nothing is missing any more.
        through: u64,
    },
}

/// An event as the server wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventText {
    /// Its number in the log.
    pub seq: u64,
    /// Its JSON, passed through unchanged.
    pub text: Arc<str>,
}

/// With what the seat asked to join. It lets its holder in: the code is hidden from `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// From the join link.
    pub code: JoinCode,
    /// The wanted display name.
    pub name: Name,
    /// The join's own command id.
    pub id: CommandId,
}

/// What the server made of the seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Which conference.
    pub conference: ConferenceId,
    /// Who in it.
    pub participant: ParticipantId,
    /// With which right.
    pub role: Right,
    /// Which incarnation of its log the cursor counts in.
    pub log: LogId,
}

/// A command in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its place in the seat's order, from 1.
    pub number: u64,
    /// The frontend's name for it.
    pub id: CommandId,
    /// Its JSON, passed through unchanged.
    pub body: Arc<str>,
}

/// A command with its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its place in the seat's order.
    pub number: u64,
    /// The frontend's name for it.
    pub id: CommandId,
    /// What became of it.
    pub outcome: Outcome,
    /// Of its body, so that the same id with another body is noticed.
    pub digest: Digest,
    /// The body of a refused command, until it is dismissed.
    pub kept: Option<Arc<str>>,
}

/// The first half of a body's SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// Of this text.
    pub fn of(text: &str) -> Self {
        let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            <[u8; 32]>::from(Sha256::digest(text));
        Self(first)
    }
}

/// How far a seat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The server has not answered yet.
    Joining,
    /// It is a participant's.
    Joined,
    /// The participant left; the replica remains readable.
    Left,
    /// The server refused it for good.
    Refused {
        /// Why.
        code: Refusal,
    },
}

/// Receipts that a seat remembers, so that a repeated id is answered without asking the server again. An older id is
/// sent again, and the server answers with the first receipt.
pub(crate) const SETTLED_MAX: usize = 4_096;

/// All that is durable of a seat: what a restart begins with. It is the fold of its writes.
#[derive(Debug, Clone)]
pub struct SeatRecord {
    /// The seat's key.
    pub secret: SeatSecret,
    /// With what it asked to join.
    pub join: JoinRequest,
    /// What the server made of it.
    pub membership: Option<Membership>,
    /// Set when the server refused it.
    pub refused: Option<Refusal>,
    /// The number of the last entry that the replica covers.
    pub cursor: u64,
    /// The conference at the cursor, as this seat sees it.
    pub state: State,
    /// What a snapshot passed over and is not fetched yet.
    pub missing: Option<Span>,
    /// Commands without a receipt, by number.
    pub outbox: BTreeMap<u64, Queued>,
    /// The latest receipts, by number.
    pub settled: BTreeMap<u64, Settled>,
    /// The number of the last command queued ever.
    pub last_number: u64,
}

impl SeatRecord {
    /// A seat that has yet to ask.
    pub fn new(secret: SeatSecret, join: JoinRequest) -> Self {
        Self {
            secret,
            join,
            membership: None,
            refused: None,
            cursor: 0,
            state: State::default(),
            missing: None,
            outbox: BTreeMap::new(),
            settled: BTreeMap::new(),
            last_number: 0,
        }
    }

    /// How far the seat is.
    pub fn phase(&self) -> Phase {
        if let Some(code) = self.refused {
            return Phase::Refused { code };
        }
        let Some(membership) = &self.membership else { return Phase::Joining };
        match self.state.participant(membership.participant) {
            Some(participant) if !participant.present => Phase::Left,
            _ => Phase::Joined,
        }
    }

    /// Makes a change. What is done here is what the store has to do.
    pub fn apply(&mut self, write: &Write) {
        match write {
            Write::Opened(membership) => self.membership = Some(membership.clone()),
            Write::Refused { code } => self.refused = Some(*code),
            Write::Queued(queued) => {
                self.last_number = queued.number;
                self.outbox.insert(queued.number, queued.clone());
            }
            Write::Settled(settled) => self.settle(settled),
            Write::Dismissed { id } => {
                if let Some(settled) = self.settled.values_mut().find(|settled| settled.id == *id) {
                    settled.kept = None;
                }
            }
            Write::Events { items, through } => {
                self.evolve(items);
                self.cursor = *through;
            }
            Write::Snapshot { membership, through, state, replaces } => {
                self.missing = Span::passed_over(self.missing, self.cursor, *through, *replaces);
                self.membership = Some(membership.clone());
                self.state = (**state).clone();
                self.cursor = *through;
            }
            Write::History { through, .. } => {
                self.missing = self.missing.and_then(|span| span.after(*through));
            }
        }
    }

    fn settle(&mut self, settled: &Settled) {
        self.outbox.remove(&settled.number);
        self.settled.insert(settled.number, settled.clone());
        // A refused text stays until it is dismissed, however old; the outbox's own limit bounds how many there can be.
        if self.settled.len() > SETTLED_MAX
            && let Some(oldest) =
                self.settled.values().find(|settled| settled.kept.is_none()).map(|settled| settled.number)
        {
            self.settled.remove(&oldest);
        }
    }

    fn evolve(&mut self, items: &[EventText]) {
        for item in items {
            // An event that this version cannot read is kept and passed on; a newer frontend may know it.
            if let Ok(event) = serde_json::from_str(&item.text) {
                self.state.evolve(&event);
            }
        }
    }
}
