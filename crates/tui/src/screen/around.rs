//! What stands around the views: the title, the places, the people, the status.

use convene_model::inert;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use super::theme::{CHOSEN, DIM, HEAD, tone};
use crate::hints::hint as hint_text;
use crate::layout::first_place;
use crate::sheets::{phase_text, places as all_places};
use crate::state::{App, Conference, Focus, Group, Person};
use crate::text::{cut, width};

/// The line between columns.
const BAR: &str = "│";

/// The title and the theme, and who one is.
pub(super) fn header(app: &App, area: Rect, buffer: &mut Buffer) {
    let settings = app.conference.as_ref().and_then(Conference::public).map(|public| public.settings());
    let title = settings.map_or("Convene", |settings| settings.title.as_str());
    let theme = settings.map(|settings| settings.theme.as_str()).filter(|theme| !theme.is_empty());
    let theme = theme.map_or_else(String::new, |theme| format!(" · {}", inert(theme)));
    let me = app.conference.as_ref().and_then(|conference| Some(conference.name_of(conference.me?)));
    let me = inert(me.unwrap_or_default());
    let room = usize::from(area.width).saturating_sub(width(&me) + 2);
    let title = cut(&inert(title), room);
    let x = put::text(buffer, area, area.x, &title, HEAD);
    put::text(buffer, area, x, &cut(&theme, room.saturating_sub(width(&title))), Style::new());
    at_end(buffer, area, &me, HEAD);
}

fn at_end(buffer: &mut Buffer, area: Rect, text: &str, style: Style) {
    let wide = u16::try_from(width(text)).unwrap_or(u16::MAX);
    put::text(buffer, area, area.right().saturating_sub(wide), text, style);
}

/// The phase, the time and the connection, and how to get help.
pub(super) fn status(app: &App, area: Rect, buffer: &mut Buffer) {
    let help = app.say("tui-status-help");
    at_end(buffer, area, &help, DIM);
    let area =
        Rect { width: area.width.saturating_sub(u16::try_from(width(&help) + 1).unwrap_or(0)), ..area };
    let reached = app.words.connection(app.connection(), app.is_attached());
    let (sign, style) = tone(reached.tone);
    let mut x = put::text(buffer, area, area.x, sign, style);
    let room = usize::from(area.right().saturating_sub(x + 1));
    x = put::text(buffer, area, x + 1, &cut(&inert(&reached.text), room), Style::new());
    for text in [app.words.clock(app.now), phase_text(app)] {
        if !text.is_empty() {
            x = put::text(buffer, area, x, " │ ", DIM);
            x = put::text(buffer, area, x, &inert(&text), Style::new());
        }
    }
}

/// What came of the last thing that was wanted, or what can be done next.
pub(super) fn hint(app: &App, area: Rect, buffer: &mut Buffer) {
    if let Some(notice) = &app.notice {
        let (sign, style) = tone(notice.tone);
        let x = put::text(buffer, area, area.x, sign, style);
        put::text(
            buffer,
            area,
            x + 1,
            &cut(&inert(&notice.text), usize::from(area.width.saturating_sub(2))),
            style,
        );
        return;
    }
    put::text(buffer, area, area.x, &cut(&inert(&hint_text(app)), usize::from(area.width)), DIM);
}

/// The places, and the line behind them.
pub(super) fn places(app: &App, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let all = all_places(app);
    let chosen = (app.focus == Focus::Places).then_some(app.place);
    let first = first_place(app, area.height);
    for (at, place) in all.iter().enumerate().skip(first).take(usize::from(area.height)) {
        let row = put::row(area, at - first);
        let numbers = format!("{} {}", place.unread, place.count);
        let numbers = numbers.trim_end().to_owned();
        let mark = match (place.is_here, place.is_shown) {
            (true, _) => "▸",
            (false, true) => "▌",
            (false, false) => " ",
        };
        let room = usize::from(row.width).saturating_sub(width(&numbers) + 2);
        let label = cut(&inert(&place.label), room);
        let style = if place.is_heading || place.act.is_none() {
            DIM
        } else if place.is_shown || place.is_here {
            HEAD
        } else {
            Style::new()
        };
        put::text(buffer, row, row.x, mark, HEAD);
        put::text(buffer, row, row.x + 1, &label, style);
        at_end(buffer, row, &numbers, if place.unread.is_empty() { DIM } else { HEAD });
        if chosen == Some(at) {
            buffer.set_style(row, CHOSEN);
        }
    }
    bar(area.right(), area, buffer);
}

/// The line at this column.
fn bar(x: u16, area: Rect, buffer: &mut Buffer) {
    for y in area.top()..area.bottom() {
        put::text(buffer, Rect::new(x, y, 1, 1), x, BAR, DIM);
    }
}

/// Who is here, beside the talk.
pub(super) fn people(app: &App, area: Rect, buffer: &mut Buffer) {
    let Some(conference) = app.conference.as_ref().filter(|_| !area.is_empty()) else { return };
    bar(area.x.saturating_sub(1), area, buffer);
    let room = conference.shown();
    let mut at = 0;
    for (group, key) in [
        (Group::Here, "page-here"),
        (Group::Elsewhere, "page-elsewhere"),
        (Group::Offline, "page-offline-people"),
    ] {
        let people: Vec<&Person> =
            conference.people.iter().filter(|person| person.group(&room) == group).collect();
        if people.is_empty() {
            continue;
        }
        put::text(buffer, put::row(area, at), area.x, &app.words.count(key, people.len()), HEAD);
        // Each group has a third of the rows, and the last one what is left.
        let most = if group == Group::Offline { usize::MAX } else { usize::from(area.height) / 3 };
        for person in people.iter().take(most) {
            at += 1;
            let row = put::row(area, at);
            let star = if person.is_organizer { "★ " } else { "  " };
            let you = if conference.me == Some(person.id) {
                format!(" ({})", app.say("you"))
            } else {
                String::new()
            };
            let name = cut(&inert(&person.name), usize::from(area.width).saturating_sub(width(&you) + 2));
            let x = put::text(buffer, row, row.x, star, Style::new());
            let x =
                put::text(buffer, row, x, &name, if group == Group::Offline { DIM } else { Style::new() });
            put::text(buffer, row, x, &you, DIM);
        }
        at += 2;
    }
    if conference.online.is_none() {
        put::text(buffer, put::row(area, at), area.x, &app.say("page-presence-unknown"), DIM);
    }
}
