//! One room's talk as far as it is held here: a bounded stretch of its lines, which knows where it
//! ends on both sides. Lines beyond are fetched again by `conference.history`.

use std::collections::VecDeque;
use std::rc::Rc;

use convene_conference::{Body, Event};
use convene_local_api::HistoryResult;
use convene_model::{Json, ParticipantId, RoomId, Timestamp};

/// Lines of a room that is looked at, while its reader is at the end: some screens to go back.
pub(crate) const SHOWN_MAX: usize = 600;
/// Lines of a room that is looked at while its reader is in the past.
pub(crate) const READING_MAX: usize = 1_000;

/// One line of the talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TalkLine {
    pub(crate) place: LinePlace,
    /// By the server's clock.
    pub(crate) at: Timestamp,
    pub(crate) by: Option<ParticipantId>,
    /// The room in which it was said; none for what concerns everybody.
    pub(crate) room: Option<RoomId>,
    pub(crate) what: What,
}

/// The number of a line's entry, and its place in it: together they order lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinePlace {
    pub(crate) seq: u64,
    pub(crate) step: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Somebody said this.
    Said(String),
    /// The facilitator tells this to everybody.
    Notice(Body),
}

/// The lines of one room, above `after` and up to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Talk {
    /// None: of all rooms.
    pub(crate) room: Option<RoomId>,
    pub(crate) lines: VecDeque<Rc<TalkLine>>,
    /// All lines above this number are here.
    pub(crate) after: u64,
    /// And up to this one. None, where the talk is live: up to whatever was told last.
    pub(crate) through: Option<u64>,
    /// Whether it begins with the conference: nothing lies before.
    pub(crate) is_complete: bool,
}

/// A page of `conference.history`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) lines: Vec<Rc<TalkLine>>,
    pub(crate) after: u64,
    pub(crate) through: u64,
    pub(crate) is_complete: bool,
}

impl Page {
    /// Reads what the daemon gave; none, where what comes next is not here yet.
    pub(crate) fn read(page: &HistoryResult) -> Option<Self> {
        let HistoryResult { events, after, through, complete } = page;
        let is_stuck = after == through && !complete;
        let events: Vec<Event> = events.iter().filter_map(read_event).collect();
        (!is_stuck).then(|| Self {
            lines: lines_of(&events),
            after: *after,
            through: *through,
            is_complete: *complete,
        })
    }
}

/// An event as it travels; none, where this version cannot read it.
pub(crate) fn read_event(raw: &Json) -> Option<Event> {
    serde_json::from_str(raw.get()).ok()
}

