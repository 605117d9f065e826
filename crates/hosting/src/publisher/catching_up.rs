//! Bringing seats up to where the others are.

use std::sync::Arc;
use std::time::Instant;

use convene_model::limits::BATCH_EVENTS_MAX;
use convene_protocol::{EventsHead, To, events_text};

use super::Publisher;
use super::outputs::{Output, Page, Read};
use super::places::Progress;
use super::run::Run;
use crate::entry::{Entry, EntryError, EntryEvent};
use crate::messages::{Note, Place};

impl<L: Clone> Publisher<L> {
    /// The link has room for more of this seat.
    pub(super) fn handle_ready(&mut self, place: Place, now: Instant) {
        match self.places.get(place).map(|seat| seat.progress) {
            Some(Progress::AwaitsRoom) => self.bring_up(place),
            Some(Progress::AwaitsSnapshot) => self.send_download(place, now),
            Some(Progress::AwaitsPage | Progress::Following | Progress::Ended) | None => {}
        }
    }

    /// Takes a page of the log that was asked for: numbers and texts of entries.
    pub fn handle_page(&mut self, read: Read, entries: &[(u64, Arc<str>)]) {
        if !self.is_wanted(&read) {
            return;
        }
        let Ok(entries) = parsed(read.after, entries) else { return self.handle_read_failed(&read) };
        match read.page {
            Page::Replay => self.replay_page(read.place, &entries),
            Page::Oldest => self.oldest_page(read.place, &entries),
            Page::Newest { request, kept } => self.newest_page(read.place, request, kept, &entries),
        }
    }

    /// A page could not be read. The seat for which it was is to ask again, and is then told to do
    /// so later; nobody else notices.
    pub fn handle_read_failed(&mut self, read: &Read) {
        if self.is_wanted(read) {
            self.unread.insert(read.place);
            self.reopen(vec![read.place]);
        }
    }

    /// Whether the opening still stands for which a page is read.
    fn is_wanted(&self, read: &Read) -> bool {
        self.places.get(read.place).is_some_and(|seat| {
            seat.count == read.count
                && match read.page {
                    Page::Replay => seat.progress == Progress::AwaitsPage && seat.sent == read.after,
                    Page::Oldest | Page::Newest { .. } => seat.turning,
                }
        })
    }

    /// Sends a seat that is behind what it gets next, or has it read.
    pub(super) fn bring_up(&mut self, place: Place) {
        let Some(seat) = self.places.get(place) else { return };
        let (after, reader, count) = (seat.sent, seat.reader, seat.count);
        let end = self.terms.frame_end(after, self.end_for(seat.key));
        let first = if planted!(OverlapTaken) { after.saturating_sub(2) } else { after };
        let Some(items) = self.tail.above(first) else {
            self.places.set_progress(place, Progress::AwaitsPage);
            let through = end.min(after + BATCH_EVENTS_MAX as u64);
            return self.outputs.push_back(Output::Read(Read {
                after,
                through,
                place,
                count,
                page: Page::Replay,
            }));
        };
        let mut run = Run::default();
        let mut through = end;
        for item in items.take_while(|item| item.number <= end) {
            if !run.push_back(reader, item.number, item.events()) {
                through = if planted!(ReplayCut) { end } else { item.number - 1 };
                break;
            }
        }
        let text = self.run_text(place, after, through, &run);
        self.send_run(place, through, text);
    }

    fn replay_page(&mut self, place: Place, entries: &[(u64, Entry)]) {
        let Some(seat) = self.places.get(place) else { return };
        let (after, reader) = (seat.sent, seat.reader);
        let mut through = after;
        let end = self.terms.frame_end(after, self.end_for(seat.key));
        let mut run = Run::default();
        for (number, entry) in entries.iter().take_while(|(number, _)| *number <= end) {
            if !run.push_back(reader, *number, entry.events.iter().map(EntryEvent::parts)) {
                break;
            }
            through = *number;
        }
        let text = self.run_text(place, after, through, &run);
        self.send_run(place, through, text);
    }

    /// The frame of these events for a seat that got everything up to `after`.
    fn run_text<T: AsRef<str>>(&self, place: Place, after: u64, through: u64, run: &Run<T>) -> String {
        let head = EventsHead {
            conference: self.conference,
            log: self.log,
            to: &To::Seats(vec![place.index]),
            after,
            through,
            terms: self.terms.within(after, through),
        };
        events_text(&head, run.texts())
    }

    /// Sends a seat that is behind the frame of what follows, up to `through`.
    fn send_run(&mut self, place: Place, through: u64, text: String) {
        let Some(link) = self.places.link(place.link) else { return };
        let Some(seat) = self.places.get_mut(place) else { return };
        seat.sent = through;
        let key = seat.key;
        let done = through >= self.end_for(key);
        let index = place.index;
        self.tell_text(link, text.into(), if done { Note::Enough { index } } else { Note::More { index } });
        self.places.set_progress(place, Progress::AwaitsRoom);
        self.release(place);
        if done {
            self.follow_or_end(place);
        }
    }
}

/// The entries of a page, which is to begin behind `after` and have no gap.
fn parsed(after: u64, entries: &[(u64, Arc<str>)]) -> Result<Vec<(u64, Entry)>, EntryError> {
    if entries.is_empty() {
        return Err(EntryError);
    }
    let numbered = (after + 1..).zip(entries);
    numbered
        .map(
            |(expected, (number, text))| {
                if *number == expected { Ok((*number, Entry::parse(text)?)) } else { Err(EntryError) }
            },
        )
        .collect()
}
