//! The terminal: taken as a whole, and given back whatever happens.

use std::io;
use std::panic;

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;

use super::steady::Steady;
use crate::screen::draw;
use crate::state::App;

/// The terminal as this program's, until it is dropped.
pub(super) struct Screen {
    terminal: Terminal<Steady>,
}

impl Screen {
    /// Takes the terminal. There is one in a process.
    pub(super) fn enter() -> io::Result<Self> {
        let screen = Self { terminal: Terminal::new(Steady::new(io::stdout()))? };
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            restore();
            before(panicked);
        }));
        take(false)?;
        Ok(screen)
    }

    pub(super) fn draw(&mut self, app: &App) -> io::Result<()> {
        self.terminal.draw(|frame| draw(app, frame)).map(drop)
    }

    /// Gives the terminal back for a while.
    pub(super) fn leave(&mut self) {
        restore();
    }

    /// Takes the terminal again: whoever had it meanwhile has left nothing as it was.
    pub(super) fn enter_again(&mut self, uses_mouse: bool) -> io::Result<()> {
        disable_raw_mode()?;
        take(uses_mouse)?;
        self.terminal.clear()
    }

    pub(super) fn use_mouse(&mut self, uses: bool) {
        use_mouse(uses);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn take(uses_mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen)?;
    // Consoles that know nothing of that type what is pasted.
    drop(execute!(io::stdout(), EnableBracketedPaste));
    if uses_mouse {
        use_mouse(true);
    }
    Ok(())
}

fn use_mouse(uses: bool) {
    // Without a mouse there are keys.
    drop(if uses {
        execute!(io::stdout(), EnableMouseCapture)
    } else {
        execute!(io::stdout(), DisableMouseCapture)
    });
}

/// Gives the terminal back. Where one part of that does not work, the others are done all the same.
fn restore() {
    drop(execute!(io::stdout(), DisableMouseCapture));
    drop(execute!(io::stdout(), DisableBracketedPaste));
    drop(execute!(io::stdout(), LeaveAlternateScreen, Show));
    drop(disable_raw_mode());
}
