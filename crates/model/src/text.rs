//! The text of a message.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization as _;

use crate::ids::serde_as_text;
use crate::limits::MESSAGE_CHARS_MAX;

/// The text of a participant's message: NFC, 1 to [`MESSAGE_CHARS_MAX`] characters, line feeds and
/// tabs but no other control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageText(String);

/// Why a text is not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// There is nothing to see in it.
    #[error("a message needs at least one visible character")]
    Empty,
    /// It is longer than [`MESSAGE_CHARS_MAX`] characters.
    #[error("a message has at most {MESSAGE_CHARS_MAX} characters")]
    TooLong,
    /// It holds a control character.
    #[error("a message holds no control characters but line breaks and tabs")]
    Control,
}

impl MessageText {
    /// The text as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MessageText {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if text.len() > MESSAGE_CHARS_MAX * 16 {
            return Err(TextError::TooLong);
        }
        let text: String = text.replace("\r\n", "\n").nfc().collect();
        if text.chars().count() > MESSAGE_CHARS_MAX {
            return Err(TextError::TooLong);
        }
        if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
            return Err(TextError::Control);
        }
        if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(TextError::Empty);
        }
        Ok(Self(text))
    }
}
serde_as_text!(MessageText);

/// A text from elsewhere without what a terminal or a page would obey: control characters,
/// separators of lines, and marks that turn the direction of text. Each of them becomes a space.
pub fn inert(text: &str) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if acts(c) { ' ' } else { c }).collect()
}

/// Whether a character leaves no mark of its own and so can hide or reorder text: controls, format
/// characters (general category Cf: zero-width, bidirectional, soft hyphen, tags), fillers and the
/// blank braille pattern.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_tabs_stay_and_controls_do_not() {
        assert_eq!("a\r\nb\tc".parse::<MessageText>().unwrap().as_str(), "a\nb\tc");
        assert_eq!("a\u{1b}[2J".parse::<MessageText>(), Err(TextError::Control));
        assert_eq!(" \n\u{200b}".parse::<MessageText>(), Err(TextError::Empty));
    }

    #[test]
    fn what_a_terminal_would_obey_is_taken_out() {
        assert_eq!(inert("a\u{1b}[31mb\r\u{202e}c\u{2028}"), "a [31mb  c ");
        assert_eq!(inert("Grüße, 世界"), "Grüße, 世界");
    }

    #[test]
    fn the_limit_counts_characters() {
        assert!("ß".repeat(MESSAGE_CHARS_MAX).parse::<MessageText>().is_ok());
        assert_eq!("ß".repeat(MESSAGE_CHARS_MAX + 1).parse::<MessageText>(), Err(TextError::TooLong));
    }
}
