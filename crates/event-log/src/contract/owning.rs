//! Terms.

use convene_model::TermId;

use super::{FIRST, LOG, SECOND, begin, conference, entries, entry, text};
use crate::{AppendError, ClaimError, EventLog, NoLog};

pub(super) fn only_who_has_claimed_appends<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(20);
        let missing = Err(ClaimError::NoLog(NoLog::NeverBegun));
        assert_eq!(log.claim(id, FIRST, text("t")).await, missing);
        assert_eq!(log.create(id, LOG, text("a"), text("{}")).await, Ok(()));
        for term in [FIRST, TermId::of_log(LOG)] {
            let refused = log.append(id, term, 1, entries(&["x"]), None).await;
            assert_eq!(refused, Err(AppendError::NotOwner), "{term}");
        }
        assert_eq!(log.claim(id, FIRST, text("t")).await, Ok(2));
        assert_eq!(log.append(id, FIRST, 2, entries(&["b"]), None).await, Ok(()));
        assert_eq!(log.claim(id, SECOND, text("u")).await, Ok(4));
        // Also where the position fits, and where it is the repetition of a batch that stands.
        for after in [2, 4] {
            let refused = log.append(id, FIRST, after, entries(&["b"]), None).await;
            assert_eq!(refused, Err(AppendError::NotOwner), "after {after}");
        }
        // A batch of the new term never takes entries of an older one for its beginning.
        let refused = log.append(id, SECOND, 2, entries(&["b", "u", "c"]), None).await;
        assert_eq!(refused, Err(AppendError::Position { last: 4 }));
        assert_eq!(log.append(id, SECOND, 4, entries(&["c"]), None).await, Ok(()));
        let expected = vec![
            entry(1, TermId::of_log(LOG), "a"),
            entry(2, FIRST, "t"),
            entry(3, FIRST, "b"),
            entry(4, SECOND, "u"),
            entry(5, SECOND, "c"),
        ];
        assert_eq!(log.read(id, 0, 10, 1_000).await, Ok(expected));
    }
}

pub(super) fn a_claim_that_is_repeated_is_done<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(21);
        begin(log, id).await;
        assert_eq!(log.claim(id, FIRST, text("t")).await, Ok(2));
        assert_eq!(log.append(id, FIRST, 2, entries(&["b"]), None).await, Ok(()));
        assert_eq!(
            log.claim(id, FIRST, text("t")).await,
            Ok(3),
            "the log's last entry, not the term's first"
        );
        assert_eq!(log.append(id, FIRST, 3, entries(&["c"]), None).await, Ok(()));
        assert_eq!(log.read(id, 0, 10, 1_000).await.map(|page| page.len()), Ok(4));
    }
}

pub(super) fn a_claim_of_a_term_that_is_over_founds_nothing<L: EventLog>(
    log: &L,
) -> impl Future<Output = ()> {
    async move {
        let id = conference(22);
        begin(log, id).await;
        assert_eq!(log.claim(id, SECOND, text("u")).await, Ok(3));
        for over in [FIRST, TermId::of_log(LOG)] {
            assert_eq!(log.claim(id, over, text("t")).await, Err(ClaimError::NotOwner), "{over}");
        }
        assert_eq!(log.append(id, SECOND, 3, entries(&["b"]), None).await, Ok(()), "it still owns the log");
        assert_eq!(log.read(id, 0, 10, 1_000).await.map(|page| page.len()), Ok(4));
    }
}
