//! Text in rows.

use super::measure::{columns, graphemes, width};

/// The least columns of a row: one wide character.
const COLUMNS_MIN: usize = 2;

/// The rows of a text, each at most so many columns wide. It is broken between words, and a longer
/// word between characters; a line break begins a row.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    wrap_behind(text, 0, most)
}

/// The same, where so many columns of the first row are taken. That row is empty where the first
/// word has no room in it.
pub(crate) fn wrap_behind(text: &str, taken: usize, most: usize) -> Vec<String> {
    let most = most.max(COLUMNS_MIN);
    let mut rows = Rows { done: Vec::new(), row: String::new(), used: taken.min(most), most };
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            rows.end();
        }
        for word in line.split_inclusive(' ') {
            rows.word(word);
        }
    }
    rows.end();
    rows.done
}

/// Rows that are being filled.
struct Rows {
    done: Vec<String>,
    row: String,
    /// Columns of the row that are taken.
    used: usize,
    most: usize,
}

impl Rows {
    fn word(&mut self, word: &str) {
        let visible = width(word.trim_end_matches(' '));
        if self.used > 0 && self.used + visible > self.most {
            self.end();
        }
        if visible <= self.most {
            self.row.push_str(word);
            self.used += width(word);
            return;
        }
        for grapheme in graphemes(word) {
            let wide = columns(grapheme);
            if self.used > 0 && self.used + wide > self.most {
                if grapheme == " " {
                    // No row begins with the blank behind a word.
                    return;
                }
                self.end();
            }
            self.row.push_str(grapheme);
            self.used += wide;
        }
    }

    fn end(&mut self) {
        let row = std::mem::take(&mut self.row);
        self.done.push(row.trim_end_matches(' ').to_owned());
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_broken_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one  two", 4), ["one", "two"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("abcdef ghi", 3), ["abc", "def", "ghi"]);
        assert_eq!(wrap("世界地図", 5), ["世界", "地図"]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn the_first_row_has_less_room() {
        assert_eq!(wrap_behind("one two", 4, 8), ["one", "two"]);
        assert_eq!(wrap_behind("three", 4, 8), ["", "three"]);
        assert_eq!(wrap_behind("three", 9, 8), ["", "three"]);
    }

    #[test]
    fn no_row_is_too_wide_and_nothing_is_lost() {
        let text = "Ein längerer Text, mit 世界 und 👩‍👧 und Donaudampfschifffahrtsgesellschaft שלום עולם.";
        for most in 2..40 {
            let rows = wrap(text, most);
            assert!(rows.iter().all(|row| width(row) <= most), "{most}: {rows:?}");
            let bare = |text: &str| text.replace(' ', "");
            assert_eq!(bare(&rows.concat()), bare(text), "{most}");
        }
    }
}
