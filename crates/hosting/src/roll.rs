//! The roll of a conference: which codes open it, which device's key is whose, how far each may
//! read, and how much each has made the log grow.
//!
//! The decider and the publishers fold the same entries into the same roll.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use convene_conference::{Body, Codes, CodesReplaced, Role};
use convene_model::{JoinCode, ParticipantId, SeatKey};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, StoredKey};

/// Codes that were replaced and are still known: people with an old link are told what it is, also
/// where a hundred were removed since.
const REPLACED_CODES_MAX: usize = 256;
/// Bytes that an entry takes beside its events: the receipt, the index of receipts, what stands
/// around it.
const ENTRY_BYTES: u64 = 256;

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
///
/// What there is of everyone stands in one piece of memory each, for the reason of
/// [`convene_conference::Participants`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    codes: Codes,
    keys: IndexMap<SeatKey, KeyScope>,
    /// The participants who left, each with the entry by which they left. A participant who came
    /// back is not in it.
    left: BTreeMap<ParticipantId, u64>,
    /// Codes that opened it once, the latest last.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    replaced: VecDeque<JoinCode>,
    /// The codes of personal links, with whose they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    links: BTreeMap<JoinCode, ParticipantId>,
    /// The participants who were told the codes that open it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    told: BTreeSet<ParticipantId>,
    /// Bytes of all entries. An earlier program did not count them.
    #[serde(default)]
    bytes: u64,
    /// Bytes of the entries of each participant's commands.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    bytes_of: IndexMap<ParticipantId, u64>,
}

impl Roll {
    /// Takes the next entry; `bodies` are those of its events.
    pub fn apply<'a, B: IntoIterator<Item = &'a Body>>(&mut self, number: u64, entry: &Entry, bodies: B) {
        self.count(entry);
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
                // Who is removed after they left reads no more than before.
                self.left.entry(left.participant).or_insert(number);
            } else if let Body::Joined(joined) = body {
                self.left.remove(&joined.participant);
            } else if let Body::CodesTold(told) = body {
                self.told.insert(told.participant);
            } else if let Body::CodesReplaced(replaced) = body {
                self.replace_codes(replaced);
            } else if let Body::LinkTold(told) = body {
                self.links.insert(told.code, told.participant);
            }
        }
    }

    fn replace_codes(&mut self, CodesReplaced { people, codes }: &CodesReplaced) {
        let before = std::mem::replace(&mut self.codes, codes.clone());
        self.replaced.extend(before.into_keys().filter(|code| !codes.contains_key(code)));
        while self.replaced.len() > REPLACED_CODES_MAX {
            self.replaced.pop_front();
        }
        self.told.clone_from(people);
    }

    fn count(&mut self, entry: &Entry) {
        let events: usize = entry.events.iter().map(|event| event.text.get().len()).sum();
        let bytes = ENTRY_BYTES.saturating_add(events as u64);
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(receipt) = &entry.receipt {
            let theirs = self.bytes_of.entry(receipt.participant).or_default();
            *theirs = theirs.saturating_add(bytes);
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

    /// Whether a code opened it once, and does no more.
    pub fn is_replaced(&self, code: &JoinCode) -> bool {
        self.replaced.contains(code)
    }

    /// The participant to whom a personal link with this code belongs, whether they take part or
    /// not.
    pub fn owner_of(&self, code: &JoinCode) -> Option<ParticipantId> {
        self.links.get(code).copied()
    }

    /// The codes by which the conference is found: those that open it, those of personal links, and
    /// those that were replaced.
    pub fn known_codes(&self) -> impl Iterator<Item = JoinCode> {
        self.codes.keys().chain(self.links.keys()).chain(&self.replaced).copied()
    }

    /// The participants who were told the codes that open it, whatever they are by now.
    pub fn told(&self) -> &BTreeSet<ParticipantId> {
        &self.told
    }

    /// The number of devices of a participant whose keys hold.
    pub fn devices(&self, participant: ParticipantId) -> usize {
        let holds = |right: &&KeyScope| right.participant == participant && right.until.is_none();
        self.keys.values().filter(holds).count()
    }

    /// Bytes of all entries.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes of the entries of a participant's commands.
    pub fn bytes_of(&self, participant: ParticipantId) -> u64 {
        self.bytes_of.get(&participant).copied().unwrap_or_default()
    }

    /// The scope of a key; `None` for a key that belongs to nobody.
    pub fn key(&self, key: SeatKey) -> Option<KeyScope> {
        self.keys.get(&key).copied()
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

#[cfg(test)]
mod tests {
    use convene_conference::{Joined, Left};
    use convene_model::{TermId, Timestamp};

    use super::*;

    fn roll_of(bodies: &[Body]) -> Roll {
        let mut roll =
            Roll { codes: Codes::from([(JoinCode([1; 16]), Role::Participant)]), ..Roll::default() };
        let empty = Entry::term(TermId([1; 16]), Timestamp::from_millis(0));
        for (number, body) in (1..).zip(bodies) {
            roll.apply(number, &empty, [body]);
        }
        roll
    }

    #[test]
    fn who_is_removed_after_they_left_reads_no_more_than_before() {
        let participant = ParticipantId(1);
        let left = |removed| Body::Left(Left { participant, removed });
        let joined = Body::Joined(Joined { participant, name: "Anna".into(), role: Role::Participant });
        assert_eq!(
            roll_of(&[joined.clone(), left(false), Body::Ended, left(true)]).left(participant),
            Some(2)
        );
        assert_eq!(roll_of(&[joined.clone(), left(true)]).left(participant), Some(2));
        assert_eq!(roll_of(&[joined.clone(), left(false), joined, left(true)]).left(participant), Some(4));
    }

    #[test]
    fn of_codes_that_were_replaced_the_latest_are_known() {
        let code = |number: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            JoinCode(bytes)
        };
        let replaced = |number: u32| {
            let (people, codes) = (BTreeSet::new(), Codes::from([(code(number), Role::Participant)]));
            Body::CodesReplaced(CodesReplaced { people, codes })
        };
        let last = u32::try_from(REPLACED_CODES_MAX).unwrap() + 5;
        let roll = roll_of(&(1..=last).map(replaced).collect::<Vec<_>>());
        assert_eq!(roll.role_of(&code(last)), Some(Role::Participant));
        assert!(roll.is_replaced(&code(last - 1)) && !roll.is_replaced(&code(last)));
        assert!(!roll.is_replaced(&code(1)) && !roll.is_replaced(&JoinCode([1; 16])));
        assert_eq!(roll.known_codes().count(), REPLACED_CODES_MAX + 1);
    }

    #[test]
    fn a_roll_of_before_is_read_as_one_that_counted_nothing() {
        let before = r#"{"codes":{},"keys":{},"left":{}}"#;
        assert_eq!(serde_json::from_str::<Roll>(before).unwrap(), Roll::default());
    }
}
