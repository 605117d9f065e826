//! The terms of a log, as far as a replica was told.

use convene_model::limits::TERMS_MAX;
use convene_model::{LogId, TermId, TermStart};

/// The terms that were told, in the order in which they begin. The one before the first of them is
/// named after the log and not written.
///
/// Invariant: at most [`TERMS_MAX`]; beyond that the oldest are forgotten, and the seat asks for a
/// snapshot whenever it is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms(Vec<TermStart>);

impl Terms {
    /// From what was stored, in order.
    pub fn from_starts(starts: Vec<TermStart>) -> Self {
        let mut terms = Self::default();
        terms.learn(&starts);
        terms
    }

    /// The beginning of each term.
    pub fn starts(&self) -> &[TermStart] {
        &self.0
    }

    /// The term of an entry.
    pub fn term_of(&self, log: LogId, number: u64) -> TermId {
        self.up_to(number).last().map_or_else(|| TermId::of_log(log), |start| start.term)
    }

    /// The last number of a term that lies at or below `through`; `None` for an unknown term.
    pub(crate) fn end_of(&self, log: LogId, term: TermId, through: u64) -> Option<u64> {
        let next = if term == TermId::of_log(log) {
            0
        } else {
            self.up_to(through).iter().rposition(|start| start.term == term)? + 1
        };
        let end = self.0.get(next).map_or(through, |next| next.from.saturating_sub(1));
        Some(end.min(through))
    }

    /// Those that begin at or below a number.
    pub(crate) fn up_to(&self, through: u64) -> &[TermStart] {
        let known = self.0.partition_point(|start| start.from <= through);
        self.0.get(..known).unwrap_or_default()
    }

    /// Which of these are news, and begin at or below `through`.
    pub(crate) fn news(&self, told: &[TermStart], through: u64) -> Vec<TermStart> {
        let mut last = self.0.last().map_or(0, |last| last.from);
        let mut news = Vec::new();
        for start in told {
            let known = self.0.iter().chain(&news).any(|known| known.term == start.term);
            if start.from > last && start.from <= through && !known {
                last = start.from;
                news.push(*start);
            }
        }
        news
    }

    pub(crate) fn learn(&mut self, news: &[TermStart]) {
        self.0.extend_from_slice(news);
        let beyond = self.0.len().saturating_sub(TERMS_MAX);
        self.0.drain(..beyond);
    }

    /// Whether there may have been more of them than are kept.
    pub(crate) fn are_full(&self) -> bool {
        self.0.len() >= TERMS_MAX
    }

    pub(crate) fn cut(&mut self, through: u64) {
        self.0.retain(|start| start.from <= through);
    }
}
