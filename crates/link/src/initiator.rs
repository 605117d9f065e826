//! The daemon's end of a link.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_model::Nonce;
use convene_protocol::proof::{self, Context, LinkKey, Signature};
use convene_protocol::{
    Attach, Attached, ClientFrame, ClientHello, FrameError, Presence, Refused, Resume, ServerFrame,
    ServerHello, VERSIONS,
};

use crate::heartbeat::Heartbeat;
use crate::pipe::{PipeDeath, PipeId, Reason, Transmit};
use crate::secret::LinkSecret;
use crate::timing::ATTACH_MAX;
use crate::traffic::{Control, Side, Traffic};
use crate::window::QueueFull;

/// Something that happened on the link.
#[derive(Debug)]
pub enum InitiatorEvent {
    /// A server said hello on this pipe.
    Greeted {
        /// The pipe.
        pipe: PipeId,
        /// The server's hello.
        hello: ServerHello,
    },
    /// The attached pipe carries the link.
    Attached {
        /// The pipe.
        pipe: PipeId,
        /// The server's answer: whether the link goes on or begins.
        attached: Attached,
    },
    /// The server takes no link on this pipe now. The pipe is dead.
    Refused {
        /// The pipe.
        pipe: PipeId,
        /// Why.
        refused: Refused,
    },
    /// The next counted frame.
    Frame(ServerFrame),
    /// The participants who are connected.
    Presence(Presence),
    /// A pipe is of no more use and must be closed. Told once per pipe.
    Dead {
        /// The pipe.
        pipe: PipeId,
        /// Why.
        why: PipeDeath,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Hello was said.
    Greeting,
    /// The server said hello, with this nonce.
    Greeted { nonce: Nonce },
    /// Attach was said.
    Attaching { since: Instant },
    /// It carries the link.
    Attached,
}

/// The daemon's end of one link.
#[derive(Debug)]
pub struct Initiator {
    secret: LinkSecret,
    program: String,
    epoch: u64,
    heartbeat: Heartbeat,
    pipes: BTreeMap<PipeId, Stage>,
    /// The pipe that was attached last, or is being attached, while it stands.
    current: Option<PipeId>,
    /// None where the server has never begun this link.
    traffic: Option<Traffic<Arc<str>>>,
    /// Hellos and attaches.
    openers: VecDeque<(PipeId, ClientFrame)>,
    events: VecDeque<InitiatorEvent>,
}

impl Initiator {
    /// A link that has not begun. `secret` must be new; `program` is told to servers.
    pub fn new(secret: LinkSecret, program: String) -> Self {
        Self {
            secret,
            program,
            epoch: 0,
            heartbeat: Heartbeat::default(),
            pipes: BTreeMap::new(),
            current: None,
            traffic: None,
            openers: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// A pipe stands.
    pub fn handle_pipe_open(&mut self, pipe: PipeId) {
        self.pipes.insert(pipe, Stage::Greeting);
        let versions = VERSIONS.to_vec();
        let hello = ClientHello { versions, program: self.program.clone() };
        self.openers.push_back((pipe, ClientFrame::Hello(hello)));
    }

    /// A frame came. On an older pipe than the one attached last it is passed over.
    pub fn handle_frame(&mut self, pipe: PipeId, number: Option<u64>, text: &str, now: Instant) {
        let Some(&stage) = self.pipes.get(&pipe) else { return };
        let frame = match ServerFrame::parse(text) {
            Ok(frame) => frame,
            Err(FrameError::Unknown(unknown)) => {
                if let Some(traffic) = self.traffic.as_mut().filter(|_| stage == Stage::Attached) {
                    traffic.handle_heard(now);
                    // A later version counts it, and so must this one, or a later frame is taken
                    // twice.
                    if unknown.is_counted() {
                        traffic.handle_data(number, text.len(), now);
                    }
                    traffic.handle_unknown_kind(unknown);
                }
                return;
            }
            Err(FrameError::TooLong | FrameError::Malformed) => return self.kill(pipe, PipeDeath::Malformed),
        };
        match (stage, frame) {
            (_, ServerFrame::Bye(bye)) => self.kill(pipe, PipeDeath::Bye(bye)),
            (Stage::Greeting, ServerFrame::Hello(hello)) if VERSIONS.contains(&hello.version) => {
                self.pipes.insert(pipe, Stage::Greeted { nonce: hello.nonce });
                self.events.push_back(InitiatorEvent::Greeted { pipe, hello });
            }
            (
                Stage::Greeting | Stage::Greeted { .. } | Stage::Attaching { .. },
                ServerFrame::Refused(refused),
            ) => {
                self.forget(pipe);
                self.events.push_back(InitiatorEvent::Refused { pipe, refused });
            }
            (Stage::Attaching { since }, ServerFrame::Attached(attached)) => {
                self.attached(pipe, attached, since, now);
            }
            (Stage::Attached, frame) => {
                if let Err(why) = self.traffic(frame, number, text.len(), now) {
                    self.kill(pipe, why);
                }
            }
            (Stage::Greeting | Stage::Greeted { .. } | Stage::Attaching { .. }, _) => {
                self.kill(pipe, PipeDeath::Malformed);
            }
        }
    }

    /// A pipe is closed, by whomever.
    pub fn handle_pipe_closed(&mut self, pipe: PipeId) {
        if self.pipes.contains_key(&pipe) {
            self.kill(pipe, PipeDeath::Closed);
        }
    }

    /// Finds out at once whether the attached pipe still lives.
    pub fn handle_probe(&mut self) {
        if let Some(traffic) = &mut self.traffic {
            traffic.probe();
        }
    }

    /// The time between two pings, as this path has taught it: to be kept for the network.
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat.interval()
    }

    /// The lesson of this network from before, or [`HEARTBEAT`](crate::timing::HEARTBEAT). Counts
    /// from the next pipe on.
    pub fn set_heartbeat(&mut self, interval: Duration) {
        self.heartbeat = Heartbeat::of(interval);
    }

    /// Time has come. The code that opened a pipe decides how long it waits for a hello.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(pipe) = self.current else { return };
        let outcome = match (self.pipes.get(&pipe), &mut self.traffic) {
            (Some(Stage::Attaching { since }), _) if *since + ATTACH_MAX <= now => {
                Err(PipeDeath::NotAttached)
            }
            (Some(Stage::Attached), Some(traffic)) => {
                let outcome = traffic.handle_timeout(now);
                if outcome.is_err() && traffic.was_idle() {
                    self.heartbeat.handle_idle_death();
                }
                outcome
            }
            _ => Ok(()),
        };
        if let Err(why) = outcome {
            self.kill(pipe, why);
        }
    }

