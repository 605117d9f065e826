//! From a log to a conference that runs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use convene_conference::Refusal;
use convene_event_log::{ClaimError, Entry, EventLog, NoLog};
use convene_hosting::Host;
use convene_model::{ConferenceId, LogId, TermId, Timestamp};
use convene_service_log::number;
use serde_json::json;

use super::{PAGE_BYTES, PAGE_ENTRIES};
use crate::delivery::LinkHandle;

/// Between two tries to write to a log that fails: long enough for a disk to be freed, short enough
/// for people who wait.
pub(super) const LOG_RETRY: Duration = Duration::from_secs(1);

/// Why a conference does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadError {
    /// Its seats are refused for this.
    Refused(Refusal),
    /// Another process has taken it over: it is to be loaded again, in a new term.
    NotOwner,
}

/// The log of a conference, and the term in which this process has it or wants it.
#[derive(Debug)]
pub(super) struct Claim<E> {
    pub(super) log: Arc<E>,
    pub(super) conference: ConferenceId,
    pub(super) incarnation: LogId,
    pub(super) term: TermId,
}

impl<E: EventLog> Claim<E> {
    /// Reads the log, takes it over and reads what was added meanwhile. A log that cannot be read
    /// is not taken over.
    pub(super) async fn load(&self) -> Result<Host<LinkHandle>, LoadError> {
        let mut host = Host::new(self.conference, self.incarnation);
        self.read_on(&mut host).await?;
        let last = self.claim().await?;
        self.read_on(&mut host).await?;
        if host.durable() < last {
            return Err(self.damaged(host.durable() + 1, "the log ends before it"));
        }
        Ok(host)
    }

    async fn read_on(&self, host: &mut Host<LinkHandle>) -> Result<(), LoadError> {
        loop {
            let after = host.durable();
            let page = self.log.read(self.conference, after, PAGE_ENTRIES, PAGE_BYTES).await;
            let page = page.map_err(|error| self.damaged(after + 1, &error.to_string()))?;
            if page.is_empty() {
                return Ok(());
            }
            for Entry { number, text, .. } in page {
                host.handle_entry(&text).map_err(|error| self.damaged(number, &error.to_string()))?;
            }
        }
    }

    async fn claim(&self) -> Result<u64, LoadError> {
        let Self { log, conference, term, .. } = self;
        // The host reads of it that it holds no event.
        let text =
            Arc::<str>::from(json!({ "at": Timestamp::from(SystemTime::now()), "term": term }).to_string());
        loop {
            match log.claim(*conference, *term, Arc::clone(&text)).await {
                Ok(last) => return Ok(last),
                Err(ClaimError::NotOwner) => return Err(LoadError::NotOwner),
                Err(ClaimError::NoLog(missing)) => return Err(LoadError::Refused(refusal(missing))),
                Err(ClaimError::Write(error)) => {
                    tracing::error!(%conference, %error, "a conference cannot be taken over; trying again");
                    tokio::time::sleep(LOG_RETRY).await;
                }
            }
        }
    }

    fn damaged(&self, entry: u64, error: &str) -> LoadError {
        let (number, conference) = (number::CONFERENCE_DAMAGED, self.conference);
        tracing::error!(number, %conference, entry, error, "a conference cannot be read");
        LoadError::Refused(Refusal::ConferenceDamaged)
    }
}

/// Why a conference that has no log is refused.
pub(super) fn refusal(missing: NoLog) -> Refusal {
    match missing {
        NoLog::NeverBegun => Refusal::ConferenceUnknown,
        NoLog::Deleted => Refusal::ConferenceDeleted,
    }
}
