//! All conferences of this server: each runs in a task of its own, and is found by its id or by a join code.

mod running;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use convene_conference::{Refusal, Right, Settings};
use convene_event_log::first::{EventLog, Head};
use convene_hosting::{Codes, EntryError, Host, event_of, opening_entry};
use convene_model::{ConferenceId, JoinCode, LinkId, LogId, Timestamp};
use convene_protocol::{Commands, HistoryRequest, Resume};
use convene_service_log::number;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::delivery::LinkHandle;

/// What waits for one conference before links read no more: as many commands as it may hold undecided are far more.
const INPUTS_MAX: usize = 1_024;
/// Entries read at once where a conference is started or shown.
const PAGE_ENTRIES: usize = 1_000;
/// Bytes read at once.
const PAGE_BYTES: usize = 1024 * 1024;

/// How a conference is reached.
pub(crate) type Door = mpsc::Sender<Input>;

/// What a conference is told.
#[derive(Debug)]
pub(crate) enum Input {
    /// A seat wants to be open. Its proof holds.
    Open { link: LinkHandle, resume: Box<Resume> },
    /// A seat is not wanted any more.
    Close { link: LinkId, index: u32 },
    /// Commands of one seat.
    Commands { link: LinkId, commands: Commands },
    /// A wish to read the past.
    History { link: LinkId, request: HistoryRequest },
    /// The link has room for more events of a seat.
    Ready { link: LinkId, index: u32 },
    /// A link is gone.
    LinkGone(LinkId),
    /// The operator ends the conference; answered when that is durable.
    End(oneshot::Sender<Result<(), Refusal>>),
    /// The operator wants to know how it stands.
    Describe(oneshot::Sender<Description>),
}

/// A conference in a few words.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    pub(crate) conference: ConferenceId,
    pub(crate) settings: Settings,
    pub(crate) participants: usize,
    pub(crate) taking_part: usize,
    pub(crate) last: u64,
    pub(crate) ended: bool,
    pub(crate) codes: Codes,
}

/// Why the operator's wish failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperationError {
    /// The server holds no such conference.
    #[error("this server holds no conference {0}")]
    Unknown(ConferenceId),
    /// The rules forbid it.
    #[error("{0}")]
    Refused(Refusal),
    /// The log failed.
    #[error("the event log failed: {0}")]
    Log(String),
    /// The conference does not answer: the server is going down.
    #[error("the server is going down")]
    Stopping,
}

/// A conference that cannot be run as its log stands.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// The log could not be read.
    #[error("the event log cannot be read: {0}")]
    Log(String),
    /// An entry cannot be read.
    #[error("conference {conference}, entry {number}: {source}")]
    Entry {
        /// Which conference.
        conference: ConferenceId,
        /// Which entry.
        number: u64,
        /// Why.
        source: EntryError,
    },
}

/// The conferences.
#[derive(Debug)]
pub(crate) struct Conferences<E> {
    log: Arc<E>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    doors: BTreeMap<ConferenceId, Door>,
    by_code: BTreeMap<JoinCode, ConferenceId>,
    tasks: JoinSet<()>,
}

impl<E: EventLog> Conferences<E> {
    /// Runs every conference that the log holds.
    pub(crate) async fn load(log: Arc<E>) -> Result<Arc<Self>, LoadError> {
        let conferences = Arc::new(Self { log, open: Mutex::default() });
        let heads = conferences.log.heads().await.map_err(|error| LoadError::Log(error.to_string()))?;
        for head in heads {
            let host = conferences.read(&head).await?;
            conferences.run(host);
        }
        Ok(conferences)
    }

    /// Finds the conference that a seat belongs to.
    pub(crate) fn find(&self, resume: &Resume) -> Result<(ConferenceId, Door), Refusal> {
        let open = self.open();
        let conference = match (&resume.conference, &resume.join) {
            (Some(conference), _) => *conference,
            (None, Some(join)) => *open.by_code.get(&join.code).ok_or(Refusal::CodeUnknown)?,
            (None, None) => return Err(Refusal::SeatUnknown),
        };
        let door = open.doors.get(&conference).ok_or(Refusal::ConferenceUnknown)?;
        Ok((conference, door.clone()))
    }

