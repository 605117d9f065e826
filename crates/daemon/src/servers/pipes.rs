//! The pipes of one server: each is opened, read and written by a task of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_dial::{Dialer, Peer, Pipe, PipeReceiver, PipeSender};
use convene_model::{Code, Evidence, Stage};
use convene_reach::{AttemptId, Failure, PortalQuestion, ProxyAddress, Route};
use convene_uplink::FarEnd;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};

use super::allowance::Allowance;

/// Frames from pipes that the server's task has not looked at yet; beyond it pipes are not read.
const REPORTS_MAX: usize = 64;
/// Frames for one pipe that its task has not taken yet.
const FRAMES_MAX: usize = 64;

/// The report of a pipe's task.
#[derive(Debug)]
pub(super) enum Report {
    Stage(AttemptId, Stage),
    Opened(AttemptId, FarEnd),
    Failed(AttemptId, Failure, Option<Evidence>),
    /// The proxy of this attempt wants a login, or another one; the failure follows.
    LoginWanted(AttemptId, ProxyAddress),
    Frame(AttemptId, convene_dial::FrameText),
    Closed(AttemptId),
    /// The login page that stands in the way, if one does.
    Checked(PortalQuestion, Option<Evidence>),
}

#[derive(Debug)]
struct Held {
    frames: mpsc::Sender<Arc<str>>,
    task: AbortHandle,
}

/// All pipes that stand or are on their way.
#[derive(Debug)]
pub(super) struct Pipes {
    dialer: Arc<Dialer>,
    allowance: Arc<Allowance>,
    held: BTreeMap<AttemptId, Held>,
    tasks: JoinSet<()>,
    reports: mpsc::Sender<Report>,
    reported: mpsc::Receiver<Report>,
}

impl Pipes {
    pub(super) fn new(dialer: Arc<Dialer>, user: &str) -> Self {
        let (reports, reported) = mpsc::channel(REPORTS_MAX);
        Self {
            dialer,
            allowance: Allowance::of(user),
            held: BTreeMap::new(),
            tasks: JoinSet::new(),
            reports,
            reported,
        }
    }

    /// Opens all later pipes with this dialer.
    pub(super) fn open_by(&mut self, dialer: Arc<Dialer>) {
        self.dialer = dialer;
    }

    pub(super) fn open(&mut self, attempt: AttemptId, route: Route) {
        while self.tasks.try_join_next().is_some() {}
        let (frames, outgoing) = mpsc::channel(FRAMES_MAX);
        let by = (Arc::clone(&self.dialer), Arc::clone(&self.allowance));
        let task = self.tasks.spawn(live(by, attempt, route, outgoing, self.reports.clone()));
        self.held.insert(attempt, Held { frames, task });
    }

    /// Asks whether a login page stands in the way, also at the address that the network announces;
    /// the answer is reported.
    pub(super) fn ask_portal(&mut self, question: PortalQuestion, host: &str, announced: Option<Arc<str>>) {
        let (dialer, host, reports) = (Arc::clone(&self.dialer), host.to_owned(), self.reports.clone());
        self.tasks.spawn(async move {
            let portal = dialer.ask_portal(&host, announced.as_deref()).await;
            if reports.send(Report::Checked(question, portal)).await.is_err() {
                tracing::debug!("a question outlived its server's task");
            }
        });
    }

    /// Closes a pipe. Every frame that was sent on it before has been written or is lost: a pipe
    /// that is closed is of no more use.
    pub(super) fn close(&mut self, attempt: AttemptId) {
        if let Some(held) = self.held.remove(&attempt) {
            held.task.abort();
        }
    }

    /// Whether the pipe takes another frame now; one that is gone takes everything.
    pub(super) fn has_room(&self, attempt: AttemptId) -> bool {
        self.held.get(&attempt).is_none_or(|held| held.frames.is_closed() || held.frames.capacity() > 0)
    }

