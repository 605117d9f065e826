//! Keys in the talk.

use convene_model::CommandId;
use crossterm::event::{KeyCode, KeyEvent};

use super::{begin_command, go_on, typed};
use crate::message::Effect;
use crate::sheets::ways_on;
use crate::state::talk::{TalkLine, What};
use crate::state::{Act, App, Choice, Conference, Dialog, Focus, ItemKey, Menu};
use crate::update::{acts, moving};

pub(super) fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    match (key.code, typed(key)) {
        (KeyCode::Tab, _) => go_on(app, false),
        (KeyCode::BackTab, _) => go_on(app, true),
        (KeyCode::Esc, _) => app.focus = Focus::Composer,
        (KeyCode::Up, _) => moving::choose(app, true, effects),
        (KeyCode::Down, _) => moving::choose(app, false, effects),
        (KeyCode::PageUp, _) => moving::page(app, true, effects),
        (KeyCode::PageDown, _) => moving::page(app, false, effects),
        (KeyCode::Home, _) => moving::go_to_start(app, effects),
        (KeyCode::End, _) => moving::go_to_end(app),
        (KeyCode::Enter, _) => choose(app),
        (_, Some('?')) => acts::perform(app, Act::Help, effects),
        (_, Some('/')) => begin_command(app, effects),
        (_, Some(letter)) => {
            let mut possible = choices(app).into_iter().filter_map(|choice| choice.act);
            if let Some(act) = possible.find(|act| letter_of(act) == Some(letter)) {
                acts::perform(app, act, effects);
            }
        }
        _ => {}
    }
}

/// The letter that does at once what stands in the menu, too.
#[expect(clippy::wildcard_enum_match_arm, reason = "only what is done with messages has a letter")]
fn letter_of(act: &Act) -> Option<char> {
    match act {
        Act::Reply => Some('r'),
        Act::Edit(_) => Some('e'),
        Act::Discard(_) => Some('d'),
        Act::SendAgain(_) => Some('s'),
        _ => None,
    }
}

/// Shows what may be done with the chosen item.
pub(in crate::update) fn choose(app: &mut App) {
    let choices = choices(app);
    if !choices.is_empty() {
        app.dialogs.push(Dialog::Menu(Menu::new(title(app), choices)));
    }
}

/// What may be done with the chosen item.
fn choices(app: &App) -> Vec<Choice> {
    let Some(conference) = &app.conference else { return Vec::new() };
    match conference.talking.chosen {
        Some(ItemKey::Line(_)) => of_line(app, conference),
        Some(ItemKey::Pending(id)) => of_pending(app, conference, id),
        None => Vec::new(),
    }
}

fn of_line(app: &App, conference: &Conference) -> Vec<Choice> {
    let Some(line) = chosen_line(conference) else { return Vec::new() };
    if !matches!(line.what, What::Said(_)) {
        return Vec::new();
    }
    let mut choices = vec![Choice::new(app.say("page-reply"), Act::Reply)];
    let by = line.by.filter(|by| Some(*by) != conference.me);
    let there = by.and_then(|by| conference.people.iter().find(|person| person.id == by));
    choices.extend(there.map(|person| Choice::new(person.name.clone(), Act::Person(person.id))));
    choices
}

fn of_pending(app: &App, conference: &Conference, id: CommandId) -> Vec<Choice> {
    conference.pendings.get(id).map_or_else(Vec::new, |pending| ways_on(app, pending))
}

fn chosen_line(conference: &Conference) -> Option<&TalkLine> {
    let ItemKey::Line(place) = conference.talking.chosen? else { return None };
    let lines = &conference.talking.talk.lines;
    lines.iter().find(|line| line.place == place).map(|line| &**line)
}

/// The beginning of the chosen item.
fn title(app: &App) -> String {
    let Some(conference) = &app.conference else { return String::new() };
    let said = match (chosen_line(conference), conference.talking.chosen) {
        (Some(TalkLine { what: What::Said(text), .. }), _) => Some(text.as_str()),
        (None, Some(ItemKey::Pending(id))) => {
            conference.pendings.get(id).and_then(|pending| pending.message()).map(|(_, text)| text)
        }
        (Some(_) | None, _) => None,
    };
    said.and_then(|text| text.lines().next()).unwrap_or_default().to_owned()
}
