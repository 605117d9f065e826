//! A set of command ids that may be wrong in one direction: it never calls an id new that it holds.
//!
//! Nearly every command is new. So the log's index is asked only about the few ids of which this
//! set is not certain.
//!
//! It keeps [`HASH_BITS`] bits of a hash of each id. Most of them are packed: in order, each as its
//! distance from the one before. The latest are in a list of their own, and are packed with the
//! others from time to time.

mod packed;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_model::{CommandId, ParticipantId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use self::packed::Packed;

/// Bits that are kept of the hash of an id. Among 100,000 ids, one of 2,700 new ids looks known.
/// From 32,768 ids on they take less than two bytes for each; fewer take 64 KiB at the most.
const HASH_BITS: u32 = 28;
/// Ids that are not packed: so many at least, and of all that are packed this part.
const RECENT_MIN: usize = 512;
const RECENT_PART: usize = 64;

/// The ids of all commands that have a receipt, as far as memory must know them.
///
/// Invariant: an id that was inserted is never called new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    packed: Packed,
    /// In order.
    recent: Vec<u32>,
}

impl Filter {
    /// Whether the id was certainly never inserted.
    pub(crate) fn is_new(&self, participant: ParticipantId, id: CommandId) -> bool {
        let hash = hash(participant, id);
        self.recent.binary_search(&hash).is_err() && !self.packed.holds(hash)
    }

    pub(crate) fn insert(&mut self, participant: ParticipantId, id: CommandId) {
        let hash = hash(participant, id);
        if let Err(place) = self.recent.binary_search(&hash) {
            self.recent.insert(place, hash);
        }
        if self.recent.len() > RECENT_MIN.max(self.packed.len() / RECENT_PART) {
            self.pack();
        }
    }

    /// The same with all ids packed, to be stored.
    pub(crate) fn pack(&mut self) {
        self.packed = self.whole();
        self.recent = Vec::new();
    }

    /// All of it, packed.
    fn whole(&self) -> Packed {
        if self.recent.is_empty() {
            return self.packed.clone();
        }
        let mut hashes: Vec<u32> = self.packed.iter().chain(self.recent.iter().copied()).collect();
        // Two ordered runs: the sort of the standard library merges them.
        hashes.sort();
        hashes.dedup();
        Packed::new(&hashes)
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.packed.bytes() + self.recent.len() * size_of::<u32>()
    }
}

fn hash(participant: ParticipantId, id: CommandId) -> u32 {
    let mut sha = Sha256::new();
    sha.update(participant.0.to_be_bytes());
    sha.update(id.0.as_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(sha.finalize());
    u32::from_be_bytes([a, b, c, d]) >> (u32::BITS - HASH_BITS)
}

/// A filter as it is stored: the number of its hashes, and their packed bits.
#[derive(Serialize, Deserialize)]
struct StoredFilter {
    held: usize,
    rest_bits: u32,
    bits: String,
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.whole();
        let (held, rest_bits, bits) = whole.parts();
        StoredFilter { held, rest_bits, bits: URL_SAFE_NO_PAD.encode(bits) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let StoredFilter { held, rest_bits, bits } = StoredFilter::deserialize(deserializer)?;
        let bits = URL_SAFE_NO_PAD.decode(bits).map_err(D::Error::custom)?;
        let packed = Packed::of_parts(held, rest_bits, &bits);
        let packed = packed.ok_or_else(|| D::Error::custom("not a packed set of hashes"))?;
        Ok(Self { packed, recent: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> CommandId {
        format!("{number:032x}").parse().unwrap()
    }

    fn filter_of(ids: std::ops::Range<u128>) -> Filter {
        let mut filter = Filter::default();
        for number in ids {
            filter.insert(ParticipantId(1), id(number));
        }
        filter
    }

    #[test]
    fn an_id_that_was_inserted_is_never_called_new_and_nearly_every_other_is() {
        let filter = filter_of(0..40_000);
        assert!((0..40_000).all(|number| !filter.is_new(ParticipantId(1), id(number))));
        let unsure = (40_000..60_000).filter(|number| !filter.is_new(ParticipantId(1), id(*number)));
        let unsure = unsure.count();
        assert!(unsure < 20, "{unsure} of 20,000");
        // The same id of another participant is another command.
        let other = (0..1_000).filter(|number| filter.is_new(ParticipantId(9), id(*number))).count();
        assert!(other > 990, "{other}");
    }

    #[test]
    fn an_id_takes_less_than_two_bytes() {
        for many in [32_768, 40_000, 100_000] {
            let filter = filter_of(0..many);
            assert!((filter.bytes() as u128) < 2 * many, "{} bytes for {many}", filter.bytes());
        }
        assert!(filter_of(0..32_767).bytes() < 64 * 1_024);
    }

    #[test]
    fn a_filter_is_stored_and_goes_on() {
        let filter = filter_of(0..5_000);
        let mut again: Filter = serde_json::from_str(&serde_json::to_string(&filter).unwrap()).unwrap();
        assert_eq!(again.whole(), filter.whole());
        assert!((0..5_000).all(|number| !again.is_new(ParticipantId(1), id(number))));
        again.insert(ParticipantId(1), id(9_999));
        assert!(!again.is_new(ParticipantId(1), id(9_999)));
    }

    #[test]
    fn a_damaged_filter_is_an_error() {
        let read = |text: &str| serde_json::from_str::<Filter>(text);
        assert!(read(r#"{"held":0,"rest_bits":0,"bits":""}"#).is_ok());
        for text in [
            r#"{"held":1,"rest_bits":0,"bits":""}"#,
            r#"{"held":18446744073709551615,"rest_bits":3,"bits":"AAAA"}"#,
            r#"{"held":1,"rest_bits":77,"bits":"AAAA"}"#,
            r#"{"held":2,"rest_bits":28,"bits":"_____________w"}"#,
            r#"{"held":1,"rest_bits":3,"bits":"!"}"#,
            "[]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
