//! The keys, and the commands that are typed.

use super::{Entry, Look};
use crate::state::App;

/// A command that is typed behind a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypedCommand {
    Go,
    Table,
    Who,
    Vote,
    Ballot,
    Schedule,
    Organize,
    Check,
    Rename,
    Room,
    Conferences,
    Join,
    Settings,
    Language,
    Mouse,
    Retry,
    Help,
    Leave,
    Quit,
}

/// All of them, by the words that are typed. The key of the sentence about each is
/// `tui-command-` and its word.
pub(crate) const COMMANDS: &[(&str, TypedCommand)] = &[
    ("go", TypedCommand::Go),
    ("table", TypedCommand::Table),
    ("who", TypedCommand::Who),
    ("vote", TypedCommand::Vote),
    ("ballot", TypedCommand::Ballot),
    ("schedule", TypedCommand::Schedule),
    ("organize", TypedCommand::Organize),
    ("check", TypedCommand::Check),
    ("rename", TypedCommand::Rename),
    ("room", TypedCommand::Room),
    ("conferences", TypedCommand::Conferences),
    ("join", TypedCommand::Join),
    ("settings", TypedCommand::Settings),
    ("language", TypedCommand::Language),
    ("mouse", TypedCommand::Mouse),
    ("retry", TypedCommand::Retry),
    ("help", TypedCommand::Help),
    ("leave", TypedCommand::Leave),
    ("quit", TypedCommand::Quit),
];

/// The keys of the help, in the order in which they are shown: the names that stand on them are
/// behind `tui-cap-`, the sentences behind `tui-key-`.
const KEYS: [&str; 12] =
    ["tab", "enter", "line", "answer", "choose", "page", "end", "back", "mention", "help", "suspend", "quit"];

/// Columns for the name of a key or a command.
const NAME_COLUMNS: usize = 19;

pub(crate) fn help(app: &App) -> Vec<Entry> {
    let mut entries = vec![Entry::title(app.say("tui-help"))];
    for key in KEYS {
        entries.push(row(&app.say(&format!("tui-cap-{key}")), &app.say(&format!("tui-key-{key}"))));
    }
    entries.push(Entry::new(Look::Strong, app.say("tui-commands")));
    for (word, _) in COMMANDS {
        entries.push(row(&format!("/{word}"), &app.say(&format!("tui-command-{word}"))));
    }
    entries.push(Entry::hint(app.say("tui-help-end")));
    entries
}

fn row(name: &str, text: &str) -> Entry {
    Entry::plain(format!("{name:NAME_COLUMNS$} {text}"))
}
