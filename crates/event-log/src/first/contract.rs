//! What every engine must pass. Each function takes a log that holds nothing of the conference it uses, and panics where a
//! duty is not kept; an engine's tests call them all.

#![expect(
    clippy::manual_async_fn,
    reason = "a pure room has futures that name no runtime, and no `async fn`"
)]

use std::sync::Arc;

use convene_model::{ConferenceId, LogId};

use super::{AppendError, CreateError, EventLog, Head, ReadError};

const LOG: LogId = LogId([1; 8]);

fn conference(number: u64) -> ConferenceId {
    ConferenceId::from_random(number)
}

fn entries(texts: &[&str]) -> Vec<Arc<str>> {
    texts.iter().map(|text| Arc::from(*text)).collect()
}

/// Every duty that one process can check.
///
/// # Panics
/// Where a duty is not kept.
pub fn suite<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        what_is_appended_is_read_in_order(log).await;
        a_log_is_begun_once(log).await;
        a_batch_at_another_position_is_refused(log).await;
        pages_end_at_their_limits(log).await;
        logs_do_not_touch_each_other(log).await;
        a_deleted_log_is_unknown(log).await;
    }
}

fn what_is_appended_is_read_in_order<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(1);
        assert_eq!(log.create(id, LOG, Arc::from("a")).await, Ok(()));
        assert_eq!(log.append(id, 1, entries(&["b", "c"])).await, Ok(3));
        assert_eq!(log.append(id, 3, entries(&["d \u{0} \"é\""])).await, Ok(4));
        let page = log.read(id, 0, 10, 1_000).await.unwrap_or_default();
        let texts: Vec<(u64, &str)> = page.iter().map(|(number, text)| (*number, &**text)).collect();
        assert_eq!(texts, [(1, "a"), (2, "b"), (3, "c"), (4, "d \u{0} \"é\"")]);
        let heads = log.heads().await.unwrap_or_default();
        assert!(heads.contains(&Head { conference: id, log: LOG, last: 4 }), "{heads:?}");
    }
}

fn a_log_is_begun_once<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(2);
        assert_eq!(log.create(id, LOG, Arc::from("first")).await, Ok(()));
        assert_eq!(log.create(id, LogId([9; 8]), Arc::from("second")).await, Err(CreateError::Taken));
        assert_eq!(log.read(id, 0, 10, 1_000).await, Ok(vec![(1, Arc::from("first"))]));
    }
}

fn a_batch_at_another_position_is_refused<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(3);
        assert_eq!(log.append(id, 0, entries(&["x"])).await, Err(AppendError::Unknown));
        assert_eq!(log.create(id, LOG, Arc::from("a")).await, Ok(()));
        for after in [0, 2, 7] {
            let refused = log.append(id, after, entries(&["x", "y"])).await;
            assert_eq!(refused, Err(AppendError::Position { last: 1 }), "after {after}");
        }
        assert_eq!(log.append(id, 1, entries(&["b"])).await, Ok(2), "a refused batch leaves nothing behind");
    }
}

fn pages_end_at_their_limits<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(4);
        assert_eq!(log.create(id, LOG, Arc::from("12345")).await, Ok(()));
        assert_eq!(log.append(id, 1, entries(&["12345"; 9])).await, Ok(10));
        let count =
            async |after, limit, bytes| log.read(id, after, limit, bytes).await.map(|page| page.len());
        assert_eq!(count(0, 3, 1_000).await, Ok(3));
        assert_eq!(count(8, 100, 1_000).await, Ok(2));
        assert_eq!(count(0, 100, 11).await, Ok(3), "no more once they have the bytes");
        assert_eq!(count(0, 100, 0).await, Ok(1), "one at least");
        assert_eq!(count(10, 100, 1_000).await, Ok(0));
    }
}

fn logs_do_not_touch_each_other<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let (one, other) = (conference(5), conference(6));
        for (id, text) in [(one, "one"), (other, "other")] {
            assert_eq!(log.create(id, LOG, Arc::from(text)).await, Ok(()));
            assert_eq!(log.append(id, 1, entries(&[text])).await, Ok(2));
        }
        assert_eq!(log.read(one, 1, 10, 1_000).await, Ok(vec![(2, Arc::from("one"))]));
    }
}

fn a_deleted_log_is_unknown<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(7);
        assert_eq!(log.create(id, LOG, Arc::from("a")).await, Ok(()));
        assert_eq!(log.delete(id).await, Ok(()));
        assert_eq!(log.delete(id).await, Ok(()));
        assert_eq!(log.read(id, 0, 1, 1).await, Err(ReadError::Unknown));
        assert_eq!(log.create(id, LOG, Arc::from("again")).await, Ok(()));
    }
}
