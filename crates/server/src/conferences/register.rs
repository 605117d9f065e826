//! Which conferences there are, and which of them run.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_conference::Settings;
use convene_event_log::EventLog;
use convene_hosting::{CodeHash, DataLimits, Summary};
use convene_model::{ConferenceId, JoinCode, LogId, TermId, Timestamp};
use convene_service_log::number;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::running::{self, CLOCK_LOOK, End, READ_AGAIN, TermLog};
use super::{INPUTS_MAX, Input};
use crate::clock::{timer_span, wall};
use crate::delivery::TaskNumber;
use crate::invitation::Invited;

/// The way to reach a conference that runs. Two doors are equal only while the same task runs it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    task: TaskNumber,
    inputs: mpsc::Sender<Input>,
    readers: Arc<AtomicUsize>,
}

impl Door {
    pub(crate) fn task(&self) -> TaskNumber {
        self.task
    }

    pub(crate) fn inputs(&self) -> &mpsc::Sender<Input> {
        &self.inputs
    }

    /// Links that were told what was last said in the conference.
    pub(crate) fn readers(&self) -> usize {
        self.readers.load(Relaxed)
    }

    pub(super) fn set_readers(&self, readers: usize) {
        self.readers.store(readers, Relaxed);
    }
}

impl PartialEq for Door {
    fn eq(&self, other: &Self) -> bool {
        self.task == other.task
    }
}

impl Eq for Door {}

impl PartialOrd for Door {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Door {
    fn cmp(&self, other: &Self) -> Ordering {
        self.task.cmp(&other.task)
    }
}

/// The conferences of this server.
#[derive(Debug)]
pub(super) struct Register {
    known: Mutex<Known>,
    /// How much each conference may hold.
    limits: DataLimits,
    /// Changes when a conference does not run any more.
    closed: watch::Sender<()>,
    /// Told when a conference is added for which something is planned.
    planned: Notify,
}

#[derive(Debug, Default)]
struct Known {
    conferences: BTreeMap<ConferenceId, Conference>,
    by_code: BTreeMap<CodeHash, ConferenceId>,
    tasks: JoinSet<()>,
    /// Whether no conference is to run any more.
    stopping: bool,
    /// The number of tasks that were ever started.
    started: u64,
}

#[derive(Debug)]
struct Conference {
    log: LogId,
    /// The term of this process, once it has taken the conference over.
    term: Option<TermId>,
    /// Open while it runs.
    door: Option<Door>,
    /// When it has something to do by itself.
    due: Option<Timestamp>,
    /// What the page of its join links tells of it.
    invited: Arc<Invited>,
}

/// Why a conference has no door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDoor {
    /// There is no such conference.
    Unknown,
    /// The server is going down.
    Stopping,
}

impl Register {
    pub(super) fn new(limits: DataLimits) -> Self {
        Self { known: Mutex::default(), limits, closed: watch::Sender::new(()), planned: Notify::new() }
    }

    /// A conference that is there now.
    pub(super) fn add(&self, conference: ConferenceId, log: LogId, summary: &Summary) {
        let mut known = self.known();
        known.by_code.extend(summary.codes.iter().map(|code| (code.clone(), conference)));
        let (due, invited) = (summary.next_due, Arc::new(invited(summary)));
        known.conferences.insert(conference, Conference { log, term: None, door: None, due, invited });
        if due.is_some() {
            self.planned.notify_one();
        }
    }

    /// A conference that runs has something to do by itself then.
    pub(super) fn plan(&self, conference: ConferenceId, due: Option<Timestamp>) {
        if let Some(one) = self.known().conferences.get_mut(&conference) {
            one.due = due;
        }
    }

    /// A conference that runs is found by these codes too, whatever they open there.
    pub(super) fn find_by(&self, conference: ConferenceId, codes: impl Iterator<Item = JoinCode>) {
        let codes: Vec<CodeHash> = codes.map(|code| CodeHash::of(&code)).collect();
        let mut known = self.known();
        if known.conferences.contains_key(&conference) {
            known.by_code.extend(codes.into_iter().map(|code| (code, conference)));
        }
    }

    /// A conference that runs is told of so on its page, unless it could not be read.
    pub(super) fn invite(&self, conference: ConferenceId, settings: &Settings, is_over: bool) {
        let Settings { title, theme, hosts, start, .. } = settings.clone();
        if title.is_empty() {
            return;
        }
        if let Some(one) = self.known().conferences.get_mut(&conference) {
            one.invited = Arc::new(Invited { title, theme, hosts, start, is_over });
        }
    }

    /// Waits until a conference has something to do by itself that does not run, and gives it. It
    /// is given again after [`READ_AGAIN`] where it does not run by then. Cancel safe.
    pub(super) async fn next_due(&self) -> ConferenceId {
        loop {
            let now = Timestamp::from(wall());
            let first = {
                let known = self.known();
                let all = known.conferences.iter().filter(|(_, one)| one.door.is_none());
                all.filter_map(|(id, one)| Some((one.due?, *id))).min()
            };
            let wait = match first {
                Some((due, conference)) if due <= now => {
                    self.plan(conference, Some(not_before(due)));
                    return conference;
                }
                Some((due, _)) => timer_span(now, due),
                None => Duration::MAX,
            };
            tokio::select! {
                () = tokio::time::sleep(wait.min(CLOCK_LOOK)) => {}
                () = self.planned.notified() => {}
            }
        }
    }

