//! Everything that `convene` says to people, in both languages, beside what was agreed upon
//! (`tests/said/`). `CONVENE_BLESS=1` writes what it says now, for somebody to read.

#![cfg(unix)]

mod scenes;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use convene_model::ConferenceId;
use convene_wording::{Language, Wording};

use self::scenes::SCENES;
use super::fixture;
use crate::usage;

const LANGUAGES: [Language; 2] = [Language::De, Language::En];
/// The sentences, from which the words of a language are known.
const GERMAN: &[&str] = &[
    include_str!("../../../wording/src/texts/de.ftl"),
    include_str!("../../../wording/src/texts/commands/de.ftl"),
];
const ENGLISH: &[&str] = &[
    include_str!("../../../wording/src/texts/en.ftl"),
    include_str!("../../../wording/src/texts/commands/en.ftl"),
];
/// Parts of an option's value and of a path, which are English words by chance.
const BY_CHANCE: &[&str] = &["de", "run"];

/// The help of every command.
fn help(language: Language) -> String {
    let wording = Wording::new(language);
    let (mut told, mut left) = (String::new(), vec![("convene".to_owned(), usage::command(&wording))]);
    while let Some((name, mut command)) = left.pop() {
        let below = command.get_subcommands().filter(|one| !one.is_hide_set() && one.get_name() != "help");
        let mut below: Vec<_> =
            below.map(|one| (format!("{name} {}", one.get_name()), one.clone())).collect();
        below.reverse();
        told += &format!("$ {name} --help\n{}\n\n", command.render_long_help());
        left.extend(below);
    }
    told
}

/// What is said in every scene.
async fn scenes(language: Language) -> String {
    let mut told = String::new();
    for (what, line, script) in SCENES {
        let words: Vec<&str> = line.split('|').filter(|word| !word.is_empty()).collect();
        let said = fixture::said(&words, language, script).await;
        let what = if what.is_empty() { String::new() } else { format!("    # {what}") };
        told += &format!("$ convene {}{what}\n{said}\n", words.join(" "));
    }
    told
}

fn agreed(language: Language) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/said").join(format!("{}.txt", language.tag()))
}

/// The words of these sentences, without the keys and what is put in.
fn words_of(texts: &[&str]) -> BTreeSet<String> {
    let lines = texts.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('#'));
    let values = lines.map(|line| {
        // The form of a sentence for a value, such as `*[other] …`.
        let form = line.trim_start().trim_start_matches('*').strip_prefix('[');
        match (line.starts_with(' '), form.and_then(|form| form.split_once("] "))) {
            (false, _) => line.split_once(" =").map_or("", |(_, value)| value),
            (true, Some((_, sentence))) => sentence,
            (true, None) => line,
        }
    });
    let parts = values.flat_map(|value| value.split('{')).filter_map(|part| part.rsplit('}').next());
    parts.flat_map(words).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.len() > 1 && word.contains(char::is_alphabetic)).map(str::to_lowercase)
}

/// Whether this is the name of a command that nobody should have to read.
fn is_uuid(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether this is the number of somebody or something in a conference.
fn is_number_of_the_conference(word: &str) -> bool {
    let digits = word.strip_prefix(['p', 'r', 't', 'o', 'b']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[tokio::test]
async fn what_people_read_is_what_was_agreed_upon() {
    for language in LANGUAGES {
        let said = scenes(language).await + &help(language);
        let path = agreed(language);
        if std::env::vars_os().any(|(name, _)| name == "CONVENE_BLESS") {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &said).unwrap();
        }
        let agreed = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = said.lines().zip(agreed.lines()).find(|(said, agreed)| said != agreed);
        assert!(said == agreed, "{}: {differs:?}; CONVENE_BLESS=1 writes it", path.display());
    }
}

#[tokio::test]
async fn nobody_reads_ids_or_utc() {
    let conference = ConferenceId::from_random(1).to_string();
    for language in LANGUAGES {
        let said = scenes(language).await;
        assert!(!said.contains(&conference) && !said.contains("UTC"), "{said}");
        for line in said.lines().filter(|line| !line.starts_with("$ ")) {
            let mut parts = line.split(|c: char| !c.is_alphanumeric() && c != '-');
            assert!(!parts.any(is_uuid), "{line}");
            assert!(!words(line).any(|word| is_number_of_the_conference(&word)), "{line}");
            // As in 2026-11-30T09:42:00Z.
            assert!(!line.split('T').any(|part| part.ends_with("-29") || part.ends_with("-30")), "{line}");
        }
    }
}

#[tokio::test]
async fn no_english_word_is_in_what_is_said_in_german() {
    let german = words_of(GERMAN);
    let english: BTreeSet<String> = words_of(ENGLISH).difference(&german).cloned().collect();
    assert!(english.contains("connected") && !english.contains("online"), "the words are known");
    let said = scenes(Language::De).await + &help(Language::De);
    for line in said.lines().filter(|line| !line.starts_with("$ ")) {
        let mut strange =
            words(line).filter(|word| english.contains(word) && !BY_CHANCE.contains(&word.as_str()));
        assert_eq!(strange.next(), None, "{line}");
    }
}
