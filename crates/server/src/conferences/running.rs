//! One conference as it runs: between its host, its log and the links.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use convene_conference::Refusal;
use convene_event_log::{AppendError, EventLog};
use convene_hosting::{Append, Host, Output, Read};
use convene_model::Timestamp;
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_protocol::{Opened, OpenedOutcome, ServerFrame};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Input;
use super::loading::{Claim, LOG_RETRY, LoadError};
use super::register::Register;
use super::summary::Summary;
use crate::delivery::{Delivery, LinkHandle};
use crate::web::Utf8Bytes;

/// Inputs taken before the log is looked at again: what arrives together is stored together.
const INPUTS_AT_ONCE: usize = 256;
/// The time for which a conference that cannot be read is refused before it is read again: short
/// for somebody who mends a log, and long enough that daemons that ask again and again cost little.
const READ_AGAIN: Duration = Duration::from_secs(60);
/// The time after which a conference that has ended, and that nobody wants, is let go.
const LET_GO_AFTER: Duration = Duration::from_secs(60);

/// Why a conference does not run any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody wanted it. When it is next wanted it goes on in its term.
    LetGo,
    /// Its term is over, or its log is gone.
    Over,
}

struct Running<E> {
    host: Host<LinkHandle>,
    claim: Arc<Claim<E>>,
    /// As it is in the log, or will be with the batch that is under way.
    summary: Summary,
    /// Operators who wait for the end to be durable.
    ending: Vec<(u64, oneshot::Sender<Result<(), Refusal>>)>,
}

/// Runs a conference from when it is first wanted.
pub(super) async fn run<E: EventLog>(
    claim: Arc<Claim<E>>,
    mut inputs: mpsc::Receiver<Input>,
    register: &Register,
) -> End {
    let mut refused: Option<(Instant, Refusal)> = None;
    while let Some(input) = inputs.recv().await {
        let code = match refused {
            Some((since, code)) if since.elapsed() < READ_AGAIN => code,
            _ => match claim.load().await {
                Ok(host) => return Running::new(host, claim).run(input, inputs, register).await,
                Err(LoadError::NotOwner) => return End::Over,
                Err(LoadError::Refused(code)) => {
                    refused = Some((Instant::now(), code));
                    code
                }
            },
        };
        if matches!(input, Input::Deleted) {
            return End::Over;
        }
        refuse(input, code);
    }
    End::Over
}

fn refuse(input: Input, code: Refusal) {
    match input {
        Input::Open { link, resume } => {
            let outcome = OpenedOutcome::Refused { code };
            let text = ServerFrame::Opened(vec![Opened { index: resume.index, outcome }]).to_string();
            link.deliver(Delivery { text: text.into(), ready: None });
        }
        Input::End(answer) => reply(answer, Err(code)),
        Input::Codes(answer) => reply(answer, Err(code)),
        Input::Close { .. }
        | Input::Commands { .. }
        | Input::History { .. }
        | Input::Ready { .. }
        | Input::LinkGone(_)
        | Input::Deleted => {}
        #[cfg(test)]
        Input::Panic => {}
    }
}

/// Appends a batch, and tries again until it is known what became of it.
async fn store<E: EventLog>(
    claim: Arc<Claim<E>>,
    batch: Append,
    summary: Option<Arc<str>>,
) -> Result<(), AppendError> {
    let Claim { log, conference, term, .. } = &*claim;
    loop {
        let (entries, summary) = (batch.entries.clone(), summary.clone());
        match log.append(*conference, *term, batch.after, entries, summary).await {
            Err(AppendError::Write(error)) => {
                tracing::error!(%conference, %error, "the event log did not take a batch; trying again");
                tokio::time::sleep(LOG_RETRY).await;
            }
            done => return done,
        }
    }
}

impl<E: EventLog> Running<E> {
    fn new(host: Host<LinkHandle>, claim: Arc<Claim<E>>) -> Self {
        let summary = Summary::of(host.codes(), host.state());
        Self { host, claim, summary, ending: Vec::new() }
    }

