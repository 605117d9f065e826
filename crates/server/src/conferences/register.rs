//! The register of all conferences. It runs those that are wanted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_event_log::EventLog;
use convene_model::{ConferenceId, JoinCode, LogId, TermId};
use convene_service_log::number;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::loading::Claim;
use super::running::{self, End};
use super::summary::{Summary, code_hash};
use super::{Door, INPUTS_MAX, Input};

/// The conferences of this server.
#[derive(Debug)]
pub(super) struct Register {
    listing: Mutex<Listing>,
    /// Changes when a conference does not run any more.
    closed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Listing {
    conferences: BTreeMap<ConferenceId, Conference>,
    by_code: BTreeMap<String, ConferenceId>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Conference {
    log: LogId,
    /// The term of this process, once it has taken the conference over.
    term: Option<TermId>,
    /// Open while it runs.
    door: Option<Door>,
}

impl Register {
    pub(super) fn new() -> Self {
        Self { listing: Mutex::default(), closed: watch::Sender::new(()) }
    }

    /// A conference that is there now.
    pub(super) fn add(&self, conference: ConferenceId, log: LogId, summary: &Summary) {
        let mut listing = self.listing();
        listing.by_code.extend(summary.codes.iter().map(|code| (code.clone(), conference)));
        listing.conferences.insert(conference, Conference { log, term: None, door: None });
    }

    /// A conference that was deleted. Gives its door, if it runs.
    pub(super) fn remove(&self, conference: ConferenceId) -> Option<Door> {
        let mut listing = self.listing();
        listing.by_code.retain(|_, of| *of != conference);
        listing.conferences.remove(&conference)?.door
    }

    pub(super) fn by_code(&self, code: JoinCode) -> Option<ConferenceId> {
        self.listing().by_code.get(&code_hash(code)).copied()
    }

    /// Told whenever a conference does not run any more: who has its door must ask for it again.
    pub(super) fn closed(&self) -> watch::Receiver<()> {
        self.closed.subscribe()
    }

    /// The door of a conference, which runs from now on if it did not. `None` where there is none.
    pub(super) fn door<E: EventLog>(
        self: &Arc<Self>,
        conference: ConferenceId,
        log: &Arc<E>,
    ) -> Option<Door> {
        let mut listing = self.listing();
        let one = listing.conferences.get_mut(&conference)?;
        if let Some(door) = &one.door {
            return Some(door.clone());
        }
        let (door, inputs) = mpsc::channel(INPUTS_MAX);
        one.door = Some(door.clone());
        let term = *one.term.get_or_insert_with(|| TermId(rand::random()));
        let claim = Claim { log: Arc::clone(log), conference, incarnation: one.log, term };
        while listing.tasks.try_join_next().is_some() {}
        listing.tasks.spawn(watch(Arc::clone(self), claim, inputs));
        Some(door)
    }

    /// Takes the door away if nobody else has it and nothing has come through it.
    pub(super) fn let_go(&self, conference: ConferenceId, inputs: &mpsc::Receiver<Input>) -> bool {
        let mut listing = self.listing();
        let is_unwanted = inputs.sender_strong_count() == 1 && inputs.is_empty();
        if is_unwanted && let Some(one) = listing.conferences.get_mut(&conference) {
            one.door = None;
        }
        is_unwanted
    }

    /// Ends all conferences; what was accepted is durable already. None is refused for it: their
    /// doors are closed.
    pub(super) async fn stop(&self) {
        let mut tasks = std::mem::take(&mut self.listing().tasks);
        tasks.shutdown().await;
    }

    /// The number of conferences that run.
    #[cfg(test)]
    pub(super) fn running(&self) -> usize {
        self.listing().conferences.values().filter(|one| one.door.is_some()).count()
    }

    /// The conference of this term is over: it is loaded again in another one.
    fn end(&self, conference: ConferenceId, term: TermId) {
        let mut listing = self.listing();
        if let Some(one) = listing.conferences.get_mut(&conference)
            && one.term == Some(term)
        {
            (one.term, one.door) = (None, None);
        }
    }

    fn listing(&self) -> MutexGuard<'_, Listing> {
        self.listing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a conference in a task of its own, so that its panic ends nothing else and is noticed.
async fn watch<E: EventLog>(register: Arc<Register>, claim: Claim<E>, inputs: mpsc::Receiver<Input>) {
    let Claim { conference, term, .. } = claim;
    let mut task = JoinSet::new();
    let of_task = Arc::clone(&register);
    task.spawn(async move { running::run(Arc::new(claim), inputs, &of_task).await });
    match task.join_next().await {
        Some(Ok(End::LetGo)) => return,
        Some(Ok(End::Over)) | None => {}
        Some(Err(error)) => {
            let number = number::CONFERENCE_FAILED;
            tracing::error!(number, %conference, %error, "a conference has failed");
        }
    }
    // Its receiver is gone, so that every door of it is seen to be closed.
    register.end(conference, term);
    register.closed.send_replace(());
}
