//! One conference as it runs: between its host, its log and the links.

mod log;
mod refusing;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use convene_conference::{Refusal, next_due};
use convene_event_log::EventLog;
use convene_hosting::{DataLimits, Host, Output, Work};
use convene_model::{ConferenceId, LogId, TermId, Timestamp};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use self::log::{Doing, Done, Following};
pub(super) use self::log::{LOG_RETRY, refusal};
use super::Input;
use super::register::{Door, Register};
use crate::clock::{SystemClocks, timer_span};
use crate::delivery::{Delivery, LinkHandle, Message, PresenceFrame, SharedFrame};
use crate::web::Utf8Bytes;

/// Inputs taken before the log is looked at again: what arrives together is stored together.
const INPUTS_AT_ONCE: usize = 256;
/// How long a conference that cannot be read is refused before it is read again: an administrator
/// who mends a log waits that long, and those who ask again and again cost little.
pub(super) const READ_AGAIN: Duration = Duration::from_secs(60);
/// How often a conference that has ended looks whether anybody wants it.
const LET_GO_AFTER: Duration = Duration::from_secs(60);

/// How long a conference sleeps at the most while something is planned: the wall clock may be set,
/// and nothing tells.
pub(super) const CLOCK_LOOK: Duration = Duration::from_secs(60);

/// Why a conference does not run any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody wanted it. When it is next wanted it goes on in its term.
    LetGo,
    /// It is to be loaded again, in a new term, when it is next wanted.
    Over,
}

/// Which log is run, and in which term.
#[derive(Debug)]
pub(super) struct TermLog<E> {
    pub(super) engine: Arc<E>,
    pub(super) conference: ConferenceId,
    pub(super) log_id: LogId,
    pub(super) term: TermId,
    pub(super) limits: DataLimits,
}

struct Running<E> {
    host: Host<LinkHandle>,
    log: Arc<TermLog<E>>,
    door: Door,
    clock: SystemClocks,
    doing: FuturesUnordered<Doing>,
    /// Whether a batch is under way. Its entries need not be read to be followed.
    is_appending: bool,
    /// Operators who want to end it, until a term has begun here.
    end_wanted: Vec<oneshot::Sender<Result<(), Refusal>>>,
    /// Operators who wait for the end to be durable.
    ending: Vec<(u64, oneshot::Sender<Result<(), Refusal>>)>,
    /// Since when no more of the log is read here.
    stopped: Option<Instant>,
    /// Since when it has ended and nothing came.
    unwanted: Option<Instant>,
    /// When it has something to do by itself, as the register knows it.
    planned: Option<Timestamp>,
    /// Whether it is over, as the register was told.
    told_over: Option<bool>,
    /// The number of codes by which the register finds it.
    told_codes: usize,
    /// The mark of what it may hold that administrators were told.
    told_filled: u32,
}

/// Runs a conference from when it is first wanted.
pub(super) async fn run<E: EventLog>(
    log: TermLog<E>,
    door: Door,
    mut inputs: mpsc::Receiver<Input>,
    register: &Register,
) -> End {
    let log = Arc::new(log);
    let mut clock = SystemClocks::start();
    let mut host = loop {
        match log::load(&log, &mut clock).await {
            Ok(host) => break host,
            Err(code) => {
                // Seats are told, and come again.
                refusing::refuse_for(LOG_RETRY, code, &door, &mut inputs).await;
                if inputs.is_closed() || code == Refusal::ConferenceDeleted {
                    return End::Over;
                }
            }
        }
    };
    host.handle_caught_up(clock.now());
    let running = Running {
        host,
        log,
        door,
        clock,
        doing: FuturesUnordered::new(),
        is_appending: false,
        end_wanted: Vec::new(),
        ending: Vec::new(),
        stopped: None,
        unwanted: None,
        planned: None,
        told_over: None,
        told_codes: 0,
        told_filled: 0,
    };
    register.plan(running.log.conference, None);
    running.run(inputs, register).await
}

