//! The talk of one conference: what was told lately of all rooms, and more of the room that is
//! looked at. What lies further back or ahead is fetched in pages.

use std::rc::Rc;

use convene_model::{CommandId, RoomId};

use super::talk::{LinePlace, Page, READING_MAX, SHOWN_MAX, Talk, TalkLine};

/// Lines of all rooms that are kept: what is unread is counted in them, and a room opens with them.
const RECENT_MAX: usize = 2_000;
/// Events of the first page, which is waited for.
const FIRST_EVENTS: u64 = 200;
/// Events of each page behind it.
const PAGE_EVENTS: u64 = 500;
/// Pages of all rooms that are fetched at the beginning, to count what is unread.
const RECALLED_PAGES: u32 = 4;
/// Lines that a room is filled up to without being asked: a tall screen.
const SCREEN_LINES: usize = 60;
/// Pages that are fetched in a row for a room in which little is said.
const FILLING_PAGES: u32 = 10;

/// Which page of the past is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) what: Direction,
    /// The room that was looked at; none, where it is about all of them.
    pub(crate) room: Option<RoomId>,
    /// Where the page is to begin or end.
    pub(crate) at: u64,
    pub(crate) limit: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// What lies before, newest first.
    Older,
    /// What lies behind, oldest first.
    Newer,
}

/// One item of the talk: a line, or a command of one's own that is not in it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemKey {
    Line(LinePlace),
    Pending(CommandId),
}

/// The first row that is shown: so many rows of this line are above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Top {
    pub(crate) item: ItemKey,
    pub(crate) row: usize,
}

#[derive(Debug)]
pub(crate) struct Talking {
    /// The room that is looked at.
    pub(crate) talk: Talk,
    /// What was told lately in all rooms.
    pub(crate) recent: Talk,
    /// The place that is read; none, while the end is followed.
    pub(crate) top: Option<Top>,
    /// The item that the keys move from.
    pub(crate) chosen: Option<ItemKey>,
    /// Messages that came while the reader was elsewhere in this room.
    pub(crate) missed: usize,
    /// The page that is under way.
    pub(crate) loading: Option<Wanted>,
    /// Whether the last page did not come: the server is not reached.
    pub(crate) has_failed: bool,
    /// The number that was told last.
    cursor: u64,
    /// Pages that may still be fetched without being asked.
    recalls: u32,
    fillings: u32,
}

impl Talking {
    /// In this room; nothing is known yet.
    pub(crate) fn new(room: RoomId) -> Self {
        Self {
            talk: Talk::fresh(Some(room), 0),
            recent: Talk::fresh(None, 0),
            top: None,
            chosen: None,
            missed: 0,
            loading: None,
            has_failed: false,
            cursor: 0,
            recalls: 0,
            fillings: 0,
        }
    }

    /// Begins at this number: the conference is known up to it.
    pub(crate) fn begin(&mut self, cursor: u64) {
        self.cursor = cursor;
        self.recent = Talk::fresh(None, cursor);
        self.talk = Talk::fresh(self.talk.room.clone(), cursor);
        (self.recalls, self.fillings) = (RECALLED_PAGES, FILLING_PAGES);
        (self.loading, self.has_failed) = (None, false);
    }

    /// Turns to a room: to its end, as it was told lately.
    pub(crate) fn open(&mut self, room: &RoomId) {
        let mut talk = Talk::fresh(Some(room.clone()), self.recent.after);
        talk.is_complete = self.recent.is_complete;
        talk.lines = self.recent.lines.iter().filter(|line| talk.has(line)).map(Rc::clone).collect();
        talk.trim_start(SHOWN_MAX);
        self.talk = talk;
        (self.top, self.chosen, self.missed) = (None, None, 0);
        (self.loading, self.has_failed, self.fillings) = (None, false, FILLING_PAGES);
    }

