//! What is written in the field: a message, or a command behind a slash.

use convene_conference::{Command, Say};
use convene_model::limits::MESSAGE_CHARS_MAX;
use convene_model::{MessageText, TextError};

use super::{acts, commands, drafts};
use crate::completing::typed_command;
use crate::editor::Editor;
use crate::message::Effect;
use crate::state::talk::What;
use crate::state::{Allowed, App, Focus, ItemKey};
use crate::text::graphemes;
use crate::words::Tone;

/// Characters of a quotation: enough to know which message is meant.
const QUOTE_MAX: usize = 200;

/// Sends what stands in the field, or does it.
pub(super) fn enter(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(conference) = &app.conference else { return };
    let text = conference.composer.text().to_owned();
    match typed_command(&text) {
        Some((word, rest)) => commands::run(app, word, rest, effects),
        None => say(app, text.strip_prefix('/').filter(|_| text.starts_with("//")).unwrap_or(&text), effects),
    }
}

fn say(app: &mut App, text: &str, effects: &mut Vec<Effect>) {
    let Some(conference) = &app.conference else { return };
    let (room, text) = (conference.shown(), text.trim_end());
    match text.parse::<MessageText>() {
        Ok(_) => {}
        Err(TextError::Empty) => return,
        Err(TextError::TooLong | TextError::Control) => {
            let more = text.chars().count().saturating_sub(MESSAGE_CHARS_MAX);
            return app.tell(Tone::Bad, app.words.count("page-too-long", more));
        }
    }
    if let Allowed::No { code, opens } = conference.may_speak(&room) {
        return app.tell(Tone::Bad, app.words.why_not(&code, opens, app.now));
    }
    let say = Say { room: Some(room), text: text.to_owned() };
    if acts::act(app, &Command::Say(say), effects) {
        clear(app);
        if let Some(conference) = &mut app.conference {
            conference.talking.go_to_end();
        }
    }
}

/// Empties the field, and says so to the daemon at once: a message that is sent is no draft.
pub(super) fn clear(app: &mut App) {
    let now = app.now;
    if let Some(conference) = &mut app.conference {
        conference.composer = Editor::default();
        let writing = conference.writing();
        writing.write("", now);
        writing.keep_now(now);
    }
}

/// Quotes the chosen message in the field.
pub(super) fn reply(app: &mut App) {
    let Some(conference) = &mut app.conference else { return };
    let Some(ItemKey::Line(place)) = conference.talking.chosen else { return };
    let Some(line) = conference.talking.talk.lines.iter().find(|line| line.place == place) else { return };
    let What::Said(text) = &line.what else { return };
    let name = line.by.map_or("", |by| conference.name_of(by));
    let quote = quoted(name, text);
    conference.composer.prepend(&quote);
    app.focus = Focus::Composer;
    drafts::typed(app);
}

/// The beginning of a message, each line marked.
fn quoted(name: &str, text: &str) -> String {
    let short: String = graphemes(text).take(QUOTE_MAX).collect();
    let end = if short.len() < text.len() { "…" } else { "" };
    let marked = format!("> {name}: {}{end}", short.trim_end()).replace('\n', "\n> ");
    format!("{marked}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_marked_and_short() {
        assert_eq!(quoted("Anna", "one\ntwo"), "> Anna: one\n> two\n");
        let long = quoted("Anna", &"x".repeat(500));
        assert_eq!(long, format!("> Anna: {}…\n", "x".repeat(QUOTE_MAX)));
    }
}
