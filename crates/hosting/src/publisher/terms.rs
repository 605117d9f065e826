//! The terms of a log, and how far a replica of it goes.

use convene_model::{LogId, TermId};
use convene_protocol::TermStart;

/// Terms that one frame tells beside its events: together they stay below the limit of a frame.
const TERMS_IN_FRAME: usize = 1_024;

/// The terms of a log as far as it was read, and where they begin.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    of_log: TermId,
    list: Vec<TermStart>,
}

impl Terms {
    pub(super) fn new(log: LogId, list: Vec<TermStart>) -> Self {
        Self { of_log: TermId::of_log(log), list }
    }

    pub(super) fn begin(&mut self, term: TermId, from: u64) {
        self.list.push(TermStart { term, from });
    }

    pub(super) fn list(&self) -> &[TermStart] {
        &self.list
    }

    pub(super) fn newest(&self) -> TermId {
        self.list.last().map_or(self.of_log, |start| start.term)
    }

    /// The terms that begin above `after`, up to `through`.
    pub(super) fn within(&self, after: u64, through: u64) -> &[TermStart] {
        let begin = self.list.partition_point(|start| start.from <= after);
        let end = self.list.partition_point(|start| start.from <= through).max(begin);
        let begin = if planted!(TermsUntold) { end.saturating_sub(1).max(begin) } else { begin };
        self.list.get(begin..end).unwrap_or_default()
    }

    /// The number, `through` at most, up to which a frame can go that begins above `after`.
    pub(super) fn frame_end(&self, after: u64, through: u64) -> u64 {
        self.within(after, through).get(TERMS_IN_FRAME).map_or(through, |start| start.from - 1)
    }

    /// The latest terms above `after`, up to `through`: so many as one frame can tell.
    pub(super) fn latest(&self, after: u64, through: u64) -> &[TermStart] {
        let terms = self.within(after, through);
        terms.get(terms.len().saturating_sub(TERMS_IN_FRAME)..).unwrap_or_default()
    }

    /// The last number that this log, read up to `last`, has in common with a replica that goes up
    /// to `top` in these terms.
    ///
    /// For example, this log has term A from 1 and term B from 8, and was read up to 12. A replica
    /// up to 10 whose terms are A from 1 and C from 6 has in common with it what A holds in both:
    /// up to 5.
    pub(super) fn common(&self, last: u64, top: u64, theirs: &[TermStart]) -> u64 {
        let ends = |next: usize| self.list.get(next).map_or(last, |start| start.from - 1);
        let mut end = top;
        for start in theirs.iter().rev() {
            let place = self.list.binary_search_by_key(&start.from, |mine| mine.from);
            let held = place.ok().filter(|place| self.list.get(*place) == Some(start));
            if let Some(place) = held {
                return end.min(ends(place + 1));
            }
            end = end.min(start.from.saturating_sub(1));
        }
        end.min(ends(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(list: &[(u8, u64)]) -> Vec<TermStart> {
        list.iter().map(|(term, from)| TermStart { term: TermId([*term; 16]), from: *from }).collect()
    }

    fn terms() -> Terms {
        Terms::new(LogId([0; 8]), starts(&[(1, 2), (2, 8)]))
    }

    #[test]
    fn what_both_have_ends_where_one_of_both_goes_another_way() {
        let common = |top, theirs: &[(u8, u64)]| terms().common(12, top, &starts(theirs));
        assert_eq!(common(10, &[(1, 2), (2, 8)]), 10, "within the same terms");
        assert_eq!(common(15, &[(1, 2), (2, 8)]), 12, "the replica is ahead");
        assert_eq!(common(10, &[(1, 2), (3, 6)]), 5, "the replica went another way at 6");
        assert_eq!(common(10, &[(1, 2), (3, 9)]), 7, "this log went another way at 8");
        assert_eq!(common(15, &[(1, 2), (2, 8), (3, 14)]), 12, "a term begins that was not read yet");
        assert_eq!(common(9, &[(7, 2)]), 1, "only what came before the first term");
        assert_eq!(common(9, &[]), 1);
        assert_eq!(common(0, &[]), 0);
    }

    #[test]
    fn a_frame_tells_no_more_terms_than_fit() {
        let list = (1..=3_000).map(|from| TermStart { term: TermId([1; 16]), from: 10 * from }).collect();
        let terms = Terms::new(LogId([0; 8]), list);
        let (mut after, mut frames) = (0, 0);
        while after < 40_000 {
            let end = terms.frame_end(after, 40_000);
            assert!(terms.within(after, end).len() <= TERMS_IN_FRAME);
            (after, frames) = (end, frames + 1);
        }
        assert_eq!(frames, 3);
        assert_eq!(terms.latest(0, 40_000).last(), terms.list().last());
        assert_eq!(terms.latest(0, 40_000).len(), TERMS_IN_FRAME);
    }

    #[test]
    fn terms_of_nonsense_harm_nobody() {
        let theirs = starts(&[(2, 8), (1, 0), (9, u64::MAX), (9, 0)]);
        assert_eq!(terms().common(12, u64::MAX, &theirs), 0);
    }

    #[test]
    fn a_frame_tells_the_terms_that_begin_in_it() {
        let terms = terms();
        assert_eq!(terms.within(1, 8), terms.list());
        assert_eq!(terms.within(2, 7), []);
        assert_eq!(terms.within(9, 3), []);
        assert_eq!(terms.newest(), TermId([2; 16]));
    }
}
