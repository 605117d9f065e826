//! The server of the world: the real host and the real ends of links, and a log that keeps what was synced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use convene_conference::{Refusal, Right, Settings};
use convene_hosting::{Codes, Host, Output, opening_entry};
use convene_link::{Acceptor, AttachOutcome, Greeted, Greeting, GreetingStep, Outbound, PipeId};
use convene_model::{ConferenceId, JoinCode, LinkId, LogId, Nonce, Timestamp};
use convene_protocol::{Attach, ClientFrame, Opened, OpenedOutcome, Refused, Resume, ServerFrame, proof};

use crate::Defect;

pub(crate) const CODE: JoinCode = JoinCode([7; 16]);

/// The log as it begins.
pub(crate) fn first_entry() -> Arc<str> {
    let codes = Codes::from([(CODE, Right::Participant)]);
    opening_entry(
        Settings { title: "A world".to_owned(), ..Settings::default() },
        &codes,
        Timestamp::from_millis(0),
    )
}

/// What a pipe is to the server.
#[derive(Debug)]
enum Held {
    Greeting(Greeting),
    Link(LinkId),
    /// Replaced by a newer one; kept by no correct server.
    Old(LinkId),
}

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) host: Host<LinkId>,
    links: BTreeMap<LinkId, Acceptor<Arc<str>>>,
    pipes: BTreeMap<PipeId, Held>,
    /// Frames that are to be sent, and pipes that are to be closed behind them.
    pub(crate) out: Vec<(PipeId, Option<u64>, Arc<str>)>,
    pub(crate) closing: BTreeSet<PipeId>,
    /// How many data frames of each link were taken since it began, as the sender numbered them.
    taken: BTreeMap<LinkId, u64>,
    pub(crate) broken: Option<String>,
    defect: Option<Defect>,
}

impl Server {
    pub(crate) fn start(log: &[Arc<str>], defect: Option<Defect>) -> Self {
        let mut host = Host::new(ConferenceId::from_random(1), LogId([1; 8]));
        let mut broken = None;
        for entry in log {
            if host.handle_entry(entry).is_err() {
                broken = Some("the log cannot be read".to_owned());
            }
        }
        Self {
            host,
            links: BTreeMap::new(),
            pipes: BTreeMap::new(),
            out: Vec::new(),
            closing: BTreeSet::new(),
            taken: BTreeMap::new(),
            broken,
            defect,
        }
    }

    pub(crate) fn handle_pipe(&mut self, pipe: PipeId, nonce: Nonce, now: Instant) {
        self.pipes.insert(pipe, Held::Greeting(Greeting::new(nonce, now)));
    }

    pub(crate) fn handle_closed(&mut self, pipe: PipeId, now: Instant) {
        if let Some(Held::Link(link)) = self.pipes.remove(&pipe)
            && let Some(acceptor) = self.links.get_mut(&link)
        {
            acceptor.handle_pipe_closed(pipe, now);
        }
    }

