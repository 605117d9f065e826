//! A log that a test writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use convene_conference::{
    Audience, Body, Codes, Description, Event, Joined, Left, Outcome, People, Refusal, Role, Said, Settings,
};
use convene_model::{CommandId, Json, ParticipantId, RoomId, SeatKey, TermId, Timestamp};

use crate::entry::{BodyHash, Entry, EntryEvent, StoredKey, StoredReceipt};

/// The key of a device.
pub(super) fn key(number: u8) -> SeatKey {
    SeatKey([number; 32])
}

/// The key of one among many devices.
pub(super) fn key_of(number: u32) -> SeatKey {
    let mut bytes = [255; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    SeatKey(bytes)
}

pub(super) fn person(number: u32) -> ParticipantId {
    ParticipantId(number)
}

pub(super) fn id(number: u128) -> CommandId {
    format!("{number:032x}").parse().unwrap()
}

/// A log, entry by entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(pub(super) Vec<Arc<str>>);

impl Log {
    /// A log with the creation and one term.
    pub(super) fn begun() -> Self {
        let settings = Settings { title: "Our next year".into(), ..Settings::default() };
        let description = Description { settings, ..Description::default() };
        let mut log = Self::default();
        log.push(&Entry::creation(&description, Codes::new(), at()));
        log.term(1);
        log
    }

    pub(super) fn last(&self) -> u64 {
        self.0.len() as u64
    }

    pub(super) fn above(&self, after: u64) -> Vec<(u64, Arc<str>)> {
        (1..).zip(self.0.iter().cloned()).filter(|(number, _)| *number > after).collect()
    }

    pub(super) fn push(&mut self, entry: &Entry) -> u64 {
        self.0.push(entry.text());
        self.last()
    }

    pub(super) fn term(&mut self, term: u8) -> u64 {
        self.push(&Entry::term(TermId([term; 16]), at()))
    }

    fn event(&self, step: usize, audience: Audience, by: Option<ParticipantId>, body: Body) -> EntryEvent {
        let step = u32::try_from(step).unwrap();
        EntryEvent::of(audience, &Event { seq: self.last() + 1, step, at: at(), by, command: None, body })
            .unwrap()
    }

    /// A device becomes a participant's.
    pub(super) fn join(&mut self, key: SeatKey, person: ParticipantId, name: &str) -> u64 {
        let joined = Joined { participant: person, name: name.into(), role: Role::Participant };
        let events = vec![self.event(1, Audience::Everyone, Some(person), Body::Joined(joined))];
        self.push(&Entry {
            events,
            key: Some(StoredKey { key, participant: person, replaces: false }),
            ..empty()
        })
    }

    /// A further device of a participant, perhaps in place of all others.
    pub(super) fn device(&mut self, key: SeatKey, participant: ParticipantId, replaces: bool) -> u64 {
        let text = if replaces { "keys replaced" } else { "device added" };
        let events = vec![self.event(1, only(&[participant]), None, said(text))];
        self.push(&Entry { events, key: Some(StoredKey { key, participant, replaces }), ..empty() })
    }

    pub(super) fn leave(&mut self, key: SeatKey, person: ParticipantId, command: u128) -> u64 {
        let body = Body::Left(Left { participant: person, removed: false });
        let events = vec![self.event(1, Audience::Everyone, Some(person), body)];
        self.push(&Entry { events, ..receipt(key, person, command, Outcome::Accepted) })
    }

    pub(super) fn come_back(&mut self, key: SeatKey, person: ParticipantId, command: u128) -> u64 {
        let joined = Joined { participant: person, name: format!("{person}"), role: Role::Participant };
        let events = vec![self.event(1, Audience::Everyone, Some(person), Body::Joined(joined))];
        self.push(&Entry { events, ..receipt(key, person, command, Outcome::Accepted) })
    }

    /// Something that everyone may read, without a command.
    pub(super) fn say(&mut self, text: &str) -> u64 {
        let events = vec![self.event(1, Audience::Everyone, None, said(text))];
        self.push(&Entry { events, ..empty() })
    }

    /// A command whose event everyone may read.
    pub(super) fn command(&mut self, key: SeatKey, person: ParticipantId, command: u128) -> u64 {
        let events = vec![self.event(1, Audience::Everyone, Some(person), said("accepted"))];
        self.push(&Entry { events, ..receipt(key, person, command, Outcome::Accepted) })
    }

    pub(super) fn refuse(&mut self, key: SeatKey, person: ParticipantId, command: u128) -> u64 {
        let outcome = Outcome::Refused { code: Refusal::RoomClosed };
        self.push(&receipt(key, person, command, outcome))
    }

    /// Something for a few.
    pub(super) fn whisper(&mut self, people: &[ParticipantId], text: &str) -> u64 {
        let events = vec![self.event(1, only(people), None, said(text))];
        self.push(&Entry { events, ..empty() })
    }

    /// An entry with an event for everyone and one for a few.
    pub(super) fn vote(&mut self, voter: ParticipantId) -> u64 {
        let events = vec![
            self.event(1, Audience::Everyone, None, said("somebody voted")),
            self.event(2, only(&[voter]), Some(voter), said("your vote")),
        ];
        self.push(&Entry { events, ..empty() })
    }
}

fn at() -> Timestamp {
    Timestamp::from_millis(0)
}

fn only(people: &[ParticipantId]) -> Audience {
    Audience::Only(People::new(people.iter().copied().collect::<BTreeSet<_>>()).unwrap())
}

fn said(text: &str) -> Body {
    Body::Said(Said { room: RoomId::PLENARY, text: text.into() })
}

fn empty() -> Entry {
    Entry { term: None, ..Entry::term(TermId([0; 16]), at()) }
}

fn receipt(key: SeatKey, participant: ParticipantId, command: u128, outcome: Outcome) -> Entry {
    let hash = BodyHash::of(&Json::parse("{}").unwrap());
    let receipt = StoredReceipt { participant, key, id: id(command), hash, outcome };
    Entry { receipt: Some(receipt), ..empty() }
}