    /// The link's key; its id is made of it.
    pub fn key(&self) -> LinkKey {
        self.secret.key()
    }

    /// In which context seats sign their wishes for an attach on this pipe; absent where the server
    /// has not said hello on it. It holds until the next attach.
    pub fn next_context(&self, pipe: PipeId, end_point: Option<[u8; 32]>) -> Option<Context> {
        let Some(Stage::Greeted { nonce }) = self.pipes.get(&pipe) else { return None };
        let step = if planted!(SameEpochTaken) && self.epoch > 0 { 0 } else { 1 };
        let (link, epoch) = (self.secret.key().id(), self.epoch + step);
        Some(Context { nonce: *nonce, link, epoch, end_point })
    }

    /// Makes a greeted pipe the link's; says whether there was such a pipe. Nothing may be sent
    /// until [`InitiatorEvent::Attached`]; then, if the link begins, all that was sent before is
    /// void.
    pub fn attach(
        &mut self,
        pipe: PipeId,
        seats: Vec<Resume>,
        end_point: Option<[u8; 32]>,
        now: Instant,
    ) -> bool {
        let Some(context) = self.next_context(pipe, end_point) else { return false };
        // The server will pass over what comes on an older pipe from here on; what it sent there it
        // will send again.
        if let Some(older) = self.current {
            self.kill(older, PipeDeath::Superseded);
        }
        self.epoch = context.epoch;
        let received = self.traffic.as_ref().map_or(0, |traffic| traffic.intake.received());
        let signature: Signature = self.secret.sign(&proof::attach_message(&context, received));
        let link = self.secret.key();
        let attach = Attach { link, epoch: self.epoch, received, end_point, seats, signature };
        self.pipes.insert(pipe, Stage::Attaching { since: now });
        self.openers.push_back((pipe, ClientFrame::Attach(attach)));
        self.current = Some(pipe);
        true
    }

    /// Whether a pipe is attached.
    pub fn is_attached(&self) -> bool {
        self.current.is_some_and(|pipe| self.pipes.get(&pipe) == Some(&Stage::Attached))
    }

    /// Sends a data frame. A frame that is sent while no pipe is attached waits, and is void if the
    /// link begins.
    ///
    /// # Errors
    /// When too much waits, or the link has not begun. The frame was not taken.
    pub fn send(&mut self, frame: &ClientFrame) -> Result<(), QueueFull> {
        let text: Arc<str> = frame.to_string().into();
        let bytes = text.len();
        self.traffic.as_mut().map_or(Err(QueueFull), |traffic| traffic.window.push(text, bytes))
    }

