//! The field in which one writes.

use convene_conference::Public;
use convene_model::{RoomId, inert};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::put;
use super::theme::{DIM, HEAD};
use crate::state::{Allowed, App, Focus};

/// Draws the field and its name; gives the place of the cursor.
pub(super) fn draw(app: &App, rule: Rect, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let conference = app.conference.as_ref()?;
    let public = conference.public()?;
    let room = conference.shown();
    let name = addressees(app, public, &room);
    let has_focus = app.focus == Focus::Composer;
    let line = format!("── {} ", inert(&name));
    let x = put::text(buffer, rule, rule.x, &line, if has_focus { HEAD } else { DIM });
    let rest = "─".repeat(usize::from(rule.right().saturating_sub(x)));
    put::text(buffer, rule, x, &rest, DIM);
    let allowed = conference.may_speak(&room);
    if let Allowed::No { code, opens } = &allowed
        && conference.composer.text().is_empty()
    {
        let why = app.words.why_not(code, *opens, app.now);
        put::text(buffer, area, area.x, &inert(&why), DIM);
        return None;
    }
    if area.is_empty() {
        return None;
    }
    let laid = conference.composer.lay(usize::from(area.width).saturating_sub(1).max(1));
    let height = usize::from(area.height);
    let first = (laid.row + 1).saturating_sub(height);
    for (at, text) in laid.rows.iter().enumerate().skip(first).take(height) {
        put::text(buffer, put::row(area, at - first), area.x, text, Style::new());
    }
    let column = u16::try_from(laid.column).unwrap_or(u16::MAX);
    let row = put::row(area, laid.row - first);
    let is_there = has_focus && app.dialogs.is_empty() && !row.is_empty();
    is_there.then(|| Position::new(row.x.saturating_add(column).min(row.right().saturating_sub(1)), row.y))
}

/// To whom one speaks in a room.
fn addressees(app: &App, public: &Public, room: &RoomId) -> String {
    let known = [
        (RoomId::PLENARY, "page-message-to-plenary"),
        (RoomId::FOYER, "page-message-to-foyer"),
        (RoomId::ORGANIZERS, "page-message-to-organizers"),
    ];
    if let Some((_, key)) = known.iter().find(|(fixed, _)| fixed == room) {
        return app.say(key);
    }
    if public.tables().get(room).is_some() {
        return app.say("page-message-to-table");
    }
    app.words.with("page-message-to", &[("room", &app.words.room(room, public))])
}
