//! The access checks that were told: this family's part of the state.

use std::collections::BTreeMap;

use convene_model::ParticipantId;
use serde::{Deserialize, Serialize};

use super::{AccessGroup, AccessTold, AccessesTold, KnownAccess};

/// The access checks, each once: what each participant may know is made of them, so that a state
/// does not grow with the number of organizers. None is ever taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checks {
    by_person: BTreeMap<ParticipantId, KnownAccess>,
    /// The entry by which each organizer was told what had been told before: to them the checks of
    /// others are no older.
    told_at: BTreeMap<ParticipantId, u64>,
}

impl Checks {
    /// Those that came with the own part of one participant.
    pub(crate) fn of(by_person: BTreeMap<ParticipantId, KnownAccess>) -> Self {
        Self { by_person, told_at: BTreeMap::new() }
    }

    /// The check of one participant.
    pub(crate) fn get(&self, whose: ParticipantId) -> Option<&KnownAccess> {
        self.by_person.get(&whose)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ParticipantId, &KnownAccess)> {
        self.by_person.iter().map(|(whose, known)| (*whose, known))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_person.len()
    }

    pub(crate) fn is_unused(&self) -> bool {
        self.by_person.is_empty() && self.told_at.is_empty()
    }

    /// Those that a participant knows of: an organizer of this moment all, others their own.
    pub(crate) fn seen_by(
        &self,
        participant: ParticipantId,
        leads: bool,
    ) -> BTreeMap<ParticipantId, KnownAccess> {
        let seen = if leads {
            self.by_person.range::<ParticipantId, _>(..)
        } else {
            self.by_person.range(participant..=participant)
        };
        seen.map(|(whose, known)| (*whose, self.as_told(*whose, known, participant))).collect()
    }

    /// One of those.
    pub(crate) fn one_seen_by(
        &self,
        participant: ParticipantId,
        leads: bool,
        whose: ParticipantId,
    ) -> Option<KnownAccess> {
        let known = self.by_person.get(&whose).filter(|_| leads || whose == participant)?;
        Some(self.as_told(whose, known, participant))
    }

    fn as_told(&self, whose: ParticipantId, known: &KnownAccess, to: ParticipantId) -> KnownAccess {
        let told_at = self.told_at.get(&to).filter(|_| whose != to).copied().unwrap_or_default();
        KnownAccess { seq: known.seq.max(told_at), ..known.clone() }
    }

    pub(crate) fn tell(&mut self, told: &AccessTold, seq: u64) {
        let AccessTold { participant, verdict, version } = told;
        let known = KnownAccess { verdict: *verdict, version: version.clone(), seq };
        self.by_person.insert(*participant, known);
    }

    /// A holder who knows all of it, as the server does, learns only that this organizer does too.
    pub(crate) fn tell_all(&mut self, told: &AccessesTold, seq: u64) {
        for AccessGroup { verdict, version, people } in &told.groups {
            for whose in people {
                let known = self.by_person.get(whose);
                if known.is_none_or(|known| known.verdict != *verdict || known.version != *version) {
                    let known = KnownAccess { verdict: *verdict, version: version.clone(), seq };
                    self.by_person.insert(*whose, known);
                }
            }
        }
        self.told_at.insert(told.participant, seq);
    }
}
