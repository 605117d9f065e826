//! Moving in the talk, in lists of entries and among the places.

use super::calls::fetch_page;
use super::drafts;
use crate::layout::{TalkRows, areas, entry_rows};
use crate::message::Effect;
use crate::sheets::{Entry, entries, places, trouble};
use crate::state::{Act, App, ItemKey, Top};

/// Rows of a page that are still seen on the next one.
const KEPT_ROWS: u16 = 2;

/// Scrolls the talk by a page.
pub(super) fn page(app: &mut App, up: bool, effects: &mut Vec<Effect>) {
    let rows = areas(app).main.height.saturating_sub(KEPT_ROWS).max(1);
    scroll(app, up, usize::from(rows), effects);
}

/// Scrolls the talk by so many rows.
pub(super) fn scroll(app: &mut App, up: bool, by: usize, effects: &mut Vec<Effect>) {
    let top = talk_rows(app).and_then(|rows| rows.moved(up, by));
    stand_at(app, top, effects);
}

/// Chooses the item before or behind the chosen one; where none is, the last one that is seen.
pub(super) fn choose(app: &mut App, up: bool, effects: &mut Vec<Effect>) {
    let chosen = app.conference.as_ref().and_then(|conference| conference.talking.chosen);
    let Some(rows) = talk_rows(app).filter(|rows| rows.len() > 0) else { return };
    let next = match chosen.map(|key| rows.index(key)) {
        Some(at) if up => at.saturating_sub(1),
        Some(at) => (at + 1).min(rows.len() - 1),
        None => rows.seen().last().map_or(0, |(item, _)| *item),
    };
    let (key, top) = (rows.key(next), rows.showing(next));
    choose_item(app, key);
    stand_at(app, top, effects);
}

/// Chooses an item.
pub(super) fn choose_item(app: &mut App, key: Option<ItemKey>) {
    if let Some(conference) = &mut app.conference {
        conference.talking.chosen = key;
    }
}

/// The beginning of what is here, from where it goes further back.
pub(super) fn go_to_start(app: &mut App, effects: &mut Vec<Effect>) {
    let top = talk_rows(app).and_then(|rows| rows.moved(true, usize::MAX));
    stand_at(app, top, effects);
}

pub(super) fn go_to_end(app: &mut App) {
    if let Some(conference) = &mut app.conference {
        conference.talking.go_to_end();
        conference.talking.chosen = None;
    }
    drafts::mark_read(app);
}

fn talk_rows(app: &App) -> Option<TalkRows<'_>> {
    let main = areas(app).main;
    let conference = app.conference.as_ref()?;
    Some(TalkRows::new(app, conference, main.width, main.height))
}

/// Shows the talk from this row on, and fetches what lies beyond where the reader has come to an
/// edge.
fn stand_at(app: &mut App, top: Option<Top>, effects: &mut Vec<Effect>) {
    let Some(conference) = &mut app.conference else { return };
    conference.talking.top = top;
    if conference.talking.follows() {
        conference.talking.go_to_end();
    }
    let (at_start, at_end) = talk_rows(app).map_or((false, false), |rows| rows.sees_ends());
    let is_attached = app.is_attached();
    let Some(conference) = app.conference.as_mut().filter(|_| is_attached) else { return };
    let older = if at_start { conference.talking.wants_older() } else { None };
    let newer = if at_end { conference.talking.wants_newer() } else { None };
    for wanted in older.into_iter().chain(newer) {
        fetch_page(conference, wanted, effects);
    }
    drafts::mark_read(app);
}

/// The entries of what is shown now.
fn shown(app: &App) -> Vec<Entry> {
    trouble(app).unwrap_or_else(|| entries(app))
}

/// Chooses the entry before or behind the chosen one; where none is, the view is scrolled.
pub(super) fn choose_entry(app: &mut App, up: bool) {
    let main = areas(app).main;
    let laid = entry_rows(&shown(app), app.sheet.at, main.width);
    let at = app.sheet.at.min(laid.choices.len().saturating_sub(1));
    let next = if up { at.checked_sub(1) } else { Some(at + 1).filter(|next| *next < laid.choices.len()) };
    match next {
        Some(next) => {
            app.sheet.at = next;
            show_chosen(app);
        }
        None => scroll_entries(app, up, Some(1)),
    }
}

/// Scrolls the entries by so many rows, or by a page.
pub(super) fn scroll_entries(app: &mut App, up: bool, by: Option<usize>) {
    let main = areas(app).main;
    let height = usize::from(main.height);
    let rows = entry_rows(&shown(app), app.sheet.at, main.width).rows.len();
    let by = by.unwrap_or_else(|| height.saturating_sub(usize::from(KEPT_ROWS)).max(1));
    let last = rows.saturating_sub(height);
    let top = app.sheet.top.min(last);
    app.sheet.top = if up { top.saturating_sub(by) } else { (top + by).min(last) };
}

/// Scrolls as little as is needed to see the chosen entry.
pub(super) fn show_chosen(app: &mut App) {
    let main = areas(app).main;
    let height = usize::from(main.height);
    let laid = entry_rows(&shown(app), app.sheet.at, main.width);
    let Some(chosen) = laid.chosen else { return };
    // The title is seen above the first one.
    let is_first = app.sheet.at == 0 && chosen.end <= height;
    let top = app.sheet.top.min(chosen.start).max(chosen.end.saturating_sub(height));
    app.sheet.top = if is_first { 0 } else { top };
}

/// The act of the chosen entry.
pub(super) fn chosen_act(app: &App) -> Option<Act> {
    let main = areas(app).main;
    let entries = shown(app);
    let laid = entry_rows(&entries, app.sheet.at, main.width);
    let at = app.sheet.at.min(laid.choices.len().checked_sub(1)?);
    entries.get(*laid.choices.get(at)?)?.act.clone()
}

/// Chooses the entry of a row of the screen; says whether it can be chosen.
pub(super) fn choose_row(app: &mut App, row: usize) -> bool {
    let main = areas(app).main;
    let laid = entry_rows(&shown(app), app.sheet.at, main.width);
    let last = laid.rows.len().saturating_sub(usize::from(main.height));
    let entry = laid.rows.get(app.sheet.top.min(last) + row).map(|(entry, _)| *entry);
    let at = entry.and_then(|entry| laid.choices.iter().position(|choice| *choice == entry));
    if let Some(at) = at {
        app.sheet.at = at;
    }
    at.is_some()
}

/// Chooses the place that is shown, or else the first one that can be.
pub(super) fn begin_places(app: &mut App) {
    let all = places(app);
    let shown = all.iter().position(|place| place.is_shown);
    let first = all.iter().position(|place| place.act.is_some());
    app.place = shown.or(first).unwrap_or_default();
}

/// Chooses the place above or below that can be.
pub(super) fn choose_place(app: &mut App, up: bool) {
    let all = places(app);
    let can_be = |at: &usize| all.get(*at).is_some_and(|place| place.act.is_some());
    let next = if up { (0..app.place).rev().find(can_be) } else { (app.place + 1..all.len()).find(can_be) };
    app.place = next.unwrap_or(app.place);
}

/// The item of the talk in a row of the screen.
pub(super) fn item_at(app: &App, row: usize) -> Option<ItemKey> {
    let rows = talk_rows(app)?;
    let seen = rows.seen();
    let gap = usize::from(areas(app).main.height).saturating_sub(seen.len());
    let (item, _) = seen.get(row.checked_sub(gap)?)?;
    rows.key(*item)
}
