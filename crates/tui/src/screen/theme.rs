//! Colours and weights. They are those that a terminal has by name, so that its own light or dark
//! theme counts, and nothing is told by them alone.

use ratatui::style::{Color, Modifier, Style};

use crate::layout::Paint;
use crate::words::Tone;

pub(super) const DIM: Style = Style::new().add_modifier(Modifier::DIM);
pub(super) const CHOSEN: Style = Style::new().add_modifier(Modifier::REVERSED);
pub(super) const FIELD: Style = Style::new().add_modifier(Modifier::UNDERLINED);
pub(super) const HEAD: Style = Style::new().add_modifier(Modifier::BOLD);

pub(super) const fn style(paint: Paint) -> Style {
    match paint {
        Paint::Plain => Style::new(),
        Paint::Dim => DIM,
        Paint::Strong | Paint::Button => HEAD,
        Paint::Title => HEAD.add_modifier(Modifier::UNDERLINED),
        Paint::Good => Style::new().fg(Color::Green),
        Paint::Warn => Style::new().fg(Color::Yellow),
        Paint::Bad => HEAD.fg(Color::Red),
        Paint::Name => HEAD.fg(Color::Cyan),
        Paint::OwnName => HEAD,
        Paint::Notice => CHOSEN.add_modifier(Modifier::BOLD),
        Paint::ForMe => HEAD.fg(Color::Magenta),
    }
}

/// The sign and the style of a connection. The sign says it too.
pub(super) const fn tone(tone: Tone) -> (&'static str, Style) {
    match tone {
        Tone::Good => ("●", Style::new().fg(Color::Green)),
        Tone::Busy => ("◌", Style::new().fg(Color::Yellow)),
        Tone::Bad => ("▲", Style::new().fg(Color::Red)),
    }
}