impl<E: EventLog> Running<E> {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>, register: &Register) -> End {
        let mut following = Following::new(&self.log, self.host.follows_from());
        loop {
            self.end_if_wanted();
            self.carry_out();
            self.tell_register(register);
            self.answer_the_operator();
            following.move_to(&self.log, self.host.follows_from());
            let due = self.due();
            let may_go = self.host.is_idle() && self.host.publisher().state().public().ended();
            self.unwanted = may_go.then(|| self.unwanted.unwrap_or_else(Instant::now));
            let is_stopped = self.host.stopped().is_some();
            tokio::select! {
                biased;
                Some(done) = self.doing.next() => if self.done(done).is_break() { return End::Over },
                followed = following.next(), if !is_stopped && !self.is_appending => {
                    if self.followed(followed).await.is_break() {
                        return End::Over;
                    }
                }
                input = inputs.recv(), if !self.host.is_full() => {
                    let Some(input) = input else { return End::Over };
                    if self.handle_all(input, &mut inputs).is_break() {
                        return End::Over;
                    }
                }
                () = until(due.map(Instant::from)) => {
                    let now = self.clock.now();
                    self.host.handle_timeout(now);
                }
                () = until(self.stopped.map(|since| since + READ_AGAIN)), if is_stopped => return End::Over,
                () = until(self.unwanted.map(|since| since + LET_GO_AFTER)), if may_go => {
                    if register.let_go(self.log.conference, &inputs) {
                        return End::LetGo;
                    }
                    self.unwanted = None;
                }
            }
        }
    }

    /// When the host wants to be woken: for itself, or because something is planned for then.
    fn due(&mut self) -> Option<std::time::Instant> {
        let planned = self.host.next_due().map(|planned| {
            let now = self.clock.now();
            now.instant + timer_span(now.at, planned).min(CLOCK_LOOK)
        });
        self.host.poll_timeout().into_iter().chain(planned).min()
    }

    /// Tells the register what is planned, as it has the conference loaded again where this task
    /// ends before it, and what the conference is: a summary of before says less.
    fn tell_register(&mut self, register: &Register) {
        let planned = next_due(self.host.publisher().state());
        if planned != self.planned {
            self.planned = planned;
            register.plan(self.log.conference, planned);
        }
        let codes = self.host.publisher().known_codes().count();
        if codes != self.told_codes {
            self.told_codes = codes;
            register.find_by(self.log.conference, self.host.publisher().known_codes());
        }
        let public = self.host.publisher().state().public();
        let (percent, is_over) = (public.filled(), public.ended());
        if percent > self.told_filled {
            let conference = self.log.conference;
            tracing::warn!(%conference, percent, "a conference holds much of what `[limits]` lets it hold");
        }
        self.told_filled = percent;
        if self.told_over != Some(is_over) {
            self.told_over = Some(is_over);
            register.invite(self.log.conference, public.settings(), is_over);
        }
    }

    fn handle_all(&mut self, first: Input, inputs: &mut mpsc::Receiver<Input>) -> ControlFlow<()> {
        self.handle(first)?;
        for _ in 1..INPUTS_AT_ONCE {
            if self.host.is_full() {
                break;
            }
            let Ok(input) = inputs.try_recv() else { break };
            self.handle(input)?;
        }
        ControlFlow::Continue(())
    }

    fn handle(&mut self, input: Input) -> ControlFlow<()> {
        let now = self.clock.now();
        match input {
            Input::Wish { link, wish } => self.host.handle_wish(link.number(), link, wish, now),
            Input::Commands(wish) => self.host.handle_commands(wish, now),
            Input::LinkGone(link) => self.host.handle_link_gone(link, now),
            Input::LinkLiving(link, living) => self.host.handle_link_living(link, living, now),
            Input::End(answer) => self.end_wanted.push(answer),
            Input::Codes(answer) => reply(answer, Ok(self.host.publisher().codes().clone())),
            Input::Deleted => return ControlFlow::Break(()),
            #[cfg(test)]
            Input::Panic => panic!("a test wanted it"),
        }
        ControlFlow::Continue(())
    }

    /// Takes what the log says to something that was asked of it.
    fn done(&mut self, done: Done) -> ControlFlow<()> {
        let now = self.clock.now();
        match done {
            Done::Claimed(term, outcome) => self.host.handle_claimed(term, outcome, now),
            Done::Appended { term, outcome, entries } => {
                self.is_appending = false;
                self.host.handle_append(term, outcome, now);
                // They are durable, and in this process they need not be read to be followed,
                // unless the log has been cut or taken over since.
                if term == self.host.follows_from().1 {
                    self.host.handle_followed(&entries, now);
                }
            }
            Done::Found(term, Some(entries)) => {
                if self.host.handle_found(term, &entries, now).is_err() {
                    log::damaged(&self.log, 0, "an entry of its index is none");
                    return ControlFlow::Break(());
                }
            }
            Done::Found(term, None) => self.host.handle_lookup_failed(term, now),
            Done::Read(read, Some(entries)) => self.host.handle_page(read, &entries, now),
            Done::Read(read, None) => self.host.handle_read_failed(&read, now),
            Done::Stored => {}
            Done::Gone => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    async fn followed(&mut self, followed: log::Followed) -> ControlFlow<()> {
        match followed {
            log::Followed::Entries(entries) => {
                let now = self.clock.now();
                self.host.handle_followed(&entries, now);
            }
            log::Followed::AnotherLog => {
                tracing::warn!(conference = %self.log.conference, "its log was restored: reading it anew");
                let stored = log::stored(&self.log).await;
                let now = self.clock.now();
                self.host.handle_log_lost(stored, now);
                if log::read_on(&self.log, &mut self.host, &mut self.clock).await.is_err() {
                    return ControlFlow::Break(());
                }
                let now = self.clock.now();
                self.host.handle_caught_up(now);
            }
            log::Followed::Gone => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    /// Does what the host wants, in its order.
    fn carry_out(&mut self) {
        while let Some(work) = self.host.poll_work() {
            match work {
                Work::Publish(output) => self.publish(output),
                Work::Claim(claim) => self.doing.push(log::claim(&self.log, claim)),
                Work::Append(batch) => {
                    self.is_appending = true;
                    self.doing.push(log::append(&self.log, batch));
                }
                Work::Look(lookup) => self.doing.push(log::look(&self.log, lookup)),
                Work::Store(stored) => self.doing.push(log::store(&self.log, &stored)),
            }
        }
        if let Some(code) = self.host.stopped()
            && self.stopped.is_none()
        {
            self.stopped = Some(Instant::now());
            let why = if code == Refusal::ConferenceOfLaterVersion {
                "a later version wrote it: this server is to be updated"
            } else {
                "it cannot be folded here"
            };
            log::damaged(&self.log, self.host.publisher().last() + 1, why);
        }
    }

    fn publish(&mut self, output: Output<LinkHandle>) {
        let at = self.door.task();
        match output {
            Output::Tell { link, told } => link.deliver(Delivery::Told(Box::new(Message { at, told }))),
            Output::Share { links, text } => {
                self.door.set_readers(links.len());
                let frame = Arc::new(SharedFrame::new(at, Utf8Bytes::from(&*text)));
                for link in &*links {
                    link.deliver(Delivery::Shared(Arc::clone(&frame)));
                }
            }
            Output::Presence { links, text } => {
                let (conference, text) = (self.log.conference, Utf8Bytes::from(&*text));
                let frame = Arc::new(PresenceFrame { conference, text });
                for link in &*links {
                    link.deliver_if_room(Delivery::Presence(Arc::clone(&frame)));
                }
            }
            Output::Read(read) => self.doing.push(log::read(&self.log, read)),
            // The host has given it to its decider.
            Output::Join(_) => {}
        }
    }

    fn end_if_wanted(&mut self) {
        let stopped = self.host.stopped();
        if stopped.is_none() && self.host.decider().is_none() {
            return;
        }
        for answer in std::mem::take(&mut self.end_wanted) {
            let now = self.clock.now();
            match stopped.map_or_else(|| self.host.handle_end(now), Err) {
                Ok(entry) => self.ending.push((entry, answer)),
                Err(refusal) => reply(answer, Err(refusal)),
            }
        }
    }

    fn answer_the_operator(&mut self) {
        let durable = self.host.publisher().last();
        for (_, answer) in self.ending.extract_if(.., |(entry, _)| *entry <= durable) {
            reply(answer, Ok(()));
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Answers. The task that asked may have gone.
fn reply<T>(answer: oneshot::Sender<T>, what: T) {
    if answer.send(what).is_err() {
        tracing::debug!("nobody waits for the answer any more");
    }
}