    async fn run(mut self, first: Input, mut inputs: mpsc::Receiver<Input>, register: &Register) -> End {
        let mut storing = std::pin::pin!(None);
        if self.handle_all(first, &mut inputs).is_break() {
            return End::Over;
        }
        loop {
            self.carry_out().await;
            if storing.is_none()
                && let Some(batch) = self.host.poll_append()
            {
                let summary = self.changed_summary();
                storing.set(Some(store(Arc::clone(&self.claim), batch, summary)));
            }
            let may_go = storing.is_none() && self.host.state().ended();
            let stored = std::future::poll_fn(|cx| match storing.as_mut().as_pin_mut() {
                Some(storing) => storing.poll(cx),
                None => Poll::Pending,
            });
            tokio::select! {
                biased;
                stored = stored => {
                    storing.set(None);
                    if let Err(error) = stored {
                        tracing::error!(conference = %self.claim.conference, %error, "the term is over");
                        return End::Over;
                    }
                    self.host.handle_appended();
                    self.answer_the_operator();
                }
                input = inputs.recv(), if !self.host.is_full() => {
                    let Some(input) = input else { return End::Over };
                    if self.handle_all(input, &mut inputs).is_break() {
                        return End::Over;
                    }
                }
                () = tokio::time::sleep(LET_GO_AFTER), if may_go => {
                    if register.let_go(self.claim.conference, &inputs) {
                        return End::LetGo;
                    }
                }
            }
        }
    }

    fn handle_all(&mut self, first: Input, inputs: &mut mpsc::Receiver<Input>) -> ControlFlow<()> {
        let others = std::iter::from_fn(|| inputs.try_recv().ok());
        std::iter::once(first).chain(others).take(INPUTS_AT_ONCE).try_for_each(|input| self.handle(input))
    }

    fn handle(&mut self, input: Input) -> ControlFlow<()> {
        let now = Timestamp::from(SystemTime::now());
        match input {
            Input::Open { link, resume } => self.host.handle_open(link.link(), link, &resume, now),
            Input::Close { link, index } => self.host.handle_close(link, index),
            Input::Commands { link, commands } => {
                self.host.handle_commands(link, commands.index, &commands.list, now);
            }
            Input::History { link, request } => self.host.handle_history(link, request),
            Input::Ready { link, index } => self.host.handle_ready(link, index),
            Input::LinkGone(link) => self.host.handle_link_gone(link),
            Input::End(answer) => match self.host.end(now) {
                Ok(entry) => self.ending.push((entry, answer)),
                Err(refusal) => reply(answer, Err(refusal)),
            },
            Input::Codes(answer) => reply(answer, Ok(self.host.codes().clone())),
            Input::Deleted => return ControlFlow::Break(()),
            #[cfg(test)]
            Input::Panic => panic!("a test wanted it"),
        }
        self.answer_the_operator();
        ControlFlow::Continue(())
    }

    /// The summary after the next batch, where that changes it.
    fn changed_summary(&mut self) -> Option<Arc<str>> {
        let summary = Summary::of(self.host.codes(), self.host.decided_state());
        (summary != self.summary).then(|| {
            self.summary = summary;
            self.summary.text()
        })
    }

    /// Does what the host wants, in its order.
    async fn carry_out(&mut self) {
        let conference = self.claim.conference;
        while let Some(output) = self.host.poll_output() {
            match output {
                Output::Frame { link, text, ready } => {
                    let ready = ready.map(|index| (conference, index));
                    link.deliver(Delivery { text: text.into(), ready });
                }
                Output::Class { right, text } => {
                    let text = Utf8Bytes::from(text);
                    for link in self.host.recipients(right) {
                        link.deliver(Delivery { text: text.clone(), ready: None });
                    }
                }
                Output::Read(read) => self.read(read).await,
            }
        }
    }

    /// Reads a page that is no longer in memory: rare, and short enough to let the conference wait.
    async fn read(&mut self, read: Read<LinkHandle>) {
        let Claim { log, conference, .. } = &*self.claim;
        let page = log.read(*conference, read.after, BATCH_EVENTS_MAX, BATCH_BYTES_MAX).await;
        let link = read.wanted.link().clone();
        let outcome = match page {
            Ok(page) => {
                let entries: Vec<Arc<str>> = page.into_iter().map(|entry| entry.text).collect();
                self.host.handle_read(read, &entries).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = outcome {
            tracing::error!(%conference, %error, "a page of the event log cannot be read");
            link.cut();
        }
    }

    fn answer_the_operator(&mut self) {
        let durable = self.host.durable();
        for (_, answer) in self.ending.extract_if(.., |(entry, _)| *entry <= durable) {
            reply(answer, Ok(()));
        }
    }
}

/// Answers; who asked may have gone.
fn reply<T>(answer: oneshot::Sender<T>, what: T) {
    if answer.send(what).is_err() {
        tracing::debug!("nobody waits for the answer any more");
    }
}
