//! All conferences of this server. Each runs in a task of its own from when it is first wanted, and
//! is found by its id or by a join code.

mod first_form;
mod register;
mod running;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use convene_conference::{Description, Event, Refusal, Role, State};
use convene_event_log::{CreateError, EventLog, ReadError, StorageError, WriteError};
use convene_hosting::{Codes, CommandsWish, DataLimits, Entry, LinkNumber, Summary, Wish};
use convene_model::{ConferenceId, JoinCode, Json, LogId};
use convene_service_log::number;
use tokio::sync::{oneshot, watch};

pub(crate) use self::first_form::FirstFormEntries;
pub(crate) use self::register::Door;
use self::register::{NoDoor, Register};
use self::running::LOG_RETRY;
use crate::clock::wall;
use crate::delivery::LinkHandle;
use crate::invitation::Invited;

/// Inputs that may wait for one conference before links stop reading. A conference may hold far
/// more undecided commands than that.
const INPUTS_MAX: usize = 1_024;
/// Entries read at once where a conference is started or shown.
const PAGE_ENTRIES: usize = 1_000;
/// Bytes read at once.
const PAGE_BYTES: usize = 1024 * 1024;

/// How often an operator's write is tried whose outcome is not known.
const WRITE_TRIES: u32 = 5;

/// A message to the task of a conference.
#[derive(Debug)]
pub(crate) enum Input {
    /// A link's desk wants something for a seat.
    Wish { link: LinkHandle, wish: Wish },
    /// Commands of one seat.
    Commands(CommandsWish),
    /// A link is gone.
    LinkGone(LinkNumber),
    /// Whether a pipe carries a link at this moment.
    LinkLiving(LinkNumber, bool),
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
pub(crate) struct Summarized {
    pub(crate) conference: ConferenceId,
    pub(crate) last: u64,
    pub(crate) summary: Summary,
}

/// A conference, and the codes that open it.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    pub(crate) conference: ConferenceId,
    pub(crate) codes: Codes,
}

