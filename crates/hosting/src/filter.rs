//! A set of command ids that may be wrong in one direction: it never calls an id new that it holds.
//!
//! Nearly every command is new. So the log's index is asked only about the few ids of which this
//! set is not certain.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_model::{CommandId, ParticipantId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Ids of the first layer.
const FIRST_CAPACITY: usize = 4_096;
/// A further layer has room for this part of all before it. With 12 bits for an id, all layers take
/// less than two bytes for each id from the first full layer on.
const GROWTH: usize = 4;
/// Bits for one id: with eight probes, one of 500 new ids looks known to a full layer.
const BITS_PER_ID: usize = 12;
const PROBES: u64 = 8;

/// One Bloom filter (B. H. Bloom, "Space/time trade-offs in hash coding with allowable errors",
/// 1970).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layer {
    bits: Vec<u8>,
    held: usize,
    capacity: usize,
}

impl Layer {
    fn new(capacity: usize) -> Self {
        Self { bits: vec![0; capacity * BITS_PER_ID / 8], held: 0, capacity }
    }

    /// The places of an id: two halves of its hash make all of them (A. Kirsch and M. Mitzenmacher,
    /// "Less hashing, same performance", 2006).
    fn places(&self, (one, other): (u64, u64)) -> impl Iterator<Item = (usize, u8)> + use<> {
        let bits = self.bits.len() as u64 * 8;
        (0..PROBES).map(move |probe| {
            let bit = one.wrapping_add(other.wrapping_mul(probe)) % bits.max(1);
            (usize::try_from(bit / 8).unwrap_or(0), 1 << (bit % 8))
        })
    }

    fn holds(&self, hash: (u64, u64)) -> bool {
        self.places(hash).all(|(byte, mask)| self.bits.get(byte).is_some_and(|byte| byte & mask != 0))
    }

    fn insert(&mut self, hash: (u64, u64)) {
        for (byte, mask) in self.places(hash) {
            if let Some(byte) = self.bits.get_mut(byte) {
                *byte |= mask;
            }
        }
        self.held += 1;
    }
}

/// The ids of all commands that have a receipt, as far as memory must know them.
///
/// Invariant: an id that was inserted is never called new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    layers: Vec<Layer>,
}

impl Filter {
    /// Whether the id was certainly never inserted.
    pub(crate) fn is_new(&self, participant: ParticipantId, id: CommandId) -> bool {
        let hash = hash(participant, id);
        !self.layers.iter().any(|layer| layer.holds(hash))
    }

    pub(crate) fn insert(&mut self, participant: ParticipantId, id: CommandId) {
        let hash = hash(participant, id);
        if self.layers.last().is_none_or(|layer| layer.held >= layer.capacity) {
            let all: usize = self.layers.iter().map(|layer| layer.capacity).sum();
            self.layers.push(Layer::new((all / GROWTH).max(FIRST_CAPACITY)));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(hash);
        }
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.bits.len()).sum()
    }
}

fn hash(participant: ParticipantId, id: CommandId) -> (u64, u64) {
    // Ids are chosen by frontends: a hash that they cannot steer keeps the layers even.
    let mut sha = Sha256::new();
    sha.update(participant.0.to_be_bytes());
    sha.update(id.0.as_bytes());
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = <[u8; 32]>::from(sha.finalize());
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, m, n, o, p]) | 1)
}

/// As it is stored: how many ids a layer holds, and its bits.
#[derive(Serialize, Deserialize)]
struct StoredLayer {
    held: usize,
    bits: String,
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.layers
                .iter()
                .map(|layer| StoredLayer { held: layer.held, bits: URL_SAFE_NO_PAD.encode(&layer.bits) }),
        )
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Vec::<StoredLayer>::deserialize(deserializer)?;
        let layers = stored.into_iter().map(|StoredLayer { held, bits }| {
            let bits = URL_SAFE_NO_PAD.decode(bits).map_err(serde::de::Error::custom)?;
            let capacity = bits.len() * 8 / BITS_PER_ID;
            Ok(Layer { bits, held, capacity })
        });
        Ok(Self { layers: layers.collect::<Result<_, D::Error>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> CommandId {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn an_id_that_was_inserted_is_never_called_new_and_nearly_every_other_is() {
        let mut filter = Filter::default();
        for number in 0..30_000 {
            filter.insert(ParticipantId(number % 7 + 1), id(u128::from(number)));
        }
        assert!(
            (0..30_000).all(|number| !filter.is_new(ParticipantId(number % 7 + 1), id(u128::from(number))))
        );
        let unsure = (30_000..40_000).filter(|number| !filter.is_new(ParticipantId(1), id(*number))).count();
        assert!(unsure < 300, "{unsure} of 10,000");
        assert!(filter.bytes() < 60_000, "{} bytes", filter.bytes());
        // The same id of another participant is another command.
        let other = (0..1_000).filter(|number| filter.is_new(ParticipantId(9), id(*number))).count();
        assert!(other > 950, "{other}");
    }

    #[test]
    fn a_filter_is_stored_and_goes_on() {
        let mut filter = Filter::default();
        for number in 0..5_000 {
            filter.insert(ParticipantId(1), id(number));
        }
        let mut again: Filter = serde_json::from_str(&serde_json::to_string(&filter).unwrap()).unwrap();
        assert_eq!(again, filter);
        again.insert(ParticipantId(1), id(9_999));
        assert!(!again.is_new(ParticipantId(1), id(9_999)));
        // An empty layer of a damaged file takes nothing and panics nowhere.
        let mut odd: Filter = serde_json::from_str(r#"[{"held":0,"bits":""}]"#).unwrap();
        odd.insert(ParticipantId(1), id(1));
        assert!(!odd.is_new(ParticipantId(1), id(1)));
    }
}
