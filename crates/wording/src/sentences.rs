//! The sentences of one language.

use std::fmt;

use convene_model::{Attempt, Code, Evidence, Remedy, Stage, inert};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language that Convene speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
}

impl Language {
    /// The language of a locale such as `de_DE.UTF-8`; English for all that are not German.
    pub fn from_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("de") { Self::De } else { Self::En }
    }

    /// The language as BCP 47 writes it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    pub(crate) fn texts(self) -> &'static str {
        match self {
            Self::De => concat!(include_str!("texts/de.ftl"), "\n", include_str!("texts/commands/de.ftl")),
            Self::En => concat!(include_str!("texts/en.ftl"), "\n", include_str!("texts/commands/en.ftl")),
        }
    }
}

/// The sentences of one language.
pub struct Wording {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wording").field(&self.language).finish()
    }
}

impl Wording {
    /// The sentences of a language.
    pub fn new(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around what is put in would show up in terminals and files.
        bundle.set_use_isolating(false);
        // A test reads every file and every key: what does not parse would show there.
        let resource =
            FluentResource::try_new(language.texts().to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The sentence for a word of the local API, a refusal or a state; a word that is not known
    /// here stays as it is.
    pub fn word(&self, word: &str) -> String {
        self.say(&format!("word-{word}"), &[]).unwrap_or_else(|| inert(word))
    }

    /// The sentences about an attempt: what was tried, what went wrong, what to do about it, and
    /// what is in the way, where it named itself.
    pub fn attempt(&self, attempt: &Attempt) -> String {
        let [stage, code] = [format!("stage-{}", attempt.stage), format!("code-{}", attempt.code)]
            .map(|key| self.say(&key, &[]).unwrap_or_default());
        let remedy = self.remedy(attempt.remedy);
        let held = may_be_held(attempt).then(|| self.say("held", &[])).flatten();
        let remedy = held.map_or_else(|| remedy.clone(), |held| format!("{held} {remedy}"));
        let fields = [
            ("target", attempt.target.as_str()),
            ("stage", &stage),
            ("code", &code),
            ("word", attempt.code.as_str()),
            ("remedy", &remedy),
        ];
        let mut told = self.say("attempt", &fields).unwrap_or_default();
        for evidence in attempt.evidence.iter().flat_map(|evidence| self.evidence(evidence)) {
            told.push(' ');
            told.push_str(&evidence);
        }
        told
    }

    /// The sentences about what a box showed of itself, as far as people can use it.
    fn evidence(&self, evidence: &Evidence) -> impl Iterator<Item = String> {
        let key = evidence.fingerprint.map(|fingerprint| fingerprint.to_string());
        let name = evidence.name.as_deref().and_then(|name| self.say("seen", &[("name", name)]));
        let key = key.and_then(|key| self.say("seen-key", &[("key", &key)]));
        let page = evidence.page.as_deref().and_then(|page| self.say("seen-page", &[("page", page)]));
        [name, key, page].into_iter().flatten()
    }

    /// The sentence that says what to do.
    pub fn remedy(&self, remedy: Remedy) -> String {
        self.say(&format!("remedy-{remedy}"), &[]).unwrap_or_default()
    }

    /// Why the server is not reached, and whose turn it is, by the failure that says most
    /// ([`Attempt::decisive`]).
    pub fn unreached(&self, decisive: &Attempt) -> String {
        self.say(&format!("unreached-{}", decisive.remedy), &[]).unwrap_or_default()
    }

    /// The sentence that says who can do what a remedy wants.
    pub fn who(&self, remedy: Remedy) -> String {
        self.say(&format!("access-who-{remedy}"), &[]).unwrap_or_default()
    }

    /// That TLS is inspected on the way, and by whom.
    pub fn inspected(&self, issuer: &str) -> String {
        self.say("inspected", &[("name", issuer)]).unwrap_or_default()
    }

    /// The sentence about an event of this kind, with what it is about.
    pub fn event(&self, kind: &str, fields: &[(&str, &str)]) -> String {
        let known = self.say(&format!("event-{kind}"), fields);
        known.or_else(|| self.say("event-unknown", &[("kind", kind)])).unwrap_or_default()
    }

    /// A sentence about rooms, phases, ballots, invitations or access checks. A number among the
    /// fields chooses the form of the sentence.
    pub fn about(&self, key: &str, fields: &[(&str, &str)]) -> String {
        self.say(key, fields).unwrap_or_default()
    }

    /// The word for something that conferences name by a word of their own, such as the kind of a
    /// phase (`phase-workshops`); the word itself, where it is not known here.
    pub fn named(&self, family: &str, word: &str) -> String {
        self.say(&format!("{family}-{word}"), &[]).unwrap_or_else(|| inert(word))
    }

    /// A sentence of the help of a command line, where there is one.
    pub fn help(&self, key: &str) -> Option<String> {
        self.say(&format!("help-{key}"), &[])
    }

    pub(crate) fn say(&self, key: &str, fields: &[(&str, &str)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut args = FluentArgs::new();
        for (name, value) in fields {
            let value = inert(value);
            // Only a number can choose between "one" and "many".
            let number = (*name == "count").then(|| value.parse::<u32>().ok()).flatten();
            args.set(*name, number.map_or_else(|| FluentValue::from(value), FluentValue::from));
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors);
        Some(text.into_owned())
    }
}

/// Whether a personal firewall may hold the connection until somebody answers its question:
/// straight to the server, where nobody else would be silent but a firewall.
fn may_be_held(attempt: &Attempt) -> bool {
    (attempt.stage, attempt.code, attempt.remedy) == (Stage::Tcp, Code::TimedOut, Remedy::AllowServer)
}
