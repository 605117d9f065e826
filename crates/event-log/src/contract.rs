//! The duties that every engine must pass. Each function takes a log that holds nothing of the
//! conferences it uses, and panics where a duty is not kept; an engine's tests call them all.

#![expect(
    clippy::manual_async_fn,
    reason = "a pure room has futures that name no runtime, and no `async fn`"
)]
#![expect(clippy::panic, reason = "a duty that is not kept fails the test that asks for it")]

mod deleting;
mod finding;
mod following;
mod owning;
mod writing;

use std::sync::Arc;

use convene_model::{ConferenceId, LogId, TermId};

use crate::{Entry, EventLog, NewEntry};

const LOG: LogId = LogId([1; 8]);
const FIRST: TermId = TermId([2; 16]);
const SECOND: TermId = TermId([3; 16]);

/// Every duty that one process can check.
///
/// # Panics
/// Where a duty is not kept.
pub fn suite<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        writing::what_is_appended_is_read_in_order(log).await;
        writing::a_log_is_begun_once(log).await;
        writing::a_batch_at_another_position_is_refused(log).await;
        writing::the_same_batch_again_completes_its_beginning(log).await;
        writing::pages_end_at_their_limits(log).await;
        writing::logs_do_not_touch_each_other(log).await;
        writing::a_summary_is_written_with_the_entry_that_changes_it(log).await;
        owning::only_who_has_claimed_appends(log).await;
        owning::a_claim_that_is_repeated_is_done(log).await;
        owning::a_claim_of_a_term_that_is_over_founds_nothing(log).await;
        finding::receipts_are_found_by_their_keys(log).await;
        finding::receipts_are_not_looked_for_beyond_the_end(log).await;
        finding::a_snapshot_never_replaces_a_newer_one(log).await;
        finding::a_snapshot_counts_only_where_the_log_holds_its_entry(log).await;
        following::every_entry_is_given_once_and_in_order(log).await;
        following::a_follower_waits_for_more(log).await;
        following::another_log_is_not_followed(log).await;
        following::who_waits_is_told_that_the_log_was_deleted(log).await;
        deleting::a_deleted_log_leaves_a_tombstone(log).await;
        deleting::what_was_never_begun_can_be_deleted(log).await;
    }
}

fn conference(number: u64) -> ConferenceId {
    ConferenceId::from_random(number)
}

fn text(text: &str) -> Arc<str> {
    Arc::from(text)
}

fn entries(texts: &[&str]) -> Vec<NewEntry> {
    texts.iter().map(|text| NewEntry { text: Arc::from(*text), receipt: None }).collect()
}

fn entry(number: u64, term: TermId, text: &str) -> Entry {
    Entry { number, term, text: Arc::from(text) }
}

/// A log with the entries 1 (`a`) and 2 (`t`), of which the second begins the first term.
fn begin<L: EventLog>(log: &L, id: ConferenceId) -> impl Future<Output = ()> {
    async move {
        assert_eq!(log.create(id, LOG, text("a"), text("{}")).await, Ok(()));
        assert_eq!(log.claim(id, FIRST, text("t")).await, Ok(2));
    }
}
