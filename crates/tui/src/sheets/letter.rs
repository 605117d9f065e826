//! The letter to the administrator: to read, to copy, to save.

use convene_wording::LetterFacts;

use super::Entry;
use crate::state::{Act, App, View};

pub(super) fn entries(app: &App, server: &str) -> Vec<Entry> {
    vec![
        Entry::title(app.say("page-letter")),
        Entry::button(app.say("page-save-file"), Act::SaveLetter(server.to_owned())),
        Entry::button(app.say("page-check"), Act::Show(View::Check)),
        Entry::gap(),
        Entry::plain(letter_text(app, server).unwrap_or_default()),
    ]
}

/// The letter about a server, of its last check; none where no administrator can help.
pub(crate) fn letter_text(app: &App, server: &str) -> Option<String> {
    let check = app.checks.iter().flatten().find(|check| check.server == server)?;
    let attempts: Vec<_> = check.attempts().cloned().collect();
    let facts = LetterFacts {
        server: &check.server,
        ports: check.ports,
        https_port: check.https_port,
        attempts: &attempts,
        at: check.ended.as_ref().unwrap_or(&check.began),
        zone: app.words.zone(),
        machine: &check.machine,
        version: &check.version,
        contact: check.contact.as_deref(),
    };
    app.words.letter(&facts)
}
