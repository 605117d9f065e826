//! The language of the log: one JSON object per decided command.

use std::sync::Arc;

use convene_conference::{Audience, Event, Outcome, Right, Settings};
use convene_event_log::{NewEntry, ReceiptKey};
use convene_model::{CommandId, ParticipantId, SeatKey, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::Codes;

/// Text that is not an entry. Nobody but the server writes entries: the log is damaged, or of a later version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a log entry that this version can read")]
pub struct EntryError;

/// The first eight bytes of the SHA-256 of a command's body: enough to notice an id that is used twice by mistake, and
/// who does it on purpose deceives nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct BodyHash(u64);

impl BodyHash {
    pub(super) fn of(body: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(body));
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

/// What became of a command, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredReceipt {
    pub(super) seat: SeatKey,
    pub(super) number: u64,
    pub(super) id: CommandId,
    pub(super) hash: BodyHash,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

/// A seat that became a participant's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredSeat {
    pub(super) key: SeatKey,
    pub(super) participant: ParticipantId,
    pub(super) right: Right,
}

/// What only the server knows of a conference that was opened.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct StoredOpening {
    pub(super) codes: Codes,
}

/// An entry as it is written and read.
#[derive(Debug, Serialize, Deserialize)]
struct StoredEntry<'a> {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    audience: Option<Audience>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    event: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<StoredReceipt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seat: Option<StoredSeat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<StoredOpening>,
}

/// An event with its JSON, which every recipient gets unchanged.
#[derive(Debug, Clone)]
pub(super) struct EntryEvent {
    pub(super) event: Event,
    pub(super) text: Arc<str>,
    pub(super) audience: Audience,
}

/// An entry that was read.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) event: Option<EntryEvent>,
    pub(super) receipt: Option<StoredReceipt>,
    pub(super) seat: Option<StoredSeat>,
    pub(super) opened: Option<StoredOpening>,
}

impl Entry {
    pub(super) fn parse(text: &str) -> Result<Self, EntryError> {
        let stored: StoredEntry<'_> = serde_json::from_str(text).map_err(|_| EntryError)?;
        let audience = stored.audience.unwrap_or(Audience::Everyone);
        let read = |raw: &RawValue| {
            let event = serde_json::from_str(raw.get()).map_err(|_| EntryError)?;
            Ok(EntryEvent { event, text: Arc::from(raw.get()), audience })
        };
        Ok(Self {
            at: stored.at,
            event: stored.event.map(read).transpose()?,
            receipt: stored.receipt,
            seat: stored.seat,
            opened: stored.opened,
        })
    }
}

/// The event of an entry with its number, where it has one and `may_see` its audience. Nothing else is read.
pub(super) fn visible(
    text: &str,
    may_see: impl Fn(Audience) -> bool,
) -> Result<Option<Arc<str>>, EntryError> {
    let stored: StoredEntry<'_> = serde_json::from_str(text).map_err(|_| EntryError)?;
    let audience = stored.audience.unwrap_or(Audience::Everyone);
    Ok(stored.event.filter(|_| may_see(audience)).map(|raw| Arc::from(raw.get())))
}

/// The event of an entry, whoever may see it.
///
/// # Errors
/// When the text is not an entry.
pub fn event_of(text: &str) -> Result<Option<Arc<str>>, EntryError> {
    visible(text, |_| true)
}

/// Something decided, before and while it becomes durable.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) event: Option<EntryEvent>,
    text: Arc<str>,
    receipt: Option<ReceiptKey>,
}

impl Decision {
    /// `by` is the participant whose receipt it is, if there is one.
    pub(super) fn new(
        at: Timestamp,
        by: Option<ParticipantId>,
        event: Option<(Event, Audience)>,
        receipt: Option<StoredReceipt>,
        seat: Option<StoredSeat>,
    ) -> Self {
        let key = by.zip(receipt.as_ref());
        let key = key.map(|(participant, receipt)| ReceiptKey { participant, command: receipt.id });
        let event = event.map(|(event, audience)| {
            let text = Arc::from(json(&event));
            EntryEvent { event, text, audience }
        });
        let raw = event.as_ref().map(|event| event.text.as_ref()).map(raw);
        let audience =
            event.as_ref().map(|event| event.audience).filter(|audience| *audience != Audience::Everyone);
        let stored = StoredEntry { at, audience, event: raw.as_deref(), receipt, seat, opened: None };
        let text = Arc::from(json(&stored));
        Self { event, text, receipt: key }
    }

    pub(super) fn to_append(&self) -> NewEntry {
        NewEntry { text: Arc::clone(&self.text), receipt: self.receipt }
    }
}

/// The first entry of a conference's log.
pub fn opening_entry(settings: Settings, codes: &Codes, at: Timestamp) -> Arc<str> {
    let body = convene_conference::Body::Opened { settings };
    let event = json(&Event { seq: 1, at, by: None, command: None, body });
    let raw = raw(&event);
    let opened = Some(StoredOpening { codes: codes.clone() });
    let stored = StoredEntry { at, audience: None, event: Some(&raw), receipt: None, seat: None, opened };
    Arc::from(json(&stored))
}

/// JSON of what always has one: maps with text keys, and nothing that fails by itself.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_default()
}