    /// Takes what happened, up to `cursor`. `others` says which lines are of somebody else.
    pub(crate) fn take(&mut self, lines: &[Rc<TalkLine>], cursor: u64, others: impl Fn(&TalkLine) -> bool) {
        self.cursor = cursor;
        self.recent.tell(lines);
        self.recent.trim_start(RECENT_MAX);
        let told = self.talk.tell(lines);
        if self.top.is_some() {
            self.missed += lines.iter().filter(|line| self.talk.has(line) && others(line)).count();
            self.talk.trim_end(READING_MAX);
        } else if told > 0 {
            self.talk.trim_start(SHOWN_MAX);
        }
    }

    /// Everything above `after` was passed over.
    pub(crate) fn pass_over(&mut self, after: u64, through: u64) {
        self.cursor = through;
        self.recent = Talk::fresh(None, through);
        self.talk.pass_over(after);
        if self.top.is_none() {
            self.go_to_end();
        }
    }

    /// What was told above that number is void.
    pub(crate) fn reset(&mut self, cursor: u64) {
        self.cursor = cursor;
        self.recent.reset(cursor);
        self.talk.reset(cursor);
        (self.top, self.chosen, self.missed) = (None, None, 0);
        self.fillings = FILLING_PAGES;
    }

    /// Goes to the end of the room.
    pub(crate) fn go_to_end(&mut self) {
        if !self.talk.is_live()
            && let Some(room) = self.talk.room.clone()
        {
            self.open(&room);
        }
        (self.top, self.missed) = (None, 0);
        self.talk.trim_start(SHOWN_MAX);
    }

    /// Whether the end is shown and followed.
    pub(crate) fn follows(&self) -> bool {
        self.top.is_none() && self.talk.is_live()
    }

    /// Which page is wanted without being asked: first what is unread anywhere, then a screen.
    pub(crate) fn wants_by_itself(&mut self) -> Option<Wanted> {
        if self.loading.is_some() || self.has_failed {
            return None;
        }
        if self.recalls > 0 && !self.recent.is_complete {
            let limit = if self.recalls == RECALLED_PAGES { FIRST_EVENTS } else { PAGE_EVENTS };
            self.recalls -= 1;
            return self.want(Direction::Older, None, self.recent.after, limit);
        }
        let is_full = self.talk.lines.len() >= SCREEN_LINES || self.talk.is_complete;
        if self.fillings == 0 || is_full {
            return None;
        }
        self.fillings -= 1;
        self.want(Direction::Older, self.talk.room.clone(), self.talk.after, PAGE_EVENTS)
    }

    /// Which page is wanted by somebody who reads backwards.
    pub(crate) fn wants_older(&mut self) -> Option<Wanted> {
        if self.loading.is_some() || self.talk.is_complete {
            return None;
        }
        self.want(Direction::Older, self.talk.room.clone(), self.talk.after, PAGE_EVENTS)
    }

    /// Which page is wanted by somebody who reads on.
    pub(crate) fn wants_newer(&mut self) -> Option<Wanted> {
        let at = self.talk.through.filter(|_| self.loading.is_none())?;
        self.want(Direction::Newer, self.talk.room.clone(), at, PAGE_EVENTS)
    }

    fn want(&mut self, what: Direction, room: Option<RoomId>, at: u64, limit: u64) -> Option<Wanted> {
        self.has_failed = false;
        self.loading = Some(Wanted { what, room, at, limit });
        self.loading.clone()
    }

    /// Takes a page that was wanted; none, where it did not come. One that is not wanted any more
    /// is let go.
    pub(crate) fn handle_page(&mut self, wanted: &Wanted, page: Option<&Page>) {
        if self.loading.as_ref() != Some(wanted) {
            return;
        }
        self.loading = None;
        let Some(page) = page else {
            self.has_failed = true;
            return;
        };
        match (wanted.what, &wanted.room) {
            (Direction::Older, None) => self.recall(wanted.at, page),
            (Direction::Older, Some(_)) if self.talk.after == wanted.at => {
                self.talk.older(page);
                // A reader in the past looks at the beginning now; the end can be fetched again.
                if self.top.is_some() {
                    self.talk.trim_end(READING_MAX);
                }
            }
            (Direction::Newer, Some(_)) if self.talk.through == Some(wanted.at) => {
                self.talk.newer(page, self.cursor);
                self.talk.trim_start(READING_MAX);
            }
            (Direction::Older | Direction::Newer, _) => {}
        }
    }

