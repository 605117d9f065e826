//! Followers.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use convene_model::{ConferenceId, LogId, TermId};

use super::{FIRST, LOG, SECOND, begin, conference, entries, entry, text};
use crate::{Entry, EventLog, FollowError, NoLog};

/// Everything up to `last`, page by page.
fn all<L: EventLog>(log: &L, id: ConferenceId, last: u64) -> impl Future<Output = Vec<Entry>> {
    async move {
        let mut all = Vec::<Entry>::new();
        let (mut after, mut term) = (0, TermId::of_log(LOG));
        while after < last {
            let page = log.follow(id, after, term).await;
            all.extend(page.unwrap_or_else(|error| panic!("after {after}: {error}")));
            (after, term) = all.last().map_or((u64::MAX, term), |entry| (entry.number, entry.term));
        }
        all
    }
}

/// Lets a future begin, and says what it gave at once.
fn begun<F: Future>(mut future: Pin<&mut F>) -> impl Future<Output = Option<F::Output>> {
    poll_fn(move |cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
}

pub(super) fn every_entry_is_given_once_and_in_order<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(60);
        begin(log, id).await;
        let long = "x".repeat(crate::FOLLOW_BYTES / 3);
        assert_eq!(log.append(id, FIRST, 2, entries(&[long.as_str(); 10]), None).await, Ok(()));
        assert_eq!(log.append(id, FIRST, 12, entries(&["b"; crate::FOLLOW_ENTRIES]), None).await, Ok(()));
        assert_eq!(log.claim(id, SECOND, text("u")).await, Ok(13 + crate::FOLLOW_ENTRIES as u64));
        let last = 13 + crate::FOLLOW_ENTRIES as u64;
        let all = all(log, id, last).await;
        assert!(all.iter().map(|entry| entry.number).eq(1..=last));
        assert_eq!(all.get(1), Some(&entry(2, FIRST, "t")));
        assert_eq!(all.last(), Some(&entry(last, SECOND, "u")));
        let page = log.follow(id, 12, FIRST).await;
        assert_eq!(page.map(|page| page.len()), Ok(crate::FOLLOW_ENTRIES), "a page ends at its limit");
    }
}

pub(super) fn a_follower_waits_for_more<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(61);
        begin(log, id).await;
        let mut one = pin!(log.follow(id, 2, FIRST));
        let mut other = pin!(log.follow(id, 2, FIRST));
        assert_eq!(begun(one.as_mut()).await, None);
        assert_eq!(begun(other.as_mut()).await, None);
        assert_eq!(log.append(id, FIRST, 2, entries(&["b"]), None).await, Ok(()));
        assert_eq!(one.await, Ok(vec![entry(3, FIRST, "b")]));
        assert_eq!(other.await, Ok(vec![entry(3, FIRST, "b")]));
        let mut next = pin!(log.follow(id, 3, FIRST));
        assert_eq!(begun(next.as_mut()).await, None);
        assert_eq!(log.claim(id, SECOND, text("u")).await, Ok(4));
        assert_eq!(next.await, Ok(vec![entry(4, SECOND, "u")]));
    }
}

pub(super) fn another_log_is_not_followed<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(62);
        let missing = Err(FollowError::NoLog(NoLog::NeverBegun));
        assert_eq!(log.follow(id, 0, TermId::of_log(LOG)).await, missing);
        begin(log, id).await;
        let elsewhere = [
            (0, TermId::of_log(LogId([9; 8]))),
            (0, FIRST),
            (1, FIRST),
            (2, TermId::of_log(LOG)),
            (2, SECOND),
            (3, FIRST),
            (u64::MAX, FIRST),
        ];
        for (after, term) in elsewhere {
            assert_eq!(log.follow(id, after, term).await, Err(FollowError::AnotherLog), "{after} of {term}");
        }
    }
}

pub(super) fn who_waits_is_told_that_the_log_was_deleted<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(63);
        begin(log, id).await;
        let mut following = pin!(log.follow(id, 2, FIRST));
        assert_eq!(begun(following.as_mut()).await, None);
        assert_eq!(log.delete(id).await, Ok(()));
        assert_eq!(following.await, Err(FollowError::NoLog(NoLog::Deleted)));
    }
}
