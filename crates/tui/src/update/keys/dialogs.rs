//! Keys for what stands in front, and for the form by which one joins.

use crossterm::event::{KeyCode, KeyEvent};

use super::{complete_list, edit, typed};
use crate::layout::{dialog_room, entry_rows};
use crate::message::Effect;
use crate::sheets::help;
use crate::state::{Act, App, Dialog, Form, View};
use crate::update::{acts, forms};

pub(super) fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    match app.dialogs.last() {
        Some(Dialog::Help(top)) => {
            let top = *top;
            help_key(app, key, top);
        }
        Some(Dialog::Menu(_)) => menu_key(app, key, effects),
        Some(Dialog::Confirm(_)) => confirm_key(app, key, effects),
        Some(Dialog::Form(form)) => {
            let form = form.clone();
            form_key(app, key, &form, effects);
        }
        None => {}
    }
}

fn help_key(app: &mut App, key: KeyEvent, top: usize) {
    let room = dialog_room(app);
    let height = usize::from(room.height);
    let last = entry_rows(&help(app), 0, room.width).rows.len().saturating_sub(height);
    let page = height.saturating_sub(1).max(1);
    let moved = match (key.code, typed(key)) {
        (KeyCode::Up, _) => top.saturating_sub(1),
        (KeyCode::Down, _) => top + 1,
        (KeyCode::PageUp, _) => top.saturating_sub(page),
        (KeyCode::PageDown, _) | (_, Some(' ')) => top + page,
        (KeyCode::Home, _) => 0,
        (KeyCode::End, _) => last,
        (KeyCode::Esc | KeyCode::Enter, _) | (_, Some('q' | '?')) => {
            app.dialogs.pop();
            return;
        }
        _ => return,
    };
    if let Some(Dialog::Help(top)) = app.dialogs.last_mut() {
        *top = moved.min(last);
    }
}

fn menu_key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(Dialog::Menu(menu)) = app.dialogs.last_mut() else { return };
    match (key.code, typed(key)) {
        (KeyCode::Up | KeyCode::BackTab, _) => menu.at = menu.at.saturating_sub(1),
        (KeyCode::Down | KeyCode::Tab, _) => {
            menu.at = (menu.at + 1).min(menu.choices.len().saturating_sub(1));
        }
        (KeyCode::Enter, _) => {
            let act = menu.choices.get(menu.at).and_then(|choice| choice.act.clone());
            if let Some(act) = act {
                app.dialogs.pop();
                acts::perform(app, act, effects);
            }
        }
        (KeyCode::Esc, _) => {
            app.dialogs.pop();
        }
        _ => {}
    }
}

fn confirm_key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(Dialog::Confirm(confirm)) = app.dialogs.last_mut() else { return };
    if key.code == KeyCode::Esc {
        app.dialogs.pop();
    } else if key.code == KeyCode::Enter && confirm.is_typed() {
        let then = confirm.then.clone();
        app.dialogs.pop();
        acts::perform(app, then, effects);
    } else if let Some(typed) = &mut confirm.typed {
        edit(&mut typed.editor, key);
    }
}

fn form_key(app: &mut App, key: KeyEvent, form: &Form, effects: &mut Vec<Effect>) {
    if key.code == KeyCode::Esc {
        return forms::cancel(app, form.kind, effects);
    }
    if form.is_busy || (key.code == KeyCode::Tab && complete_list(app)) {
        return;
    }
    let Some(Dialog::Form(form)) = app.dialogs.last_mut() else { return };
    let is_sent = key.code == KeyCode::Enter && !goes_on(form);
    if is_sent {
        let form = form.clone();
        return forms::submit(app, &form, effects);
    }
    if key.code != KeyCode::Enter {
        move_or_edit(form, key);
    }
    let form = form.clone();
    forms::keep(app, &form);
}

/// Goes to the next field, or to one more answer of a ballot; says whether there is one.
fn goes_on(form: &mut Form) -> bool {
    // A last answer that is empty ends a ballot.
    let is_last = form.at + 1 == form.fields.len();
    if is_last { forms::grow(form) } else { form.next_field() }
}

fn move_or_edit(form: &mut Form, key: KeyEvent) {
    match (key.code, typed(key)) {
        (KeyCode::Tab | KeyCode::Down, _) => {
            goes_on(form);
        }
        (KeyCode::BackTab | KeyCode::Up, _) => form.field_before(),
        _ => {
            form.error.clear();
            if let Some(field) = form.field() {
                edit(&mut field.editor, key);
            }
        }
    }
}

/// Keys in the view for joining.
pub(super) fn join_key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    let form = &mut app.joining.form;
    let is_empty = form.text(form.at).is_empty();
    match (key.code, typed(key)) {
        (KeyCode::Esc, _) => acts::perform(app, Act::Show(View::Conferences), effects),
        _ if form.is_busy => {}
        (KeyCode::Enter, _) if form.next_field() => {}
        (KeyCode::Enter, _) => forms::join(app, effects),
        (_, Some('?')) if is_empty => acts::perform(app, Act::Help, effects),
        _ => move_or_edit(form, key),
    }
}
