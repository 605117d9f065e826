//! Keys in the field for messages.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{controlled, edit, go_on};
use crate::completing::of_composer;
use crate::layout::areas;
use crate::message::Effect;
use crate::state::{Act, App, Focus};
use crate::update::{acts, drafts, moving, saying};

pub(super) fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(conference) = &app.conference else { return };
    let is_empty = conference.composer.text().is_empty();
    let breaks = key.modifiers.intersects(KeyModifiers::SHIFT | KeyModifiers::ALT);
    match (key.code, controlled(key)) {
        (KeyCode::Enter, _) if breaks => change(app, |app| insert(app, "\n")),
        (_, Some('j')) => change(app, |app| insert(app, "\n")),
        (KeyCode::Enter, _) => saying::enter(app, effects),
        (KeyCode::Tab, _) => {
            if !complete(app) {
                go_on(app, false);
            }
        }
        (KeyCode::BackTab, _) => go_on(app, true),
        (KeyCode::Esc, _) => app.focus = Focus::Main,
        (KeyCode::Up, _) => step(app, true),
        (KeyCode::Down, _) => step(app, false),
        (KeyCode::PageUp, _) => moving::page(app, true, effects),
        (KeyCode::PageDown, _) => moving::page(app, false, effects),
        (KeyCode::End, _) if is_empty => moving::go_to_end(app),
        (KeyCode::Char('?'), None) if is_empty => acts::perform(app, Act::Help, effects),
        _ => change(app, |app| {
            app.conference.as_mut().is_some_and(|conference| edit(&mut conference.composer, key))
        }),
    }
}

/// What is typed is a draft.
fn change(app: &mut App, edit: impl FnOnce(&mut App) -> bool) {
    if edit(app) {
        drafts::typed(app);
    }
}

fn insert(app: &mut App, text: &str) -> bool {
    if let Some(conference) = &mut app.conference {
        conference.composer.insert(text, true);
    }
    true
}

/// Goes a row up or down.
fn step(app: &mut App, up: bool) {
    let most = usize::from(areas(app).composer.width).saturating_sub(1).max(1);
    if let Some(conference) = &mut app.conference {
        if up {
            conference.composer.up(most);
        } else {
            conference.composer.down(most);
        }
    }
}

/// Completes what is typed; says whether there was something to complete.
fn complete(app: &mut App) -> bool {
    let Some(completion) = of_composer(app) else { return false };
    let (Some(conference), Some(best)) = (&mut app.conference, completion.candidates.first()) else {
        return false;
    };
    conference.composer.replace_from(completion.from, best);
    drafts::typed(app);
    true
}
