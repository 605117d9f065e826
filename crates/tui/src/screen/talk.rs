//! The talk of a room, what asks for an answer above it, and lists of entries.

use convene_model::inert;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use super::theme::{CHOSEN, DIM, HEAD, tone};
use crate::layout::{TalkRows, banner_rows, entry_rows};
use crate::sheets::{Entry, banners as all_banners};
use crate::state::{Allowed, App, Focus};

pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let Some(conference) = &app.conference else { return };
    if conference.public().is_none() {
        return waiting(app, area, buffer);
    }
    let rows = TalkRows::new(app, conference, area.width, area.height);
    if rows.len() == 0 {
        let room = conference.shown();
        let text = match conference.may_speak(&room) {
            Allowed::Yes if conference.talking.loading.is_none() => app.say("page-talk-empty"),
            Allowed::Yes | Allowed::NotTold => app.say("page-loading"),
            Allowed::No { code, opens } => app.words.why_not(&code, opens, app.now),
        };
        put::text(buffer, area, area.x, &inert(&text), DIM);
        return;
    }
    let chosen = conference.talking.chosen.filter(|_| app.focus == Focus::Main).map(|key| rows.index(key));
    let seen = rows.seen();
    // A talk that does not fill its area stands at its end, where the next message comes.
    let gap = usize::from(area.height).saturating_sub(seen.len());
    for (at, (item, row)) in seen.iter().enumerate() {
        let line = put::row(area, gap + at);
        put::pieces(buffer, line, row);
        if chosen == Some(*item) {
            buffer.set_style(line, CHOSEN);
        }
    }
    let missed = conference.talking.missed;
    if missed > 0 || !conference.talking.follows() {
        let text =
            if missed > 0 { app.words.count("page-new-messages", missed) } else { app.say("page-to-end") };
        let line = put::row(area, usize::from(area.height).saturating_sub(1));
        put::clear(buffer, line);
        put::text(buffer, line, line.x, &format!("↓ {} (End)", inert(&text)), HEAD);
    }
}

/// A conference of which nothing is known yet, and why that is so.
fn waiting(app: &App, area: Rect, buffer: &mut Buffer) {
    let conference = app.conference.as_ref();
    let seat = conference.and_then(|conference| conference.seat);
    let code = conference.and_then(|conference| conference.code.as_deref());
    let text = match (seat, code) {
        (Some(_), Some(code)) => app.words.word(code),
        (_, None) | (None, Some(_)) => app.say("page-loading"),
    };
    put::text(buffer, put::row(area, 0), area.x, &inert(&text), Style::new());
    let reached = app.words.connection(app.connection(), app.is_attached());
    let (sign, style) = tone(reached.tone);
    put::text(buffer, put::row(area, 1), area.x, &format!("{sign} {}", inert(&reached.text)), style);
}

pub(super) fn banners(app: &App, area: Rect, buffer: &mut Buffer) {
    let all = all_banners(app);
    for (at, (banner, text)) in banner_rows(app, usize::from(area.width)).iter().enumerate() {
        let row = put::row(area, at);
        let style = all.get(*banner).map_or(Style::new(), |banner| tone(banner.tone).1);
        put::text(buffer, row, row.x, &inert(text), style);
        buffer.set_style(row, CHOSEN);
    }
}

/// A list of entries, from the row on to which it is scrolled.
pub(super) fn entries(app: &App, entries: &[Entry], area: Rect, buffer: &mut Buffer) {
    let laid = entry_rows(entries, app.sheet.at, area.width);
    let chosen = laid.chosen.filter(|_| app.focus == Focus::Main);
    let height = usize::from(area.height);
    let top = app.sheet.top.min(laid.rows.len().saturating_sub(height));
    for (at, (_, row)) in laid.rows.iter().enumerate().skip(top).take(height) {
        let line = put::row(area, at - top);
        put::pieces(buffer, line, row);
        if chosen.as_ref().is_some_and(|chosen| chosen.contains(&at)) {
            buffer.set_style(line, CHOSEN);
        }
    }
}
