//! The durable part of a seat.

use std::collections::BTreeMap;

use convene_conference::{Outcome, Refusal};
use convene_model::{CommandId, ConferenceId, JoinCode, Json, LogId, Name};

use crate::outbox::Outbox;
use crate::receipts::{Digest, KeptReceipt};
use crate::replica::Replica;
use crate::secret::SeatSecret;
use crate::write::{DecidedCommand, Write};

/// Replicas of other logs that stay readable: a server that was set up wrongly more often than that
/// has shown nothing worth keeping.
const ASIDE_MAX: usize = 4;

/// All that is durable of a seat, except for the texts of events: a restart begins with it. It is
/// the fold of the seat's writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRecord {
    /// The key of this device.
    pub secret: SeatSecret,
    /// All that is needed to join.
    pub join: JoinRequest,
    /// The conference; absent until the server has named it.
    pub conference: Option<ConferenceId>,
    /// Set once the server refused the seat for good.
    pub refused: Option<Refusal>,
    /// The copy of the log that the seat is in; absent until the seat was opened.
    pub replica: Option<Replica>,
    /// Copies of other logs that were put aside, the first one first.
    pub aside: Vec<Replica>,
    /// Commands without a receipt.
    pub outbox: Outbox,
    /// Texts that did not make it into the conference, until somebody has read why.
    pub returned: BTreeMap<CommandId, Returned>,
}

/// A request to join. It lets its holder in: `Debug` does not show the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// From the join link.
    pub code: JoinCode,
    /// The wanted display name.
    pub name: Name,
    /// The request's own command id.
    pub id: CommandId,
}

/// A text that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The command.
    pub body: Json,
    /// Why.
    pub why: WhyReturned,
}

/// Why a text came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyReturned {
    /// The command was refused.
    Refused {
        /// Why.
        code: Refusal,
    },
    /// It was accepted, and a restored backup of the server does not hold it.
    Lost,
}

impl SeatRecord {
    /// A seat that has yet to ask.
    pub fn new(secret: SeatSecret, join: JoinRequest) -> Self {
        Self {
            secret,
            join,
            conference: None,
            refused: None,
            replica: None,
            aside: Vec::new(),
            outbox: Outbox::default(),
            returned: BTreeMap::new(),
        }
    }

    /// Makes a change. A store has to do the same to what it keeps.
    pub fn apply(&mut self, write: &Write) {
        match write {
            Write::Opened { conference, log, participant } => {
                self.conference = Some(*conference);
                let replica = self.replica.get_or_insert_with(|| Replica::empty(*log));
                replica.participant = Some(*participant);
                replica.was_participant = true;
            }
            Write::Refused { code } => self.refused = Some(*code),
            Write::Queued(queued) => {
                self.returned.remove(&queued.id);
                self.outbox.insert(queued.clone());
            }
            Write::Dismissed { id } => {
                self.returned.remove(id);
            }
            Write::OtherLog { log, name } => {
                self.join.name = name.clone();
                if planted!(KeyNotKept) {
                    self.secret = SeatSecret::from_bytes(&[99; 32]);
                }
                self.turn_to(*log);
            }
            Write::Receipts { .. }
            | Write::Events { .. }
            | Write::Snapshot { .. }
            | Write::History { .. }
            | Write::Voided { .. }
            | Write::Folded { .. } => self.apply_to_replica(write),
        }
    }

    fn apply_to_replica(&mut self, write: &Write) {
        let Some(replica) = &mut self.replica else { return };
        match write {
            Write::Receipts { list, terms } => {
                replica.terms.learn(terms);
                list.iter().for_each(|settled| self.settle(settled));
            }
            Write::Events { items, through, terms } => {
                replica.terms.learn(terms);
                replica.evolve(items);
                replica.cursor = *through;
            }
            Write::Snapshot { number, state, level, terms, missing } => {
                replica.terms.learn(terms);
                (replica.cursor, replica.base) = (*number, *number);
                (replica.state, replica.level) = (Some((**state).clone()), *level);
                replica.missing = missing.clone();
            }
            Write::History { missing, .. } => replica.missing = missing.clone(),
            Write::Voided { common, cursor, base, missing } => {
                replica.missing = missing.clone();
                replica.base = *base;
                if replica.cursor > *cursor {
                    replica.cursor = *cursor;
                    replica.state = None;
                }
                self.lose_above(*common);
            }
            Write::Folded { state, level, participant } => {
                (replica.state, replica.level) = (Some((**state).clone()), *level);
                replica.participant = *participant;
            }
            Write::Opened { .. }
            | Write::Refused { .. }
            | Write::Queued(_)
            | Write::Dismissed { .. }
            | Write::OtherLog { .. } => {}
        }
    }

    fn settle(&mut self, settled: &DecidedCommand) {
        let DecidedCommand { id, number, outcome, body } = settled;
        self.outbox.remove(*id);
        self.returned.remove(id);
        let accepted = *outcome == Outcome::Accepted;
        if let Outcome::Refused { code } = *outcome {
            let why = WhyReturned::Refused { code };
            self.returned.insert(*id, Returned { body: body.clone(), why });
            if code == Refusal::IdReused {
                // The id is that of another command, with a receipt of its own.
                return;
            }
        }
        if let Some(replica) = &mut self.replica {
            let (number, outcome, digest) = (*number, *outcome, Digest::of(body));
            let body = accepted.then(|| body.clone());
            replica.receipts.insert(*id, KeptReceipt { number, outcome, digest, body });
        }
    }

    fn lose_above(&mut self, common: u64) {
        let Some(replica) = &mut self.replica else { return };
        for id in replica.receipts.above(common) {
            // A refusal is forgotten: the same command is decided anew when somebody repeats it.
            if let Some(body) = replica.receipts.remove(id).and_then(|kept| kept.body) {
                self.returned.insert(id, Returned { body, why: WhyReturned::Lost });
            }
        }
        replica.terms.cut(replica.top());
    }

    fn turn_to(&mut self, log: LogId) {
        let known = self.aside.iter().position(|replica| replica.log == log && !planted!(NotTakenUp));
        let taken_up = known.map(|at| self.aside.remove(at)).unwrap_or_else(|| Replica::empty(log));
        if let Some(before) = self.replica.replace(taken_up).filter(|before| !before.is_blank()) {
            self.aside.push(before);
        }
        let beyond = self.aside.len().saturating_sub(ASIDE_MAX);
        self.aside.drain(..beyond);
    }
}
