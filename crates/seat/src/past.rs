//! The past that a snapshot passed over: fetched page by page, when somebody asks for it.

use std::collections::VecDeque;

use crate::delta::Delta;
use crate::machine::Seat;
use crate::opening::Opening;
use crate::span::Span;
use crate::write::{EventText, HistoryWish, Write};

/// Wishes of one seat's frontends that wait for a page.
const WISHES_MAX: usize = 64;

/// The outcome of a wish for history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing of the span is missing: it can be read from the store.
    Here,
    /// A page of it is asked for as soon as the seat is open; [`Delta::History`] tells the end.
    Asked,
    /// Nothing can be had: the seat was refused for good.
    Unreachable,
    /// Too many wishes wait already.
    TooMany,
}

/// Wishes in the order in which they came. The first may be under way.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    waiting: VecDeque<HistoryWish>,
    is_under_way: bool,
}

impl Wishes {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// No answer comes to what is under way: it will be asked for again.
    pub(crate) fn close(&mut self) {
        self.is_under_way = false;
    }
}

impl Seat {
    /// Somebody wants to read a span of the past. The missing part of it is fetched, one page for
    /// each wish: a frontend that wants more makes another wish.
    pub fn want_history(&mut self, wish: HistoryWish) -> Wanted {
        if self.missing_of(wish).is_none() {
            return Wanted::Here;
        }
        if self.record.refused.is_some() {
            return Wanted::Unreachable;
        }
        if !self.wishes.waiting.contains(&wish) {
            if self.wishes.waiting.len() >= WISHES_MAX {
                return Wanted::TooMany;
            }
            self.wishes.waiting.push_back(wish);
        }
        Wanted::Asked
    }

    /// The next span to ask the server for; one at a time, and none while the seat is not open.
    pub fn poll_history(&mut self) -> Option<HistoryWish> {
        if self.wishes.is_under_way || !self.is_open() {
            return None;
        }
        loop {
            let wish = *self.wishes.waiting.front()?;
            if let Some(span) = self.missing_of(wish) {
                self.wishes.is_under_way = true;
                return Some(HistoryWish { span, ..wish });
            }
            // Another wish has brought it.
            self.wishes.waiting.pop_front();
            self.tell(Delta::History { asked: wish.span, came: Some(wish.span) });
        }
    }

    /// Takes the page that was asked for: the events numbered above `after` up to `through`. Both
    /// are equal where there is nothing to be had.
    pub fn handle_history(&mut self, after: u64, through: u64, items: Vec<EventText>) {
        if !matches!(self.opening, Opening::Open(_)) || !self.wishes.is_under_way {
            return;
        }
        let Some(wish) = self.wishes.waiting.pop_front() else { return };
        self.wishes.is_under_way = false;
        let Some(replica) = &self.record.replica else { return };
        let page = Span { after, through };
        let brings = replica.missing.within(page).next().is_some();
        if brings {
            let is_wanted =
                |item: &EventText| item.seq > after && item.seq <= through && replica.missing.holds(item.seq);
            let items = items.into_iter().filter(is_wanted).collect();
            let mut missing = replica.missing.clone();
            missing.remove(page);
            self.write(Write::History { items, missing });
        }
        self.tell(Delta::History { asked: wish.span, came: brings.then_some(page) });
    }

    /// The missing stretch to begin with.
    fn missing_of(&self, wish: HistoryWish) -> Option<Span> {
        let missing = &self.record.replica.as_ref()?.missing;
        let mut spans = missing.within(wish.span);
        if wish.newest { spans.next_back() } else { spans.next() }
    }
}
