//! The mouse, for those who have switched it on.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{acts, keys, moving};
use crate::layout::{areas, first_place};
use crate::message::Effect;
use crate::sheets::{places, trouble};
use crate::state::{App, Focus, View};

/// Rows that a notch of the wheel moves.
const WHEEL_ROWS: usize = 3;

pub(super) fn mouse(app: &mut App, mouse: MouseEvent, effects: &mut Vec<Effect>) {
    if !app.dialogs.is_empty() {
        return;
    }
    match mouse.kind {
        MouseEventKind::ScrollUp => wheel(app, true, effects),
        MouseEventKind::ScrollDown => wheel(app, false, effects),
        MouseEventKind::Down(MouseButton::Left) => {
            click(app, Position::new(mouse.column, mouse.row), effects);
        }
        MouseEventKind::Down(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => {}
    }
}

fn shows_talk(app: &App) -> bool {
    app.view == View::Talk && trouble(app).is_none()
}

fn wheel(app: &mut App, up: bool, effects: &mut Vec<Effect>) {
    if shows_talk(app) {
        moving::scroll(app, up, WHEEL_ROWS, effects);
    } else {
        moving::scroll_entries(app, up, Some(WHEEL_ROWS));
    }
}

fn click(app: &mut App, at: Position, effects: &mut Vec<Effect>) {
    app.notice = None;
    let areas = areas(app);
    let row_in = |area: Rect| usize::from(at.y.saturating_sub(area.y));
    if areas.places.contains(at) {
        let clicked = first_place(app, areas.places.height) + row_in(areas.places);
        if let Some(act) = places(app).into_iter().nth(clicked).and_then(|place| place.act) {
            acts::perform(app, act, effects);
        }
    } else if areas.banners.contains(at) {
        keys::answer(app);
    } else if areas.composer.contains(at) || areas.rule.contains(at) {
        app.focus = Focus::Composer;
    } else if areas.main.contains(at) && shows_talk(app) {
        let item = moving::item_at(app, row_in(areas.main));
        moving::choose_item(app, item);
        app.focus = Focus::Main;
        keys::choose(app);
    } else if areas.main.contains(at) && app.view != View::Join && moving::choose_row(app, row_in(areas.main))
    {
        app.focus = Focus::Main;
        if let Some(act) = moving::chosen_act(app) {
            acts::perform(app, act, effects);
        }
    }
}
