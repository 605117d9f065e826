//! The questions that a conference asks its log. Each question is a future that a conference's task
//! drives beside the others.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use convene_conference::Refusal;
use convene_event_log::{
    AppendError, ClaimError, Entry, EventLog, FindError, FollowError, NewEntry, NoLog, ReadError, ReceiptKey,
    Snapshot,
};
use convene_hosting::{
    self as hosting, Append, AppendOutcome, Claim, ClaimOutcome, Host, Lookup, Read, StoredSnapshot,
};
use convene_model::TermId;
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_service_log::number;

use super::TermLog;
use crate::clock::SystemClocks;
use crate::conferences::{PAGE_BYTES, PAGE_ENTRIES};
use crate::delivery::LinkHandle;

/// Between two tries to read a log that fails: long enough for a disk to be freed, short enough for
/// people who wait.
pub(in crate::conferences) const LOG_RETRY: Duration = Duration::from_secs(1);

/// A question that is under way.
pub(super) type Doing = Pin<Box<dyn Future<Output = Done> + Send>>;

/// An entry, by its number.
type Numbered = (u64, Arc<str>);

/// An answer of the log.
pub(super) enum Done {
    Claimed(TermId, ClaimOutcome),
    /// With the entries, where they are durable.
    Appended {
        term: TermId,
        outcome: AppendOutcome,
        entries: Vec<hosting::Followed>,
    },
    /// The entries that hold the receipts that this term's decider wanted; `None` where the index
    /// could not be asked.
    Found(TermId, Option<Vec<Numbered>>),
    /// A page, `None` where it could not be read.
    Read(Read, Option<Vec<Numbered>>),
    /// A snapshot was stored, or not.
    Stored,
    /// The conference has no log any more.
    Gone,
}

/// The news in the log.
pub(super) enum Followed {
    Entries(Vec<hosting::Followed>),
    /// The log does not hold what was read of it.
    AnotherLog,
    /// The conference has no log any more.
    Gone,
}

/// Waits for what is new in the log.
pub(super) struct Following {
    from: (u64, TermId),
    next: Pin<Box<dyn Future<Output = Followed> + Send>>,
    /// Whether `next` has given its news, so that it may not be polled again.
    is_over: bool,
}

impl Following {
    pub(super) fn new<E: EventLog>(log: &Arc<TermLog<E>>, from: (u64, TermId)) -> Self {
        Self { from, next: Box::pin(follow(Arc::clone(log), from)), is_over: false }
    }

    /// Follows from there on.
    pub(super) fn move_to<E: EventLog>(&mut self, log: &Arc<TermLog<E>>, from: (u64, TermId)) {
        if self.from != from || self.is_over {
            *self = Self::new(log, from);
        }
    }

    /// Cancel safe. Once it has given news, it must be moved on before the next call.
    pub(super) async fn next(&mut self) -> Followed {
        let news = (&mut self.next).await;
        self.is_over = true;
        news
    }
}

async fn follow<E: EventLog>(log: Arc<TermLog<E>>, (after, term): (u64, TermId)) -> Followed {
    let TermLog { engine, conference, .. } = &*log;
    loop {
        match engine.follow(*conference, after, term).await {
            Ok(entries) => return Followed::Entries(entries.into_iter().map(followed).collect()),
            Err(FollowError::AnotherLog) => return Followed::AnotherLog,
            Err(FollowError::NoLog(_)) => return Followed::Gone,
            Err(FollowError::Storage(error)) => {
                tracing::error!(%conference, %error, "a conference's log cannot be followed; trying again");
                tokio::time::sleep(LOG_RETRY).await;
            }
        }
    }
}

fn followed(Entry { number, text, .. }: Entry) -> hosting::Followed {
    hosting::Followed { number, text }
}

/// Reads all that the log holds.
///
/// # Errors
/// Why seats are refused or told to come later.
pub(super) async fn load<E: EventLog>(
    log: &Arc<TermLog<E>>,
    clock: &mut SystemClocks,
) -> Result<Host<LinkHandle>, Refusal> {
    let stored = stored(log).await;
    let host = Host::new(log.conference, log.log_id, stored, log.term, rand::random());
    let mut host = host.with_limits(log.limits);
    read_on(log, &mut host, clock).await?;
    Ok(host)
}

/// Brings what lies in the log behind what the host has read.
///
/// # Errors
/// Why seats are refused or told to come later.
pub(super) async fn read_on<E: EventLog>(
    log: &Arc<TermLog<E>>,
    host: &mut Host<LinkHandle>,
    clock: &mut SystemClocks,
) -> Result<(), Refusal> {
    while host.stopped().is_none() {
        let (after, _) = host.follows_from();
        let page = log.engine.read(log.conference, after, PAGE_ENTRIES, PAGE_BYTES).await;
        let page = page.map_err(|error| match error {
            ReadError::NoLog(missing) => refusal(missing),
            ReadError::Storage(error) => {
                tracing::error!(conference = %log.conference, %error, "a conference's log cannot be read");
                Refusal::NotHereNow
            }
        })?;
        if page.is_empty() {
            break;
        }
        let entries: Vec<hosting::Followed> = page.into_iter().map(followed).collect();
        host.handle_followed(&entries, clock.now());
    }
    Ok(())
}

