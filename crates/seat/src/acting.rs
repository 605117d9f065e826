//! Commands on their way to a receipt.

use std::collections::BTreeMap;

use convene_conference::{Outcome, Receipt, Refusal};
use convene_model::limits::{COMMAND_BYTES_MAX, OUTBOX_COMMANDS_MAX};
use convene_model::{CommandId, Json, Point, TermStart};

use crate::delta::Delta;
use crate::machine::Seat;
use crate::opening::Opening;
use crate::outbox::Queued;
use crate::receipts::Digest;
use crate::record::{Returned, WhyReturned};
use crate::write::{DecidedCommand, Write, WriteId};

/// The answer to a frontend's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// It goes into the outbox. Once it is durable there [`Delta::Queued`] is told, or
    /// [`Delta::NotQueued`] where the store failed.
    Taken,
    /// It was given before, and is durable in the outbox.
    Queued,
    /// It was given before, and is decided: this is the first receipt.
    Decided(Receipt),
}

/// Why a command is not taken. Nothing was accepted; the same command may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Commands wait, or returned texts are kept, up to the limit.
    #[error("the outbox holds {OUTBOX_COMMANDS_MAX} commands")]
    OutboxFull,
    /// The id belongs to a command with another body.
    #[error("the command id was used for another command")]
    IdReused,
    /// The body is longer than any valid command.
    #[error("a command has at most {COMMAND_BYTES_MAX} bytes")]
    TooLarge,
    /// The server refused this seat for good.
    #[error("the seat was refused: {code}")]
    SeatRefused {
        /// Why.
        code: Refusal,
    },
    /// The store failed, and has to be read before anything is taken.
    #[error("the store failed")]
    StoreFailed,
}

/// A command to be handed to the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The frontend's name for it.
    pub id: CommandId,
    /// The point at which its author saw the conference.
    pub seen: Option<Point>,
    /// As the frontend wrote it.
    pub body: Json,
}

/// Commands in the outbox whose write is not durable yet.
#[derive(Debug, Default)]
pub(crate) struct Undurable {
    /// With the returned text that each of them replaced.
    by_write: BTreeMap<WriteId, (CommandId, Option<Returned>)>,
    by_id: BTreeMap<CommandId, WriteId>,
}

impl Undurable {
    fn insert(&mut self, write: WriteId, id: CommandId, replaced: Option<Returned>) {
        self.by_write.insert(write, (id, replaced));
        self.by_id.insert(id, write);
    }

    fn holds(&self, id: CommandId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(crate) fn handle_stored(&mut self, stored: WriteId) {
        while let Some(first) = self.by_write.first_entry().filter(|first| *first.key() <= stored) {
            let (id, _) = first.remove();
            self.by_id.remove(&id);
        }
    }

    pub(crate) fn undo(&mut self, write: WriteId) -> Option<(CommandId, Option<Returned>)> {
        let (id, replaced) = self.by_write.remove(&write)?;
        self.by_id.remove(&id);
        Some((id, replaced))
    }

    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (WriteId, CommandId)> + use<> {
        self.by_id.clear();
        std::mem::take(&mut self.by_write).into_iter().map(|(write, (id, _))| (write, id))
    }
}

impl Seat {
    /// Takes a command into the outbox. The same id with the same body is the same command, however
    /// often it comes. `seen` is where its author saw the conference.
    ///
    /// # Errors
    /// See [`ActError`].
    pub fn act(&mut self, id: CommandId, body: Json, seen: Option<Point>) -> Result<Acceptance, ActError> {
        if let Some(code) = self.record.refused {
            return Err(ActError::SeatRefused { code });
        }
        if self.needs_reread {
            return Err(ActError::StoreFailed);
        }
        if body.get().len() > COMMAND_BYTES_MAX {
            return Err(ActError::TooLarge);
        }
        if let Some(known) = self.repeated(id, &body) {
            return known;
        }
        let held = self.record.outbox.len() + self.record.returned.len();
        let replaced = self.record.returned.get(&id).cloned();
        if held >= OUTBOX_COMMANDS_MAX && replaced.is_none() {
            return Err(ActError::OutboxFull);
        }
        self.last_order = self.last_order.checked_add(1).ok_or(ActError::OutboxFull)?;
        let write = self.write(Write::Queued(Queued { order: self.last_order, id, seen, body }));
        self.undurable.insert(write, id, replaced);
        self.tell(Delta::Queued { id });
        Ok(Acceptance::Taken)
    }

