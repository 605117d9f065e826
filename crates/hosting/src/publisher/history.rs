//! Pages of the past.

use convene_model::Json;
use convene_model::limits::BATCH_EVENTS_MAX;
use convene_protocol::{HistoryRequest, history_text};

use super::Publisher;
use super::outputs::{Output, Page, Read};
use super::run::Run;
use crate::entry::{Entry, EntryEvent};
use crate::messages::{Note, Place};

/// Pages that a seat may ask for before it has got the first: a daemon asks for one at a time.
const PAGES_WAITING_MAX: usize = 8;
/// Entries that are read for the newest end of a span: about what fits into a frame.
const NEWEST_ENTRIES: u64 = 64;

impl<L: Clone> Publisher<L> {
    /// A seat wants a page of the past. One that asks for too many at once must be opened again.
    pub(super) fn handle_history(&mut self, place: Place, request: HistoryRequest) {
        let Some(seat) = self.places.get_mut(place) else { return };
        if seat.history.len() >= PAGES_WAITING_MAX {
            return self.reopen(vec![place]);
        }
        seat.history.push_back(request);
        self.turn_pages(place);
    }

    /// Sends the pages that a seat waits for, as far as they need not be read.
    fn turn_pages(&mut self, place: Place) {
        while let Some(seat) = self.places.get(place)
            && !seat.turning
            && let Some(request) = seat.history.front().copied()
        {
            let through = request.through.min(self.end_for(seat.key));
            if through <= request.after {
                self.send_page(place, history_text(place.index, request.after, request.after, [""; 0]));
            } else if request.newest {
                self.turn_to_newest(place, HistoryRequest { through, ..request });
            } else {
                self.turn_to_oldest(place, request.after, through);
            }
        }
    }

    fn turn_to_oldest(&mut self, place: Place, after: u64, through: u64) {
        let Some(seat) = self.places.get(place) else { return };
        let Some(items) = self.tail.above(after) else {
            let through = through.min(after + BATCH_EVENTS_MAX as u64);
            return self.read(place, after, through, Page::Oldest);
        };
        let (mut run, mut end) = (Run::default(), through);
        for item in items.take_while(|item| item.number <= through) {
            if !run.push_back(seat.reader, item.number, item.events()) {
                end = item.number - 1;
                break;
            }
        }
        let text = history_text(place.index, after, end, run.texts());
        self.send_page(place, text);
    }

    fn turn_to_newest(&mut self, place: Place, request: HistoryRequest) {
        let Some(seat) = self.places.get(place) else { return };
        let mut begin = request.after.max(self.tail.from());
        if request.through <= begin {
            let after = request.after.max(request.through.saturating_sub(NEWEST_ENTRIES));
            let (request, kept) = (HistoryRequest { after, ..request }, Run::default());
            return self.read(place, after, request.through, Page::Newest { request, kept });
        }
        let mut run = Run::default();
        let items = self.tail.above(begin).into_iter().flatten().rev();
        for item in items.skip_while(|item| item.number > request.through) {
            if !run.push_front(seat.reader, item.number, item.events()) {
                begin = item.number;
                break;
            }
        }
        let text = history_text(place.index, begin, request.through, run.texts());
        self.send_page(place, text);
    }

    pub(super) fn oldest_page(&mut self, place: Place, entries: &[(u64, Entry)]) {
        let Some(seat) = self.places.get(place) else { return };
        let Some(request) = seat.history.front().copied() else { return };
        let last = request.through.min(self.end_for(seat.key));
        let (mut run, mut through) = (Run::default(), request.after);
        for (number, entry) in entries.iter().take_while(|(number, _)| *number <= last) {
            if !run.push_back(seat.reader, *number, entry.events.iter().map(EntryEvent::parts)) {
                break;
            }
            through = *number;
        }
        self.send_read_page(place, history_text(place.index, request.after, through, run.texts()));
    }

    /// A piece of what lies before the end of a span: what does not fit beside its end is let go.
    pub(super) fn newest_page(
        &mut self,
        place: Place,
        mut request: HistoryRequest,
        mut kept: Run<Json>,
        entries: &[(u64, Entry)],
    ) {
        let Some(seat) = self.places.get(place) else { return };
        let mut last = request.after;
        for (number, entry) in entries.iter().take_while(|(number, _)| *number <= request.through) {
            let events =
                entry.events.iter().map(EntryEvent::parts).map(|(audience, text)| (audience, text.clone()));
            request.after = kept.roll(seat.reader, *number, events).unwrap_or(request.after);
            last = *number;
        }
        if last < request.through {
            return self.read(place, last, request.through, Page::Newest { request, kept });
        }
        let text = history_text(place.index, request.after, request.through, kept.texts());
        self.send_read_page(place, text);
    }

    fn read(&mut self, place: Place, after: u64, through: u64, page: Page) {
        let Some(seat) = self.places.get_mut(place) else { return };
        seat.turning = true;
        self.outputs.push_back(Output::Read(Read { after, through, place, count: seat.count, page }));
    }

    fn send_read_page(&mut self, place: Place, text: String) {
        if let Some(seat) = self.places.get_mut(place) {
            seat.turning = false;
        }
        self.send_page(place, text);
        self.turn_pages(place);
    }

    fn send_page(&mut self, place: Place, text: String) {
        let Some(link) = self.places.link(place.link) else { return };
        if let Some(seat) = self.places.get_mut(place) {
            seat.history.pop_front();
        }
        self.tell_text(link, text.into(), Note::None);
    }
}
