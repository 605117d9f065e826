//! All conferences of this server. Each runs in a task of its own from when it is first wanted, and
//! is found by its id or by a join code.

mod first_form;
mod loading;
mod register;
mod running;
mod summary;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::SystemTime;

use convene_conference::{Refusal, Right, Settings};
use convene_event_log::{CreateError, EventLog, ReadError, StorageError, WriteError};
use convene_hosting::{Codes, event_of, opening_entry};
use convene_model::{ConferenceId, JoinCode, LinkId, LogId, Timestamp};
use convene_protocol::{Commands, HistoryRequest, Resume};
use convene_service_log::number;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use self::first_form::FirstFormEntries;
use self::register::Register;
pub(crate) use self::summary::Summary;
use crate::delivery::LinkHandle;

/// What waits for one conference before links read no more: as many commands as it may hold undecided are far more.
const INPUTS_MAX: usize = 1_024;
/// Entries read at once where a conference is started or shown.
const PAGE_ENTRIES: usize = 1_000;
/// Bytes read at once.
const PAGE_BYTES: usize = 1024 * 1024;

/// The number of times that a write of an operator is tried whose outcome is not known.
const WRITE_TRIES: u32 = 5;

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
    /// The operator wants to know what opens it.
    Codes(oneshot::Sender<Result<Codes, Refusal>>),
    /// It was deleted: it runs no longer.
    Deleted,
    /// Fails, in a test.
    #[cfg(test)]
    Panic,
}

/// A conference as its summary has it.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    pub(crate) conference: ConferenceId,
    pub(crate) last: u64,
    pub(crate) summary: Summary,
}

/// The join codes of a conference.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    pub(crate) conference: ConferenceId,
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
    /// The conference does not answer.
    #[error("the conference gave no answer: the server is going down, or loads it again; try again")]
    Stopping,
}

/// The conferences.
#[derive(Debug)]
pub(crate) struct Conferences<E> {
    log: Arc<E>,
    register: Arc<Register>,
}

impl<E: EventLog> Conferences<E> {
    /// Knows every conference that the log holds. None is loaded before it is wanted.
    pub(crate) async fn of(log: Arc<E>) -> Result<Self, StorageError> {
        let register = Arc::new(Register::new());
        for known in log.summaries().await? {
            register.add(known.conference, known.log, &Summary::parse(&known.text));
        }
        Ok(Self { log, register })
    }

    /// Finds the conference that a seat belongs to.
    pub(crate) async fn find(&self, resume: &Resume) -> Result<(ConferenceId, Door), Refusal> {
        let conference = match (&resume.conference, &resume.join) {
            (Some(conference), _) => *conference,
            (None, Some(join)) => self.register.by_code(join.code).ok_or(Refusal::CodeUnknown)?,
            (None, None) => return Err(Refusal::SeatUnknown),
        };
        match self.register.door(conference, &self.log) {
            Some(door) => Ok((conference, door)),
            None => Err(self.missing(conference).await),
        }
    }

    /// Told whenever a conference does not run any more. Its door is closed then, and who has it
    /// must find the conference again.
    pub(crate) fn closed(&self) -> watch::Receiver<()> {
        self.register.closed()
    }

    /// Creates a conference; it is durable when this returns.
    pub(crate) async fn create(&self, settings: Settings) -> Result<Invitation, OperationError> {
        let conference = ConferenceId::from_random(rand::random());
        let log = LogId(rand::random());
        let codes = Codes::from([
            (JoinCode(rand::random()), Right::Organizer),
            (JoinCode(rand::random()), Right::Participant),
        ]);
        let first = opening_entry(settings.clone(), &codes, Timestamp::from(SystemTime::now()));
        let summary = Summary::of_new(&codes, &settings);
        let created = until_known(|| async {
            match self.log.create(conference, log, Arc::clone(&first), summary.text()).await {
                Err(CreateError::Write(error)) => Err(error),
                done => Ok(done),
            }
        });
        let created = created.await.map_err(CreateError::Write).and_then(|done| done);
        created.map_err(|error| OperationError::Log(error.to_string()))?;
        self.register.add(conference, log, &summary);
        tracing::info!(number = number::CONFERENCE_CREATED, %conference, "conference created");
        Ok(Invitation { conference, codes })
    }

    /// The join codes of a conference.
    pub(crate) async fn invite(&self, conference: ConferenceId) -> Result<Invitation, OperationError> {
        let codes = self.ask(conference, Input::Codes).await?;
        Ok(Invitation { conference, codes })
    }

