//! Telling what has become durable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use convene_conference::{Audience, Body, Event, LEVEL, Refusal};
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_model::{Json, ParticipantId, SeatKey, TermId};
use convene_protocol::{EventsHead, To, events_text};

use super::Publisher;
use super::outputs::Output;
use super::places::Progress;
use crate::entry::{Entry, EntryEvent, StoredReceipt};
use crate::messages::{LinkNumber, Note, Place};

/// An entry that was just read.
#[derive(Debug)]
pub(super) struct FreshEntry {
    pub(super) number: u64,
    pub(super) events: Vec<EntryEvent>,
    bytes: usize,
    pub(super) receipt: Option<StoredReceipt>,
    /// A key that became a participant's.
    key: Option<SeatKey>,
    term: Option<TermId>,
    /// Of whom it may end, or begin again, what they read.
    touched: Vec<ParticipantId>,
}

/// The contents of a seat's own frame: up to where, and which private events of the batch, by
/// their places among all of them.
type Share = (u64, Vec<usize>);

impl<L: Clone> Publisher<L> {
    /// Takes the next durable entries of the log: numbers and texts, in order.
    /// Entries that were taken before are passed over.
    ///
    /// An entry of a later level, or text that is none, ends it: nothing behind is taken, and every
    /// seat is told to ask again later ([`Publisher::stopped`]).
    pub fn handle_entries(&mut self, entries: &[(u64, Arc<str>)], now: Instant) {
        let mut batch = Vec::new();
        for (number, text) in entries {
            if self.stopped.is_some() || *number <= self.last {
                continue;
            }
            let fresh = match self.take(*number, text) {
                Ok(fresh) => fresh,
                Err(code) => {
                    self.tell_batch(&batch, now);
                    return self.stop(code);
                }
            };
            let begins_term = fresh.term.is_some();
            batch.push(fresh);
            // A term ends a batch: a seat that is told of it is opened again.
            if begins_term {
                self.tell_batch(&std::mem::take(&mut batch), now);
            }
        }
        self.tell_batch(&batch, now);
    }

    /// Reads and folds an entry.
    fn take(&mut self, number: u64, text: &str) -> Result<FreshEntry, Refusal> {
        if number != self.last + 1 {
            return Err(Refusal::ConferenceDamaged);
        }
        let entry = read_entry(text)?;
        let read = |event: &EntryEvent| serde_json::from_str::<Event>(event.text.get());
        let events: Result<Vec<Event>, _> = entry.events.iter().map(read).collect();
        let events = events.map_err(|_| Refusal::ConferenceDamaged)?;

        self.last = number;
        self.level = self.level.max(entry.level);
        self.roll.apply(number, &entry, events.iter().map(|event| &event.body));
        if let Some(term) = entry.term {
            self.terms.begin(term, number);
        }
        let mut touched: Vec<ParticipantId> = entry.key.iter().map(|stored| stored.participant).collect();
        for event in &events {
            touched.extend(self.fold(event));
        }
        let bytes = self.tail.push(number, &entry.events);
        let key = entry.key.map(|stored| stored.key);
        Ok(FreshEntry {
            number,
            events: entry.events,
            bytes,
            receipt: entry.receipt,
            key,
            term: entry.term,
            touched,
        })
    }

    /// Folds an event; gives the participant who comes or leaves by it.
    fn fold(&mut self, event: &Event) -> Option<ParticipantId> {
        self.state.evolve(event);
        if let Body::Joined(joined) = &event.body {
            Some(joined.participant)
        } else if let Body::Left(left) = &event.body {
            Some(left.participant)
        } else {
            None
        }
    }

    /// Tells a batch: events first, then receipts, then what follows of them for seats.
    fn tell_batch(&mut self, batch: &[FreshEntry], now: Instant) {
        let Some(last) = batch.last() else { return };
        let touched: BTreeSet<ParticipantId> =
            batch.iter().flat_map(|fresh| &fresh.touched).copied().collect();
        let mut rest = batch;
        while !rest.is_empty() {
            let (chunk, later) = rest.split_at(chunk_len(rest));
            self.tell_chunk(chunk, &touched);
            rest = if planted!(SharedCut) { &[] } else { later };
        }
        self.give_receipts(batch);
        for place in touched.iter().flat_map(|person| self.places.of(*person)).collect::<Vec<_>>() {
            self.go_on_if_back(place);
        }
        if last.term.is_some() {
            self.begin_term(now);
        } else {
            let mut waiting = self.places.caught_up_with(self.last);
            let keys = batch.iter().filter_map(|fresh| fresh.key);
            waiting.extend(keys.flat_map(|key| self.places.joining_with(key)));
            self.settle_all(waiting, now);
        }
        self.release_answers();
    }