    /// Somebody has read why a text came back, and it may go. Says whether there was such a text.
    pub fn dismiss(&mut self, id: CommandId) -> bool {
        let known = self.record.returned.contains_key(&id) && !self.needs_reread;
        if known {
            self.write(Write::Dismissed { id });
            self.tell(Delta::Dismissed { id });
        }
        known
    }

    /// Takes receipts, with the terms up to the highest of their numbers that were not told by
    /// events. One for a command that is neither in the outbox nor lost was told before, or is of
    /// another device, and is passed over.
    pub fn handle_receipts(&mut self, terms: &[TermStart], receipts: impl IntoIterator<Item = Receipt>) {
        let Opening::Open(open) = &mut self.opening else { return };
        let Some(replica) = &self.record.replica else { return };
        let mut settled: BTreeMap<CommandId, DecidedCommand> = BTreeMap::new();
        let mut order = Vec::new();
        for Receipt { id, number, outcome } in receipts {
            let queued = self.record.outbox.get(id);
            if let Some(queued) = queued.filter(|queued| queued.order <= open.sent) {
                open.in_flight.remove(&queued.order);
            }
            let lost = || {
                let returned = self.record.returned.get(&id)?;
                let is_lost = returned.why == WhyReturned::Lost && outcome == Outcome::Accepted;
                is_lost.then_some(&returned.body)
            };
            let body = queued.map(|queued| &queued.body).or_else(lost);
            // An outcome of a later version is understood by a later version of this program: the
            // command stays until then, and gets the same receipt whenever it is sent again.
            if let Some(body) = body
                && outcome != Outcome::Other
                && settled.insert(id, DecidedCommand { id, number, outcome, body: body.clone() }).is_none()
            {
                order.push(id);
            }
        }
        let list: Vec<DecidedCommand> = order.iter().filter_map(|id| settled.remove(id)).collect();
        if list.is_empty() {
            return;
        }
        // One that is not kept raises nothing by which a later void part is reckoned, so its terms
        // would outlive a restored backup.
        let reused = Outcome::Refused { code: Refusal::IdReused };
        let kept = list.iter().filter(|settled| settled.outcome != reused || planted!(ReusedTermsLearned));
        let highest = kept.map(|settled| settled.number).max().unwrap_or(0);
        let terms = if highest > replica.cursor {
            replica.terms.news(terms, highest.max(replica.top()))
        } else {
            Vec::new()
        };
        let told: Vec<Receipt> = list
            .iter()
            .map(|DecidedCommand { id, number, outcome, .. }| Receipt {
                id: *id,
                number: *number,
                outcome: *outcome,
            })
            .collect();
        self.write(Write::Receipts { list, terms });
        for receipt in told {
            self.tell(Delta::Receipt(receipt));
        }
    }

    /// The next command for the link: durable, in order, and at most as many without a receipt as
    /// the server gave credit for. None while the seat is not open.
    pub fn poll_send(&mut self) -> Option<Outgoing> {
        let Opening::Open(open) = &mut self.opening else { return None };
        if open.in_flight.len() >= open.credit {
            return None;
        }
        let queued = self.record.outbox.next(open.sent)?;
        if self.undurable.holds(queued.id) && !planted!(SentBeforeStored) {
            return None;
        }
        open.sent = queued.order;
        open.in_flight.insert(queued.order);
        let seen = if planted!(SeenWhenSent) {
            self.record.replica.as_ref().map(crate::Replica::point)
        } else {
            queued.seen
        };
        Some(Outgoing { id: queued.id, seen, body: queued.body.clone() })
    }

    fn repeated(&self, id: CommandId, body: &Json) -> Option<Result<Acceptance, ActError>> {
        if let Some(queued) = self.record.outbox.get(id) {
            let acted = if self.undurable.holds(id) { Acceptance::Taken } else { Acceptance::Queued };
            return Some(if queued.body == *body { Ok(acted) } else { Err(ActError::IdReused) });
        }
        let replica = self.record.replica.as_ref();
        if let Some(kept) = replica.and_then(|replica| replica.receipts.get(id)) {
            let same = kept.digest == Digest::of(body);
            return Some(if same {
                Ok(Acceptance::Decided(kept.receipt(id)))
            } else {
                Err(ActError::IdReused)
            });
        }
        // A text that came back, and whose receipt is not known any more, may be sent again as it
        // is.
        let returned = self.record.returned.get(&id)?;
        (returned.body != *body).then_some(Err(ActError::IdReused))
    }
}
