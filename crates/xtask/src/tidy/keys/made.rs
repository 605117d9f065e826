//! Keys that are put together at run time, and the lists of the words in them.

use crate::openrpc::{Document, Schema, Shape};
use crate::tree::Source;

use super::Speaker;
use super::quotes::{quotes, without_comments};

/// Keys of a family: a beginning, a word, and an end.
#[derive(Debug)]
pub(super) struct Made {
    /// The beginnings: each word has its sentence behind one of them.
    pub(super) begins: &'static [&'static str],
    pub(super) end: &'static str,
    pub(super) words: &'static [Words],
}

/// The place that lists words.
#[derive(Debug)]
pub(super) enum Words {
    /// The errors of the local API.
    Errors,
    /// A schema of the local API: its words, or the kinds of the objects that it tells apart.
    Schema(&'static str),
    /// Everything with which this is called, such as `word(`, where sentences are said.
    Called(&'static str),
    /// The words between quotation marks in a piece of the source at this path: from the line that
    /// holds this text to the next one that is indented no deeper.
    In(&'static str, &'static str),
    /// A word of the first list and one of the second, with `-` between them.
    Pairs(&'static Self, &'static Self),
    /// A list without some of its words, which have no sentence of their own.
    Without(&'static Self, &'static [&'static str]),
}

const fn made(begins: &'static [&'static str], words: &'static [Words]) -> Made {
    Made { begins, end: "", words }
}

/// The words that are said of steps: those that are over are told.
const OVER: Words = Words::Without(&Words::Schema("AccessStepState"), &["waiting", "running"]);
const PLACES: Words = Words::In("crates/cli/src/commands/report/lines.rs", "const PLACES");
const SOURCES: Words = Words::Schema("SettingSourceKind");
const REMEDIES: Words = Words::Schema("Remedy");
const VERDICTS: Words = Words::In("crates/conference/src/access.rs", "fn as_str");
const VERDICTS_OF_PAGE: Words = Words::In("crates/web/page/src/state/access.ts", "export type Verdict");
const TROUBLES: Words = Words::In("crates/web/page/src/state/trouble.ts", "readonly kind:");

/// All of them. Another family has a line here, with the place that lists its words.
pub(super) const MADE: &[Made] = &[
    made(
        // The page's own is for those who see no command line.
        &["word-", "page-word-"],
        &[
            Words::Errors,
            Words::Schema("Refusal"),
            Words::Schema("SeatState"),
            Words::Schema("ConnectionState"),
            Words::Schema("CommandState"),
            Words::Called("word("),
            Words::Called("usage("),
            Words::In("crates/cli/src/commands/conference.rs", "fn only("),
            Words::In("crates/cli/src/commands/proxy.rs", "let word ="),
            Words::In("crates/cli/src/commands/status.rs", "for (name, value) in"),
            Words::In("crates/cli/src/login.rs", "let word ="),
            Words::In("crates/cli/src/os/unix.rs", "const NO_DAEMON"),
            Words::In("crates/cli/src/os/windows.rs", "const NO_DAEMON"),
            Words::In("crates/local-api/src/language/connection.rs", "const fn word"),
        ],
    ),
    made(&["remedy-", "page-remedy-"], &[REMEDIES]),
    made(&["code-"], &[Words::Schema("Code")]),
    made(&["stage-"], &[Words::Schema("Stage")]),
    made(
        &["event-"],
        &[
            Words::Schema("Body"),
            Words::Called("event("),
            Words::In("crates/cli/src/commands/tail/prose.rs", "let kind = if left.removed"),
        ],
    ),
    made(&["access-"], &[Words::Pairs(&Words::Schema("AccessStepKind"), &OVER), VERDICTS]),
    made(&["access-mark-"], &[OVER]),
    made(&["access-place-"], &[PLACES]),
    made(&["access-verdict-"], &[VERDICTS]),
    made(&["access-who-"], &[REMEDIES]),
    made(&["unreached-"], &[REMEDIES]),
    made(&["phase-"], &[Words::In("docs/CONFERENCE.md", "kinds of phases:")]),
    made(&["room-"], &[Words::In("crates/model/src/ids.rs", "impl RoomId {")]),
    made(&["setting-from-"], &[SOURCES]),
    made(&["tui-command-"], &[Words::In("crates/tui/src/sheets/help.rs", "const COMMANDS")]),
    made(&["tui-cap-", "tui-key-"], &[Words::In("crates/tui/src/sheets/help.rs", "const KEYS")]),
    made(
        &["page-access-"],
        &[VERDICTS_OF_PAGE, Words::In("crates/web/page/src/parts/OrganizePeople.svelte", "function access")],
    ),
    made(&["page-act-"], &[Words::Schema("Command")]),
    made(&["page-from-"], &[SOURCES]),
    made(
        &["page-link-"],
        &[
            Words::In("crates/model/src/join_link.rs", "const fn part"),
            Words::In("crates/web/page/src/state/links.ts", "export type LinkProblem"),
            Words::In("crates/web/page/src/state/turning.ts", "export type TurnProblem"),
            Words::In("crates/web/page/src/state/invitations.ts", "readonly role:"),
        ],
    ),
    made(&["page-name-"], &[Words::In("crates/web/page/src/state/joining.ts", "export type NameProblem")]),
    made(&["page-phase-"], &[Words::In("crates/web/page/src/state/schedule.ts", "readonly standing:")]),
    made(&["page-proxy-"], &[Words::In("crates/web/page/src/state/proxy.ts", "export type Mode")]),
    made(&["page-source-"], &[PLACES]),
    made(&["page-state-"], &[Words::Schema("AccessStepState")]),
    made(
        &["page-title-"],
        &[
            Words::In("crates/web/page/src/state/route.ts", "export type Route ="),
            // The talk has the title of its room.
            Words::Without(
                &Words::In("crates/web/page/src/state/route.ts", "const CONFERENCE_VIEWS"),
                &["talk"],
            ),
        ],
    ),
    made(&["page-trouble-"], &[TROUBLES]),
    Made {
        begins: &["page-trouble-"],
        end: "-remedy",
        // There is one for each system.
        words: &[Words::Without(&TROUBLES, &["no_daemon"])],
    },
    made(&["page-verdict-"], &[VERDICTS_OF_PAGE]),
];

/// Where lists of words are looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lists<'a> {
    pub(super) sources: &'a [Source],
    pub(super) speakers: &'a [Speaker<'a>],
    pub(super) document: &'a Document,
}

impl Lists<'_> {
    /// The words of a list; an error that names it, where there are none.
    pub(super) fn words(self, list: &Words) -> Result<Vec<String>, String> {
        let words: Vec<String> = match list {
            Words::Errors => self.document.components.errors.keys().cloned().collect(),
            Words::Schema(name) => {
                let schema = self.document.components.schemas.get(*name);
                schema.map(|schema| told_apart(self.document, schema)).unwrap_or_default()
            }
            Words::Called(call) => self.called(call),
            Words::In(path, text) => {
                let source = self.sources.iter().find(|source| source.path == *path);
                source.map(|source| words_of_piece(&source.text, text)).unwrap_or_default()
            }
            Words::Pairs(first, second) => {
                let (first, second) = (self.words(first)?, self.words(second)?);
                first
                    .iter()
                    .flat_map(|one| second.iter().map(move |other| format!("{one}-{other}")))
                    .collect()
            }
            Words::Without(list, left_out) => {
                let mut words = self.words(list)?;
                words.retain(|word| !left_out.contains(&word.as_str()));
                words
            }
        };
        if words.is_empty() { Err(format!("there are no words in {list:?}")) } else { Ok(words) }
    }