/// The stored snapshot, if there is one that can be read. Without it the whole log is read.
pub(super) async fn stored<E: EventLog>(log: &Arc<TermLog<E>>) -> Option<StoredSnapshot> {
    let snapshot = log.engine.latest_snapshot(log.conference).await.ok().flatten()?;
    StoredSnapshot::parse(&snapshot.text).unwrap_or_else(|error| {
        tracing::warn!(conference = %log.conference, %error, "a stored snapshot is passed over");
        None
    })
}

pub(super) fn claim<E: EventLog>(log: &Arc<TermLog<E>>, claim: Claim) -> Doing {
    let log = Arc::clone(log);
    Box::pin(async move {
        let conference = log.conference;
        match log.engine.claim(conference, claim.term, claim.text).await {
            Ok(_) => Done::Claimed(claim.term, ClaimOutcome::Done),
            Err(ClaimError::NotOwner) => Done::Claimed(claim.term, ClaimOutcome::Over),
            Err(ClaimError::NoLog(_)) => Done::Gone,
            Err(ClaimError::Write(error)) => {
                tracing::error!(%conference, %error, "a conference cannot be taken over; trying again");
                Done::Claimed(claim.term, ClaimOutcome::Again)
            }
        }
    })
}

pub(super) fn append<E: EventLog>(log: &Arc<TermLog<E>>, batch: Append) -> Doing {
    let log = Arc::clone(log);
    Box::pin(async move {
        let Append { term, after, entries, summary } = batch;
        let conference = log.conference;
        let followed = (after + 1..)
            .zip(&entries)
            .map(|(number, entry)| hosting::Followed { number, text: Arc::clone(&entry.text) });
        let followed = followed.collect();
        let entries = entries.into_iter().map(|entry| NewEntry {
            text: entry.text,
            receipt: entry.receipt.map(|(participant, command)| ReceiptKey { participant, command }),
        });
        let summary = summary.map(|summary| summary.text());
        let outcome = match log.engine.append(conference, term, after, entries.collect(), summary).await {
            Ok(()) => return Done::Appended { term, outcome: AppendOutcome::Done, entries: followed },
            Err(error @ (AppendError::NotOwner | AppendError::Position { .. })) => {
                tracing::error!(%conference, %error, "the term of a conference is over");
                AppendOutcome::Lost
            }
            Err(AppendError::NoLog(_)) => return Done::Gone,
            Err(AppendError::Write(error)) => {
                tracing::error!(%conference, %error, "the event log did not take a batch; trying again");
                AppendOutcome::Again
            }
        };
        Done::Appended { term, outcome, entries: Vec::new() }
    })
}

pub(super) fn look<E: EventLog>(log: &Arc<TermLog<E>>, lookup: Lookup) -> Doing {
    let log = Arc::clone(log);
    Box::pin(async move {
        let term = lookup.term;
        let keys = lookup.keys.into_iter();
        let keys = keys.map(|(participant, command)| ReceiptKey { participant, command }).collect();
        match log.engine.find_receipts(log.conference, keys, lookup.through).await {
            Ok(found) => Done::Found(
                term,
                Some(found.into_iter().map(|(_, entry)| (entry.number, entry.text)).collect()),
            ),
            Err(FindError::NoLog(_)) => Done::Gone,
            Err(error @ (FindError::Storage(_) | FindError::Short { .. })) => {
                tracing::error!(conference = %log.conference, %error, "receipts cannot be looked up");
                Done::Found(term, None)
            }
        }
    })
}

pub(super) fn read<E: EventLog>(log: &Arc<TermLog<E>>, read: Read) -> Doing {
    let log = Arc::clone(log);
    Box::pin(async move {
        let span = usize::try_from(read.through.saturating_sub(read.after)).unwrap_or(usize::MAX);
        let limit = span.min(BATCH_EVENTS_MAX);
        match log.engine.read(log.conference, read.after, limit, BATCH_BYTES_MAX).await {
            Ok(page) => {
                let entries = page.into_iter().map(|entry| (entry.number, entry.text)).collect();
                Done::Read(read, Some(entries))
            }
            Err(error) => {
                tracing::error!(conference = %log.conference, %error, "a page of the event log cannot be read");
                Done::Read(read, None)
            }
        }
    })
}

pub(super) fn store<E: EventLog>(log: &Arc<TermLog<E>>, stored: &Arc<StoredSnapshot>) -> Doing {
    let (log, stored) = (Arc::clone(log), Arc::clone(stored));
    Box::pin(async move {
        let point = stored.point();
        let snapshot = Snapshot { number: point.number, term: point.term, text: stored.text() };
        if let Err(error) = log.engine.put_snapshot(log.conference, snapshot).await {
            tracing::warn!(conference = %log.conference, %error, "a snapshot was not stored; a start takes longer");
        }
        Done::Stored
    })
}

/// Why a conference that has no log is refused.
pub(in crate::conferences) fn refusal(missing: NoLog) -> Refusal {
    match missing {
        NoLog::NeverBegun => Refusal::ConferenceUnknown,
        NoLog::Deleted => Refusal::ConferenceDeleted,
    }
}

/// Logs that a conference cannot be run as its log stands.
pub(super) fn damaged<E>(log: &TermLog<E>, entry: u64, error: &str) {
    let (number, conference) = (number::CONFERENCE_DAMAGED, log.conference);
    tracing::error!(number, %conference, entry, error, "a conference cannot be read");
}
