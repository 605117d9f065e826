//! Each sentence is said somewhere, and whatever is said has a sentence.
//!
//! A key stands in the sources as a whole, or it is put together of a beginning and a word: then
//! the table in [`made`] names the place that lists the words.

mod made;
mod quotes;

use std::cell::RefCell;
use std::collections::BTreeSet;

use clap::CommandFactory as _;
use convene_command_lines::{convene, convene_tui, reworded};
use convene_wording::{Language, Wording};

use self::made::{Lists, Made};
use self::quotes::{Quote, quotes, without_comments};
use super::Finding;
use super::sentences::{PARTS, of};
use crate::openrpc::{self, Document};
use crate::tree::{Source, production_code};

/// The Rust sources that say sentences: of the frontends, and of the page that a join link opens.
const SPEAKERS: &[&str] = &[
    "crates/cli/src/",
    "crates/tui/src/",
    "crates/web/src/",
    "crates/wording/src/",
    "crates/server/src/invitation/",
];
/// The sources of the page.
const PAGE: &str = "crates/web/page/src/";
/// This one is made of the keys.
const KEYS_OF_PAGE: &str = "crates/web/page/src/keys.ts";
/// The table of the keys that are put together.
const TABLE: &str = "crates/xtask/src/tidy/keys/made.rs";
/// Keys of the help begin so; the command lines say which there are.
const HELP: &str = "help-";
/// Calls with a whole key.
const SAYS: &[&str] = &["about(", "say("];
/// Calls with the beginning of a key, without its `-`.
const NAMES: &[&str] = &["named(", "named(app.language,"];

/// A source that says sentences, without its tests and comments.
#[derive(Debug)]
struct Speaker<'a> {
    path: &'a str,
    is_page: bool,
    code: String,
}

/// Checks all keys.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let text = sources.iter().find(|source| source.path == openrpc::PATH).map(|source| &source.text);
    match text.map(|text| Document::read(text)) {
        Some(Ok(document)) => look(sources, &document, made::MADE, &of_help()),
        Some(Err(_)) | None => vec![Finding::new(openrpc::PATH, "cannot be read")],
    }
}

/// The keys for which the help of the frontends asks.
fn of_help() -> BTreeSet<String> {
    let (english, asked) = (Wording::new(Language::En), RefCell::new(BTreeSet::new()));
    for command in [convene::CommandLine::command(), convene_tui::CommandLine::command()] {
        drop(reworded(command, &|key| {
            asked.borrow_mut().insert(format!("{HELP}{key}"));
            english.help(key)
        }));
    }
    asked.into_inner()
}

fn look(sources: &[Source], document: &Document, made: &[Made], asked: &BTreeSet<String>) -> Vec<Finding> {
    let speakers = speakers(sources);
    let mut keys = Keys::read(sources, made);
    keys.used.extend(asked.iter().cloned());
    keys.make(Lists { sources, speakers: &speakers, document }, made);
    for speaker in &speakers {
        for quote in quotes(&speaker.code) {
            keys.hear(speaker, quote);
        }
    }
    keys.conclude()
}

fn speakers(sources: &[Source]) -> Vec<Speaker<'_>> {
    let mut speakers = Vec::new();
    for source in sources {
        let path = source.path.as_str();
        let is_page = path.starts_with(PAGE)
            && (path.ends_with(".ts") || path.ends_with(".svelte"))
            && !path.ends_with(".test.ts")
            && path != KEYS_OF_PAGE;
        let is_rust =
            source.is_rust() && !source.is_test() && SPEAKERS.iter().any(|folder| path.starts_with(folder));
        if is_page || is_rust {
            let lines = if is_rust { production_code(&source.text).lines().count() } else { usize::MAX };
            let text: String = source.text.split_inclusive('\n').take(lines).collect();
            speakers.push(Speaker { path, is_page, code: without_comments(&text) });
        }
    }
    speakers
}

/// The keys that there are, and what was found out about them.
#[derive(Debug, Default)]
struct Keys {
    /// The keys of both parts, and those of the first part, which the page has.
    all: BTreeSet<String>,
    of_page: BTreeSet<String>,
    /// What all keys of several words begin with, up to the first `-`.
    families: BTreeSet<String>,
    used: BTreeSet<String>,
    /// The beginnings in the table, and those of them that somebody completes.
    begins: BTreeSet<&'static str>,
    begun: BTreeSet<String>,
    findings: Vec<Finding>,
}

