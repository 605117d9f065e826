//! A text that is being typed, with the place where the next letter goes.

use std::fmt;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{columns, graphemes, width};

/// Bytes of a text that is typed: as much as the daemon keeps of a draft.
const BYTES_MAX: usize = convene_local_api::DRAFT_MAX;

/// A text that is being typed.
///
/// Invariant: `at` is a boundary of characters in `text`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Editor {
    text: String,
    at: usize,
}

/// The text in rows, and where the cursor stands in them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Laid {
    pub(crate) rows: Vec<String>,
    /// The row of the cursor, and the columns before it there.
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl fmt::Debug for Editor {
    /// What is typed is nobody else's business, and may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Editor(…)")
    }
}

impl Editor {
    /// With this text, at its end.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor.
    pub(crate) fn before(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    fn behind(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Puts a text at the cursor: line breaks stay where lines are wanted, and other control
    /// characters are left out. What has no room is left out too.
    pub(crate) fn insert(&mut self, typed: &str, with_lines: bool) {
        let breaks = if with_lines { "\n" } else { " " };
        let typed = typed.replace("\r\n", "\n").replace(['\r', '\n'], breaks);
        let fits = |c: &char| *c == '\n' || *c == '\t' || !c.is_control();
        let mut room = BYTES_MAX.saturating_sub(self.text.len());
        let kept = |c: &char| {
            room = room.saturating_sub(c.len_utf8());
            room > 0
        };
        let typed: String = typed.chars().filter(fits).take_while(kept).collect();
        self.text.insert_str(self.at, &typed);
        self.at += typed.len();
    }

    /// Puts a text in front of everything, on lines of its own.
    pub(crate) fn prepend(&mut self, text: &str) {
        let gap = if self.text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let before = std::mem::take(&mut self.text);
        self.at = 0;
        self.insert(&format!("{text}{gap}{before}"), true);
    }

    pub(crate) fn backspace(&mut self) {
        self.remove(self.left_of()..self.at);
    }

    pub(crate) fn delete(&mut self) {
        self.remove(self.at..self.right_of());
    }

    /// Removes the word before the cursor.
    pub(crate) fn delete_word(&mut self) {
        self.remove(self.word_left_of()..self.at);
    }

    /// Removes everything before the cursor on its line.
    pub(crate) fn delete_to_start(&mut self) {
        self.remove(self.line_start()..self.at);
    }

    /// Removes everything behind the cursor on its line.
    pub(crate) fn delete_to_end(&mut self) {
        self.remove(self.at..self.line_end());
    }

    /// Replaces what stands from there up to the cursor.
    pub(crate) fn replace_from(&mut self, from: usize, with: &str) {
        self.remove(from..self.at);
        self.insert(with, true);
    }

    pub(crate) fn left(&mut self) {
        self.at = self.left_of();
    }

    pub(crate) fn right(&mut self) {
        self.at = self.right_of();
    }

    pub(crate) fn word_left(&mut self) {
        self.at = self.word_left_of();
    }

    pub(crate) fn word_right(&mut self) {
        let words = self.behind().split_word_bound_indices();
        let next = words.skip(1).find(|(_, word)| !word.trim().is_empty()).map(|(at, _)| at);
        self.at = next.map_or(self.text.len(), |next| self.at + next);
    }

    pub(crate) fn home(&mut self) {
        self.at = self.line_start();
    }

    pub(crate) fn end(&mut self) {
        self.at = self.line_end();
    }

    /// Moves by a row of a field that is so wide; says whether there was one.
    pub(crate) fn up(&mut self, most: usize) -> bool {
        let rows = self.ranges(most);
        let (row, column) = self.place(&rows);
        let above = row.checked_sub(1).and_then(|above| rows.get(above)).cloned();
        self.step_to(above, column)
    }

    /// The same, downwards.
    pub(crate) fn down(&mut self, most: usize) -> bool {
        let rows = self.ranges(most);
        let (row, column) = self.place(&rows);
        self.step_to(rows.get(row + 1).cloned(), column)
    }

    /// The text in rows of a field that is so wide. The cursor may stand behind the last column.
    pub(crate) fn lay(&self, most: usize) -> Laid {
        let ranges = self.ranges(most);
        let (row, column) = self.place(&ranges);
        let rows = ranges.into_iter().map(|range| self.slice(range).to_owned()).collect();
        Laid { rows, row, column }
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn remove(&mut self, range: Range<usize>) {
        self.at = range.start;
        self.text.replace_range(range, "");
    }

    fn left_of(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn right_of(&self) -> usize {
        self.at + graphemes(self.behind()).next().map_or(0, str::len)
    }

    fn word_left_of(&self) -> usize {
        let words = self.before().split_word_bound_indices();
        words.rev().find(|(_, word)| !word.trim().is_empty()).map_or(0, |(at, _)| at)
    }

    fn line_start(&self) -> usize {
        self.before().rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.behind().find('\n').map_or(self.text.len(), |at| self.at + at)
    }

    /// The rows, as places in the text.
    fn ranges(&self, most: usize) -> Vec<Range<usize>> {
        let (mut rows, mut start, mut used) = (Vec::new(), 0, 0);
        for (at, grapheme) in self.text.grapheme_indices(true) {
            if grapheme == "\n" {
                rows.push(start..at);
                (start, used) = (at + 1, 0);
                continue;
            }
            let wide = columns(grapheme);
            if used > 0 && used + wide > most {
                rows.push(start..at);
                (start, used) = (at, 0);
            }
            used += wide;
        }
        rows.push(start..self.text.len());
        rows
    }

    /// The row of the cursor, and the columns before it there.
    fn place(&self, rows: &[Range<usize>]) -> (usize, usize) {
        let row = rows.iter().rposition(|row| row.start <= self.at).unwrap_or_default();
        let start = rows.get(row).map_or(0, |row| row.start);
        (row, width(self.slice(start..self.at)))
    }

    /// Moves into a row, to the same column or to its end.
    fn step_to(&mut self, row: Option<Range<usize>>, column: usize) -> bool {
        let Some(row) = row else { return false };
        let (mut at, mut used) = (row.start, 0);
        for grapheme in graphemes(self.slice(row)) {
            used += columns(grapheme);
            if used > column {
                break;
            }
            at += grapheme.len();
        }
        self.at = at;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(editor: &Editor, most: usize) -> (Vec<String>, usize, usize) {
        let Laid { rows, row, column } = editor.lay(most);
        (rows, row, column)
    }

    #[test]
    fn whole_characters_come_and_go() {
        let mut editor = Editor::new("a👩‍👧b");
        editor.left();
        editor.backspace();
        assert_eq!(editor.text(), "ab");
        editor.insert("o\u{308}", false);
        assert_eq!((editor.text(), editor.before()), ("ao\u{308}b", "ao\u{308}"));
        editor.backspace();
        editor.delete();
        assert_eq!(editor.text(), "a");
        editor.delete();
        editor.home();
        editor.backspace();
        assert_eq!(editor.text(), "a", "nothing beyond the ends");
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_typed() {
        let mut editor = Editor::default();
        editor.insert("a\u{1b}[31mb\r\nc\rd", true);
        assert_eq!(editor.text(), "a[31mb\nc\nd");
        let mut line = Editor::default();
        line.insert("a\r\nb", false);
        assert_eq!(line.text(), "a b");
    }

    #[test]
    fn a_text_has_a_limit() {
        let mut editor = Editor::default();
        editor.insert(&"ä".repeat(BYTES_MAX), true);
        assert!(editor.text().len() < BYTES_MAX);
        let before = editor.text().to_owned();
        editor.insert("more", true);
        assert!(editor.text().len() <= BYTES_MAX && editor.text().starts_with(&before));
    }

    #[test]
    fn words_and_lines_are_steps_too() {
        let mut editor = Editor::new("one two\nthree four");
        editor.word_left();
        assert_eq!(editor.before(), "one two\nthree ");
        editor.delete_word();
        assert_eq!(editor.text(), "one two\nfour");
        editor.home();
        editor.left();
        editor.word_left();
        assert_eq!(editor.before(), "one ");
        editor.word_right();
        assert_eq!(editor.before(), "one two\n");
        editor.delete_to_end();
        assert_eq!(editor.text(), "one two\n");
        editor.left();
        editor.delete_to_start();
        assert_eq!(editor.text(), "\n");
    }

    #[test]
    fn the_cursor_is_where_the_next_letter_goes() {
        let mut editor = Editor::new("abcd世界\n");
        assert_eq!(laid(&editor, 6), (vec!["abcd世".into(), "界".into(), String::new()], 2, 0));
        assert!(editor.up(6));
        assert_eq!(laid(&editor, 6).1, 1);
        editor.end();
        assert_eq!((laid(&editor, 6).1, laid(&editor, 6).2), (1, 2));
        assert!(editor.up(6));
        assert_eq!(editor.before(), "ab");
        assert!(!editor.up(6) && editor.down(6));
        assert_eq!(editor.before(), "abcd世界");
        assert_eq!(laid(&Editor::default(), 6), (vec![String::new()], 0, 0));
    }

    #[test]
    fn a_text_is_put_in_front_or_in_place_of_the_end() {
        let mut editor = Editor::new("rest");
        editor.prepend("> Anna: hi\n");
        assert_eq!(editor.text(), "> Anna: hi\nrest");
        let mut other = Editor::new("rest");
        other.prepend("first");
        assert_eq!(other.text(), "first\nrest");
        let mut mention = Editor::new("hello @an");
        mention.replace_from(6, "@Anna ");
        assert_eq!((mention.text(), mention.before()), ("hello @Anna ", "hello @Anna "));
    }
}
