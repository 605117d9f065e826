//! The calls of the server to the log.

use std::sync::Arc;

use convene_event_log::{
    AppendError, ClaimError, EventLog as _, FollowError, MemoryLog, NewEntry, ReceiptKey, Snapshot,
};
use convene_hosting::{Append, AppendOutcome, Claim, ClaimOutcome, Followed, Lookup, Read, StoredSnapshot};
use convene_model::{ConferenceId, LogId, TermId};

use crate::books::{at_once, poll_once};

/// Entries and bytes of a page.
const PAGE: (usize, usize) = (1_000, 256 * 1024);

/// Something that the log is asked to do.
#[derive(Debug)]
pub(crate) enum Call {
    /// Asks how the log of a conference stands.
    Load,
    /// The same, because the log has lost entries.
    Reload,
    Claim(Claim),
    Append(Append),
    Look(Lookup),
    Store(Arc<StoredSnapshot>),
    Read(Read),
    Follow {
        after: u64,
        term: TermId,
    },
}

/// The state of the log of a conference.
#[derive(Debug)]
pub(crate) struct Stand {
    pub(crate) log: LogId,
    pub(crate) last: u64,
    pub(crate) stored: Option<StoredSnapshot>,
}

/// The answer of the log.
#[derive(Debug)]
pub(crate) enum Done {
    Loaded(Option<Stand>),
    Reloaded(Option<Stand>),
    Claimed(TermId, ClaimOutcome),
    Appended(TermId, AppendOutcome),
    Found(TermId, Option<Vec<(u64, Arc<str>)>>),
    Page(Read, Option<Vec<(u64, Arc<str>)>>),
    Followed(Vec<Followed>),
    /// There is nothing behind this entry yet.
    NothingYet {
        after: u64,
        term: TermId,
    },
    /// The log does not hold what was followed.
    Lost,
    /// The log could not be read: it is followed again.
    FollowFailed,
    Stored,
}

impl Call {
    /// Whether it writes.
    pub(crate) fn writes(&self) -> bool {
        matches!(self, Self::Claim(_) | Self::Append(_) | Self::Store(_))
    }

    /// Does it.
    pub(crate) fn run(self, log: &MemoryLog, conference: ConferenceId) -> Done {
        match self {
            Self::Load => Done::Loaded(stand(log, conference)),
            Self::Reload => Done::Reloaded(stand(log, conference)),
            Self::Claim(Claim { term, text }) => {
                let outcome = match at_once(log.claim(conference, term, text)) {
                    Ok(_) => ClaimOutcome::Done,
                    Err(ClaimError::NotOwner) => ClaimOutcome::Over,
                    Err(ClaimError::NoLog(_) | ClaimError::Write(_)) => ClaimOutcome::Again,
                };
                Done::Claimed(term, outcome)
            }
            Self::Append(append) => Done::Appended(append.term, run_append(append, log, conference)),
            Self::Look(Lookup { term, keys, through }) => {
                let key = |(participant, command)| ReceiptKey { participant, command };
                let found =
                    at_once(log.find_receipts(conference, keys.into_iter().map(key).collect(), through));
                let texts = |found: Vec<(_, convene_event_log::Entry)>| {
                    found.into_iter().map(|(_, entry)| (entry.number, entry.text)).collect()
                };
                Done::Found(term, found.ok().map(texts))
            }
            Self::Store(snapshot) => {
                let point = snapshot.point();
                let kept = Snapshot { number: point.number, term: point.term, text: snapshot.text() };
                drop(at_once(log.put_snapshot(conference, kept)));
                Done::Stored
            }
            Self::Read(read) => {
                let (limit, bytes) = PAGE;
                let page = at_once(log.read(conference, read.after, limit, bytes)).ok();
                let upto = |entry: &convene_event_log::Entry| entry.number <= read.through;
                let texts = |page: Vec<convene_event_log::Entry>| {
                    page.into_iter().take_while(upto).map(|entry| (entry.number, entry.text)).collect()
                };
                let page = page.map(texts);
                Done::Page(read, page)
            }
            Self::Follow { after, term } => match poll_once(log.follow(conference, after, term)) {
                None => Done::NothingYet { after, term },
                Some(Ok(page)) => {
                    let followed =
                        |entry: convene_event_log::Entry| Followed { number: entry.number, text: entry.text };
                    Done::Followed(page.into_iter().map(followed).collect())
                }
                Some(Err(FollowError::AnotherLog)) => Done::Lost,
                Some(Err(FollowError::NoLog(_) | FollowError::Storage(_))) => Done::FollowFailed,
            },
        }
    }
}

fn run_append(append: Append, log: &MemoryLog, conference: ConferenceId) -> AppendOutcome {
    let Append { term, after, entries, summary } = append;
    let entry = |new: convene_hosting::NewEntry| NewEntry {
        text: new.text,
        receipt: new.receipt.map(|(participant, command)| ReceiptKey { participant, command }),
    };
    let summary = summary.and_then(|summary| serde_json::to_string(&summary).ok()).map(Arc::from);
    let entries = entries.into_iter().map(entry).collect();
    match at_once(log.append(conference, term, after, entries, summary)) {
        Ok(()) => AppendOutcome::Done,
        Err(AppendError::NotOwner | AppendError::Position { .. } | AppendError::NoLog(_)) => {
            AppendOutcome::Lost
        }
        Err(AppendError::Write(_)) => AppendOutcome::Again,
    }
}

fn stand(log: &MemoryLog, conference: ConferenceId) -> Option<Stand> {
    let summaries = at_once(log.summaries()).ok()?;
    let summary = summaries.into_iter().find(|summary| summary.conference == conference)?;
    let stored = at_once(log.latest_snapshot(conference)).ok()?;
    let stored = stored.and_then(|kept| StoredSnapshot::parse(&kept.text).ok().flatten());
    Some(Stand { log: summary.log, last: summary.last, stored })
}
