//! The areas of the screen.

use ratatui::layout::{Rect, Size};

use crate::sheets::{banners, trouble};
use crate::state::{App, Focus, View};
use crate::text::{cut, wrap};

/// Columns of the places; a line stands behind them.
const PLACES_COLUMNS: u16 = 22;
/// Columns of the people, where there is room for them beside the talk.
const PEOPLE_COLUMNS: u16 = 28;
/// From so many columns on the people are shown beside the talk.
const PEOPLE_FROM: u16 = 110;
/// From so many columns on the places are shown beside everything else.
const PLACES_FROM: u16 = 60;
/// Banners that are shown at once, and the rows of each.
const BANNERS_MAX: usize = 2;
const BANNER_ROWS_MAX: usize = 2;

/// Columns of a dialog, and how many of them and of its rows its frame takes.
const DIALOG_COLUMNS: u16 = 64;
const DIALOG_SIDES: u16 = 4;
const DIALOG_ENDS: u16 = 2;

/// Where everything stands. An area that is not there is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    pub(crate) places: Rect,
    /// What asks for an answer, above the talk.
    pub(crate) banners: Rect,
    /// The talk, or the entries of another view.
    pub(crate) main: Rect,
    pub(crate) people: Rect,
    /// The name of the field.
    pub(crate) rule: Rect,
    pub(crate) composer: Rect,
    pub(crate) hint: Rect,
    pub(crate) status: Rect,
}

/// The areas for what is shown now.
pub(crate) fn areas(app: &App) -> Areas {
    let (columns, rows) = (app.columns, app.rows);
    let line = |y: u16| if y < rows { Rect::new(0, y, columns, 1) } else { Rect::ZERO };
    let header = line(0);
    let status = line(rows.saturating_sub(1).max(1));
    let hint = line(rows.saturating_sub(2).max(2));
    let body = Rect::new(0, 1, columns, rows.saturating_sub(3));
    let mut areas = Areas { header, hint, status, main: body, ..Areas::default() };
    let is_open = app.conference.as_ref().is_some_and(|conference| conference.public().is_some());
    if !is_open || trouble(app).is_some() || matches!(app.view, View::Letter(_) | View::Organize) {
        return areas;
    }
    beside(app, &mut areas);
    if app.view == View::Talk {
        below(app, &mut areas);
        above(app, &mut areas);
    }
    areas
}

/// Takes the columns for the places and the people.
fn beside(app: &App, areas: &mut Areas) {
    if app.columns < PLACES_FROM {
        if app.focus == Focus::Places {
            areas.places = std::mem::take(&mut areas.main);
        }
        return;
    }
    let Rect { y, height, .. } = areas.main;
    areas.places = Rect::new(0, y, PLACES_COLUMNS, height);
    let left = PLACES_COLUMNS + 1;
    let mut width = app.columns.saturating_sub(left);
    if app.columns >= PEOPLE_FROM && app.view == View::Talk {
        areas.people = Rect::new(app.columns - PEOPLE_COLUMNS, y, PEOPLE_COLUMNS, height);
        width = width.saturating_sub(PEOPLE_COLUMNS + 1);
    }
    areas.main = Rect::new(left, y, width, height);
}

/// Takes the rows for the field, which is as high as its text, up to a third of the screen.
fn below(app: &App, areas: &mut Areas) {
    let Rect { x, y, width, height } = areas.main;
    let Some(conference) = app.conference.as_ref().filter(|_| height > 2) else { return };
    let most = usize::from(width).saturating_sub(1).max(1);
    let wanted = u16::try_from(conference.composer.lay(most).rows.len()).unwrap_or(u16::MAX);
    let rows = wanted.clamp(1, (app.rows / 3).max(1)).min(height - 2);
    let talk = height - rows - 1;
    areas.main = Rect::new(x, y, width, talk);
    areas.rule = Rect::new(x, y + talk, width, 1);
    areas.composer = Rect::new(x, y + talk + 1, width, rows);
}

/// Takes the rows for what asks for an answer.
fn above(app: &App, areas: &mut Areas) {
    let Rect { x, y, width, height } = areas.main;
    let rows = banner_rows(app, usize::from(width)).len();
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(height / 2);
    areas.banners = Rect::new(x, y, width, rows);
    areas.main = Rect::new(x, y + rows, width, height - rows);
}

/// The rows of the banners, each with the banner to which it belongs.
pub(crate) fn banner_rows(app: &App, width: usize) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    for (at, banner) in banners(app).iter().take(BANNERS_MAX).enumerate() {
        let answer =
            if banner.choices.is_empty() { String::new() } else { format!(" · {}", app.say("tui-answer")) };
        let mut rows = wrap(&format!("{}{answer}", banner.text), width);
        if rows.len() > BANNER_ROWS_MAX {
            // The way to answer is never cut off.
            let most = (BANNER_ROWS_MAX * width).saturating_sub(answer.chars().count() + 4);
            rows = wrap(&format!("{}{answer}", cut(&banner.text, most)), width);
            rows.truncate(BANNER_ROWS_MAX);
        }
        all.extend(rows.into_iter().map(|row| (at, row)));
    }
    all
}

/// The room inside of the highest dialog.
pub(crate) fn dialog_room(app: &App) -> Size {
    let width = DIALOG_COLUMNS.min(app.columns).saturating_sub(DIALOG_SIDES);
    Size { width, height: app.rows.saturating_sub(DIALOG_ENDS) }
}

/// The first of the places that is seen: as far down as the chosen one needs.
pub(crate) fn first_place(app: &App, height: u16) -> usize {
    let chosen = if app.focus == Focus::Places { app.place } else { 0 };
    (chosen + 1).saturating_sub(usize::from(height))
}
