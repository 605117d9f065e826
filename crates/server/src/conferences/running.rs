//! One conference as it runs: between its host, its log and the links.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use std::time::SystemTime;

use convene_conference::Refusal;
use convene_event_log::first::EventLog;
use convene_hosting::{Append, Host, Output, Read};
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_model::{ConferenceId, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::{Description, Input};
use crate::delivery::{Delivery, LinkHandle};
use crate::web::Utf8Bytes;

/// Inputs taken before the log is looked at again: what arrives together is stored together.
const INPUTS_AT_ONCE: usize = 256;
/// Between two looks at a log that fails: long enough for a disk to be freed, short enough for people who wait.
const LOG_RETRY: Duration = Duration::from_secs(1);

struct Running<E> {
    host: Host<LinkHandle>,
    log: Arc<E>,
    /// Operators who wait for the end to be durable.
    ending: Vec<(u64, oneshot::Sender<Result<(), Refusal>>)>,
}

/// Runs a conference until its door is closed.
pub(super) async fn run<E: EventLog>(host: Host<LinkHandle>, log: Arc<E>, mut inputs: mpsc::Receiver<Input>) {
    let mut running = Running { host, log, ending: Vec::new() };
    let mut storing = std::pin::pin!(None);
    loop {
        running.carry_out().await;
        if storing.is_none()
            && let Some(batch) = running.host.poll_append()
        {
            storing.set(Some(store(Arc::clone(&running.log), running.host.conference(), batch)));
        }
        let stored = std::future::poll_fn(|cx| match storing.as_mut().as_pin_mut() {
            Some(storing) => storing.poll(cx),
            None => Poll::Pending,
        });
        tokio::select! {
            biased;
            stored = stored => {
                storing.set(None);
                running.handle_stored(stored);
            }
            input = inputs.recv(), if !running.host.is_full() => {
                let Some(input) = input else { break };
                running.handle(input);
                for _ in 1..INPUTS_AT_ONCE {
                    let Ok(input) = inputs.try_recv() else { break };
                    running.handle(input);
                }
            }
        }
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    /// It is durable.
    Yes,
    /// Nothing of it is in the log.
    No,
}

/// Appends a batch. Where the log fails, it is read until it says whether the batch is in it.
async fn store<E: EventLog>(log: Arc<E>, conference: ConferenceId, batch: Append) -> Stored {
    let Append { after, entries } = batch;
    let first = entries.first().cloned();
    let Err(error) = log.append(conference, after, entries).await else { return Stored::Yes };
    tracing::error!(%conference, %error, "the event log did not take a batch");
    loop {
        tokio::time::sleep(LOG_RETRY).await;
        match log.read(conference, after, 1, 1).await {
            Ok(page) => {
                let is_there = page.first().map(|(_, text)| text) == first.as_ref() && first.is_some();
                return if is_there { Stored::Yes } else { Stored::No };
            }
            Err(error) => tracing::error!(%conference, %error, "the event log cannot be read"),
        }
    }
}

impl<E: EventLog> Running<E> {
    fn handle(&mut self, input: Input) {
        match input {
            Input::Open { link, resume } => {
                self.host.handle_open(link.link(), link, &resume, Timestamp::from(SystemTime::now()));
            }
            Input::Close { link, index } => self.host.handle_close(link, index),
            Input::Commands { link, commands } => {
                self.host.handle_commands(
                    link,
                    commands.index,
                    &commands.list,
                    Timestamp::from(SystemTime::now()),
                );
            }
            Input::History { link, request } => self.host.handle_history(link, request),
            Input::Ready { link, index } => self.host.handle_ready(link, index),
            Input::LinkGone(link) => self.host.handle_link_gone(link),
            Input::End(answer) => match self.host.end(Timestamp::from(SystemTime::now())) {
                Ok(entry) => self.ending.push((entry, answer)),
                Err(refusal) => reply(answer, Err(refusal)),
            },
            Input::Describe(answer) => reply(answer, self.describe()),
        }
        self.answer_the_operator();
    }

    fn handle_stored(&mut self, stored: Stored) {
        match stored {
            Stored::Yes => self.host.handle_appended(),
            Stored::No => {
                self.host.handle_append_failed().iter().for_each(LinkHandle::cut);
                // The operator sees that the server does not answer, and asks again.
                self.ending.clear();
            }
        }
        self.answer_the_operator();
    }

    /// Does what the host wants, in its order.
    async fn carry_out(&mut self) {
        let conference = self.host.conference();
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
        let conference = self.host.conference();
        let page = self.log.read(conference, read.after, BATCH_EVENTS_MAX, BATCH_BYTES_MAX).await;
        let link = read.wanted.link().clone();
        let outcome = match page {
            Ok(page) => {
                let entries: Vec<Arc<str>> = page.into_iter().map(|(_, text)| text).collect();
                self.host.handle_read(read, &entries).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = outcome {
            tracing::error!(%conference, %error, "a page of the event log cannot be read");
            link.cut();
        }
    }

    fn describe(&self) -> Description {
        let state = self.host.state();
        Description {
            conference: self.host.conference(),
            settings: state.settings().clone(),
            participants: state.participants().count(),
            taking_part: state.participants().filter(|(_, one)| one.present).count(),
            last: self.host.durable(),
            ended: state.ended(),
            codes: self.host.codes().clone(),
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
