//! The roll of a conference: which codes open it, which device's key is whose, and how far each may
//! read.
//!
//! The decider and the publishers fold the same entries into the same roll.

use std::collections::BTreeMap;

use convene_conference::{Body, Codes, Role};
use convene_model::{JoinCode, ParticipantId, SeatKey};
use serde::{Deserialize, Deserializer, Serialize};

use crate::entry::{Entry, StoredKey};

/// One device's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyScope {
    /// The participant who owns the key.
    pub participant: ParticipantId,
    /// It reads private events from this entry on; 0 for all.
    #[serde(default)]
    pub private_from: u64,
    /// The entry that ended it, which it still may read; absent while it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// The codes that open a conference, the keys of its participants, and the participants who left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    codes: Codes,
    #[serde(deserialize_with = "collected")]
    keys: BTreeMap<SeatKey, KeyScope>,
    /// The participants who left, each with the entry by which they left. A participant who came
    /// back is not in it.
    left: BTreeMap<ParticipantId, u64>,
}

/// Collected, a map has full nodes; as it is read, they are half empty.
fn collected<'de, D: Deserializer<'de>>(keys: D) -> Result<BTreeMap<SeatKey, KeyScope>, D::Error> {
    Ok(BTreeMap::deserialize(keys)?.into_iter().collect())
}

impl Roll {
    /// Takes the next entry; `bodies` are those of its events.
    pub fn apply<'a, B: IntoIterator<Item = &'a Body>>(&mut self, number: u64, entry: &Entry, bodies: B) {
        self.codes.extend(&entry.codes);
        if let Some(StoredKey { key, participant, replaces }) = entry.key {
            if replaces {
                let theirs = self.keys.values_mut().filter(|right| right.participant == participant);
                theirs.for_each(|right| {
                    right.until.get_or_insert(number);
                });
            }
            let private_from = if replaces && !planted!(PrivateFromStart) { number } else { 0 };
            self.keys.entry(key).or_insert(KeyScope { participant, private_from, until: None });
        }
        for body in bodies {
            if let Body::Left(left) = body {
                self.left.insert(left.participant, number);
            } else if let Body::Joined(joined) = body {
                self.left.remove(&joined.participant);
            }
        }
    }

    /// The codes that open the conference.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// The role that a code gives; `None` for a code that opens nothing.
    pub fn role_of(&self, code: &JoinCode) -> Option<Role> {
        self.codes.get(code).copied()
    }

    /// The scope of a key; `None` for a key that belongs to nobody.
    pub fn key(&self, key: SeatKey) -> Option<KeyScope> {
        self.keys.get(&key).copied()
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = (SeatKey, KeyScope)> {
        self.keys.iter().map(|(key, right)| (*key, *right))
    }

    /// By which entry a participant left, while they are not back.
    pub fn left(&self, participant: ParticipantId) -> Option<u64> {
        self.left.get(&participant).copied()
    }

    /// The last entry that a seat may read: its key's end, or its participant's leaving, that entry
    /// included; absent while neither has happened.
    pub fn reads_until(&self, key: SeatKey) -> Option<u64> {
        let right = self.keys.get(&key)?;
        [right.until, self.left(right.participant)].into_iter().flatten().min()
    }
}