    fn called(self, call: &str) -> Vec<String> {
        let all = self.speakers.iter().flat_map(|speaker| quotes(&speaker.code));
        let said = all.filter(|quote| quote.is_whole && quote.is_said_by(call));
        said.map(|quote| quote.text.to_owned()).collect()
    }
}

/// The words of a schema, or the kinds of the objects that it tells apart.
fn told_apart(document: &Document, schema: &Schema) -> Vec<String> {
    match &schema.shape {
        Shape::Word(word) => vec![word.clone()],
        Shape::Choice(several) => several.iter().flat_map(|one| told_apart(document, one)).collect(),
        Shape::Object { .. } => {
            let fields = document.fields(schema);
            let kinds = fields.iter().filter(|field| field.name == "kind");
            kinds.flat_map(|kind| told_apart(document, &kind.schema)).collect()
        }
        Shape::Any
        | Shape::Boolean
        | Shape::Integer(_)
        | Shape::Number
        | Shape::Text
        | Shape::List(_)
        | Shape::Map(_)
        | Shape::Reference(_) => Vec::new(),
    }
}

fn words_of_piece(text: &str, first: &str) -> Vec<String> {
    let code = without_comments(text);
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let mut lines = code.lines().skip_while(|line| !line.contains(first));
    let Some(begin) = lines.next() else { return Vec::new() };
    let rest = lines.take_while(|line| line.is_empty() || indentation(line) > indentation(begin));
    let piece = [begin].into_iter().chain(rest).collect::<Vec<_>>().join("\n");
    let is_word =
        |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    quotes(&piece)
        .filter(|quote| quote.is_whole && is_word(quote.text))
        .map(|quote| quote.text.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    fn words(list: &Words, sources: &[Source]) -> Result<Vec<String>, String> {
        let document = Document::read(FIXTURE).map_err(|error| error.to_string())?;
        let code = "app.word(\"open\") + other_word(\"no\")".to_owned();
        let speakers = [Speaker { path: "crates/tui/src/a.rs", is_page: false, code }];
        Lists { sources, speakers: &speakers, document: &document }.words(list)
    }

    #[test]
    fn words_are_found_in_the_document_and_where_they_are_said() {
        assert_eq!(words(&Words::Schema("Cup"), &[]).unwrap(), ["mug", "usual"]);
        assert!(words(&Words::Errors, &[]).unwrap().contains(&"pot_empty".to_owned()));
        assert_eq!(words(&Words::Called("word("), &[]).unwrap(), ["open"]);
    }

    #[test]
    fn words_are_found_in_a_piece_of_a_source() {
        let text = "const A: &[&str] = &[\"no\"];\nconst B: &[&str] = &[\n    // \"no\"\n    \"one\",\n\n    \"Two\", \"three_4\",\n];\n\"no\"";
        let sources = [Source::new("a.rs", text)];
        assert_eq!(words(&Words::In("a.rs", "const B"), &sources).unwrap(), ["one", "three_4"]);
        let pairs = Words::Pairs(&Words::In("a.rs", "const A"), &Words::In("a.rs", "const B"));
        assert_eq!(words(&pairs, &sources).unwrap(), ["no-one", "no-three_4"]);
        let without = Words::Without(&Words::In("a.rs", "const B"), &["one"]);
        assert_eq!(words(&without, &sources).unwrap(), ["three_4"]);
    }

    #[test]
    fn a_list_that_is_gone_is_an_error_that_names_it() {
        for list in [Words::Schema("Tea"), Words::In("a.rs", "const B"), Words::Called("tea(")] {
            assert!(words(&list, &[Source::new("a.rs", "const A")]).is_err(), "{list:?}");
        }
    }
}
