//! Keys in views that are lists of entries, and among the places.

use crossterm::event::{KeyCode, KeyEvent};

use super::{begin_command, edit, go_on, has_places, typed};
use crate::editor::Editor;
use crate::message::Effect;
use crate::sheets::{places, trouble};
use crate::state::{Act, App, Focus, View};
use crate::update::{acts, moving};

pub(super) fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    let is_trouble = trouble(app).is_some();
    let has_filter = !is_trouble && matches!(app.view, View::People | View::Organize);
    match (key.code, typed(key)) {
        (KeyCode::Up, _) => moving::choose_entry(app, true),
        (KeyCode::Down, _) => moving::choose_entry(app, false),
        (KeyCode::PageUp, _) => moving::scroll_entries(app, true, None),
        (KeyCode::PageDown, _) => moving::scroll_entries(app, false, None),
        (KeyCode::Enter, _) => enter(app, effects),
        _ if is_trouble => {}
        (KeyCode::Tab | KeyCode::BackTab, _) if has_places(app) => go_on(app, false),
        (KeyCode::Tab, _) => moving::choose_entry(app, false),
        (KeyCode::BackTab, _) => moving::choose_entry(app, true),
        (KeyCode::Esc, _) => back(app, effects),
        (_, Some('?')) => acts::perform(app, Act::Help, effects),
        (_, Some('/')) => begin_command(app, effects),
        _ if has_filter => find(app, key),
        _ => {}
    }
}

/// Types into the line that finds people; the list is another then.
fn find(app: &mut App, key: KeyEvent) {
    if edit(&mut app.sheet.filter, key) {
        (app.sheet.at, app.sheet.top) = (0, 0);
    }
}

fn enter(app: &mut App, effects: &mut Vec<Effect>) {
    if let Some(act) = moving::chosen_act(app) {
        acts::perform(app, act, effects);
        moving::show_chosen(app);
    }
}

/// Back to where one came from: from what is looked for to everything first.
fn back(app: &mut App, effects: &mut Vec<Effect>) {
    if !app.sheet.filter.text().is_empty() {
        app.sheet.filter = Editor::default();
        return;
    }
    let is_open = app.conference.is_some();
    let view = match &app.view {
        View::Letter(_) => View::Check,
        View::Conferences => return,
        View::Talk => View::Conferences,
        View::Join
        | View::People
        | View::Schedule
        | View::Ballot
        | View::Organize
        | View::Check
        | View::Settings => {
            if is_open {
                View::Talk
            } else {
                View::Conferences
            }
        }
    };
    acts::perform(app, Act::Show(view), effects);
}

pub(super) fn place_key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    match (key.code, typed(key)) {
        (KeyCode::Tab, _) => go_on(app, false),
        (KeyCode::BackTab, _) => go_on(app, true),
        (KeyCode::Up, _) => moving::choose_place(app, true),
        (KeyCode::Down, _) => moving::choose_place(app, false),
        (KeyCode::Enter, _) => {
            let act = places(app).into_iter().nth(app.place).and_then(|place| place.act);
            if let Some(act) = act {
                acts::perform(app, act, effects);
            }
        }
        (KeyCode::Esc, _) => app.focus = if app.view == View::Talk { Focus::Composer } else { Focus::Main },
        (_, Some('?')) => acts::perform(app, Act::Help, effects),
        (_, Some('/')) => begin_command(app, effects),
        _ => {}
    }
}