impl Keys {
    fn read(sources: &[Source], made: &[Made]) -> Self {
        let mut keys = Self::default();
        for (part, files) in PARTS.iter().enumerate() {
            for sentences in files.iter().filter_map(|path| of(sources, path)) {
                let messages = sentences.variables.into_keys().filter(|key| !key.contains('.'));
                for key in messages {
                    keys.families.extend(key.split_once('-').map(|(family, _)| family.to_owned()));
                    if part == 0 {
                        keys.of_page.insert(key.clone());
                    }
                    keys.all.insert(key);
                }
                keys.used.extend(sentences.mentioned);
            }
        }
        keys.begins.extend(made.iter().flat_map(|made| made.begins).copied().chain([HELP]));
        keys
    }

    /// Takes the keys of the table as used; tells the words that have no sentence.
    fn make(&mut self, lists: Lists<'_>, made: &[Made]) {
        for Made { begins, end, words } in made {
            for list in *words {
                let words = match lists.words(list) {
                    Ok(words) => words,
                    Err(error) => {
                        self.findings.push(Finding::new(TABLE, error));
                        continue;
                    }
                };
                for word in words {
                    let keys = begins.iter().map(|begin| format!("{begin}{word}{end}"));
                    let there: Vec<String> = keys.filter(|key| self.all.contains(key)).collect();
                    if there.is_empty() {
                        let what = format!("`{word}` has no sentence behind {begins:?}: it is in {list:?}");
                        self.findings.push(Finding::new(TABLE, what));
                    }
                    self.used.extend(there);
                }
            }
        }
    }

    /// Takes what a source says.
    fn hear(&mut self, speaker: &Speaker<'_>, quote: Quote<'_>) {
        let text = quote.text;
        let is_called = |calls: &[&str]| calls.iter().any(|call| quote.is_said_by(call));
        let begin = if quote.is_whole { format!("{text}-") } else { text.to_owned() };
        let begins = self.begins.contains(begin.as_str());
        if begins && (!quote.is_whole || text.contains('-') || is_called(NAMES)) {
            self.begun.insert(begin);
        }
        let known = if speaker.is_page { &self.of_page } else { &self.all };
        if quote.is_whole && known.contains(text) {
            self.used.insert(text.to_owned());
            return;
        }
        // What stands behind `=` without a blank is an attribute of an element.
        let is_ours = text.split_once('-').is_some_and(|(family, _)| self.families.contains(family))
            && !quote.before.ends_with('=');
        let what = match (quote.is_whole, begins) {
            (true, false) if is_called(NAMES) => {
                format!("no line of {TABLE} is for keys that begin with `{text}-`")
            }
            (true, false) if is_ours || is_called(SAYS) => format!("there is no sentence `{text}`"),
            (false, false) if is_ours => format!("no line of {TABLE} is for keys that begin with `{text}`"),
            _ => return,
        };
        self.findings.push(Finding::new(format!("{}:{}", speaker.path, quote.line()), what));
    }

