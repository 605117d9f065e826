//! Rules on names: which read alike, and which read like a role.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{LazyLock, OnceLock};

use convene_model::{Name, ParticipantId};
use indexmap::IndexMap;
use unicode_normalization::UnicodeNormalization as _;

use super::Participant;

/// Words that name a role, in the form of [`forms`]. A name that is made of them and of
/// [`FILLERS`] alone reads like one: "The Moderator", "Konferenzleitung 2".
const ROLES: &[&str] = &[
    "admin",
    "administrator",
    "administratorin",
    "convene",
    "facilitator",
    "gastgeber",
    "gastgeberin",
    "host",
    "konferenzleitung",
    "leiter",
    "leiterin",
    "leitung",
    "moderation",
    "moderator",
    "moderatorin",
    "operator",
    "organisation",
    "organisator",
    "organisatorin",
    "organiser",
    "organizer",
    "owner",
    "root",
    "server",
    "support",
    "system",
    "veranstalter",
    "veranstalterin",
    "verwaltung",
];

/// Words that make no name of a role's.
const FILLERS: &[&str] = &[
    "and",
    "chief",
    "conference",
    "das",
    "der",
    "die",
    "in",
    "konferenz",
    "of",
    "open",
    "space",
    "team",
    "the",
    "und",
];

static ROLE_FORMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| forms_of(ROLES));
static FILLER_FORMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| forms_of(FILLERS));

fn forms_of(words: &[&str]) -> BTreeSet<String> {
    words.iter().flat_map(|word| forms(word)).collect()
}

/// Whether somebody who reads the name takes it for a role's. Numbers say nothing.
pub(crate) fn reads_like_role(name: &Name) -> bool {
    let listed = |list: &BTreeSet<String>, word: &str| forms(word).iter().any(|form| list.contains(form));
    let words = || {
        let words = name.as_str().split(|c: char| !c.is_alphanumeric());
        words.filter(|word| word.contains(char::is_alphabetic))
    };
    words().any(|word| listed(&ROLE_FORMS, word))
        && words().all(|word| listed(&ROLE_FORMS, word) || listed(&FILLER_FORMS, word))
}

/// The forms under which names are compared: two names that share one read alike. They are
/// skeletons (UTS 39, section 4), which are the same for characters that look the same: of the name
/// itself, since a large I looks like a small L, and of the name in lower case, where case does not
/// count. Joiners leave no mark and do not count.
///
/// Example: "Ivan", "lvan" and "IVAN" read alike, and so do "Анна" in Cyrillic letters and "Ahha"
/// in Latin ones.
pub(crate) fn forms(name: &str) -> [String; 2] {
    let plain: String = name.nfkc().filter(|c| !is_ignorable(*c)).collect();
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    let skeleton = |text: &str| unicode_security::skeleton(text).collect::<String>();
    [skeleton(&plain), lower(&skeleton(&lower(&plain)))]
}

/// Whether two names read alike: the same conference has only one of them.
pub fn reads_alike(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(forms);
    one.iter().any(|form| other.contains(form))
}

/// Joiners and variation selectors.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whose names these are, by hashes of their [`forms`]: whoever has the same hash is looked at. The
/// forms themselves are not held, of which a conference would have thousands of small pieces.
///
/// Invariant: made of the participants, and nothing else is known from it: it is not stored, and
/// made when somebody first asks. A daemon, which decides nothing, never asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameIndex(OnceLock<Hashes>);

/// In order.
#[derive(Debug, Clone, Default)]
struct Hashes {
    /// Known to nobody, so that nobody chooses names with the same hash.
    key: RandomState,
    holders: Vec<(u64, ParticipantId)>,
}

impl Hashes {
    fn of_everyone(everyone: &IndexMap<ParticipantId, Participant>) -> Self {
        let mut made = Self::default();
        let holders = everyone.iter().flat_map(|(id, one)| made.of(&one.name).map(|hash| (hash, *id)));
        made.holders = holders.collect();
        made.holders.sort_unstable();
        made
    }

    fn of(&self, name: &str) -> [u64; 2] {
        forms(name).map(|form| self.key.hash_one(form))
    }

    fn holders(&self, hash: u64) -> impl Iterator<Item = ParticipantId> {
        let first = self.holders.partition_point(|(other, _)| *other < hash);
        let from = self.holders.iter().skip(first);
        from.take_while(move |(other, _)| *other == hash).map(|(_, id)| *id)
    }
}

impl NameIndex {
    /// Somebody else whose name reads like this one. The index is made of everyone where it is not
    /// there yet.
    pub(crate) fn holder(
        &self,
        name: &Name,
        everyone: &IndexMap<ParticipantId, Participant>,
        except: ParticipantId,
    ) -> Option<ParticipantId> {
        let index = self.0.get_or_init(|| Hashes::of_everyone(everyone));
        let reads_like =
            |id: &ParticipantId| everyone.get(id).is_some_and(|one| reads_alike(&one.name, name.as_str()));
        let mut holders = index.of(name.as_str()).into_iter().flat_map(|hash| index.holders(hash));
        holders.find(|id| *id != except && reads_like(id))
    }

    pub(crate) fn insert(&mut self, id: ParticipantId, name: &str) {
        let Some(index) = self.0.get_mut() else { return };
        for holder in index.of(name).map(|hash| (hash, id)) {
            if let Err(place) = index.holders.binary_search(&holder) {
                index.holders.insert(place, holder);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: ParticipantId, name: &str) {
        let Some(index) = self.0.get_mut() else { return };
        for holder in index.of(name).map(|hash| (hash, id)) {
            if let Ok(place) = index.holders.binary_search(&holder) {
                index.holders.remove(place);
            }
        }
    }
}

impl PartialEq for NameIndex {
    /// Always: see the invariant.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for NameIndex {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_read_alike() {
        for (one, other) in [
            ("Anna", "anna"),
            ("Anna", "\u{410}nna"),
            ("Ivan", "lvan"),
            ("Ivan", "1van"),
            ("Jo\u{308}rg", "J\u{d6}RG"),
            ("Anna", "\u{ff21}nna"),
            ("Bob", "B0b"),
            ("\u{645}\u{200c}\u{645}", "\u{645}\u{645}"),
            ("Marn", "Mam"),
        ] {
            assert!(reads_alike(one, other), "{one} {other}");
        }
        for (one, other) in [("Anna", "Änna"), ("Anna 2", "Anna 3"), ("Jorg", "Jörg"), ("Seat 12", "Seat 21")]
        {
            assert!(!reads_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_name_of_a_role_alone_reads_like_one() {
        for name in [
            "Moderator",
            "the ORGANIZER",
            "Organisator*in",
            "Admin 2",
            "\u{410}dmin",
            "Leitung der Konferenz",
            "r00t",
        ] {
            assert!(reads_like_role(&name.parse().unwrap()), "{name}");
        }
        for name in ["Anna Leitung", "Markus Host", "Roots", "Die", "Serverin", "42"] {
            assert!(!reads_like_role(&name.parse().unwrap()), "{name}");
        }
    }
}
