//! Keys, and where they go: to what stands in front, otherwise to where one is.

mod composer;
mod dialogs;
mod sheets;
mod talk;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{acts, drafts, forms};
use crate::completing::of_list;
use crate::editor::Editor;
use crate::message::Effect;
use crate::sheets::{banners, trouble};
use crate::state::{Act, App, Dialog, Focus, FormKind, Menu, View};

pub(super) use talk::choose;

pub(super) fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    if key.kind == KeyEventKind::Release {
        return;
    }
    app.notice = None;
    match (key.code, controlled(key)) {
        (_, Some('c')) => ctrl_c(app),
        (_, Some('z')) => effects.push(Effect::Suspend),
        (KeyCode::F(1), _) => acts::perform(app, Act::Help, effects),
        (KeyCode::F(2), _) => answer(app),
        _ => routed(app, key, effects),
    }
}

fn routed(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    if !app.dialogs.is_empty() {
        return dialogs::key(app, key, effects);
    }
    if trouble(app).is_some() {
        return sheets::key(app, key, effects);
    }
    let is_known = app.conference.as_ref().is_some_and(|conference| conference.public().is_some());
    match (app.focus, &app.view) {
        (Focus::Places, _) => sheets::place_key(app, key, effects),
        (_, View::Join) => dialogs::join_key(app, key, effects),
        (Focus::Composer, View::Talk) if is_known => composer::key(app, key, effects),
        (_, View::Talk) if is_known => talk::key(app, key, effects),
        _ => sheets::key(app, key, effects),
    }
}

/// Asks to end; anyone who was asked already means it.
fn ctrl_c(app: &mut App) {
    let is_asked = |dialog: &Dialog| matches!(dialog, Dialog::Confirm(confirm) if confirm.then == Act::End);
    if app.dialogs.last().is_some_and(is_asked) {
        super::end(app);
    } else {
        acts::quit(app);
    }
}

/// The answers to what is asked above the talk.
pub(super) fn answer(app: &mut App) {
    let banner = banners(app).into_iter().find(|banner| !banner.choices.is_empty());
    if let Some(banner) = banner.filter(|_| app.dialogs.is_empty()) {
        app.dialogs.push(Dialog::Menu(Menu::new(banner.text, banner.choices)));
    }
}

/// What is pasted goes to where one types.
pub(super) fn paste(app: &mut App, text: &str) {
    app.notice = None;
    match app.dialogs.last_mut() {
        Some(Dialog::Form(form)) => {
            if let Some(field) = form.field() {
                field.editor.insert(text, false);
            }
            let form = form.clone();
            forms::keep(app, &form);
        }
        Some(Dialog::Confirm(confirm)) => {
            if let Some(typed) = &mut confirm.typed {
                typed.editor.insert(text, false);
            }
        }
        Some(Dialog::Menu(_) | Dialog::Help(_)) => {}
        None if app.view == View::Join => forms::take_link(app, text),
        None if app.view == View::Talk => {
            if let Some(conference) = &mut app.conference {
                conference.composer.insert(text, true);
                app.focus = Focus::Composer;
                drafts::typed(app);
            }
        }
        None => app.sheet.filter.insert(text, false),
    }
}

/// The character that a key types. What is reached by AltGr comes with Control and Alt.
fn typed(key: KeyEvent) -> Option<char> {
    let held = key.modifiers.intersection(KeyModifiers::CONTROL | KeyModifiers::ALT);
    let is_text = held.is_empty() || held == KeyModifiers::CONTROL | KeyModifiers::ALT;
    key.code.as_char().filter(|_| is_text)
}

/// The letter of a key that is held together with Control.
fn controlled(key: KeyEvent) -> Option<char> {
    let held = key.modifiers.intersection(KeyModifiers::CONTROL | KeyModifiers::ALT);
    key.code.as_char().filter(|_| held == KeyModifiers::CONTROL).map(|c| c.to_ascii_lowercase())
}

/// Changes a text; says whether the key means that.
fn edit(editor: &mut Editor, key: KeyEvent) -> bool {
    if let Some(c) = typed(key) {
        editor.insert(c.encode_utf8(&mut [0; 4]), false);
        return true;
    }
    let by_word = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match (key.code, controlled(key)) {
        (_, Some('a')) => editor.home(),
        (_, Some('e')) => editor.end(),
        (_, Some('u')) => editor.delete_to_start(),
        (_, Some('k')) => editor.delete_to_end(),
        (_, Some('w')) => editor.delete_word(),
        (_, Some('h')) => editor.backspace(),
        (KeyCode::Backspace, _) if by_word => editor.delete_word(),
        (KeyCode::Backspace, _) => editor.backspace(),
        (KeyCode::Delete, _) => editor.delete(),
        (KeyCode::Left, _) if by_word => editor.word_left(),
        (KeyCode::Left, _) => editor.left(),
        (KeyCode::Right, _) if by_word => editor.word_right(),
        (KeyCode::Right, _) => editor.right(),
        (KeyCode::Home, _) => editor.home(),
        (KeyCode::End, _) => editor.end(),
        _ => return false,
    }
    true
}

/// Goes on to the next place where keys may go, or back.
fn go_on(app: &mut App, back: bool) {
    let is_talk = app.view == View::Talk;
    let has_places = has_places(app);
    app.focus = match (app.focus, is_talk, back) {
        (Focus::Composer, true, false) if has_places => Focus::Places,
        (Focus::Composer, true, false) => Focus::Main,
        (Focus::Composer, true, true) => Focus::Main,
        (Focus::Places, true, true) => Focus::Composer,
        (Focus::Main, true, false) => Focus::Composer,
        (Focus::Main, true, true) if !has_places => Focus::Composer,
        (Focus::Main, _, _) if has_places => Focus::Places,
        _ => Focus::Main,
    };
    if app.focus == Focus::Places {
        super::moving::begin_places(app);
    }
}

/// Whether the places can be shown beside this view.
fn has_places(app: &App) -> bool {
    let is_known = app.conference.as_ref().is_some_and(|conference| conference.public().is_some());
    is_known && !matches!(app.view, View::Letter(_) | View::Organize | View::Join)
}

/// Begins a command in the field, from anywhere in a conference.
fn begin_command(app: &mut App, effects: &mut Vec<Effect>) {
    if app.conference.is_none() {
        return;
    }
    acts::perform(app, Act::Show(View::Talk), effects);
    if let Some(conference) = app.conference.as_mut().filter(|one| one.composer.text().is_empty()) {
        conference.composer.insert("/", false);
        app.focus = Focus::Composer;
        drafts::typed(app);
    }
}

/// Completes the last name of a list of people.
fn complete_list(app: &mut App) -> bool {
    let (Some(conference), Some(Dialog::Form(form))) = (&app.conference, app.dialogs.last_mut()) else {
        return false;
    };
    let is_list = form.kind == FormKind::Ask;
    let Some(field) = form.field().filter(|_| is_list) else { return false };
    let Some(completion) = of_list(conference, field.editor.before()) else { return false };
    let Some(best) = completion.candidates.first() else { return false };
    field.editor.replace_from(completion.from, best);
    true
}
