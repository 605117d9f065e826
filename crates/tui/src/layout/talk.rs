//! The talk in rows: which of them are seen, and what moving means.

use super::row::Row;
use super::talk_rows;
use crate::state::{App, Conference, ItemKey, Pending, Top};

/// A place among the rows: an item, and one of its rows.
type Spot = (usize, usize);

/// The talk of the room that is looked at, in rows of a certain width.
pub(crate) struct TalkRows<'a> {
    app: &'a App,
    conference: &'a Conference,
    /// Commands of one's own that are not in the talk, at its end.
    pendings: Vec<&'a Pending>,
    columns: u16,
    height: usize,
}

impl<'a> TalkRows<'a> {
    pub(crate) fn new(app: &'a App, conference: &'a Conference, columns: u16, height: u16) -> Self {
        let room = conference.shown();
        let is_here = |pending: &&Pending| pending.message().is_some_and(|(to, _)| *to == room);
        let waiting: Vec<&Pending> = conference.pendings.iter().filter(is_here).collect();
        let pendings = if conference.talking.talk.is_live() { waiting } else { Vec::new() };
        Self { app, conference, pendings, columns, height: usize::from(height) }
    }

    fn lines(&self) -> usize {
        self.conference.talking.talk.lines.len()
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.lines() + self.pendings.len()
    }

    pub(crate) fn key(&self, item: usize) -> Option<ItemKey> {
        if let Some(line) = self.conference.talking.talk.lines.get(item) {
            return Some(ItemKey::Line(line.place));
        }
        self.pending(item).map(|pending| ItemKey::Pending(pending.id))
    }

    fn pending(&self, item: usize) -> Option<&'a Pending> {
        self.pendings.get(item.checked_sub(self.lines())?).copied()
    }

    /// Where an item is; where it is gone, where it was.
    pub(crate) fn index(&self, key: ItemKey) -> usize {
        let last = self.len().saturating_sub(1);
        match key {
            ItemKey::Line(place) => {
                self.conference.talking.talk.lines.partition_point(|line| line.place < place).min(last)
            }
            ItemKey::Pending(id) => {
                let at = self.pendings.iter().position(|pending| pending.id == id);
                at.map_or(last, |at| self.lines() + at)
            }
        }
    }

    /// The rows of an item. The first ones tell the day, where another one begins.
    pub(crate) fn rows(&self, item: usize) -> Vec<Row> {
        let talk = &self.conference.talking.talk;
        let columns = usize::from(self.columns);
        let mut rows = Vec::new();
        if item == 0 {
            rows.extend(talk_rows::edge(self.app, self.conference));
        }
        if let Some(line) = talk.lines.get(item) {
            let before = item.checked_sub(1).and_then(|before| talk.lines.get(before));
            rows.extend(talk_rows::day(self.app, line, before.map(|before| &**before)));
            rows.extend(talk_rows::of_line(self.app, self.conference, line, columns));
        } else if let Some(pending) = self.pending(item) {
            rows.extend(talk_rows::of_pending(self.app, self.conference, pending, columns));
        }
        rows
    }

    /// The first row that is seen.
    fn first(&self) -> Spot {
        match self.conference.talking.top {
            None => self.end(),
            Some(Top { item, row }) => {
                let item = self.index(item);
                (item, row.min(self.rows(item).len().saturating_sub(1))).min(self.end())
            }
        }
    }

    /// The first row where the last one is seen.
    fn end(&self) -> Spot {
        let mut room = self.height;
        for item in (0..self.len()).rev() {
            let rows = self.rows(item).len();
            if rows >= room {
                return (item, rows - room);
            }
            room -= rows;
        }
        (0, 0)
    }

    /// The first row where that one has moved up or down by so many rows; none at the end.
    pub(crate) fn moved(&self, up: bool, by: usize) -> Option<Top> {
        let (mut item, mut row) = self.first();
        for _ in 0..by {
            if up && row > 0 {
                row -= 1;
            } else if up && item > 0 {
                item -= 1;
                row = self.rows(item).len().saturating_sub(1);
            } else if !up && row + 1 < self.rows(item).len() {
                row += 1;
            } else if !up && item + 1 < self.len() {
                (item, row) = (item + 1, 0);
            } else {
                break;
            }
        }
        self.top((item, row))
    }

    /// The first row where this item is seen, moved as little as can be; none at the end.
    pub(crate) fn showing(&self, item: usize) -> Option<Top> {
        let first = self.first();
        if (item, 0) < first {
            return self.top((item, 0));
        }
        let mut spot = (item, 0);
        let mut room = self.height.saturating_sub(self.rows(item).len());
        for before in (0..item).rev() {
            if room == 0 {
                break;
            }
            let rows = self.rows(before).len();
            spot = (before, rows.saturating_sub(room));
            room = room.saturating_sub(rows);
        }
        self.top(spot.max(first))
    }

    fn top(&self, spot: Spot) -> Option<Top> {
        let (item, row) = spot;
        let key = self.key(item)?;
        // The end of what is here is followed only where nothing lies behind it.
        let is_live = self.conference.talking.talk.is_live();
        (spot < self.end() || !is_live).then_some(Top { item: key, row })
    }

    /// Whether the first row of all that is here is seen, and whether the last one is.
    pub(crate) fn sees_ends(&self) -> (bool, bool) {
        let first = self.first();
        (first == (0, 0), first == self.end())
    }

    /// The rows that are seen, each with its item.
    pub(crate) fn seen(&self) -> Vec<(usize, Row)> {
        let (first, skipped) = self.first();
        let mut seen = Vec::new();
        for item in first..self.len() {
            let skipped = if item == first { skipped } else { 0 };
            seen.extend(self.rows(item).into_iter().skip(skipped).map(|row| (item, row)));
            if seen.len() >= self.height {
                seen.truncate(self.height);
                break;
            }
        }
        seen
    }
}
