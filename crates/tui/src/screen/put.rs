//! Text in cells. Whatever is put, no cell beyond its area changes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::layout::Row;
use crate::text::{columns, graphemes, is_right_to_left};

use super::theme::style;

/// Begins and ends a text whose order a terminal may turn without turning what stands beside it
/// (UAX 9, section 2.4).
const ISOLATE: char = '\u{2068}';
const ISOLATE_END: char = '\u{2069}';

/// Puts a text into a row, from a column on; gives the column behind it. What has no room is left
/// out, between characters.
pub(super) fn text(buffer: &mut Buffer, row: Rect, x: u16, text: &str, paint: Style) -> u16 {
    let (mut fitting, mut end) = (Vec::new(), x.max(row.x));
    let begin = end;
    for grapheme in graphemes(text) {
        let wide = u16::try_from(columns(grapheme)).unwrap_or(u16::MAX);
        if end.saturating_add(wide) > row.right() || row.height == 0 {
            break;
        }
        if wide > 0 {
            fitting.push((end, wide, grapheme));
        }
        end = end.saturating_add(wide);
    }
    let isolates = is_right_to_left(text);
    let last = fitting.last().map(|(at, _, _)| *at);
    for (at, wide, grapheme) in fitting {
        let mut symbol = String::new();
        symbol.extend((isolates && at == begin).then_some(ISOLATE));
        symbol.push_str(if grapheme.contains(char::is_control) { " " } else { grapheme });
        symbol.extend((isolates && Some(at) == last).then_some(ISOLATE_END));
        for column in at..at.saturating_add(wide) {
            let Some(cell) = buffer.cell_mut((column, row.y)) else { continue };
            cell.reset();
            cell.set_style(paint);
            if column == at {
                cell.set_symbol(&symbol);
            }
        }
    }
    end
}

/// Puts the pieces of a row; gives the column behind them.
pub(super) fn pieces(buffer: &mut Buffer, area: Rect, row: &Row) -> u16 {
    row.0.iter().fold(area.x, |x, piece| text(buffer, area, x, &piece.text, style(piece.paint)))
}

/// The row of an area; an empty one, where the area is not so high.
pub(super) fn row(area: Rect, at: usize) -> Rect {
    match u16::try_from(at) {
        Ok(at) if at < area.height => Rect::new(area.x, area.y + at, area.width, 1),
        Ok(_) | Err(_) => Rect::ZERO,
    }
}

/// Fills an area with blanks.
pub(super) fn clear(buffer: &mut Buffer, area: Rect) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::CellWidth as _;

    use super::*;

    fn symbols(buffer: &Buffer) -> Vec<String> {
        buffer.content().iter().map(|cell| cell.symbol().to_owned()).collect()
    }

    #[test]
    fn a_wide_character_takes_its_columns_and_no_half_of_one_is_put() {
        let area = Rect::new(0, 0, 5, 1);
        let mut buffer = Buffer::empty(area);
        assert_eq!(text(&mut buffer, area, 0, "世界地", Style::new()), 4);
        assert_eq!(symbols(&buffer), ["世", " ", "界", " ", " "]);
    }

    #[test]
    fn text_that_runs_to_the_left_is_isolated_and_no_wider() {
        let area = Rect::new(0, 0, 8, 1);
        let mut buffer = Buffer::empty(area);
        assert_eq!(text(&mut buffer, area, 1, "שלום", Style::new()), 5);
        assert_eq!(symbols(&buffer)[1], "\u{2068}ש");
        assert_eq!(symbols(&buffer)[4], "ם\u{2069}");
        assert!(buffer.content().iter().all(|cell| cell.cell_width() == 1));
    }

    #[test]
    fn nothing_is_put_beyond_an_area_and_controls_are_blanks() {
        let whole = Rect::new(0, 0, 10, 2);
        let mut buffer = Buffer::empty(whole);
        text(&mut buffer, Rect::new(2, 0, 3, 1), 0, "a\u{1b}cdef", Style::new());
        assert_eq!(symbols(&buffer)[..6].concat(), "  a c ");
        text(&mut buffer, Rect::new(8, 5, 9, 1), 8, "outside", Style::new());
        text(&mut buffer, Rect::ZERO, 0, "nowhere", Style::new());
        assert_eq!(symbols(&buffer).concat().trim(), "a c");
    }
}
