//! Commands on their way to a receipt.

use std::sync::Arc;

use convene_conference::{Outcome, Receipt, Refusal};
use convene_model::CommandId;
use convene_model::limits::{COMMAND_BYTES_MAX, COMMANDS_IN_FLIGHT_MAX, OUTBOX_COMMANDS_MAX};

use crate::machine::{Delta, Seat};
use crate::record::{Digest, Phase, Queued, Settled, Write, WriteId};

/// What became of a frontend's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// It is in the outbox. It may be told so once `write` is stored.
    Queued {
        /// Its place in the seat's order.
        number: u64,
        /// The write that makes it durable; stored already where a known id is repeated after a restart.
        write: WriteId,
    },
    /// The id is known and decided: the first receipt.
    Settled(Outcome),
}

/// Why a command is not taken. Nothing changed; the same command may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Commands wait, or refused texts are kept, up to the limit.
    #[error("the outbox holds {OUTBOX_COMMANDS_MAX} commands")]
    OutboxFull,
    /// The id belongs to a command with another body.
    #[error("the command id was used for another command")]
    IdReused,
    /// The body is longer than any valid command.
    #[error("a command has at most {COMMAND_BYTES_MAX} bytes")]
    TooLarge,
    /// The server refused this seat.
    #[error("the seat was refused: {code}")]
    SeatRefused {
        /// Why.
        code: Refusal,
    },
}

/// A command to be handed to the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its place in the seat's order.
    pub number: u64,
    /// The frontend's name for it.
    pub id: CommandId,
    /// Its JSON.
    pub body: Arc<str>,
}

/// How far the outbox has been handed to the link since the seat was opened there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sending {
    /// The number of the last command handed over.
    sent: u64,
    /// Commands handed over and without a receipt.
    in_flight: usize,
}

impl Seat {
    /// Takes a command into the outbox. The same id with the same body is the same command, however often it comes.
    ///
    /// # Errors
    /// See [`ActError`].
    pub fn act(&mut self, id: CommandId, body: Arc<str>) -> Result<Acted, ActError> {
        if let Phase::Refused { code } = self.record.phase() {
            return Err(ActError::SeatRefused { code });
        }
        if body.len() > COMMAND_BYTES_MAX {
            return Err(ActError::TooLarge);
        }
        if let Some(known) = self.repeated(id, &body) {
            return known;
        }
        let kept = self.record.settled.values().filter(|settled| settled.kept.is_some()).count();
        if self.record.outbox.len() + kept >= OUTBOX_COMMANDS_MAX {
            return Err(ActError::OutboxFull);
        }
        let number = self.record.last_number.max(self.number_floor) + 1;
        let queued = Queued { number, id, body };
        let write = self.write(Write::Queued(queued.clone()));
        self.tell(write, Delta::Queued(queued));
        self.numbers.insert(id, number);
        self.not_durable.insert(number, write);
        Ok(Acted::Queued { number, write })
    }

    /// Takes receipts. One for a command that is not in the outbox was told before and is passed over.
    pub fn handle_receipts(&mut self, receipts: impl IntoIterator<Item = Receipt>) {
        for receipt in receipts {
            let Some(&number) = self.numbers.get(&receipt.id) else { continue };
            let Some(queued) = self.record.outbox.get(&number) else { continue };
            let refused = matches!(receipt.outcome, Outcome::Refused { .. });
            let settled = Settled {
                number,
                id: receipt.id,
                digest: Digest::of(&queued.body),
                kept: refused.then(|| Arc::clone(&queued.body)),
                outcome: receipt.outcome,
            };
            if let Some(sending) = &mut self.sending
                && number <= sending.sent
            {
                sending.in_flight = sending.in_flight.saturating_sub(1);
            }
            let write = self.write(Write::Settled(settled.clone()));
            self.forget_oldest_ids();
            self.tell(write, Delta::Receipt(settled));
        }
    }

    /// The participant has read why a command was refused, and its text may go. Says whether there was such a text.
    pub fn dismiss(&mut self, id: CommandId) -> bool {
        let settled = self.numbers.get(&id).and_then(|number| self.record.settled.get(number));
        let kept = settled.is_some_and(|settled| settled.kept.is_some());
        if kept {
            let write = self.write(Write::Dismissed { id });
            self.tell(write, Delta::Dismissed(id));
        }
        kept
    }

    /// The next command for the link: durable, in order, at most [`COMMANDS_IN_FLIGHT_MAX`] without a receipt. None
    /// while the seat is not open on a link.
    pub fn poll_send(&mut self) -> Option<Outgoing> {
        let sending = self.sending.as_mut()?;
        if sending.in_flight >= COMMANDS_IN_FLIGHT_MAX {
            return None;
        }
        let (&number, queued) = self.record.outbox.range(sending.sent + 1..).next()?;
        if self.not_durable.contains_key(&number) {
            return None;
        }
        sending.sent = number;
        sending.in_flight += 1;
        Some(Outgoing { number, id: queued.id, body: Arc::clone(&queued.body) })
    }

    fn repeated(&self, id: CommandId, body: &str) -> Option<Result<Acted, ActError>> {
        let number = *self.numbers.get(&id)?;
        if let Some(queued) = self.record.outbox.get(&number) {
            let write = self.not_durable.get(&number).copied().unwrap_or(WriteId(0));
            let same = *queued.body == *body;
            return Some(if same { Ok(Acted::Queued { number, write }) } else { Err(ActError::IdReused) });
        }
        let settled = self.record.settled.get(&number)?;
        let same = settled.digest == Digest::of(body);
        Some(if same { Ok(Acted::Settled(settled.outcome)) } else { Err(ActError::IdReused) })
    }

    /// Keeps the index of ids as large as what it points to.
    fn forget_oldest_ids(&mut self) {
        if self.numbers.len() > self.record.outbox.len() + self.record.settled.len() {
            let record = &self.record;
            self.numbers.retain(|_, number| {
                record.outbox.contains_key(number) || record.settled.contains_key(number)
            });
        }
    }
}