    /// Bytes of data frames that wait or are not acknowledged.
    pub fn bytes_waiting(&self) -> usize {
        self.traffic.as_ref().map_or(0, |traffic| traffic.window.bytes())
    }

    /// The next frame for a pipe.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit<Arc<str>>> {
        if let Some((pipe, frame)) = self.openers.pop_front() {
            return Some(Transmit { pipe, number: None, text: frame.to_string().into() });
        }
        if !self.is_attached() {
            return None;
        }
        let (pipe, traffic) = (self.current?, self.traffic.as_mut()?);
        if let Some(control) = traffic.poll_control(now) {
            let frame = match control {
                Control::Ack(ack) => ClientFrame::Ack(ack),
                Control::Ping(ping) => ClientFrame::Ping(ping),
                Control::Pong(pong) => ClientFrame::Pong(pong),
                Control::Unknown(unknown) => ClientFrame::Unknown(unknown),
            };
            return Some(Transmit { pipe, number: None, text: frame.to_string().into() });
        }
        let (number, text) = traffic.poll_data(now)?;
        Some(Transmit { pipe, number: Some(number), text })
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<InitiatorEvent> {
        self.events.pop_front()
    }

    /// When [`Initiator::handle_timeout`] is due, and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        match self.pipes.get(&self.current?)? {
            Stage::Attaching { since } => Some((*since + ATTACH_MAX, Reason::AttachOverdue)),
            Stage::Attached => self.traffic.as_ref().map(Traffic::poll_timeout),
            Stage::Greeting | Stage::Greeted { .. } => None,
        }
    }

    fn attached(&mut self, pipe: PipeId, attached: Attached, asked: Instant, now: Instant) {
        let begun = (!attached.resumed).then(|| Traffic::new(Side::Initiator, now));
        self.traffic = begun.or_else(|| self.traffic.take());
        let resumed = self.traffic.as_mut().map(|traffic| traffic.resume(attached.received, now));
        if resumed != Some(Ok(())) {
            // The server's account of the link cannot be: the next attach begins afresh.
            self.traffic = None;
            return self.kill(pipe, PipeDeath::Malformed);
        }
        if let Some(traffic) = &mut self.traffic {
            traffic.handle_round_trip(now.saturating_duration_since(asked));
            traffic.set_interval(self.heartbeat.interval(), now);
        }
        self.pipes.insert(pipe, Stage::Attached);
        self.events.push_back(InitiatorEvent::Attached { pipe, attached });
    }

    fn traffic(
        &mut self,
        frame: ServerFrame,
        number: Option<u64>,
        bytes: usize,
        now: Instant,
    ) -> Result<(), PipeDeath> {
        let traffic = self.traffic.as_mut().ok_or(PipeDeath::Malformed)?;
        traffic.handle_heard(now);
        match frame {
            ServerFrame::Ack(ack) => traffic.handle_ack(ack, now),
            ServerFrame::Ping(ping) => {
                traffic.handle_ping(ping);
                Ok(())
            }
            ServerFrame::Pong(pong) => {
                self.heartbeat.handle_answer();
                traffic.handle_pong(pong, now)
            }
            ServerFrame::Unknown(_) => Ok(()),
            ServerFrame::Presence(presence) => {
                self.events.push_back(InitiatorEvent::Presence(presence));
                Ok(())
            }
            ServerFrame::Hello(_)
            | ServerFrame::Attached(_)
            | ServerFrame::Refused(_)
            | ServerFrame::Bye(_) => Err(PipeDeath::Malformed),
            ServerFrame::Opened(_)
            | ServerFrame::Reopen(_)
            | ServerFrame::Follow(_)
            | ServerFrame::Events(_)
            | ServerFrame::Receipts(_)
            | ServerFrame::Snapshot(_)
            | ServerFrame::Own(_)
            | ServerFrame::History(_) => {
                if traffic.handle_data(number, bytes, now) {
                    self.events.push_back(InitiatorEvent::Frame(frame));
                }
                Ok(())
            }
        }
    }

    fn forget(&mut self, pipe: PipeId) {
        self.pipes.remove(&pipe);
        self.openers.retain(|(of, _)| *of != pipe);
        if self.current == Some(pipe) {
            self.current = None;
        }
    }

    fn kill(&mut self, pipe: PipeId, why: PipeDeath) {
        self.forget(pipe);
        self.events.push_back(InitiatorEvent::Dead { pipe, why });
    }
}
