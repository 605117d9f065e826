//! The view for joining: two fields, what is wrong with them, and how the server is reached.

use convene_model::inert;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::dialog::{Fields, fields};
use super::put;
use super::theme::{HEAD, style};
use crate::hints::{link_told, name_told};
use crate::layout::{Paint, entry_rows};
use crate::sheets::joining;
use crate::state::App;
use crate::text::wrap;

pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    put::text(buffer, put::row(area, 0), area.x, &app.say("page-join-title"), style(Paint::Title));
    let mut at = 2;
    for text in wrap(&app.say("page-join-text"), usize::from(area.width)) {
        put::text(buffer, put::row(area, at), area.x, &inert(&text), style(Paint::Plain));
        at += 1;
    }
    let form = &app.joining.form;
    let told = [link_told(app), name_told(app)];
    let Fields { mut rows, cursor } = fields(app, form, area, at + 1, &told, 0, buffer);
    if !form.error.is_empty() {
        rows += 1;
        put::text(buffer, put::row(area, rows), area.x, &inert(&form.error), style(Paint::Bad));
    }
    rows += 1;
    let key = if form.is_busy { "page-joining" } else { "page-join" };
    put::text(buffer, put::row(area, rows), area.x, &format!("[ {} ] Enter", app.say(key)), HEAD);
    for (index, (_, row)) in entry_rows(&joining(app), 0, area.width).rows.iter().enumerate() {
        put::pieces(buffer, put::row(area, rows + 2 + index), row);
    }
    cursor.filter(|_| app.dialogs.is_empty())
}