/// Why the operator's wish failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperationError {
    /// The server holds no such conference.
    #[error("this server holds no conference {0}; `convene-server conference list` shows those it holds")]
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
    pub(crate) async fn of(log: Arc<E>, limits: DataLimits) -> Result<Self, StorageError> {
        let register = Arc::new(Register::new(limits));
        for known in log.summaries().await? {
            register.add(known.conference, known.log, &Summary::parse(&known.text));
        }
        Ok(Self { log, register })
    }

    /// Finds the conference that a seat belongs to, and runs it.
    pub(crate) async fn find(
        &self,
        conference: Option<ConferenceId>,
        code: JoinCode,
    ) -> Result<Door, Refusal> {
        let found = conference.or_else(|| self.register.by_code(code));
        let conference = found.ok_or(Refusal::CodeUnknown)?;
        match self.register.door(conference, &self.log) {
            Ok(door) => Ok(door),
            Err(NoDoor::Stopping) => Err(Refusal::NotHereNow),
            Err(NoDoor::Unknown) => Err(self.missing(conference).await),
        }
    }

    /// The conference that a code opens, as its page tells of it. It is neither loaded nor read for
    /// that: a wrong code takes as long as a right one, and nothing changes.
    pub(crate) fn invited(&self, code: JoinCode) -> Option<Arc<Invited>> {
        self.register.invited(code)
    }

    /// Told whenever a conference does not run any more. Its door is closed then, and a task that
    /// has the door must find the conference again.
    pub(crate) fn closed(&self) -> watch::Receiver<()> {
        self.register.closed()
    }

    /// Creates a conference; it is durable when this returns.
    pub(crate) async fn create(&self, description: &Description) -> Result<Invitation, OperationError> {
        let conference = ConferenceId::from_random(rand::random());
        let log = LogId(rand::random());
        let codes = Codes::from([
            (JoinCode(rand::random()), Role::Organizer),
            (JoinCode(rand::random()), Role::Participant),
        ]);
        let creation = Entry::creation(description, codes.clone(), wall().into());
        let (first, summary) = (creation.text(), Summary::of(&state_of(&creation), &codes));
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

    /// Returns the codes that open a conference.
    pub(crate) async fn invite(&self, conference: ConferenceId) -> Result<Invitation, OperationError> {
        let codes = self.ask(conference, Input::Codes).await?;
        Ok(Invitation { conference, codes })
    }

    /// Describes a conference, by its summary.
    pub(crate) async fn describe(&self, conference: ConferenceId) -> Result<Summarized, OperationError> {
        let found = self.list().await?.into_iter().find(|one| one.conference == conference);
        match found {
            Some(found) => Ok(found),
            None => Err(self.unknown(conference).await),
        }
    }

    /// All conferences, by id. None is loaded for it.
    pub(crate) async fn list(&self) -> Result<Vec<Summarized>, OperationError> {
        let summaries = self.log.summaries().await;
        let summaries = summaries.map_err(|error| OperationError::Log(error.to_string()))?;
        let describe = |known: convene_event_log::Summary| Summarized {
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
            && door.inputs().send(Input::Deleted).await.is_err()
        {
            tracing::debug!(%conference, "it did not run any more");
        }
        tracing::info!(number = number::CONFERENCE_DELETED, %conference, "conference deleted");
        Ok(())
    }

    /// A page of those of a conference's events above `after` that everyone may see, and the number
    /// to go on from.
    pub(crate) async fn events(
        &self,
        conference: ConferenceId,
        after: u64,
    ) -> Result<(Vec<Json>, u64), OperationError> {
        let page = self.log.read(conference, after, PAGE_ENTRIES, PAGE_BYTES).await;
        let page = page.map_err(|error| OperationError::Log(error.to_string()))?;
        let through = page.last().map_or(after, |entry| entry.number);
        // One that cannot be read is passed over here: its conference says so to everybody else.
        let entries = page.iter().filter_map(|entry| Entry::parse(&entry.text).ok());
        let events = entries.flat_map(|entry| entry.events);
        let public = events.filter(|event| event.audience.is_everyone()).map(|event| event.text);
        Ok((public.collect(), through))
    }

    /// Loads each conference for what it has to do by itself, also where nobody is there. Never
    /// ends.
    pub(crate) async fn keep_time(&self) {
        loop {
            let conference = self.register.next_due().await;
            // It runs until it is ended and idle, and keeps time from here on.
            if self.register.door(conference, &self.log).is_err() {
                tracing::debug!(%conference, "what was planned is left to the next start");
            }
        }
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
        let door = match self.register.door(conference, &self.log) {
            Ok(door) => door,
            Err(NoDoor::Stopping) => return Err(OperationError::Stopping),
            Err(NoDoor::Unknown) => return Err(self.unknown(conference).await),
        };
        let (sender, answer) = oneshot::channel();
        door.inputs().send(input(sender)).await.map_err(|_| OperationError::Stopping)?;
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
            Err(ReadError::NoLog(missing)) => running::refusal(missing),
            // It was created a moment ago, or the log cannot be read.
            Ok(_) | Err(ReadError::Storage(_)) => Refusal::ConferenceDamaged,
        }
    }
}

/// The state after a conference's creation.
fn state_of(creation: &Entry) -> State {
    let mut state = State::default();
    for event in
        creation.events.iter().filter_map(|event| serde_json::from_str::<Event>(event.text.get()).ok())
    {
        state.evolve(&event);
    }
    state
}

/// Writes, and again until it is known whether that was done; a few times at most.
async fn until_known<T, F>(write: impl Fn() -> F) -> Result<T, WriteError>
where
    F: Future<Output = Result<T, WriteError>>,
{
    for _ in 1..WRITE_TRIES {
        match write().await {
            Err(WriteError::Unknown(_)) => tokio::time::sleep(LOG_RETRY).await,
            known => return known,
        }
    }
    write().await
}