    /// What lies before everything that is known of all rooms.
    fn recall(&mut self, at: u64, page: &Page) {
        if self.recent.after != at {
            return;
        }
        let is_same = self.talk.after == at;
        self.recent.older(page);
        if is_same {
            self.talk.older(page);
            if self.top.is_none() {
                self.talk.trim_start(SHOWN_MAX);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::talk::tests::said;

    fn page(numbers: std::ops::RangeInclusive<u64>, is_complete: bool) -> Page {
        let (after, through) = (numbers.start() - 1, *numbers.end());
        let lines = numbers.map(|number| said(number, &RoomId::PLENARY)).collect();
        Page { lines, after, through, is_complete }
    }

    fn begun(cursor: u64) -> Talking {
        let mut talking = Talking::new(RoomId::PLENARY);
        talking.begin(cursor);
        talking
    }

    #[test]
    fn the_end_is_fetched_first_and_then_a_screen() {
        let mut talking = begun(1_000);
        let first = talking.wants_by_itself().unwrap();
        assert_eq!((first.room.clone(), first.at, first.limit), (None, 1_000, FIRST_EVENTS));
        assert_eq!(talking.wants_by_itself(), None, "one page at a time");
        talking.handle_page(&first, Some(&page(801..=1_000, false)));
        assert_eq!(talking.talk.lines.len(), 200);
        assert_eq!(talking.wants_by_itself().map(|wanted| wanted.at), Some(800));
    }

    #[test]
    fn a_room_in_which_little_is_said_is_filled_and_no_further() {
        let mut talking = begun(10);
        let all = talking.wants_by_itself().unwrap();
        talking.handle_page(&all, Some(&page(1..=10, true)));
        talking.open(&RoomId::FOYER);
        assert!(talking.talk.lines.is_empty() && talking.talk.is_complete);
        assert_eq!(talking.wants_by_itself(), None);
    }

    #[test]
    fn memory_is_bounded_while_one_is_at_the_end_and_while_one_reads_the_past() {
        let mut talking = begun(0);
        for number in 1..=10_000 {
            talking.take(&[said(number, &RoomId::PLENARY)], number, |_| true);
        }
        assert_eq!((talking.talk.lines.len(), talking.recent.lines.len()), (SHOWN_MAX, RECENT_MAX));
        let first = talking.talk.lines[0].place;
        talking.top = Some(Top { item: ItemKey::Line(first), row: 0 });
        for number in 10_001..=20_000 {
            talking.take(&[said(number, &RoomId::PLENARY)], number, |_| true);
        }
        assert_eq!(talking.talk.lines[0].place, first, "what is read stays where it is");
        assert_eq!((talking.talk.lines.len(), talking.missed), (READING_MAX, 10_000));
        assert!(!talking.follows() && !talking.talk.is_live());
        let on = talking.wants_newer().unwrap();
        talking.handle_page(&on, Some(&page(on.at + 1..=on.at + 500, false)));
        assert_eq!(talking.talk.lines.len(), READING_MAX);
        talking.go_to_end();
        assert_eq!(talking.talk.lines.back().map(|line| line.place.seq), Some(20_000));
        assert!(talking.follows() && talking.talk.lines.len() == SHOWN_MAX);
    }

    #[test]
    fn a_page_for_a_room_that_is_not_looked_at_any_more_is_let_go() {
        let mut talking = begun(1_000);
        talking.recalls = 0;
        let wanted = talking.wants_older().unwrap();
        talking.open(&RoomId::FOYER);
        talking.handle_page(&wanted, Some(&page(900..=1_000, false)));
        assert!(talking.talk.lines.is_empty() && talking.loading.is_none());
    }

    #[test]
    fn a_page_that_does_not_come_is_not_asked_for_again_by_itself() {
        let mut talking = begun(1_000);
        let wanted = talking.wants_by_itself().unwrap();
        talking.handle_page(&wanted, None);
        assert!(talking.has_failed && talking.wants_by_itself().is_none());
        assert!(talking.wants_older().is_some(), "but a reader may");
    }
}
