//! What is drawn: the whole screen, made anew of what is known. Nothing is kept here.

mod around;
mod composer;
mod dialog;
mod joining;
mod put;
mod talk;
#[cfg(test)]
mod tests;
mod theme;

use ratatui::Frame;

use crate::layout::areas;
use crate::sheets::{entries, trouble};
use crate::state::{App, View};

/// Draws everything.
pub(crate) fn draw(app: &App, frame: &mut Frame<'_>) {
    let areas = areas(app);
    let buffer = frame.buffer_mut();
    around::header(app, areas.header, buffer);
    around::status(app, areas.status, buffer);
    around::hint(app, areas.hint, buffer);
    around::places(app, areas.places, buffer);
    around::people(app, areas.people, buffer);
    let mut cursor = None;
    if let Some(page) = trouble(app) {
        talk::entries(app, &page, areas.main, buffer);
    } else if app.view == View::Join {
        cursor = joining::draw(app, areas.main, buffer);
    } else if app.view == View::Talk {
        talk::banners(app, areas.banners, buffer);
        talk::draw(app, areas.main, buffer);
        cursor = composer::draw(app, areas.rule, areas.composer, buffer);
    } else {
        talk::entries(app, &entries(app), areas.main, buffer);
    }
    if let Some(dialog) = app.dialogs.last() {
        cursor = dialog::draw(app, dialog, buffer);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}
