//! The line that says what can be done next, and what is told of what is typed.

use convene_model::limits::MESSAGE_CHARS_MAX;
use convene_model::{JoinLink, JoinLinkError, Name, NameError};

use crate::completing::{command_of, of_composer, typed_command};
use crate::sheets::{COMMANDS, trouble};
use crate::state::{Allowed, App, Focus, View};

/// From so many characters on it is told how much is left.
const TEXT_NEAR: usize = 3_500;

/// What can be done next.
pub(crate) fn hint(app: &App) -> String {
    if !app.dialogs.is_empty() {
        return String::new();
    }
    if trouble(app).is_some() {
        return app.say("tui-trouble-keys");
    }
    match (app.focus, &app.view) {
        (Focus::Places, _) => app.say("tui-places-keys"),
        (Focus::Composer, _) => composer(app),
        (Focus::Main, View::Talk) => app.say("tui-talk-keys"),
        (Focus::Main, View::Join) => app.say("tui-form-keys"),
        (Focus::Main, _) => app.say("tui-sheet-keys"),
    }
}

fn composer(app: &App) -> String {
    let Some(conference) = &app.conference else { return String::new() };
    let text = conference.composer.text();
    if let Some(completion) = of_composer(app) {
        return format!("Tab: {}", completion.candidates.join(" · "));
    }
    if let Some((word, _)) = typed_command(text) {
        let known = command_of(word).and_then(|command| COMMANDS.iter().find(|(_, known)| *known == command));
        return match known {
            Some((word, _)) => format!("/{word}: {}", app.say(&format!("tui-command-{word}"))),
            None => app.say("tui-no-command"),
        };
    }
    let length = text.chars().count();
    if length > MESSAGE_CHARS_MAX {
        return app.words.count("page-too-long", length - MESSAGE_CHARS_MAX);
    }
    if length > TEXT_NEAR {
        return app.words.count("page-characters-left", MESSAGE_CHARS_MAX - length);
    }
    match conference.may_speak(&conference.shown()) {
        Allowed::No { code, opens } if !text.is_empty() => app.words.why_not(&code, opens, app.now),
        Allowed::Yes | Allowed::No { .. } | Allowed::NotTold => app.say("tui-composer-keys"),
    }
}

/// What is told of the join link.
pub(crate) fn link_told(app: &App) -> String {
    match JoinLink::find(app.joining.form.text(0)) {
        Ok(link) => format!("✓ {}", app.words.with("page-link-found", &[("server", &link.host)])),
        Err(JoinLinkError::Empty) => app.say("page-link-hint"),
        Err(problem) => app.say(&link_problem(problem)),
    }
}

/// The key of the sentence that says what is wrong with a join link.
pub(crate) fn link_problem(problem: JoinLinkError) -> String {
    format!("page-link-{}", problem.part())
}

/// What is told of the name.
pub(crate) fn name_told(app: &App) -> String {
    let name = app.joining.form.text(1).trim();
    match name.parse::<Name>() {
        Ok(_) | Err(NameError::Empty) => app.say("page-name-hint"),
        Err(problem) => app.say(name_problem(problem)),
    }
}

/// The key of the sentence that says what is wrong with a name.
pub(crate) fn name_problem(problem: NameError) -> &'static str {
    match problem {
        NameError::Empty => "page-name-empty",
        NameError::TooLong => "page-name-long",
        NameError::Invisible => "page-name-control",
    }
}
