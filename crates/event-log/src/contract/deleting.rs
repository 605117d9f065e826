//! Tombstones.

use convene_model::{LogId, TermId};

use super::{FIRST, LOG, SECOND, begin, conference, entries, text};
use crate::{
    AppendError, ClaimError, CreateError, EventLog, FindError, FollowError, NoLog, PutError, ReadError,
    Snapshot,
};

pub(super) fn a_deleted_log_leaves_a_tombstone<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let (id, other) = (conference(80), conference(81));
        begin(log, id).await;
        begin(log, other).await;
        let snapshot = Snapshot { number: 2, term: FIRST, text: text("s") };
        assert_eq!(log.put_snapshot(id, snapshot.clone()).await, Ok(()));
        assert_eq!(log.delete(id).await, Ok(()));
        assert_eq!(log.delete(id).await, Ok(()), "repeated it is done");
        assert_eq!(log.read(id, 0, 1, 1).await, Err(ReadError::NoLog(NoLog::Deleted)));
        let followed = log.follow(id, 0, TermId::of_log(LOG)).await;
        assert_eq!(followed, Err(FollowError::NoLog(NoLog::Deleted)));
        assert_eq!(log.latest_snapshot(id).await, Err(ReadError::NoLog(NoLog::Deleted)));
        assert_eq!(log.put_snapshot(id, snapshot).await, Err(PutError::NoLog(NoLog::Deleted)));
        assert_eq!(log.find_receipts(id, Vec::new(), 0).await, Err(FindError::NoLog(NoLog::Deleted)));
        let appended = log.append(id, FIRST, 2, entries(&["b"]), None).await;
        assert_eq!(appended, Err(AppendError::NoLog(NoLog::Deleted)));
        assert_eq!(log.claim(id, SECOND, text("u")).await, Err(ClaimError::NoLog(NoLog::Deleted)));
        for log_id in [LOG, LogId([9; 8])] {
            let again = log.create(id, log_id, text("again"), text("{}")).await;
            assert_eq!(again, Err(CreateError::Deleted));
        }
        let summaries = log.summaries().await.unwrap_or_default();
        assert!(summaries.iter().all(|one| one.conference != id));
        assert_eq!(log.read(other, 0, 10, 100).await.map(|page| page.len()), Ok(2));
    }
}

pub(super) fn what_was_never_begun_can_be_deleted<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(82);
        assert_eq!(log.delete(id).await, Ok(()));
        assert_eq!(log.create(id, LOG, text("late"), text("{}")).await, Err(CreateError::Deleted));
        assert_eq!(log.read(id, 0, 1, 1).await, Err(ReadError::NoLog(NoLog::Deleted)));
    }
}
