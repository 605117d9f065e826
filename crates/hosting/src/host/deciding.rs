//! What daemons want of a conference: seats opened and commands decided.

use std::collections::BTreeMap;

use convene_conference::{Actor, Audience, Body, Command, Event, Outcome, Receipt, Refusal, decide};
use convene_model::{CommandId, LinkId, ParticipantId, SeatKey, Timestamp};
use convene_protocol::{Cursor, Join, OutgoingCommand, Resume};

use super::Host;
use super::audience::Place;
use super::entry::{BodyHash, Decision, StoredReceipt, StoredSeat};

/// What is told once an entry is durable.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    Receipt(Receipt),
    Open(WantedSeat),
    Refusal(Refusal),
}

/// A seat to be opened, and where its replica ends.
#[derive(Debug, Clone)]
pub(super) struct WantedSeat {
    pub(super) key: SeatKey,
    pub(super) cursor: Option<Cursor>,
}

/// Who waits for which entry.
#[derive(Debug)]
pub(super) struct Waiting<L>(BTreeMap<u64, Vec<(L, Place, Wish)>>);

impl<L> Default for Waiting<L> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<L> Waiting<L> {
    fn push(&mut self, entry: u64, link: L, place: Place, wish: Wish) {
        self.0.entry(entry).or_default().push((link, place, wish));
    }

    pub(super) fn take_until(&mut self, durable: u64) -> Vec<(L, Place, Wish)> {
        let later = self.0.split_off(&(durable + 1));
        std::mem::replace(&mut self.0, later).into_values().flatten().collect()
    }

    pub(super) fn take_links(&mut self) -> Vec<L> {
        let all = std::mem::take(&mut self.0).into_values().flatten();
        let by_link: BTreeMap<LinkId, L> = all.map(|(link, place, _)| (place.link, link)).collect();
        by_link.into_values().collect()
    }

    pub(super) fn remove_link(&mut self, link: LinkId) {
        self.0.retain(|_, wishes| {
            wishes.retain(|(_, place, _)| place.link != link);
            !wishes.is_empty()
        });
    }
}

impl<L: Clone> Host<L> {
    /// A seat wants to be open on a link. The shell has checked its proof. The answer comes as a frame, for a newcomer once
    /// the seat is durable.
    pub fn handle_open(&mut self, link: LinkId, handle: L, resume: &Resume, at: Timestamp) {
        let place = Place { link, index: resume.index };
        let wanted = WantedSeat { key: resume.key, cursor: resume.cursor };
        let outcome = match self.roll.seat(resume.key) {
            Some(seat) => Ok(seat.entry),
            None => resume
                .join
                .as_ref()
                .ok_or(Refusal::SeatUnknown)
                .and_then(|join| self.enrol(resume.key, join, at)),
        };
        match outcome {
            Ok(entry) => self.waiting.push(entry, handle, place, Wish::Open(wanted)),
            // It rests on what is decided, and that must not be undone behind it.
            Err(refusal) => self.waiting.push(self.last, handle, place, Wish::Refusal(refusal)),
        }
        self.tell(&[]);
    }

    /// A seat is not wanted on this link any more.
    pub fn handle_close(&mut self, link: LinkId, index: u32) {
        self.audiences.remove(Place { link, index });
    }

    /// Commands of an open seat, in its order. A command that was decided before gets its first receipt.
    pub fn handle_commands(&mut self, link: LinkId, index: u32, commands: &[OutgoingCommand], at: Timestamp) {
        let place = Place { link, index };
        let Some(listener) = self.audiences.get(place) else { return };
        let (handle, key, participant) = (listener.handle.clone(), listener.key, listener.participant);
        for command in commands {
            let (entry, outcome) = self.settle(key, participant, command, at);
            let receipt = Receipt { number: command.number, id: command.id, outcome };
            self.waiting.push(entry, handle.clone(), place, Wish::Receipt(receipt));
        }
        self.tell(&[]);
    }

    /// Whoever runs the server ends the conference. Gives the number of the entry that says so, which is not durable yet.
    ///
    /// # Errors
    /// Never today; the rules decide.
    pub fn end(&mut self, at: Timestamp) -> Result<u64, Refusal> {
        if let Some((body, audience)) = self.decide(&Actor::Operator, &Command::End)? {
            self.push(at, None, None, Some((body, audience)), None, None);
        }
        Ok(self.last)
    }

    fn enrol(&mut self, key: SeatKey, join: &Join, at: Timestamp) -> Result<u64, Refusal> {
        let right = *self.codes.get(&join.code).ok_or(Refusal::CodeUnknown)?;
        let command = Command::Join { name: join.name.clone() };
        let Some((body, audience)) = self.decide(&Actor::Newcomer { right }, &command)? else {
            return Err(Refusal::SeatUnknown);
        };
        let Body::Joined { participant, right, .. } = body else { return Err(Refusal::SeatUnknown) };
        self.roll.enrol(key, participant, right, self.last + 1);
        let seat = StoredSeat { key, participant, right };
        Ok(self.push(at, Some(participant), Some(join.id), Some((body, audience)), None, Some(seat)))
    }

    fn settle(
        &mut self,
        key: SeatKey,
        participant: ParticipantId,
        command: &OutgoingCommand,
        at: Timestamp,
    ) -> (u64, Outcome) {
        let hash = BodyHash::of(command.body.get());
        if let Some(first) = self.roll.decided(key, command.id) {
            let same = first.hash == hash;
            return (
                first.entry,
                if same { first.outcome } else { Outcome::Refused { code: Refusal::IdReused } },
            );
        }
        let wanted: Result<Command, _> = serde_json::from_str(command.body.get());
        let decided = wanted
            .map_err(|_| Refusal::CommandUnknown)
            .and_then(|wanted| self.decide(&Actor::Participant(participant), &wanted));
        let outcome = match decided {
            Ok(_) => Outcome::Accepted { seq: self.last + 1 },
            Err(code) => Outcome::Refused { code },
        };
        let receipt = StoredReceipt { seat: key, number: command.number, id: command.id, hash, outcome };
        self.roll.remember(&receipt, self.last + 1);
        let what = decided.ok().flatten();
        (self.push(at, Some(participant), Some(command.id), what, Some(receipt), None), outcome)
    }

    fn decide(&self, actor: &Actor, command: &Command) -> Result<Option<(Body, Audience)>, Refusal> {
        decide(&self.decided_state, actor, command)
            .map(|decided| decided.map(|decided| (decided.body, decided.audience)))
    }

    /// Adds an entry behind the last; its time is never before that of the one before.
    fn push(
        &mut self,
        at: Timestamp,
        by: Option<ParticipantId>,
        command: Option<CommandId>,
        what: Option<(Body, Audience)>,
        receipt: Option<StoredReceipt>,
        seat: Option<StoredSeat>,
    ) -> u64 {
        self.last += 1;
        self.last_at = self.last_at.max(at);
        let (seq, at) = (self.last, self.last_at);
        let event = what.map(|(body, audience)| (Event { seq, at, by, command, body }, audience));
        if let Some((event, _)) = &event {
            self.decided_state.evolve(event);
        }
        self.undurable.push_back(Decision::new(at, by, event, receipt, seat));
        self.last
    }
}
