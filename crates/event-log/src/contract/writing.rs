//! Entries, pages and summaries.

use convene_model::{LogId, TermId};

use super::{FIRST, LOG, begin, conference, entries, entry, text};
use crate::{AppendError, CreateError, EventLog, NoLog, ReadError, Summary};

pub(super) fn what_is_appended_is_read_in_order<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(1);
        begin(log, id).await;
        assert_eq!(log.append(id, FIRST, 2, entries(&["b", "c"]), None).await, Ok(()));
        assert_eq!(log.append(id, FIRST, 4, entries(&["d \u{0} \"é\""]), None).await, Ok(()));
        let expected = [
            entry(1, TermId::of_log(LOG), "a"),
            entry(2, FIRST, "t"),
            entry(3, FIRST, "b"),
            entry(4, FIRST, "c"),
            entry(5, FIRST, "d \u{0} \"é\""),
        ];
        assert_eq!(log.read(id, 0, 10, 1_000).await, Ok(expected.to_vec()));
    }
}

pub(super) fn a_log_is_begun_once<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let (id, other) = (conference(2), LogId([9; 8]));
        assert_eq!(log.create(id, LOG, text("first"), text("{}")).await, Ok(()));
        assert_eq!(log.create(id, LOG, text("first"), text("{}")).await, Ok(()), "the same one again");
        assert_eq!(log.create(id, other, text("second"), text("{}")).await, Err(CreateError::Taken));
        let expected = vec![entry(1, TermId::of_log(LOG), "first")];
        assert_eq!(log.read(id, 0, 10, 1_000).await, Ok(expected));
    }
}

pub(super) fn a_batch_at_another_position_is_refused<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(3);
        let missing = Err(AppendError::NoLog(NoLog::NeverBegun));
        assert_eq!(log.append(id, FIRST, 0, entries(&["x"]), None).await, missing);
        assert_eq!(log.read(id, 0, 1, 1).await, Err(ReadError::NoLog(NoLog::NeverBegun)));
        begin(log, id).await;
        for after in [0, 1, 3, 7] {
            let refused = log.append(id, FIRST, after, entries(&["x", "y"]), None).await;
            assert_eq!(refused, Err(AppendError::Position { last: 2 }), "after {after}");
        }
        assert_eq!(log.append(id, FIRST, 2, entries(&["b"]), None).await, Ok(()));
        assert_eq!(log.read(id, 1, 10, 1_000).await.map(|page| page.len()), Ok(2), "nothing else was left");
    }
}

pub(super) fn the_same_batch_again_completes_its_beginning<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(4);
        begin(log, id).await;
        for batch in [&["b"][..], &["b", "c"], &["b", "c"], &["b", "c", "d"], &["b", "c", "d"]] {
            assert_eq!(log.append(id, FIRST, 2, entries(batch), None).await, Ok(()), "{batch:?}");
        }
        let shorter = log.append(id, FIRST, 2, entries(&["b"]), None).await;
        assert_eq!(shorter, Err(AppendError::Position { last: 5 }), "more stands there than the batch");
        let expected = vec![entry(3, FIRST, "b"), entry(4, FIRST, "c"), entry(5, FIRST, "d")];
        assert_eq!(log.read(id, 2, 10, 1_000).await, Ok(expected));
    }
}

pub(super) fn pages_end_at_their_limits<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(5);
        assert_eq!(log.create(id, LOG, text("12345"), text("{}")).await, Ok(()));
        assert_eq!(log.claim(id, FIRST, text("12345")).await, Ok(2));
        assert_eq!(log.append(id, FIRST, 2, entries(&["12345"; 8]), None).await, Ok(()));
        let count =
            async |after, limit, bytes| log.read(id, after, limit, bytes).await.map(|page| page.len());
        assert_eq!(count(0, 3, 1_000).await, Ok(3));
        assert_eq!(count(8, 100, 1_000).await, Ok(2));
        assert_eq!(count(0, 100, 11).await, Ok(3), "no more once they have the bytes");
        assert_eq!(count(0, 100, 0).await, Ok(1), "one at least");
        assert_eq!(count(10, 100, 1_000).await, Ok(0));
        assert_eq!(count(u64::MAX, 100, 1_000).await, Ok(0));
    }
}

pub(super) fn logs_do_not_touch_each_other<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let (one, other) = (conference(6), conference(7));
        for (id, name) in [(one, "one"), (other, "other")] {
            begin(log, id).await;
            assert_eq!(log.append(id, FIRST, 2, entries(&[name]), None).await, Ok(()));
        }
        assert_eq!(log.read(one, 2, 10, 1_000).await, Ok(vec![entry(3, FIRST, "one")]));
    }
}

pub(super) fn a_summary_is_written_with_the_entry_that_changes_it<L: EventLog>(
    log: &L,
) -> impl Future<Output = ()> {
    async move {
        let id = conference(8);
        let summary = async || {
            let all = log.summaries().await.unwrap_or_default();
            assert!(all.is_sorted_by_key(|one| one.conference), "they come by id");
            all.into_iter().find(|one| one.conference == id)
        };
        let expected = |last, it: &str| Some(Summary { conference: id, log: LOG, last, text: text(it) });
        assert_eq!(summary().await, None);
        assert_eq!(log.create(id, LOG, text("a"), text("{\"ended\":false}")).await, Ok(()));
        assert_eq!(summary().await, expected(1, "{\"ended\":false}"));
        assert_eq!(log.claim(id, FIRST, text("t")).await, Ok(2));
        assert_eq!(log.append(id, FIRST, 2, entries(&["b"]), None).await, Ok(()));
        assert_eq!(summary().await, expected(3, "{\"ended\":false}"), "it stays where none is given");
        let ended = Some(text("{\"ended\":true}"));
        assert_eq!(log.append(id, FIRST, 3, entries(&["c"]), ended.clone()).await, Ok(()));
        assert_eq!(summary().await, expected(4, "{\"ended\":true}"));
        let refused = log.append(id, FIRST, 7, entries(&["c"]), Some(text("{}"))).await;
        assert_eq!(refused, Err(AppendError::Position { last: 4 }));
        assert_eq!(summary().await, expected(4, "{\"ended\":true}"), "a refused batch changes nothing");
    }
}
