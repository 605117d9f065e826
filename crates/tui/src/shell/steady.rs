//! A backend that does not trust terminals about widths.

use std::io::{self, Stdout};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// Draws as [`CrosstermBackend`] does, but tells the terminal where to go on behind everything that
/// some terminals take for wider or narrower than others do, such as emoji. So a terminal of
/// another opinion shows one character badly, and not the whole row.
#[derive(Debug)]
pub(super) struct Steady {
    inner: CrosstermBackend<io::BufWriter<Stdout>>,
    /// Where the cursor was put last. To ask the terminal would be to read keys of the person's.
    cursor: Position,
}

impl Steady {
    pub(super) fn new(out: Stdout) -> Self {
        Self { inner: CrosstermBackend::new(io::BufWriter::new(out)), cursor: Position::ORIGIN }
    }
}

/// Whether every terminal takes it for one column.
fn is_plain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let is_known = |c: char| matches!(c, ' '..='~' | '\u{c0}'..='\u{24f}' | '\u{2500}'..='\u{257f}');
    chars.next().is_some_and(is_known) && chars.next().is_none()
}

impl Backend for Steady {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut run = Vec::new();
        for (x, y, cell) in content {
            run.push((x, y, cell));
            if !is_plain(cell.symbol()) {
                self.inner.draw(run.drain(..))?;
            }
        }
        self.inner.draw(run.into_iter())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.inner.set_cursor_position(self.cursor)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_terminal_takes_for_one_column_is_plain() {
        assert!(["a", "ß", "│", " "].iter().all(|symbol| is_plain(symbol)));
        assert!(!["世", "👩‍👧", "e\u{301}", "●", "\u{2068}ש", ""].iter().any(|symbol| is_plain(symbol)));
    }
}
