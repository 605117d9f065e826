//! Snapshots: the state in place of the events that led to it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_conference::{Own, OwnParts};
use convene_model::Json;
use convene_model::limits::{
    BATCH_BYTES_MAX, FRAME_BYTES_MAX, SNAPSHOT_INTERVAL_MIN, SNAPSHOT_TAIL_BYTES, TERMS_MAX,
};
use convene_protocol::{OwnPart, ServerFrame, Snapshot, TermStart};

use super::Publisher;
use super::places::{Awaits, Progress};
use super::run::Reader;
use crate::messages::{Note, Place};

/// The level at which DEFLATE compresses the state: higher levels cost much more time and save
/// little.
const COMPRESSION: u8 = 6;
/// Bytes of the first part beside its terms and its data.
const ENVELOPE_BYTES_MAX: usize = 1_024;
/// Bytes of one term as it is written, at most.
const TERM_BYTES_MAX: usize = 64;

/// The state after an entry, as it is sent.
#[derive(Debug)]
pub(super) struct ReadySnapshot {
    number: u64,
    /// Bytes of events that had been told before.
    total: u64,
    /// The frames of the public part, the same for every seat.
    parts: Vec<Arc<str>>,
    /// The own parts of everyone.
    own: OwnParts,
}

/// A snapshot on its way to seats of one link: the parts go once to all of them.
#[derive(Debug)]
pub(super) struct Download {
    made: Arc<ReadySnapshot>,
    /// The number of parts that were sent.
    sent: usize,
    seats: BTreeSet<u32>,
}

impl Download {
    /// A seat is not open any more; says whether it was the last.
    pub(super) fn leave(&mut self, index: u32) -> bool {
        self.seats.remove(&index) && self.seats.is_empty()
    }
}

/// The latest snapshot, and when the next may be made.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    latest: Option<(Instant, Arc<ReadySnapshot>)>,
}

impl Snapshots {
    /// Before which no other may be made.
    pub(super) fn due(&self) -> Option<Instant> {
        self.latest.as_ref().map(|(made_at, _)| *made_at + SNAPSHOT_INTERVAL_MIN)
    }
}

impl<L: Clone> Publisher<L> {
    /// Begins to send a snapshot at `cursor` or above to a seat; gives its number, or what must be
    /// awaited before.
    pub(super) fn begin_download(&mut self, place: Place, cursor: u64, now: Instant) -> Result<u64, Awaits> {
        let under_way = self.places.download(place.link).and_then(|download| download.as_mut());
        if let Some(download) = under_way {
            // A seat that comes later than the first part would miss that part.
            if download.sent > 0 || download.made.number < cursor {
                return Err(Awaits::Download);
            }
            download.seats.insert(place.index);
            return Ok(download.made.number);
        }
        let made = self.snapshot(cursor, now).ok_or(Awaits::Snapshot)?;
        let number = made.number;
        if let Some(download) = self.places.download(place.link) {
            *download = Some(Download { made, sent: 0, seats: BTreeSet::from([place.index]) });
        }
        Ok(number)
    }

    /// Sends a seat the next part, or at last its own.
    pub(super) fn send_download(&mut self, place: Place, now: Instant) {
        let Some(link) = self.places.link(place.link) else { return };
        let index = place.index;
        let Some(Some(download)) = self.places.download(place.link) else { return };
        if let Some(part) = download.made.parts.get(download.sent) {
            download.sent += 1;
            let text = Arc::clone(part);
            return self.tell_text(link, text, Note::More { index });
        }
        let made = Arc::clone(&download.made);
        let is_through = download.leave(index);
        if is_through && let Some(under_way) = self.places.download(place.link) {
            *under_way = None;
        }
        self.send_own(place, &made);
        if is_through {
            self.settle_all(self.places.awaiting_download(place.link), now);
        }
    }

    /// Sends a seat its own part of a snapshot, and lets it go on from there.
    fn send_own(&mut self, place: Place, made: &ReadySnapshot) {
        let Some(link) = self.places.link(place.link) else { return };
        let Some(seat) = self.places.get_mut(place) else { return };
        seat.sent = made.number;
        let (key, index) = (seat.key, place.index);
        let state = made.own(seat.reader);
        let done = made.number >= self.end_for(key);
        let frame = ServerFrame::Own(OwnPart { index, number: made.number, state });
        self.tell(link, &frame, if done { Note::Enough { index } } else { Note::More { index } });
        self.places.set_progress(place, Progress::AwaitsRoom);
        self.release(place);
        if done {
            self.follow_or_end(place);
        }
    }

    /// A snapshot at `cursor` or above: the latest, where little came behind it or the next may not
    /// be made yet.
    fn snapshot(&mut self, cursor: u64, now: Instant) -> Option<Arc<ReadySnapshot>> {
        let is_early = self.snapshots.due().is_some_and(|due| now < due);
        if let Some((_, made)) = &self.snapshots.latest
            && made.number >= cursor
            && (is_early || self.tail.total() - made.total <= SNAPSHOT_TAIL_BYTES as u64)
        {
            return Some(Arc::clone(made));
        }
        if is_early {
            return None;
        }
        let made = Arc::new(self.make_snapshot());
        self.snapshots.latest = Some((now, Arc::clone(&made)));
        Some(made)
    }

    fn make_snapshot(&self) -> ReadySnapshot {
        // Maps have text for keys, and nothing in a state fails by itself.
        let state = serde_json::to_vec(self.state.public()).unwrap_or_default();
        let data = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&state, COMPRESSION));
        let list = self.terms.list();
        let terms = list.get(list.len().saturating_sub(TERMS_MAX)..).unwrap_or_default();
        let pieces = pieces(&data, terms.len());
        let parts = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        let frame = |(part, data): (u32, &str)| {
            let terms: &[TermStart] = if part == 0 { terms } else { &[] };
            let (conference, log, number, level) = (self.conference, self.log, self.last, self.level);
            let (terms, data) = (terms.to_vec(), data.to_owned());
            let frame = Snapshot { conference, log, number, level, terms, part, parts, data };
            ServerFrame::Snapshot(frame).to_string().into()
        };
        ReadySnapshot {
            number: self.last,
            total: self.tail.total(),
            parts: (0..).zip(pieces).map(frame).collect(),
            own: self.state.own_parts(),
        }
    }
}

impl ReadySnapshot {
    /// The part that a participant alone may know, as the key of this seat may know it.
    fn own(&self, reader: Reader) -> Json {
        let own = self.own.of(reader.participant).since(reader.private_from);
        // An own part has text for keys, and nothing in it fails by itself.
        Json::of(&own).or_else(|_| Json::of(&Own::default())).unwrap_or_else(|_| unreachable!("{{}} is JSON"))
    }
}

/// Cuts data into pieces for one frame each; so many terms stand beside the first.
fn pieces(data: &str, terms: usize) -> Vec<&str> {
    let room = FRAME_BYTES_MAX.saturating_sub(ENVELOPE_BYTES_MAX + terms * TERM_BYTES_MAX);
    let mut room = room.min(BATCH_BYTES_MAX);
    let (mut rest, mut pieces) = (data, Vec::new());
    loop {
        // The data is base64url: a piece may end anywhere.
        let (piece, later) = rest.split_at_checked(room).unwrap_or((rest, ""));
        pieces.push(piece);
        if later.is_empty() {
            return pieces;
        }
        (rest, room) = (later, BATCH_BYTES_MAX);
    }
}
