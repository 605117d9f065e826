//! Bringing seats up to where the others are, and reading the past.

use std::sync::Arc;

use convene_conference::{Audience, Refusal};
use convene_model::LinkId;
use convene_model::limits::{BATCH_BYTES_MAX, REPLAY_EVENTS_MAX};
use convene_protocol::{
    EventsHead, HistoryRequest, Opened, OpenedOutcome, Resumption, ServerFrame, Snapshot, To, events_text,
    history_text,
};

use super::Host;
use super::audience::{Listener, Place, Standing};
use super::deciding::WantedSeat;
use super::entry::{self, EntryError};
use super::outputs::{Output, Read, ReadFor, batch_len};

/// The visible ones of a run of entries, with their numbers.
type Run = Vec<(u64, Arc<str>)>;

impl<L: Clone> Host<L> {
    /// The link has room for more events of this seat.
    pub fn handle_ready(&mut self, link: LinkId, index: u32) {
        self.bring_up(Place { link, index });
    }

    /// Someone wants a page of the past. The answer is a frame, perhaps of fewer events than were asked for.
    pub fn handle_history(&mut self, link: LinkId, request: HistoryRequest) {
        let place = Place { link, index: request.index };
        let Some(listener) = self.audiences.get(place) else { return };
        let (link, through) = (listener.handle.clone(), request.through.min(self.end_for(listener)));
        // Behind the end, or behind the leaving of who asks, there is nothing: the page says so by
        // leading no further.
        if through <= request.after {
            return self.send_history(link, place, request.after, request.after, Run::new());
        }
        match self.visible(listener, request.after, through) {
            Some(run) => self.send_history(link, place, request.after, through, run),
            None => {
                let wanted = ReadFor { link, place, history: Some(through) };
                self.outputs.push_back(Output::Read(Read { after: request.after, wanted }));
            }
        }
    }

    /// Takes a page of the log: the entries above `read.after`, in order, at least one.
    ///
    /// # Errors
    /// When the log holds something that is not an entry. Whoever wanted it gets no answer.
    pub fn handle_read(&mut self, read: Read<L>, entries: &[Arc<str>]) -> Result<(), EntryError> {
        let Read { after, wanted: ReadFor { link, place, history } } = read;
        let Some(listener) = self.audiences.get(place) else { return Ok(()) };
        let (participant, end) = (listener.participant, history.unwrap_or_else(|| self.end_for(listener)));
        let may_see = |audience: Audience| self.durable_state.may_see(participant, audience);
        let mut run = Run::new();
        let mut through = after;
        for text in entries {
            if through == end {
                break;
            }
            through += 1;
            run.extend(entry::visible(text, may_see)?.map(|text| (through, text)));
        }
        if history.is_some() {
            self.send_history(link, place, after, through, run);
        } else if listener.standing == Standing::Behind(after) {
            self.send_run(place, after, through, run);
        }
        Ok(())
    }

    /// Opens a seat whose entry is durable.
    pub(super) fn open(&mut self, handle: L, place: Place, wanted: &WantedSeat) {
        let Some(seat) = self.roll.seat(wanted.key) else {
            return self.refuse(handle, place, Refusal::SeatUnknown);
        };
        let (participant, role, last_number) = (seat.participant, seat.right, seat.last_number);
        let cursor = wanted.cursor.filter(|cursor| cursor.log == self.log && cursor.number <= self.durable);
        let from = cursor.map_or(0, |cursor| cursor.number);
        let lost = cursor.is_none() && wanted.cursor.is_some_and(|cursor| cursor.log == self.log);
        let (resume, standing) = if lost || self.durable - from > REPLAY_EVENTS_MAX {
            (Resumption::Snapshot, Standing::Behind(self.durable))
        } else if from == self.durable {
            (Resumption::Current, Standing::Behind(from))
        } else {
            (Resumption::Replay, Standing::Behind(from))
        };
        let (conference, log) = (self.conference, self.log);
        let outcome = OpenedOutcome::Open { participant, conference, log, role, last_number, resume };
        self.send(handle.clone(), &ServerFrame::Opened(vec![Opened { index: place.index, outcome }]));
        if resume == Resumption::Snapshot {
            self.send_snapshot(&handle, place);
        }
        self.audiences
            .insert(place, Listener { handle, key: wanted.key, participant, right: role, standing });
        self.bring_up(place);
    }

