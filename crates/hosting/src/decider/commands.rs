//! Commands of participants.

use convene_conference::{Actor, Command, Outcome, Receipt, Refusal};
use convene_model::{CommandId, ParticipantId, SeatKey};
use convene_protocol::{OutgoingCommand, Point};

use super::{Decider, Made, Now};
use crate::entry::{BodyHash, StoredReceipt};
use crate::messages::{AnswerKind, CommandsWish, Place};

/// A command, and the seat that sent it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) place: Place,
    pub(super) key: SeatKey,
    pub(super) participant: ParticipantId,
    pub(super) hash: BodyHash,
    pub(super) command: OutgoingCommand,
}

/// A decision that was made before: the number of its entry, and what it says.
#[derive(Debug, Clone)]
pub(super) struct First {
    pub(super) number: u64,
    pub(super) hash: BodyHash,
    pub(super) outcome: Outcome,
}

impl Decider {
    /// Takes commands of one seat, in its order. They must not come while [`Decider::is_full`].
    /// A command that was decided before gets its first receipt.
    pub fn handle_commands(&mut self, wish: CommandsWish, now: Now) {
        let CommandsWish { place, key, term, list } = wish;
        let Some(right) = self.roll.key(key).filter(|_| term == self.term || planted!(TermNotNamed)) else {
            return;
        };
        let participant = right.participant;
        // Commands that come together are appended and told together, which costs least: where one
        // of them must be looked up, the others wait with it.
        let mut waits = self.lookups.is_waiting(key)
            || list.iter().any(|command| self.is_unsure((participant, command.id)));
        for command in list {
            let hash = BodyHash::of(&command.body);
            let sent = Sent { place, key, participant, hash, command };
            let named = (participant, sent.command.id);
            // One that came twice among these is not new any more.
            waits = waits || self.is_unsure(named);
            if waits {
                self.lookups.push(sent);
            } else if let Some(number) = self.undurable.get(&named).copied() {
                self.settle_undurable(&sent, number);
            } else {
                self.decide_command(&sent, now);
            }
        }
    }

    /// Whether the log's index must be asked about a command first.
    fn is_unsure(&self, (participant, id): (ParticipantId, CommandId)) -> bool {
        let is_pending = self.undurable.contains_key(&(participant, id)) && !planted!(PendingLookedUp);
        !is_pending && !self.filter.is_new(participant, id)
    }

    /// A command that was decided and is not durable: its repeat is answered once it is.
    fn settle_undurable(&mut self, sent: &Sent, number: u64) {
        let place = usize::try_from(number.saturating_sub(self.durable + 1)).unwrap_or(usize::MAX);
        let first = self.pending.get(place).and_then(|pending| pending.receipt.as_ref());
        if first.is_some_and(|first| first.hash == sent.hash) {
            self.repeats.entry(number).or_default().insert(sent.place);
        } else {
            self.answer(sent.place, AnswerKind::IdReused { id: sent.command.id });
        }
    }

    /// The log's index has answered for this command; `found` is its first decision.
    pub(super) fn settle_found(&mut self, sent: &Sent, found: Option<First>, now: Now) {
        let named = (sent.participant, sent.command.id);
        match found {
            Some(first) if first.hash == sent.hash => {
                let receipt = Receipt { id: sent.command.id, number: first.number, outcome: first.outcome };
                let participant = sent.participant;
                self.answer(sent.place, AnswerKind::Repeated { participant, receipt });
            }
            Some(_) => self.answer(sent.place, AnswerKind::IdReused { id: sent.command.id }),
            None => match self.undurable.get(&named).filter(|_| !planted!(PendingLookedUp)).copied() {
                Some(number) => self.settle_undurable(sent, number),
                None => self.decide_command(sent, now),
            },
        }
    }

    pub(super) fn answer_first(&mut self, place: Place, number: u64, stored: &StoredReceipt) {
        let receipt = Receipt { id: stored.id, number, outcome: stored.outcome };
        self.answer(place, AnswerKind::Repeated { participant: stored.participant, receipt });
    }

    fn decide_command(&mut self, sent: &Sent, now: Now) {
        let Sent { key, participant, hash, command, .. } = sent;
        // Also what the command before this one made due.
        self.handle_due(now);
        let stamp = self.stamp(now.at, Some(*participant), Some(command.id));
        let made = match self.refusal_of(sent) {
            Some(refusal) => Err(refusal),
            None => Command::read(command.body.get()).and_then(|wanted| {
                if wanted.names_by_id() && !self.knows(command.seen) {
                    return Err(Refusal::LogChanged);
                }
                let is_full = self.roll.bytes_of(*participant) >= self.limits.participant;
                if is_full && wanted.adds_text() {
                    return Err(Refusal::ParticipantFullOfData);
                }
                let decided = self.decide(Actor::Participant(*participant), &wanted, now.at)?;
                Made::of(decided, stamp).checked()
            }),
        };
        let (made, outcome) = match made {
            Ok(made) => (made, Outcome::Accepted),
            Err(code) => (Made::default(), Outcome::Refused { code }),
        };
        let receipt =
            StoredReceipt { participant: *participant, key: *key, id: command.id, hash: *hash, outcome };
        self.put(now.at, made, Some(receipt), None);
        self.tell_filling(now.at);
    }

    /// Why a key has no say any more.
    fn refusal_of(&self, sent: &Sent) -> Option<Refusal> {
        let ended = self.roll.key(sent.key).is_none_or(|right| right.until.is_some());
        ended.then_some(Refusal::KeyReplaced)
    }

    /// Whether the log still holds what the author of a command saw.
    pub(super) fn knows(&self, seen: Option<Point>) -> bool {
        let Some(Point { number, term }) = seen else { return true };
        let begins = self.terms.iter().position(|start| start.term == term);
        let next = match begins {
            Some(place) => place + 1,
            // The entries before the first term belong to the term that is made of the log's id.
            None if term == convene_model::TermId::of_log(self.log) => 0,
            None => return false,
        };
        number <= self.terms.get(next).map_or(self.last, |start| start.from - 1)
    }
}
