//! Reads the entries of a log of form 1. That form kept neither summaries nor an index of receipts,
//! so both are made out of the entries, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_event_log::ReceiptKey;
use convene_event_log_sqlite::FirstForm;
use convene_model::{CommandId, JoinCode, ParticipantId, SeatKey};
use serde::Deserialize;

use super::summary::{Summary, code_hash};

/// The entries of one conference, as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct FirstFormEntries {
    summary: Summary,
    seats: BTreeMap<SeatKey, ParticipantId>,
    /// Everybody who ever took part, and whether they still do.
    takes_part: BTreeMap<ParticipantId, bool>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    event: Option<Event>,
    receipt: Option<Receipt>,
    seat: Option<Seat>,
    opened: Option<Opened>,
}

#[derive(Debug, Deserialize)]
struct Event {
    body: Body,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Body {
    Opened {
        settings: Settings,
    },
    Joined {
        participant: ParticipantId,
    },
    Left {
        participant: ParticipantId,
    },
    Ended,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Settings {
    title: String,
}

#[derive(Debug, Deserialize)]
struct Receipt {
    seat: SeatKey,
    id: CommandId,
}

#[derive(Debug, Deserialize)]
struct Seat {
    key: SeatKey,
    participant: ParticipantId,
}

#[derive(Debug, Deserialize)]
struct Opened {
    codes: BTreeMap<JoinCode, serde::de::IgnoredAny>,
}

impl FirstForm for FirstFormEntries {
    fn handle_entry(&mut self, text: &str) -> Option<ReceiptKey> {
        let entry: Entry = serde_json::from_str(text).ok()?;
        if let Some(opened) = entry.opened {
            self.summary.codes = opened.codes.into_keys().map(code_hash).collect();
        }
        if let Some(Seat { key, participant }) = entry.seat {
            self.seats.insert(key, participant);
        }
        match entry.event.map(|event| event.body) {
            Some(Body::Opened { settings }) => self.summary.title = settings.title,
            Some(Body::Joined { participant }) => drop(self.takes_part.insert(participant, true)),
            Some(Body::Left { participant }) => drop(self.takes_part.insert(participant, false)),
            Some(Body::Ended) => self.summary.ended = true,
            Some(Body::Other) | None => {}
        }
        let receipt = entry.receipt?;
        Some(ReceiptKey { participant: *self.seats.get(&receipt.seat)?, command: receipt.id })
    }

    fn summary(&self) -> Arc<str> {
        let taking_part = self.takes_part.values().filter(|takes_part| **takes_part).count();
        Summary { participants: self.takes_part.len(), taking_part, ..self.summary.clone() }.text()
    }
}
