//! A run of entries as one seat may read them, cut to what fits into a frame.

use std::collections::VecDeque;

use convene_conference::Audience;
use convene_model::ParticipantId;
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};

/// The rights of one seat.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) participant: ParticipantId,
    /// Private events from this entry on.
    pub(super) private_from: u64,
}

impl Reader {
    pub(super) fn may_read(self, number: u64, audience: &Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::Only(_) => number >= self.private_from && audience.includes(self.participant),
        }
    }
}

/// The events of whole entries, in order, as texts of type `T`.
#[derive(Debug)]
pub(super) struct Run<T> {
    entries: VecDeque<(u64, Vec<T>)>,
    events: usize,
    bytes: usize,
}

impl<T> Default for Run<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), events: 0, bytes: 0 }
    }
}

impl<T: AsRef<str>> Run<T> {
    /// Whether entries with so many events and bytes fit beside those that are here. One always
    /// does.
    fn fits(&self, events: usize, bytes: usize) -> bool {
        let few = self.events + events <= BATCH_EVENTS_MAX && self.bytes + bytes <= BATCH_BYTES_MAX;
        few || self.entries.is_empty()
    }

    fn measured<'e, E>(reader: Reader, number: u64, events: E) -> Option<(Vec<T>, usize)>
    where
        E: Iterator<Item = (&'e Audience, T)>,
    {
        let texts = events.filter(|(audience, _)| reader.may_read(number, audience));
        let texts: Vec<T> = texts.map(|(_, text)| text).collect();
        let bytes = texts.iter().map(|text| text.as_ref().len()).sum();
        (!texts.is_empty()).then_some((texts, bytes))
    }

    /// Puts an entry behind the others, if it fits.
    pub(super) fn push_back<'e, E>(&mut self, reader: Reader, number: u64, events: E) -> bool
    where
        E: Iterator<Item = (&'e Audience, T)>,
    {
        let Some((texts, bytes)) = Self::measured(reader, number, events) else { return true };
        let fits = self.fits(texts.len(), bytes);
        if fits {
            self.events += texts.len();
            self.bytes += bytes;
            self.entries.push_back((number, texts));
        }
        fits
    }

    /// Puts an entry in front of the others, if it fits.
    pub(super) fn push_front<'e, E>(&mut self, reader: Reader, number: u64, events: E) -> bool
    where
        E: Iterator<Item = (&'e Audience, T)>,
    {
        let Some((texts, bytes)) = Self::measured(reader, number, events) else { return true };
        let fits = self.fits(texts.len(), bytes);
        if fits {
            self.events += texts.len();
            self.bytes += bytes;
            self.entries.push_front((number, texts));
        }
        fits
    }

    /// Puts an entry behind the others and lets go of the oldest that do not fit beside it; gives
    /// the number of the last of those.
    pub(super) fn roll<'e, E>(&mut self, reader: Reader, number: u64, events: E) -> Option<u64>
    where
        E: Iterator<Item = (&'e Audience, T)>,
    {
        let (texts, bytes) = Self::measured(reader, number, events)?;
        let mut gone = None;
        while !self.fits(texts.len(), bytes)
            && let Some((oldest, let_go)) = self.entries.pop_front()
        {
            self.events -= let_go.len();
            self.bytes -= let_go.iter().map(|text| text.as_ref().len()).sum::<usize>();
            gone = Some(oldest);
        }
        self.events += texts.len();
        self.bytes += bytes;
        self.entries.push_back((number, texts));
        gone
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().flat_map(|(_, texts)| texts)
    }
}
