//! The rows of views that are lists of entries.

use convene_model::inert;

use super::row::{Paint, Row};
use crate::sheets::{Entry, Look};
use crate::text::{width, wrap};

/// In front of an entry that can be chosen, of the one that is, and of all others.
const MARKS: [&str; 3] = ["· ", "▸ ", "  "];

/// The rows of a list, each with the entry to which it belongs.
#[derive(Debug, Default)]
pub(crate) struct EntryRows {
    pub(crate) rows: Vec<(usize, Row)>,
    /// The entries that do something, in order.
    pub(crate) choices: Vec<usize>,
    /// The rows of the one that is chosen.
    pub(crate) chosen: Option<std::ops::Range<usize>>,
}

/// Lays out entries of which the one of this number, among those that do something, is chosen.
pub(crate) fn entry_rows(entries: &[Entry], at: usize, columns: u16) -> EntryRows {
    let choices: Vec<usize> =
        entries.iter().enumerate().filter(|(_, entry)| entry.act.is_some()).map(|(index, _)| index).collect();
    let chosen = choices.get(at.min(choices.len().saturating_sub(1))).copied();
    let mut laid = EntryRows { rows: Vec::new(), choices, chosen: None };
    for (index, entry) in entries.iter().enumerate() {
        let first = laid.rows.len();
        laid.rows.extend(rows_of(entry, chosen == Some(index), columns).into_iter().map(|row| (index, row)));
        if chosen == Some(index) {
            laid.chosen = Some(first..laid.rows.len());
        }
    }
    laid
}

fn rows_of(entry: &Entry, is_chosen: bool, columns: u16) -> Vec<Row> {
    let [free, chosen, other] = MARKS;
    let mark = match (&entry.act, is_chosen) {
        (Some(_), true) => chosen,
        (Some(_), false) => free,
        (None, _) => other,
    };
    let paint = Paint::from(entry.look);
    if entry.look == Look::Title {
        return vec![Row::new(inert(&entry.text), paint), Row::default()];
    }
    let most = usize::from(columns).saturating_sub(width(mark));
    let text = entry.text.split('\n').map(inert).collect::<Vec<_>>().join("\n");
    let rows = wrap(&text, most).into_iter().enumerate();
    rows.map(|(row, text)| Row::new(if row == 0 { mark } else { other }, paint).and(text, paint)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Act;

    fn entry(look: Look, text: &str, act: Option<Act>) -> Entry {
        Entry { look, text: text.to_owned(), act }
    }

    #[test]
    fn an_entry_is_marked_where_it_can_be_chosen_and_its_rows_are_known() {
        let entries = [
            entry(Look::Plain, "one two three", None),
            entry(Look::Button, "first", Some(Act::Quit)),
            entry(Look::Button, "second thing", Some(Act::Quit)),
        ];
        let laid = entry_rows(&entries, 1, 9);
        let rows: Vec<String> = laid.rows.iter().map(|(_, row)| row.text()).collect();
        assert_eq!(rows, ["  one two", "  three", "· first", "▸ second", "  thing"]);
        assert_eq!((laid.choices, laid.chosen), (vec![1, 2], Some(3..5)));
        assert_eq!(entry_rows(&entries, 9, 9).chosen, Some(3..5), "the last one, where there are fewer");
    }

    #[test]
    fn texts_of_others_are_inert() {
        let laid = entry_rows(&[entry(Look::Plain, "a\u{1b}[31mb\u{202e}c", None)], 0, 40);
        assert_eq!(laid.rows[0].1.text(), "  a [31mb c");
    }
}