    /// A conference that was deleted. Gives its door, if it runs.
    pub(super) fn remove(&self, conference: ConferenceId) -> Option<Door> {
        let mut known = self.known();
        known.by_code.retain(|_, of| *of != conference);
        known.conferences.remove(&conference)?.door
    }

    /// Looks for the hash of a code: the time that this takes may tell something of hashes, and
    /// nothing of the codes that there are.
    pub(super) fn by_code(&self, code: JoinCode) -> Option<ConferenceId> {
        self.known().by_code.get(&CodeHash::of(&code)).copied()
    }

    /// The conference that a code opens, as its page tells of it.
    pub(super) fn invited(&self, code: JoinCode) -> Option<Arc<Invited>> {
        let conference = self.by_code(code)?;
        Some(Arc::clone(&self.known().conferences.get(&conference)?.invited))
    }

    /// Told whenever a conference does not run any more: a task that has its door must ask for it
    /// again.
    pub(super) fn closed(&self) -> watch::Receiver<()> {
        self.closed.subscribe()
    }

    /// The door of a conference, which runs from now on if it did not.
    pub(super) fn door<E: EventLog>(
        self: &Arc<Self>,
        conference: ConferenceId,
        log: &Arc<E>,
    ) -> Result<Door, NoDoor> {
        let mut known = self.known();
        if known.stopping {
            return Err(NoDoor::Stopping);
        }
        let task = TaskNumber(known.started + 1);
        let one = known.conferences.get_mut(&conference).ok_or(NoDoor::Unknown)?;
        match &one.door {
            Some(door) if !door.inputs.is_closed() => return Ok(door.clone()),
            // Its task has failed, and the task that watches over it has not noticed yet. A caller
            // that comes meanwhile must not be given that door again and again.
            Some(_) => (one.term, one.door) = (None, None),
            None => {}
        }
        let (sender, inputs) = mpsc::channel(INPUTS_MAX);
        let door = Door { task, inputs: sender, readers: Arc::default() };
        one.door = Some(door.clone());
        let term = *one.term.get_or_insert_with(|| TermId(rand::random()));
        let limits = self.limits;
        let log = TermLog { engine: Arc::clone(log), conference, log_id: one.log, term, limits };
        known.started = task.0;
        while known.tasks.try_join_next().is_some() {}
        known.tasks.spawn(watch(Arc::clone(self), log, door.clone(), inputs));
        Ok(door)
    }

    /// Takes the door away if nobody else has it and nothing has come through it.
    pub(super) fn let_go(&self, conference: ConferenceId, inputs: &mpsc::Receiver<Input>) -> bool {
        let mut known = self.known();
        // The register and the conference itself have one.
        let is_unwanted = inputs.sender_strong_count() == 2 && inputs.is_empty();
        if is_unwanted && let Some(one) = known.conferences.get_mut(&conference) {
            one.door = None;
        }
        is_unwanted
    }

    /// Ends all conferences, for good; what was accepted is durable already.
    pub(super) async fn stop(&self) {
        let mut tasks = {
            let mut known = self.known();
            known.stopping = true;
            std::mem::take(&mut known.tasks)
        };
        tasks.shutdown().await;
    }

    /// The number of conferences that run.
    #[cfg(test)]
    pub(super) fn running(&self) -> usize {
        self.known().conferences.values().filter(|one| one.door.is_some()).count()
    }

    /// The conference of this term is over: it is loaded again in another one.
    fn end(&self, conference: ConferenceId, term: TermId) {
        let mut known = self.known();
        if let Some(one) = known.conferences.get_mut(&conference)
            && one.term == Some(term)
        {
            (one.term, one.door) = (None, None);
            one.due = one.due.map(not_before);
            self.planned.notify_one();
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn invited(summary: &Summary) -> Invited {
    Invited {
        title: summary.title.clone(),
        theme: summary.theme.clone(),
        hosts: summary.hosts.clone(),
        start: summary.start,
        is_over: summary.ended,
    }
}

/// A time that was planned, put off where a conference has just failed to keep it: what fails at
/// once is not tried without end.
fn not_before(due: Timestamp) -> Timestamp {
    let soonest = wall() + READ_AGAIN;
    due.max(Timestamp::from(soonest))
}

/// Runs a conference in a task of its own, so that its panic ends nothing else and is noticed.
async fn watch<E: EventLog>(
    register: Arc<Register>,
    log: TermLog<E>,
    door: Door,
    inputs: mpsc::Receiver<Input>,
) {
    let TermLog { conference, term, .. } = log;
    let mut task = JoinSet::new();
    let of_task = Arc::clone(&register);
    task.spawn(async move { running::run(log, door, inputs, &of_task).await });
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