    /// Creates a conference; it is durable and open when this returns.
    pub(crate) async fn create(&self, settings: Settings) -> Result<Description, OperationError> {
        let conference = ConferenceId::from_random(rand::random());
        let log = LogId(rand::random());
        let codes = Codes::from([
            (JoinCode(rand::random()), Right::Organizer),
            (JoinCode(rand::random()), Right::Participant),
        ]);
        let first = opening_entry(settings, &codes, Timestamp::from(SystemTime::now()));
        let created = self.log.create(conference, log, Arc::clone(&first)).await;
        created.map_err(|error| OperationError::Log(error.to_string()))?;
        let mut host = Host::new(conference, log);
        host.handle_entry(&first).map_err(|error| OperationError::Log(error.to_string()))?;
        self.run(host);
        tracing::info!(number = number::CONFERENCE_CREATED, %conference, "conference created");
        self.describe(conference).await
    }

    /// How a conference stands.
    pub(crate) async fn describe(&self, conference: ConferenceId) -> Result<Description, OperationError> {
        self.ask(conference, Input::Describe).await
    }

    /// All conferences, by id.
    pub(crate) async fn list(&self) -> Vec<Description> {
        let ids: Vec<ConferenceId> = self.open().doors.keys().copied().collect();
        let mut list = Vec::with_capacity(ids.len());
        for id in ids {
            list.extend(self.describe(id).await.ok());
        }
        list
    }

    /// Ends a conference; that is durable when this returns.
    pub(crate) async fn end(&self, conference: ConferenceId) -> Result<(), OperationError> {
        self.ask(conference, Input::End).await?.map_err(OperationError::Refused)?;
        tracing::info!(number = number::CONFERENCE_ENDED, %conference, "conference ended");
        Ok(())
    }

    /// A page of a conference's events above `after`, whoever may see them, and the number to go on from.
    pub(crate) async fn events(
        &self,
        conference: ConferenceId,
        after: u64,
    ) -> Result<(Vec<Box<RawValue>>, u64), OperationError> {
        self.describe(conference).await?;
        let page = self.log.read(conference, after, PAGE_ENTRIES, PAGE_BYTES).await;
        let page = page.map_err(|error| OperationError::Log(error.to_string()))?;
        let through = page.last().map_or(after, |(number, _)| *number);
        let events = page.iter().filter_map(|(_, entry)| event_of(entry).ok().flatten());
        Ok((
            events.filter_map(|text| RawValue::from_string(text.as_ref().to_owned()).ok()).collect(),
            through,
        ))
    }

    /// Ends the tasks; what was accepted is durable already.
    pub(crate) async fn stop(&self) {
        let mut tasks = {
            let mut open = self.open();
            open.doors.clear();
            std::mem::take(&mut open.tasks)
        };
        tasks.shutdown().await;
    }

    async fn ask<T>(
        &self,
        conference: ConferenceId,
        input: impl FnOnce(oneshot::Sender<T>) -> Input,
    ) -> Result<T, OperationError> {
        let door = self.open().doors.get(&conference).cloned();
        let door = door.ok_or(OperationError::Unknown(conference))?;
        let (sender, answer) = oneshot::channel();
        door.send(input(sender)).await.map_err(|_| OperationError::Stopping)?;
        answer.await.map_err(|_| OperationError::Stopping)
    }

    async fn read(&self, head: &Head) -> Result<Host<LinkHandle>, LoadError> {
        let mut host = Host::new(head.conference, head.log);
        while host.durable() < head.last {
            let page = self.log.read(head.conference, host.durable(), PAGE_ENTRIES, PAGE_BYTES).await;
            let page = page.map_err(|error| LoadError::Log(error.to_string()))?;
            if page.is_empty() {
                return Err(LoadError::Log(format!("conference {} ends too early", head.conference)));
            }
            for (number, text) in page {
                host.handle_entry(&text).map_err(|source| LoadError::Entry {
                    conference: head.conference,
                    number,
                    source,
                })?;
            }
        }
        Ok(host)
    }

    fn run(&self, host: Host<LinkHandle>) {
        let (door, inputs) = mpsc::channel(INPUTS_MAX);
        let mut open = self.open();
        open.by_code.extend(host.codes().keys().map(|code| (*code, host.conference())));
        open.doors.insert(host.conference(), door);
        open.tasks.spawn(running::run(host, Arc::clone(&self.log), inputs));
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