    pub(super) fn refuse(&mut self, link: L, place: Place, code: Refusal) {
        let outcome = OpenedOutcome::Refused { code };
        self.send(link, &ServerFrame::Opened(vec![Opened { index: place.index, outcome }]));
    }

    /// Sends a seat that is behind the next events, or lets it follow.
    pub(super) fn bring_up(&mut self, place: Place) {
        let Some(listener) = self.audiences.get(place) else { return };
        let Standing::Behind(told) = listener.standing else { return };
        let end = self.end_for(listener);
        if told >= end {
            let gone = self.left.contains_key(&listener.participant);
            return self
                .audiences
                .set_standing(place, if gone { Standing::Gone(told) } else { Standing::Following });
        }
        match self.visible(listener, told, end) {
            Some(run) => self.send_run(place, told, end, run),
            None => {
                let wanted = ReadFor { link: listener.handle.clone(), place, history: None };
                self.outputs.push_back(Output::Read(Read { after: told, wanted }));
            }
        }
    }

    /// Sends as many of these events as fit into one frame, and goes on when the link is ready.
    fn send_run(&mut self, place: Place, after: u64, through: u64, mut run: Run) {
        let Some(listener) = self.audiences.get(place) else { return };
        let (link, participant) = (listener.handle.clone(), listener.participant);
        let through = cut(&mut run, through);
        let to = To::One(participant);
        let head = EventsHead { conference: self.conference, log: self.log, to, after, through };
        let text = events_text(&head, run.iter().map(|(_, text)| text));
        self.audiences.set_standing(place, Standing::Behind(through));
        let done = self.audiences.get(place).is_some_and(|listener| through >= self.end_for(listener));
        self.outputs.push_back(Output::Frame { link, text, ready: (!done).then_some(place.index) });
        if done {
            self.bring_up(place);
        }
    }

    fn send_history(&mut self, link: L, place: Place, after: u64, through: u64, mut run: Run) {
        let through = cut(&mut run, through);
        let text = history_text(place.index, after, through, run.iter().map(|(_, text)| text));
        self.outputs.push_back(Output::Frame { link, text, ready: None });
    }

    fn send_snapshot(&mut self, link: &L, place: Place) {
        let state = serde_json::to_string(&self.durable_state).unwrap_or_default();
        let pieces = pieces(&state);
        let parts = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        for (part, data) in (0..).zip(pieces) {
            let (index, number, data) = (place.index, self.durable, data.to_owned());
            self.send(link.clone(), &ServerFrame::Snapshot(Snapshot { index, number, part, parts, data }));
        }
    }

    /// How far this seat is to be told.
    fn end_for(&self, listener: &Listener<L>) -> u64 {
        self.left.get(&listener.participant).copied().unwrap_or(self.durable)
    }

    fn visible(&self, listener: &Listener<L>, after: u64, through: u64) -> Option<Run> {
        let may_see = |audience| self.durable_state.may_see(listener.participant, audience);
        let span = self.tail.span(after, through)?;
        Some(
            span.filter(|(_, audience, _)| may_see(*audience))
                .map(|(seq, _, text)| (seq, text.clone()))
                .collect(),
        )
    }
}

/// Leaves what fits into one frame; says up to where that goes.
fn cut(run: &mut Run, through: u64) -> u64 {
    let fits = batch_len(run.iter().map(|(_, text)| text.len()));
    if fits >= run.len() {
        return through;
    }
    run.truncate(fits);
    run.last().map_or(through, |(seq, _)| *seq)
}

/// Cuts a text into pieces that each fit into one frame even where every character has to be escaped.
fn pieces(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(rest.floor_char_boundary(BATCH_BYTES_MAX / 2));
        pieces.push(piece);
        rest = later;
    }
    pieces
}
