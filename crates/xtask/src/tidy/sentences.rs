//! Every sentence stands in each language, once and with the same variables.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::tree::Source;

/// The files of each part, German and English. The page has the sentences of the first part alone.
pub(super) const PARTS: [[&str; 2]; 2] = [
    ["crates/wording/src/texts/de.ftl", "crates/wording/src/texts/en.ftl"],
    ["crates/wording/src/texts/commands/de.ftl", "crates/wording/src/texts/commands/en.ftl"],
];

/// The sentences of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sentences {
    /// The variables in each, by its key; an attribute's key is behind that of its message.
    pub(super) variables: BTreeMap<String, BTreeSet<String>>,
    /// The keys of sentences that stand in others.
    pub(super) mentioned: BTreeSet<String>,
    /// Keys that stand there more than once.
    twice: Vec<String>,
}

/// Compares the languages.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut keys = BTreeSet::new();
    for [german, english] in PARTS {
        let (Some(of_german), Some(of_english)) = (of(sources, german), of(sources, english)) else {
            findings.push(Finding::new(german, "is missing, or its English one is"));
            continue;
        };
        findings.extend(lacking(english, &of_english, &of_german));
        findings.extend(lacking(german, &of_german, &of_english));
        for (path, sentences) in [(german, &of_german), (english, &of_english)] {
            findings
                .extend(sentences.twice.iter().map(|key| Finding::new(path, format!("has `{key}` twice"))));
        }
        for key in of_german.variables.keys() {
            if !keys.insert(key.clone()) {
                findings.push(Finding::new(german, format!("has `{key}`, which the other part has too")));
            }
        }
    }
    findings
}

/// The sentences of the file at this path.
pub(super) fn of(sources: &[Source], path: &str) -> Option<Sentences> {
    sources.iter().find(|source| source.path == path).map(|source| read(&source.text))
}

/// What the sentences of a file lack that those of the other language have.
fn lacking(path: &str, own: &Sentences, others: &Sentences) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, variables) in &others.variables {
        let Some(named) = own.variables.get(key) else {
            findings.push(Finding::new(path, format!("lacks `{key}`, which the other language has")));
            continue;
        };
        for variable in variables.difference(named) {
            let what = format!("`{key}` lacks ${variable}, which stands there in the other language");
            findings.push(Finding::new(path, what));
        }
    }
    findings
}

fn read(text: &str) -> Sentences {
    let mut sentences = Sentences::default();
    let mut key = String::new();
    for line in text.lines() {
        if line.starts_with('#') {
            key.clear();
            continue;
        }
        let mut rest = line;
        if let Some((begun, behind)) = beginning(line, &key) {
            if sentences.variables.insert(begun.clone(), BTreeSet::new()).is_some() {
                sentences.twice.push(begun.clone());
            }
            (key, rest) = (begun, behind);
        }
        if let Some(variables) = sentences.variables.get_mut(&key) {
            variables.extend(variables_in(rest));
            sentences.mentioned.extend(mentioned_in(rest));
        }
    }
    sentences
}

/// The key of the sentence or attribute that a line begins, and what stands behind it.
fn beginning<'a>(line: &'a str, key: &str) -> Option<(String, &'a str)> {
    let (name, behind) = line.split_once(" =")?;
    let is_key = |name: &str| !name.is_empty() && key_at(name) == name;
    if let Some(attribute) = name.trim_start().strip_prefix('.').filter(|_| name.starts_with(' ')) {
        let message = key.split('.').next().unwrap_or_default();
        return is_key(attribute).then(|| (format!("{message}.{attribute}"), behind));
    }
    is_key(name).then(|| (name.to_owned(), behind))
}

/// The letters at the beginning of a text of which keys consist.
pub(super) fn key_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    &text[..end.unwrap_or(text.len())]
}

fn variables_in(text: &str) -> impl Iterator<Item = String> {
    text.match_indices('$')
        .filter(move |(at, _)| text[..*at].trim_end().ends_with(['{', '(']))
        .map(move |(at, _)| key_at(&text[at + 1..]).to_owned())
}

fn mentioned_in(text: &str) -> impl Iterator<Item = String> {
    text.split('{').skip(1).filter_map(|inside| {
        let inside = inside.trim_start();
        let key = key_at(inside);
        let is_closed = inside[key.len()..].trim_start().starts_with('}');
        (is_closed && key.starts_with(|c: char| c.is_ascii_lowercase())).then(|| key.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = "# Wer\nhello = Hallo, { $name }\n    .title = { $count ->\n       *[other] { who }\n    }\n\
                          who = Wer\n    zahlt $5 = viel\n";

    fn told(german: &str, english: &str) -> Vec<String> {
        let [[de, en], [of_commands, in_english]] = PARTS;
        let sources = [
            Source::new(de, german),
            Source::new(en, english),
            Source::new(of_commands, "say-line = x\n"),
            Source::new(in_english, "say-line = x\n"),
        ];
        check(&sources).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn sentences_attributes_variables_and_mentions_are_read() {
        let sentences = read(GERMAN);
        let variables: Vec<String> =
            sentences.variables.iter().map(|(key, names)| format!("{key} {names:?}")).collect();
        assert_eq!(variables, ["hello {\"name\"}", "hello.title {\"count\"}", "who {}"]);
        assert_eq!(sentences.mentioned, BTreeSet::from(["who".to_owned()]));
    }

    #[test]
    fn the_same_in_both_languages_is_fine() {
        assert_eq!(told(GERMAN, GERMAN), [] as [String; 0]);
    }

    #[test]
    fn what_one_language_lacks_is_told_of_its_file() {
        for (from, to, what) in [
            ("who = Wer", "whom = Wer", "en.ftl: lacks `who`"),
            ("    .title =", "    .heading =", "en.ftl: lacks `hello.title`"),
            ("{ $count ->", "{ $number ->", "en.ftl: `hello.title` lacks $count"),
            ("Hallo, { $name }", "Hallo", "en.ftl: `hello` lacks $name"),
        ] {
            assert!(GERMAN.contains(from), "{from}");
            let told = told(GERMAN, &GERMAN.replacen(from, to, 1));
            assert!(told.iter().any(|one| one.contains(what)), "{told:?}");
        }
        assert!(told("", "who = x\n")[0].contains("/de.ftl: lacks `who`"));
    }

    #[test]
    fn a_sentence_that_stands_there_twice_is_told_in_one_part_or_in_two() {
        let doubled = "who = x\nwho = y\n";
        assert_eq!(told(doubled, doubled).len(), 2);
        assert_eq!(told("say-line = x\n", "say-line = x\n").len(), 1);
    }

    #[test]
    fn a_file_that_is_missing_is_told() {
        assert_eq!(check(&[]).len(), 2);
    }
}
