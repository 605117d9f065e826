//! Lines that a person types at this terminal, and texts on standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use convene_wording::Wording;

use crate::stop::Stop;

/// Asks for one line, of which no more than so many bytes are read; `None` where there is no
/// terminal to ask at.
pub(crate) fn line(question: &str, bytes_max: u64, wording: &Wording) -> Result<Option<String>, Stop> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut out = io::stderr().lock();
    write!(out, "{question} ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().take(bytes_max).read_line(&mut line).map_err(|_| unreadable(wording))?;
    Ok(Some(without_mark(&line).trim().to_owned()))
}

/// The whole standard input, and no more than so many bytes of it.
pub(crate) fn input(bytes_max: u64, wording: &Wording) -> Result<String, Stop> {
    let mut text = String::new();
    io::stdin().lock().take(bytes_max).read_to_string(&mut text).map_err(|_| unreadable(wording))?;
    Ok(without_mark(&text).to_owned())
}

/// A text without the mark of its encoding, which some shells send in front of it.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn unreadable(wording: &Wording) -> Stop {
    Stop::Usage(wording.about("stop-input", &[]))
}