    /// Waits until the pipe takes another frame. Cancel-safe.
    pub(super) async fn room(&self, attempt: AttemptId) {
        if let Some(held) = self.held.get(&attempt) {
            // A pipe that has ended is reported as such.
            drop(held.frames.reserve().await);
        }
    }

    /// Sends a frame on a pipe that has room for it.
    pub(super) fn send(&self, attempt: AttemptId, frame: Arc<str>) {
        if let Some(held) = self.held.get(&attempt)
            && held.frames.try_send(frame).is_err()
        {
            tracing::debug!("a frame for a pipe that has ended was dropped; the link sends it again");
        }
    }

    /// The next report about a pipe that is still held. Cancel-safe.
    pub(super) async fn report(&mut self) -> Report {
        loop {
            let Some(report) = self.reported.recv().await else { return std::future::pending().await };
            let of_pipe = match &report {
                Report::Stage(attempt, _)
                | Report::Opened(attempt, _)
                | Report::Failed(attempt, _, _)
                | Report::LoginWanted(attempt, _)
                | Report::Frame(attempt, _)
                | Report::Closed(attempt) => Some(attempt),
                Report::Checked(..) => None,
            };
            if of_pipe.is_none_or(|attempt| self.held.contains_key(attempt)) {
                return report;
            }
        }
    }
}

/// Opens a route and carries frames in both directions until it ends.
async fn live(
    (dialer, allowance): (Arc<Dialer>, Arc<Allowance>),
    attempt: AttemptId,
    route: Route,
    frames: mpsc::Receiver<Arc<str>>,
    reports: mpsc::Sender<Report>,
) {
    let stages = reports.clone();
    let mut watch = move |stage| {
        // A stage that is not told only makes the attempt's limit the one of the stage before.
        if stages.try_send(Report::Stage(attempt, stage)).is_err() {
            tracing::debug!(%stage, "a stage was not told");
        }
    };
    let opened = dialer.open_watched(&route, &mut watch).await;
    let last = match opened {
        Ok(Pipe { sender, receiver, peer }) => {
            let Peer { end_point, fingerprint, issuer } = peer;
            let far_end = FarEnd { end_point, fingerprint, issuer };
            if reports.send(Report::Opened(attempt, far_end)).await.is_err() {
                return;
            }
            tokio::select! {
                () = read(attempt, receiver, &reports, &allowance) => {}
                () = write(sender, frames) => {}
            }
            Report::Closed(attempt)
        }
        Err(error) => {
            tracing::debug!(%route, stage = %error.failure.stage, code = %error.failure.code, "a route did not open");
            if let (Code::ProxyLoginNeeded | Code::ProxyLoginRejected, Some(proxy)) =
                (error.failure.code, route.proxy)
                && reports.send(Report::LoginWanted(attempt, proxy)).await.is_err()
            {
                return;
            }
            Report::Failed(attempt, error.failure, error.evidence())
        }
    };
    if reports.send(last).await.is_err() {
        tracing::debug!("a pipe outlived its server's task");
    }
}

/// Passes frames on. Those that come quicker than servers may send wait at their end.
async fn read(
    attempt: AttemptId,
    mut receiver: PipeReceiver,
    reports: &mpsc::Sender<Report>,
    allowance: &Allowance,
) {
    while let Some(Ok(text)) = receiver.next().await {
        let pause = allowance.take(text.len(), Instant::now());
        if !pause.is_zero() {
            sleep(pause).await;
        }
        if reports.send(Report::Frame(attempt, text)).await.is_err() {
            return;
        }
    }
}

/// Writes all that waits together.
async fn write(mut sender: PipeSender, mut frames: mpsc::Receiver<Arc<str>>) {
    let mut batch = Vec::with_capacity(FRAMES_MAX);
    while frames.recv_many(&mut batch, FRAMES_MAX).await > 0 {
        if sender.send(batch.drain(..).map(|frame| frame.as_ref().to_owned())).await.is_err() {
            return;
        }
    }
}
