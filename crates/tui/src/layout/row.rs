//! Rows of the screen, before they have colours.

use crate::sheets::Look;
use crate::text::width;

/// What a piece of a row is, from which its colours follow. Nothing is told by colours alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Dim,
    Strong,
    Title,
    Good,
    Warn,
    Bad,
    Button,
    /// Whoever speaks.
    Name,
    OwnName,
    /// A word of the facilitator's: nothing that a participant writes looks like it.
    Notice,
    /// A message that speaks to the reader by name.
    ForMe,
}

impl From<Look> for Paint {
    fn from(look: Look) -> Self {
        match look {
            Look::Title => Self::Title,
            Look::Strong => Self::Strong,
            Look::Plain => Self::Plain,
            Look::Hint | Look::Off => Self::Dim,
            Look::Good => Self::Good,
            Look::Warn => Self::Warn,
            Look::Bad => Self::Bad,
            Look::Button => Self::Button,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) paint: Paint,
}

/// A row: pieces one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Piece>);

impl Row {
    pub(crate) fn new(text: impl Into<String>, paint: Paint) -> Self {
        Self::default().and(text, paint)
    }

    #[must_use]
    pub(crate) fn and(mut self, text: impl Into<String>, paint: Paint) -> Self {
        self.0.push(Piece { text: text.into(), paint });
        self
    }

    /// Its columns.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|piece| width(&piece.text)).sum()
    }

    /// The text alone.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }
}