    /// A conference as its summary has it.
    pub(crate) async fn describe(&self, conference: ConferenceId) -> Result<Description, OperationError> {
        let found = self.list().await?.into_iter().find(|one| one.conference == conference);
        match found {
            Some(found) => Ok(found),
            None => Err(self.unknown(conference).await),
        }
    }

    /// All conferences, by id. None is loaded for it.
    pub(crate) async fn list(&self) -> Result<Vec<Description>, OperationError> {
        let summaries = self.log.summaries().await;
        let summaries = summaries.map_err(|error| OperationError::Log(error.to_string()))?;
        let describe = |known: convene_event_log::Summary| Description {
            conference: known.conference,
            last: known.last,
            summary: Summary::parse(&known.text),
        };
        Ok(summaries.into_iter().map(describe).collect())
    }

    /// Ends a conference; that is durable when this returns.
    pub(crate) async fn end(&self, conference: ConferenceId) -> Result<(), OperationError> {
        self.ask(conference, Input::End).await?;
        tracing::info!(number = number::CONFERENCE_ENDED, %conference, "conference ended");
        Ok(())
    }

    /// Deletes a conference for good; that is durable when this returns.
    pub(crate) async fn delete(&self, conference: ConferenceId) -> Result<(), OperationError> {
        if !self.list().await?.iter().any(|one| one.conference == conference) {
            return Err(self.unknown(conference).await);
        }
        let deleted = until_known(|| self.log.delete(conference)).await;
        deleted.map_err(|error| OperationError::Log(error.to_string()))?;
        if let Some(door) = self.register.remove(conference)
            && door.send(Input::Deleted).await.is_err()
        {
            tracing::debug!(%conference, "it did not run any more");
        }
        tracing::info!(number = number::CONFERENCE_DELETED, %conference, "conference deleted");
        Ok(())
    }

    /// A page of a conference's events above `after`, for whatever audience, and the number to go on
    /// from.
    pub(crate) async fn events(
        &self,
        conference: ConferenceId,
        after: u64,
    ) -> Result<(Vec<Box<RawValue>>, u64), OperationError> {
        let page = self.log.read(conference, after, PAGE_ENTRIES, PAGE_BYTES).await;
        let page = page.map_err(|error| OperationError::Log(error.to_string()))?;
        let through = page.last().map_or(after, |entry| entry.number);
        let events = page.iter().filter_map(|entry| event_of(&entry.text).ok().flatten());
        Ok((
            events.filter_map(|text| RawValue::from_string(text.as_ref().to_owned()).ok()).collect(),
            through,
        ))
    }

    /// Ends the tasks; what was accepted is durable already.
    pub(crate) async fn stop(&self) {
        self.register.stop().await;
    }

    async fn ask<T>(
        &self,
        conference: ConferenceId,
        input: impl FnOnce(oneshot::Sender<Result<T, Refusal>>) -> Input,
    ) -> Result<T, OperationError> {
        let Some(door) = self.register.door(conference, &self.log) else {
            return Err(self.unknown(conference).await);
        };
        let (sender, answer) = oneshot::channel();
        door.send(input(sender)).await.map_err(|_| OperationError::Stopping)?;
        answer.await.map_err(|_| OperationError::Stopping)?.map_err(OperationError::Refused)
    }

    async fn unknown(&self, conference: ConferenceId) -> OperationError {
        let refusal = self.missing(conference).await;
        if refusal == Refusal::ConferenceUnknown {
            return OperationError::Unknown(conference);
        }
        OperationError::Refused(refusal)
    }

    /// Why there is no such conference.
    async fn missing(&self, conference: ConferenceId) -> Refusal {
        match self.log.read(conference, 0, 1, 1).await {
            Err(ReadError::NoLog(missing)) => loading::refusal(missing),
            // It was created a moment ago, or the log cannot be read.
            Ok(_) | Err(ReadError::Storage(_)) => Refusal::ConferenceDamaged,
        }
    }
}

/// Writes, and again until it is known whether that was done; a few times at most.
async fn until_known<T, F>(write: impl Fn() -> F) -> Result<T, WriteError>
where
    F: Future<Output = Result<T, WriteError>>,
{
    for _ in 1..WRITE_TRIES {
        match write().await {
            Err(WriteError::Unknown(_)) => tokio::time::sleep(loading::LOG_RETRY).await,
            known => return known,
        }
    }
    write().await
}
