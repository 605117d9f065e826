//! The language of the log: one JSON object per entry.
//!
//! An entry is the creation of the conference (number 1), one decided command, one act of the
//! clock, or the beginning of a term. For example, Anna's message is
//! `{"level":1,"at":"…","events":[{"event":{"seq":7,…}}],"receipt":{"participant":"p1",…}}`.

use convene_conference::{Audience, Codes, Description, Event, Outcome, Stamp, level_of};
use convene_model::{CommandId, Json, ParticipantId, SeatKey, TermId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The level of entries that name none: those of the first version.
pub(crate) const FIRST_LEVEL: u32 = 1;

/// Text that is not an entry. Nobody but the server writes entries: the log is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an entry of a conference's log")]
pub struct EntryError;

/// One entry, as it is written and read. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The lowest level that can fold it. Code of a lower level must neither fold nor pass over it.
    #[serde(default = "first_level")]
    pub level: u32,
    /// When, for people. Only numbers order: this may go back.
    pub at: Timestamp,
    /// The events in order, public ones first; none where a command was refused or changed nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EntryEvent>,
    /// The outcome of the command; absent where there was no command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<StoredReceipt>,
    /// The term that begins here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermId>,
    /// A device's key that became a participant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<StoredKey>,
    /// The codes that open the conference, from here on, beside those before.
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    pub codes: Codes,
}

/// An event and who may read it. The text is what every reader gets, unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryEvent {
    /// Fixed when the event was decided.
    #[serde(default = "everyone", skip_serializing_if = "Audience::is_everyone")]
    pub audience: Audience,
    /// The event's JSON.
    #[serde(rename = "event")]
    pub text: Json,
}

impl EntryEvent {
    /// This event for this audience. An event has text for keys, and nothing in it fails by itself:
    /// there is always one.
    pub fn of(audience: Audience, event: &Event) -> Option<Self> {
        Json::of(event).ok().map(|text| Self { audience, text })
    }

    /// Who may read it, and its text.
    pub(crate) fn parts(&self) -> (&Audience, &Json) {
        (&self.audience, &self.text)
    }
}

/// The outcome of a command, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReceipt {
    /// The participant who sent the command: the ids of commands are the participant's, over all
    /// devices.
    pub participant: ParticipantId,
    /// The key of the device that sent it.
    pub key: SeatKey,
    /// The command's id.
    pub id: CommandId,
    /// Of its body, so that the same id with another body is noticed.
    pub hash: BodyHash,
    /// The outcome of the command.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A device's key that became a participant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// The key.
    pub key: SeatKey,
    /// The participant who owns the key.
    pub participant: ParticipantId,
    /// Whether it replaces all earlier keys of the participant, which read up to this entry. The
    /// new one reads private things from this entry on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces: bool,
}

/// The first eight bytes of the SHA-256 of a command's body: enough to notice an id that is used
/// twice by mistake. A client that uses one twice on purpose deceives nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BodyHash(u64);

impl BodyHash {
    /// Of this body.
    pub fn of(body: &Json) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(body.get()));
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Self, EntryError> {
        serde_json::from_str(text).map_err(|_| EntryError)
    }

    /// The lowest level that can fold the entry with this text, without reading more of it: an
    /// entry of a later level may have another shape.
    ///
    /// # Errors
    /// When the text is no entry of any level.
    pub fn level_of(text: &str) -> Result<u32, EntryError> {
        #[derive(Deserialize)]
        struct Level {
            #[serde(default = "first_level")]
            level: u32,
        }
        serde_json::from_str(text).map(|Level { level }| level).map_err(|_| EntryError)
    }

    /// As it is written into the log.
    pub fn text(&self) -> std::sync::Arc<str> {
        // Maps have text for keys, and nothing in an entry fails by itself.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    /// The entry with which a conference begins to exist.
    pub fn creation(description: &Description, codes: Codes, at: Timestamp) -> Self {
        let decided = description.begin();
        let level = decided.iter().map(|decided| level_of(&decided.body)).max().unwrap_or(FIRST_LEVEL);
        let events = Stamp { seq: 1, at, by: None, command: None }.events(decided);
        let events =
            events.into_iter().filter_map(|(event, audience)| EntryEvent::of(audience, &event)).collect();
        Self { level, at, events, receipt: None, term: None, key: None, codes }
    }

    /// The entry with which a term begins.
    pub fn term(term: TermId, at: Timestamp) -> Self {
        Self {
            level: FIRST_LEVEL,
            at,
            events: Vec::new(),
            receipt: None,
            term: Some(term),
            key: None,
            codes: Codes::new(),
        }
    }
}

const fn first_level() -> u32 {
    FIRST_LEVEL
}

const fn everyone() -> Audience {
    Audience::Everyone
}
