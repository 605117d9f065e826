//! Names as they are looked for and sorted.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text without case and accents.
pub(crate) fn plain(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The text with its first letter in upper case, for sentences that begin with what is put in.
pub(crate) fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(plain("Änne ÉMILE"), "anne emile");
        assert_eq!(plain("Ｓ"), "ｓ");
    }

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!(upper_first("äpfel"), "Äpfel");
        assert_eq!(upper_first(""), "");
    }
}