    /// All findings, those among them that can be told only at the end.
    fn conclude(mut self) -> Vec<Finding> {
        for begin in self.begins.iter().filter(|begin| !self.begun.contains(**begin)) {
            self.findings
                .push(Finding::new(TABLE, format!("nobody puts keys together that begin with `{begin}`")));
        }
        let [[of_both, _], [of_commands, _]] = PARTS;
        for key in self.all.difference(&self.used) {
            let path = if self.of_page.contains(key) { of_both } else { of_commands };
            self.findings.push(Finding::new(path, format!("nobody says `{key}`, here and in English")));
        }
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::made::Words;
    use super::*;
    use crate::openrpc::FIXTURE;

    const SENTENCES: &str =
        "page-open = x\npage-cup-mug = { cup }\npage-cup-usual = x\ncup = x\nmachine = x\n";
    const OF_COMMANDS: &str = "say-line = x\nhelp-say = x\n";
    const RUST: &str = "fn a() { words.about(\"say-line\", &[]); help(&format!(\"help-{key}\")) }\n";
    const ON_PAGE: &str = "<p class=\"page-head\">{say(\"page-open\")} {named(app.language, \"page-cup\", kind)} {say(\"machine\")}</p>\n";
    const MADE: &[Made] = &[Made { begins: &["page-cup-"], end: "", words: &[Words::Schema("Cup")] }];

    fn told_of(sentences: &str, rust: &str, page: &str) -> Vec<String> {
        let [[de, en], [of_commands, in_english]] = PARTS;
        let sources = [
            Source::new(de, sentences),
            Source::new(en, sentences),
            Source::new(of_commands, OF_COMMANDS),
            Source::new(in_english, OF_COMMANDS),
            Source::new("crates/tui/src/hints.rs", rust),
            Source::new("crates/daemon/src/rules.rs", "const A: &str = \"page-nothing\";"),
            Source::new("crates/web/page/src/views/Tea.svelte", page),
            Source::new("crates/web/page/src/keys.ts", "| \"page-left\" | \"page-right\""),
            Source::new("crates/web/page/src/state/tea.test.ts", "say(\"page-left\")"),
        ];
        let document = Document::read(FIXTURE).unwrap();
        let asked = BTreeSet::from(["help-say".to_owned()]);
        look(&sources, &document, MADE, &asked).iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    fn assert_told(told: &[String], what: &str) {
        assert!(told.iter().any(|one| one.contains(what)), "{what} is not in {told:?}");
    }

    #[test]
    fn sentences_that_are_said_whole_or_by_a_list_are_fine() {
        assert_eq!(told_of(SENTENCES, RUST, ON_PAGE), [] as [String; 0]);
    }

    #[test]
    fn a_sentence_that_nobody_says_is_told() {
        let sentences = format!("{SENTENCES}page-left = x\n");
        assert_told(&told_of(&sentences, RUST, ON_PAGE), "texts/de.ftl: nobody says `page-left`");
        let in_tests = format!("{RUST}#[cfg(test)]\nmod tests {{\n    fn b() {{ say(\"page-left\") }}\n}}\n");
        assert_told(&told_of(&sentences, &in_tests, ON_PAGE), "nobody says `page-left`");
        let in_comments = format!("// say(\"page-left\")\n{RUST}");
        assert_told(&told_of(&sentences, &in_comments, ON_PAGE), "nobody says `page-left`");
        assert_told(&told_of(SENTENCES, "", ON_PAGE), "commands/de.ftl: nobody says `say-line`");
    }

    #[test]
    fn a_key_without_a_sentence_is_told_where_it_is_said() {
        for (rust, what) in [
            ("x\nsay(\n    \"page-opne\",\n)", "crates/tui/src/hints.rs:3: there is no sentence `page-opne`"),
            ("match a { _ => \"page-opne\" }", "there is no sentence `page-opne`"),
            ("words.about(\"machien\", &[])", "there is no sentence `machien`"),
            ("named(\"page-pot\", a)", "begin with `page-pot-`"),
            ("format!(\"page-pot-{a}\")", "begin with `page-pot-`"),
        ] {
            assert_told(&told_of(SENTENCES, &format!("{rust};{RUST}"), ON_PAGE), what);
        }
        for (page, what) in [
            ("say(\"say-line\")", "Tea.svelte:1: there is no sentence `say-line`"),
            ("{say(`page-pot-${a}`)}", "begin with `page-pot-`"),
        ] {
            assert_told(&told_of(SENTENCES, RUST, &format!("{page} {ON_PAGE}")), what);
        }
    }

    #[test]
    fn a_word_of_a_list_needs_its_sentence_and_a_line_of_the_table_its_user() {
        let lacks = SENTENCES.replace("page-cup-usual", "page-cup-unusual");
        let told = told_of(&lacks, RUST, ON_PAGE);
        assert_told(&told, "`usual` has no sentence");
        assert_told(&told, "nobody says `page-cup-unusual`");
        let unused = ON_PAGE.replace("\"page-cup\"", "\"page-open\"");
        assert_told(
            &told_of(SENTENCES, RUST, &unused),
            "nobody puts keys together that begin with `page-cup-`",
        );
    }

    #[test]
    fn the_help_asks_for_keys() {
        let asked = of_help();
        assert!(asked.contains("help-convene-join--link") && asked.contains("help-usage"), "{asked:?}");
    }
}
