//! What is said, in the person's language: the same sentences as the page's.

mod connections;
mod names;
mod times;

use convene_local_client::CallError;
use convene_model::{Attempt, Remedy, Timestamp};
use convene_wording::{Language, LetterFacts, Wording};
use jiff::tz::TimeZone;

use crate::text::upper_first;

pub(crate) use connections::Tone;

/// Says everything in one language, with times of one zone.
#[derive(Debug)]
pub(crate) struct Words {
    wording: Wording,
    zone: TimeZone,
}

impl Words {
    pub(crate) fn new(language: Language, zone: TimeZone) -> Self {
        Self { wording: Wording::new(language), zone }
    }

    pub(crate) fn language(&self) -> Language {
        self.wording.language()
    }

    /// Speaks another language from now on.
    pub(crate) fn speak(&mut self, language: Language) {
        self.wording = Wording::new(language);
    }

    /// The sentence of a key.
    pub(crate) fn say(&self, key: &str) -> String {
        self.wording.about(key, &[])
    }

    /// The sentence of a key, with what is put in.
    pub(crate) fn with(&self, key: &str, fields: &[(&str, &str)]) -> String {
        self.wording.about(key, fields)
    }

    /// The sentence of a key, with a number that chooses its form.
    pub(crate) fn count(&self, key: &str, count: usize) -> String {
        self.wording.about(key, &[("count", &count.to_string())])
    }

    /// The word of a family, such as the kind of a phase; the word itself, where it is not known.
    pub(crate) fn named(&self, family: &str, word: &str) -> String {
        self.wording.named(family, word)
    }

    /// The sentence for a word of the local API: where the general one speaks of the command line,
    /// the one for those who see a screen.
    pub(crate) fn word(&self, word: &str) -> String {
        let own = self.say(&format!("page-word-{word}"));
        upper_first(&if own.is_empty() { self.wording.word(word) } else { own })
    }

    /// What to do about a failure.
    pub(crate) fn remedy(&self, remedy: Remedy) -> String {
        let own = self.say(&format!("page-remedy-{remedy}"));
        if own.is_empty() { self.wording.remedy(remedy) } else { own }
    }

    /// Why the server is not reached, and whose turn it is.
    pub(crate) fn unreached(&self, decisive: &Attempt) -> String {
        self.wording.unreached(decisive)
    }

    /// Why something may not be done, by the word of a refusal, and when the conference opens,
    /// where that is why.
    pub(crate) fn why_not(&self, code: &str, opens: Option<Timestamp>, now: Timestamp) -> String {
        match opens {
            Some(opens) => self.with("page-opens", &[("time", &self.moment(opens, now))]),
            None => self.word(code),
        }
    }

    /// Why a call has no result.
    pub(crate) fn failure(&self, error: &CallError) -> String {
        let CallError::Refused(refused) = error else { return self.word("disconnected") };
        let sentence = self.word(refused.field("refusal").unwrap_or(&refused.message));
        match (refused.field("command"), refused.field("reason").or_else(|| refused.field("setting"))) {
            (Some(command), _) => format!("{sentence} {command}"),
            (None, Some(reason)) => format!("{sentence} ({reason})"),
            (None, None) => sentence,
        }
    }

    /// The letter to the administrator; none where they can change nothing.
    pub(crate) fn letter(&self, facts: &LetterFacts<'_>) -> Option<String> {
        self.wording.letter(facts)
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