    /// A frame came. `written` is the number that the carrier wrote on it, `sent` the one that its sender gave it.
    pub(crate) fn handle_frame(
        &mut self,
        pipe: PipeId,
        written: Option<u64>,
        sent: Option<u64>,
        text: &str,
        at: (Instant, Timestamp),
    ) {
        match self.pipes.get_mut(&pipe) {
            None => {}
            Some(Held::Greeting(greeting)) => match greeting.handle_frame(text, "sim", &[], at.1, at.0) {
                GreetingStep::Say(frame) => self.say(pipe, &frame),
                GreetingStep::Refuse(frame) => {
                    self.say(pipe, &frame);
                    self.close(pipe);
                }
                GreetingStep::Attach(attach) => {
                    let greeted = *greeting.greeted();
                    self.attach(pipe, &attach, &greeted, at);
                }
            },
            Some(Held::Link(link)) => {
                let link = *link;
                self.handle_link_frame(link, pipe, written, sent, text, at);
            }
            Some(Held::Old(link)) => {
                let link = *link;
                // The planted mistake: as if it had come on the pipe in use.
                if let Some(current) = self.links.get(&link).and_then(Acceptor::pipe) {
                    self.handle_link_frame(link, current, None, sent, text, at);
                }
            }
        }
        self.drain(at.0);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let due: Vec<LinkId> =
            self.links.iter().filter(|(_, one)| one.poll_timeout().0 <= now).map(|(link, _)| *link).collect();
        for link in due {
            let Some(acceptor) = self.links.get_mut(&link) else { continue };
            if acceptor.is_forgotten(now) {
                self.forget(link);
            } else if acceptor.handle_timeout(now).is_err()
                && let Some(pipe) = acceptor.pipe()
            {
                acceptor.handle_pipe_closed(pipe, now);
                self.close(pipe);
            }
        }
        let silent = self.pipes.iter().filter_map(|(pipe, held)| match held {
            Held::Greeting(greeting) => greeting.handle_timeout(now).map(|frame| (*pipe, frame)),
            Held::Link(_) | Held::Old(_) => None,
        });
        for (pipe, frame) in silent.collect::<Vec<_>>() {
            self.say(pipe, &frame);
            self.close(pipe);
        }
        self.drain(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let links = self.links.values().map(|acceptor| acceptor.poll_timeout().0);
        let greetings = self.pipes.values().filter_map(|held| match held {
            Held::Greeting(greeting) => Some(greeting.poll_timeout().0),
            Held::Link(_) | Held::Old(_) => None,
        });
        links.chain(greetings).min()
    }

    /// The log has the batch.
    pub(crate) fn handle_appended(&mut self, now: Instant) {
        self.host.handle_appended();
        self.drain(now);
    }

    /// The log has nothing of the batch.
    pub(crate) fn handle_append_failed(&mut self, now: Instant) {
        for link in self.host.handle_append_failed() {
            if let Some(pipe) = self.links.get(&link).and_then(Acceptor::pipe) {
                self.close(pipe);
            }
            self.forget(link);
        }
        self.drain(now);
    }

    fn attach(
        &mut self,
        pipe: PipeId,
        attach: &Attach,
        greeted: &Greeted,
        (now, clock): (Instant, Timestamp),
    ) {
        let link = attach.link;
        let known = self.links.get_mut(&link);
        let outcome = known.map(|acceptor| acceptor.handle_attach(attach, greeted, pipe, None, now));
        let superseded = match outcome {
            Some(AttachOutcome::Refused(code)) => {
                self.say(pipe, &ServerFrame::Refused(Refused { code, retry_after_ms: None }));
                return self.close(pipe);
            }
            Some(AttachOutcome::Resumed { superseded }) => superseded,
            Some(AttachOutcome::Begun { superseded }) => {
                self.host.handle_link_gone(link);
                self.begin(attach, clock);
                superseded
            }
            None => {
                self.links.insert(link, Acceptor::new(attach, greeted, pipe, None, now));
                self.begin(attach, clock);
                None
            }
        };
        self.pipes.insert(pipe, Held::Link(link));
        if let Some(old) = superseded {
            if self.defect == Some(Defect::OldEpochAccepted) {
                self.pipes.insert(old, Held::Old(link));
            } else {
                self.close(old);
            }
        }
    }

    fn begin(&mut self, attach: &Attach, clock: Timestamp) {
        self.taken.insert(attach.link, 0);
        self.open(attach.link, &attach.seats, clock);
    }

    fn open(&mut self, link: LinkId, seats: &[Resume], clock: Timestamp) {
        for resume in seats {
            let Some(acceptor) = self.links.get_mut(&link) else { return };
            if proof::holds(acceptor.context(), resume) {
                self.host.handle_open(link, link, resume, clock);
            } else {
                let outcome = OpenedOutcome::Refused { code: Refusal::ProofInvalid };
                let frame = ServerFrame::Opened(vec![Opened { index: resume.index, outcome }]);
                self.send(link, &frame.to_string().into());
            }
        }
    }

    fn handle_link_frame(
        &mut self,
        link: LinkId,
        pipe: PipeId,
        written: Option<u64>,
        sent: Option<u64>,
        text: &str,
        (now, clock): (Instant, Timestamp),
    ) {
        let Some(acceptor) = self.links.get_mut(&link) else { return };
        let frame = match acceptor.handle_frame(pipe, written, text, now) {
            Ok(Some(frame)) => frame,
            Ok(None) => return,
            Err(_) => {
                acceptor.handle_pipe_closed(pipe, now);
                return self.close(pipe);
            }
        };
        let taken = self.taken.entry(link).or_default();
        *taken += 1;
        if sent != Some(*taken) {
            self.broken = Some(format!("the link took data frame {sent:?} where {taken} is next"));
        }
        match frame {
            ClientFrame::Open(open) => self.open(link, &open.seats, clock),
            ClientFrame::Close(close) => self.host.handle_close(link, close.index),
            ClientFrame::Commands(commands) => {
                self.host.handle_commands(link, commands.index, &commands.list, clock);
            }
            ClientFrame::History(request) => self.host.handle_history(link, request),
            ClientFrame::Hello(_)
            | ClientFrame::Attach(_)
            | ClientFrame::Ack(_)
            | ClientFrame::Ping(_)
            | ClientFrame::Pong(_)
            | ClientFrame::Unknown(_) => {}
        }
    }

    /// Carries what the host has to say to the links, and what these have to send to the pipes.
    pub(crate) fn drain(&mut self, now: Instant) {
        while let Some(output) = self.host.poll_output() {
            match output {
                Output::Frame { link, text, ready } => {
                    self.send(link, &text.into());
                    if let Some(index) = ready {
                        self.host.handle_ready(link, index);
                    }
                }
                Output::Class { right, text } => {
                    let text: Arc<str> = text.into();
                    let links: Vec<LinkId> = self.host.recipients(right).copied().collect();
                    links.into_iter().for_each(|link| self.send(link, &text));
                }
                // A world is too small for the tail to end.
                Output::Read(_) => self.broken = Some("the tail ended".to_owned()),
            }
        }
        for acceptor in self.links.values_mut() {
            while let (Some(pipe), Some(outbound)) = (acceptor.pipe(), acceptor.poll_transmit(now)) {
                self.out.push(match outbound {
                    Outbound::Data(number, text) => (pipe, Some(number), text),
                    Outbound::Control(frame) => (pipe, None, frame.to_string().into()),
                });
            }
        }
    }

    fn send(&mut self, link: LinkId, text: &Arc<str>) {
        if let Some(acceptor) = self.links.get_mut(&link)
            && acceptor.send(Arc::clone(text), text.len()).is_err()
        {
            self.forget(link);
        }
    }

    fn say(&mut self, pipe: PipeId, frame: &ServerFrame) {
        self.out.push((pipe, None, frame.to_string().into()));
    }

    fn close(&mut self, pipe: PipeId) {
        self.pipes.remove(&pipe);
        self.closing.insert(pipe);
    }

    fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
        self.host.handle_link_gone(link);
    }
}