    /// All seats are opened again in the new term, and those that wait ask its decider.
    fn begin_term(&mut self, now: Instant) {
        let open = if planted!(NotOpenedAgain) { Vec::new() } else { self.places.opened() };
        self.reopen(open);
        self.settle_all(self.places.waiting(), now);
        self.drop_answers();
    }

    /// A seat whose participant is back goes on from where it was told that they left: to the end,
    /// or to where its key was ended meanwhile.
    fn go_on_if_back(&mut self, place: Place) {
        let Some(seat) = self.places.get(place) else { return };
        let is_behind = if planted!(BackOnlyWithKey) {
            self.reads_until(seat.key).is_none()
        } else {
            seat.sent < self.end_for(seat.key)
        };
        if seat.progress == Progress::Ended && is_behind {
            self.places.set_progress(place, Progress::AwaitsRoom);
            self.bring_up(place);
        }
    }

    /// Tells one frame's worth of entries to all that follow.
    fn tell_chunk(&mut self, chunk: &[FreshEntry], touched: &BTreeSet<ParticipantId>) {
        let Some(last) = chunk.last() else { return };
        let told_before = self.outputs.len();
        let served = self.tell_alone(chunk, last.number, touched);
        let is_public = |fresh: &FreshEntry| fresh.events.iter().any(|event| event.audience.is_everyone());
        self.untold += chunk.iter().map(|fresh| fresh.bytes).sum::<usize>();
        // Private events cost nobody else anything, except that the others' cursors come along
        // now and then, so that they need not be told of it after a reconnect.
        let is_much = self.untold >= BATCH_BYTES_MAX || last.number - self.told >= BATCH_EVENTS_MAX as u64;
        if !self.places.anyone_follows() {
            (self.told, self.untold) = (last.number, 0);
        } else if is_much || last.term.is_some() || chunk.iter().any(is_public) {
            self.tell_together(chunk, last.number, &served);
        }
        if planted!(SharedFirst)
            && let Some(shared) = self.outputs.pop_back_if(|output| matches!(output, Output::Share { .. }))
        {
            self.outputs.insert(told_before, shared);
        }
    }

    fn tell_together(&mut self, chunk: &[FreshEntry], through: u64, served: &BTreeMap<LinkNumber, usize>) {
        let after = std::mem::replace(&mut self.told, through);
        self.untold = 0;
        let links = self.places.followers_beside(served);
        if links.is_empty() || planted!(GapTaken) && through.is_multiple_of(5) {
            return;
        }
        let public = chunk.iter().flat_map(|fresh| fresh.events.iter());
        let public = public.filter(|event| event.audience.is_everyone()).map(|event| &event.text);
        let text = self.events_text(&To::Following, after, through, public);
        self.outputs.push_back(Output::Share { links, text });
    }

    /// Tells those that follow and see more, or whose reading ends here. Gives how many seats of
    /// each link have thereby got all of it.
    fn tell_alone(
        &mut self,
        chunk: &[FreshEntry],
        through: u64,
        touched: &BTreeSet<ParticipantId>,
    ) -> BTreeMap<LinkNumber, usize> {
        let mut alike: BTreeMap<(LinkNumber, u64, Share), Vec<u32>> = BTreeMap::new();
        for (place, share) in self.shares(chunk, through, touched) {
            let sent = self.places.get(place).map_or(0, |seat| seat.sent.max(self.told));
            alike.entry((place.link, sent, share)).or_default().push(place.index);
        }
        let mut texts: BTreeMap<(Vec<u32>, u64, Share), Arc<str>> = BTreeMap::new();
        let mut served = BTreeMap::new();
        for ((number, after, share), seats) in alike {
            let Some(link) = self.places.link(number) else { continue };
            let until = share.0;
            let make = |(seats, after, (until, private)): &(Vec<u32>, u64, Share)| {
                let to = To::Seats(seats.clone());
                self.events_text(&to, *after, *until, visible(chunk, *until, private))
            };
            let named = (seats.clone(), after, share);
            let text = texts.entry(named).or_insert_with_key(make);
            let text = Arc::clone(text);
            self.tell_text(link, text, Note::None);
            for index in seats {
                let place = Place { link: number, index };
                if self.end_if_due(place, until) {
                    continue;
                }
                *served.entry(number).or_insert(0) += 1;
            }
        }
        served
    }

