//! The trait, with its duties.

use std::sync::Arc;

use convene_model::{ConferenceId, LogId, TermId};

use crate::errors::{
    AppendError, ClaimError, CreateError, FindError, FollowError, PutError, ReadError, StorageError,
    WriteError,
};
use crate::parts::{Entry, NewEntry, ReceiptKey, Snapshot, Summary};

/// Entries that [`EventLog::follow`] gives at once, at most.
pub const FOLLOW_ENTRIES: usize = 1_000;
/// Bytes of text after which a page of [`EventLog::follow`] ends.
pub const FOLLOW_BYTES: usize = 1024 * 1024;

/// A log with its duties.
///
/// * **Durable**: what was answered by `Ok`, and what was ever read, survives. Each engine says
///   which failures.
/// * **Whole entries**: an entry is in the log entirely or not at all, with its receipt's key. Of a
///   batch a beginning may stand; the same batch again completes it.
/// * **One order**: numbers are consecutive, and an entry never changes.
/// * **One writer**: only the process of the newest term appends.
/// * **Read your writes**: what was answered by `Ok` is in every later answer.
/// * **Going on**: a failed operation leaves a log that works once its cause is gone.
///
/// An operation whose outcome is not known is found out by the same operation again. A future that
/// is dropped leaves its operation's outcome unknown.
pub trait EventLog: Send + Sync + 'static {
    /// Begins the log of a conference with its entry 1 and its summary. Repeated with the same log
    /// id it is done. A conference that was deleted is never begun again.
    fn create(
        &self,
        conference: ConferenceId,
        log: LogId,
        first: Arc<str>,
        summary: Arc<str>,
    ) -> impl Future<Output = Result<(), CreateError>> + Send;

    /// The summaries of all conferences that have a log, by id. A server that starts reads nothing
    /// else.
    fn summaries(&self) -> impl Future<Output = Result<Vec<Summary>, StorageError>> + Send;

    /// Begins a term: appends its first entry, which has this text, behind whatever stands there.
    /// From then on no other term appends. Gives the number of the log's last entry: what was
    /// durable up to there must be read before anything is decided.
    ///
    /// Repeated with the id of the newest term it is done, and nothing is written. With the id of
    /// an earlier term, and with [`TermId::of_log`], it is [`ClaimError::NotOwner`]: so a claim
    /// that is carried out late, after its repetition, founds nothing new.
    fn claim(
        &self,
        conference: ConferenceId,
        term: TermId,
        text: Arc<str>,
    ) -> impl Future<Output = Result<u64, ClaimError>> + Send;

    /// Appends entries behind number `after`, and makes `summary`, if there is one, the log's
    /// summary together with the last of them.
    ///
    /// The same batch again is done: where entries of this term stand behind `after` they are
    /// taken for the beginning of the batch, and only the others are written. For example, of
    /// `after: 7` with three entries, 8 stands when the machine dies; the same batch again writes 9
    /// and 10. So a process appends one batch of a conference at a time, and repeats it until it
    /// knows what became of it.
    fn append(
        &self,
        conference: ConferenceId,
        term: TermId,
        after: u64,
        entries: Vec<NewEntry>,
        summary: Option<Arc<str>>,
    ) -> impl Future<Output = Result<(), AppendError>> + Send;

    /// The entries above `after`, in order: at most `limit`, and no more once they have `bytes`;
    /// one at least, where there is one.
    fn read(
        &self,
        conference: ConferenceId,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> impl Future<Output = Result<Vec<Entry>, ReadError>> + Send;

    /// The durable entries above the entry `after` of that term, in order: one at least, at most
    /// [`FOLLOW_ENTRIES`] of about [`FOLLOW_BYTES`]. Waits until there is one. Called again with
    /// the last entry's number and term it gives every entry exactly once. To follow from the
    /// beginning, `after` is 0 and the term [`TermId::of_log`].
    ///
    /// Gives [`FollowError::AnotherLog`] where the log does not hold that entry, also when that
    /// becomes so while this waits. Cancel safe.
    fn follow(
        &self,
        conference: ConferenceId,
        after: u64,
        term: TermId,
    ) -> impl Future<Output = Result<Vec<Entry>, FollowError>> + Send;

    /// The entries that hold the receipts of these commands. All that are numbered up to `through`
    /// are found, perhaps later ones too; a key that is not in the answer has no receipt up to
    /// there. Where entries share a key, the first one counts.
    fn find_receipts(
        &self,
        conference: ConferenceId,
        keys: Vec<ReceiptKey>,
        through: u64,
    ) -> impl Future<Output = Result<Vec<(ReceiptKey, Entry)>, FindError>> + Send;

    /// Keeps a snapshot, of which there is one per conference. It counts only where the log holds
    /// its entry, of its term, and never replaces one that counts and has the same number or a
    /// higher one. Passing it over is no error.
    fn put_snapshot(
        &self,
        conference: ConferenceId,
        snapshot: Snapshot,
    ) -> impl Future<Output = Result<(), PutError>> + Send;

    /// The snapshot that counts. One whose entry the log does not hold any more is none.
    fn latest_snapshot(
        &self,
        conference: ConferenceId,
    ) -> impl Future<Output = Result<Option<Snapshot>, ReadError>> + Send;

    /// Deletes everything of a conference and leaves a tombstone, so that its id is never begun
    /// again, also where it was never begun. Repeated it is done.
    fn delete(&self, conference: ConferenceId) -> impl Future<Output = Result<(), WriteError>> + Send;
}
