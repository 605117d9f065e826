//! How wide text is.

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::{Graphemes, UnicodeSegmentation as _};

/// Stands for what was cut off.
const CUT: &str = "…";

/// The parts that people see as one character each.
pub(crate) fn graphemes(text: &str) -> Graphemes<'_> {
    text.graphemes(true)
}

/// The columns of one of them. A control character is shown as a blank.
pub(crate) fn columns(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 1 } else { usize::from(grapheme.cell_width()) }
}

/// The columns of a text.
pub(crate) fn width(text: &str) -> usize {
    graphemes(text).map(columns).sum()
}

/// The text in at most so many columns; the end of a longer one is a sign.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(width(CUT));
    let (mut kept, mut used) = (String::new(), 0);
    for grapheme in graphemes(text) {
        used += columns(grapheme);
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    if most > 0 {
        kept.push_str(CUT);
    }
    kept
}

/// Whether a terminal may turn the order of the text.
pub(crate) fn is_right_to_left(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_see_as_one_character_is_measured_at_once() {
        for (text, expected) in [
            ("", 0),
            ("Anna", 4),
            ("Jo\u{308}rg", 4),
            ("世界", 4),
            ("👩‍👧", 2),
            ("\u{1f1e9}\u{1f1ea}", 2),
            ("❤\u{fe0f}", 2),
            ("שלום", 4),
            ("a\u{200b}b", 2),
            ("a\u{1b}b", 3),
        ] {
            assert_eq!(width(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters_and_never_wider() {
        assert_eq!(cut("Anna", 4), "Anna");
        assert_eq!(cut("Anna", 3), "An…");
        assert_eq!(cut("世界地図", 4), "世…");
        assert_eq!(cut("👩‍👧👩‍👧", 3), "👩‍👧…");
        assert_eq!(cut("Anna", 0), "");
        for most in 0..12 {
            assert!(width(&cut("ein 世界 text 👩‍👧", most)) <= most, "{most}");
        }
    }

    #[test]
    fn letters_that_run_to_the_left_are_noticed() {
        assert!(is_right_to_left("Anna שרה") && is_right_to_left("مرحبا"));
        assert!(!is_right_to_left("Änne 世界 👩‍👧"));
    }
}