    /// A seat was told up to here by itself. Where it may read no more, it follows no more.
    fn end_if_due(&mut self, place: Place, until: u64) -> bool {
        let Some(seat) = self.places.get_mut(place) else { return true };
        seat.sent = until;
        let key = seat.key;
        let ends = self.reads_until(key).is_some_and(|end| end <= until);
        if ends {
            self.places.set_progress(place, Progress::Ended);
            if !planted!(LeaverFollows) {
                self.tell_follow(place, false);
            }
        }
        ends
    }

    /// Which seats that follow get a frame of their own.
    fn shares(
        &self,
        chunk: &[FreshEntry],
        through: u64,
        touched: &BTreeSet<ParticipantId>,
    ) -> BTreeMap<Place, Share> {
        let mut shares: BTreeMap<Place, Share> = BTreeMap::new();
        // Up to where one that follows is to be told. Its key was known before this batch, so it
        // may read every private event of it.
        let until = |place: &Place| {
            let seat = self.places.get(*place).filter(|seat| seat.progress == Progress::Following)?;
            Some(self.reads_until(seat.key).map_or(through, |until| until.min(through)))
        };
        for (nth, (number, event)) in private(chunk).enumerate() {
            let Audience::Only(people) = &event.audience else { continue };
            for place in people.iter().flat_map(|person| self.places.of(person)) {
                if let Some(until) = until(&place).filter(|until| number <= *until) {
                    shares.entry(place).or_insert((until, Vec::new())).1.push(nth);
                }
            }
        }
        for place in touched.iter().flat_map(|person| self.places.of(*person)) {
            let ends = self.places.get(place).and_then(|seat| self.reads_until(seat.key));
            if let Some(until) = until(&place)
                && ends.is_some_and(|end| end <= through)
            {
                shares.entry(place).or_insert((until, Vec::new()));
            }
        }
        shares
    }

    fn events_text<'a, I: Iterator<Item = &'a Json>>(
        &self,
        to: &To,
        after: u64,
        through: u64,
        events: I,
    ) -> Arc<str> {
        let terms = self.terms.within(after, through);
        let head = EventsHead { conference: self.conference, log: self.log, to, after, through, terms };
        events_text(&head, events).into()
    }
}

/// Reads an entry that this version can fold. One of a later level may have another shape.
fn read_entry(text: &str) -> Result<Entry, Refusal> {
    let entry = Entry::parse(text);
    let level = entry.as_ref().map_or_else(|_| Entry::level_of(text), |entry| Ok(entry.level));
    match (entry, level) {
        (_, Ok(level)) if level > LEVEL => Err(Refusal::ConferenceOfLaterVersion),
        (Ok(entry), _) => Ok(entry),
        (Err(_), _) => Err(Refusal::ConferenceDamaged),
    }
}

/// The events that are not for everyone, in order, each with the number of its entry.
fn private(chunk: &[FreshEntry]) -> impl Iterator<Item = (u64, &EntryEvent)> {
    let events = chunk.iter().flat_map(|fresh| fresh.events.iter().map(|event| (fresh.number, event)));
    events.filter(|(_, event)| !event.audience.is_everyone())
}

/// The events up to `until` that are for everyone, or are one of these private ones.
fn visible<'a>(chunk: &'a [FreshEntry], until: u64, private: &'a [usize]) -> impl Iterator<Item = &'a Json> {
    let mut nth = 0;
    let upto = chunk.iter().take_while(move |fresh| fresh.number <= until);
    upto.flat_map(|fresh| fresh.events.iter())
        .filter(move |event| {
            if event.audience.is_everyone() {
                return true;
            }
            nth += 1;
            private.binary_search(&(nth - 1)).is_ok()
        })
        .map(|event| &event.text)
}

/// The number of these entries that fit into one frame; at least one.
fn chunk_len(batch: &[FreshEntry]) -> usize {
    let (mut bytes, mut events) = (0, 0);
    let fits = batch.iter().take_while(|fresh| {
        bytes += fresh.bytes;
        events += fresh.events.len();
        bytes <= BATCH_BYTES_MAX && events <= BATCH_EVENTS_MAX
    });
    fits.count().max(1)
}