/// The lines of events, in order. Most kinds of events are nothing to read.
pub(crate) fn lines_of(events: &[Event]) -> Vec<Rc<TalkLine>> {
    events.iter().filter_map(line_of).map(Rc::new).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other kinds, those of later versions too, are not read")]
fn line_of(event: &Event) -> Option<TalkLine> {
    let (room, what) = match &event.body {
        Body::Said(said) => (Some(said.room.clone()), What::Said(said.text.clone())),
        Body::Began(_)
        | Body::PhaseBegan(_)
        | Body::PhaseEnded(_)
        | Body::PhaseMoved(_)
        | Body::BallotOpened(_)
        | Body::BallotClosed(_)
        | Body::RoomAdded(_)
        | Body::RoomClosed(_)
        | Body::Ended => (None, What::Notice(event.body.clone())),
        _ => return None,
    };
    let by = event.by.filter(|_| room.is_some());
    let place = LinePlace { seq: event.seq, step: event.step };
    Some(TalkLine { place, at: event.at, by, room, what })
}

impl Talk {
    /// A talk of which nothing is known yet, from this number on.
    pub(crate) fn fresh(room: Option<RoomId>, cursor: u64) -> Self {
        Self { room, lines: VecDeque::new(), after: cursor, through: None, is_complete: cursor == 0 }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.through.is_none()
    }

    /// Whether a line is read here.
    pub(crate) fn has(&self, line: &TalkLine) -> bool {
        self.room.is_none() || line.room.is_none() || line.room == self.room
    }

    /// Takes lines that were just told, and gives how many of them are read here. A talk that is
    /// not live does not see them.
    pub(crate) fn tell(&mut self, lines: &[Rc<TalkLine>]) -> usize {
        if !self.is_live() {
            return 0;
        }
        let before = self.lines.len();
        for line in lines {
            let is_behind = self.lines.back().is_none_or(|last| line.place > last.place);
            if is_behind && self.has(line) {
                self.lines.push_back(Rc::clone(line));
            }
        }
        self.lines.len() - before
    }

    /// Takes the page before the first line: one that was read newest first, up to `after`.
    pub(crate) fn older(&mut self, page: &Page) {
        for line in page.lines.iter().rev() {
            if line.place.seq <= self.after && self.has(line) {
                self.lines.push_front(Rc::clone(line));
            }
        }
        (self.after, self.is_complete) = (page.after, page.is_complete);
    }

    /// Takes the page behind the last line: one that was read oldest first, after `through`. At
    /// `cursor`, the number that was told last, the talk is live again.
    pub(crate) fn newer(&mut self, page: &Page, cursor: u64) {
        let Some(before) = self.through else { return };
        for line in &page.lines {
            if line.place.seq > before && self.has(line) {
                self.lines.push_back(Rc::clone(line));
            }
        }
        let is_live = page.through >= cursor || page.is_complete;
        self.through = (!is_live).then_some(page.through);
    }

    /// Lets the oldest lines go, so that at most `most` stay. Entries are never torn.
    pub(crate) fn trim_start(&mut self, most: usize) {
        while self.lines.len() > most {
            let Some(dropped) = self.lines.pop_front() else { return };
            self.after = dropped.place.seq;
            self.is_complete = false;
            while self.lines.front().is_some_and(|line| line.place.seq == dropped.place.seq) {
                self.lines.pop_front();
            }
        }
    }

    /// Lets the newest lines go, so that at most `most` stay: the talk is not live then.
    pub(crate) fn trim_end(&mut self, most: usize) {
        if self.lines.len() <= most {
            return;
        }
        while self.lines.len() > most {
            let Some(dropped) = self.lines.pop_back() else { break };
            while self.lines.back().is_some_and(|line| line.place.seq == dropped.place.seq) {
                self.lines.pop_back();
            }
        }
        self.through = Some(self.lines.back().map_or(self.after, |last| last.place.seq));
    }

    /// Everything above `after` was passed over, so a live talk ends there. The part behind it is
    /// fetched when somebody reads on.
    pub(crate) fn pass_over(&mut self, after: u64) {
        if self.is_live() {
            self.through = Some(after.max(self.after));
        }
    }

    /// What was told above `cursor` is void.
    pub(crate) fn reset(&mut self, cursor: u64) {
        if self.after > cursor {
            *self = Self::fresh(self.room.clone(), cursor);
            return;
        }
        self.lines.retain(|line| line.place.seq <= cursor);
        self.through = self.through.filter(|through| *through < cursor);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A message in a room.
    pub(crate) fn said(seq: u64, room: &RoomId) -> Rc<TalkLine> {
        Rc::new(TalkLine {
            place: LinePlace { seq, step: 1 },
            at: Timestamp::from_millis(1_796_115_600_000 + i64::try_from(seq).unwrap() * 1_000),
            by: Some(ParticipantId(1)),
            room: Some(room.clone()),
            what: What::Said(format!("message {seq}")),
        })
    }

    fn numbers(talk: &Talk) -> Vec<u64> {
        talk.lines.iter().map(|line| line.place.seq).collect()
    }

    fn live(numbers: &[u64]) -> Talk {
        let mut talk = Talk::fresh(Some(RoomId::PLENARY), 0);
        let lines: Vec<_> = numbers.iter().map(|number| said(*number, &RoomId::PLENARY)).collect();
        talk.tell(&lines);
        talk
    }

    fn page(numbers: &[u64], after: u64, through: u64, is_complete: bool) -> Page {
        let lines = numbers.iter().map(|number| said(*number, &RoomId::PLENARY)).collect();
        Page { lines, after, through, is_complete }
    }

    #[test]
    fn a_live_talk_takes_what_is_said_in_its_room_once() {
        let mut talk = live(&[1, 2]);
        assert_eq!(
            talk.tell(&[said(2, &RoomId::PLENARY), said(3, &RoomId::FOYER), said(4, &RoomId::PLENARY)]),
            1
        );
        assert_eq!(numbers(&talk), [1, 2, 4]);
    }

    #[test]
    fn what_was_let_go_is_known_to_be_gone_and_comes_back_in_pages() {
        let mut talk = live(&[1, 2, 3, 4, 5]);
        talk.trim_start(3);
        assert_eq!((numbers(&talk), talk.after, talk.is_complete), (vec![3, 4, 5], 2, false));
        talk.older(&page(&[1, 2], 0, 2, true));
        assert_eq!((numbers(&talk), talk.after, talk.is_complete), (vec![1, 2, 3, 4, 5], 0, true));
        talk.trim_end(2);
        assert_eq!((numbers(&talk), talk.through), (vec![1, 2], Some(2)));
        assert_eq!(talk.tell(&[said(6, &RoomId::PLENARY)]), 0, "it is not live");
        talk.newer(&page(&[3, 4], 2, 4, false), 6);
        assert_eq!((numbers(&talk), talk.through), (vec![1, 2, 3, 4], Some(4)));
        talk.newer(&page(&[5, 6], 4, 6, true), 6);
        assert!(talk.is_live() && numbers(&talk) == [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_was_passed_over_or_is_void_is_not_shown() {
        let mut talk = live(&[1, 2, 3]);
        talk.pass_over(3);
        assert_eq!(talk.through, Some(3));
        talk.newer(&page(&[4, 5], 3, 5, false), 5);
        assert!(talk.is_live() && numbers(&talk) == [1, 2, 3, 4, 5]);
        talk.reset(2);
        assert_eq!((numbers(&talk), talk.through), (vec![1, 2], None));
        talk.trim_start(1);
        talk.reset(0);
        assert_eq!((numbers(&talk), talk.after), (Vec::new(), 0));
    }

    #[test]
    fn the_lines_of_one_entry_are_never_torn() {
        let notice = |step| {
            let line = TalkLine {
                place: LinePlace { seq: 2, step },
                at: Timestamp::from_millis(0),
                by: None,
                room: None,
                what: What::Notice(Body::Ended),
            };
            Rc::new(line)
        };
        let mut talk = live(&[1]);
        talk.tell(&[notice(1), notice(2), said(3, &RoomId::PLENARY)]);
        talk.trim_start(2);
        assert_eq!(numbers(&talk), [3]);
        let mut talk = live(&[1]);
        talk.tell(&[notice(1), notice(2)]);
        talk.trim_end(2);
        assert_eq!((numbers(&talk), talk.through), (vec![1], Some(1)));
    }
}
