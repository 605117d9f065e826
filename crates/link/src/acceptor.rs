//! The server's end of a link.

mod greeting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Instant;

use convene_model::{ConferenceId, LinkId};
use convene_protocol::proof::Context;
use convene_protocol::{Attach, Attached, ClientFrame, FrameError, RefuseCode, ServerFrame};

pub use self::greeting::{Greeted, Greeting, GreetingStep};
use crate::pipe::{PipeDeath, PipeId, Reason};
use crate::timing::LINK_KEPT;
use crate::traffic::{Control, Side, Traffic};
use crate::window::QueueFull;

/// The effect of an attach on a link.
#[derive(Debug)]
pub enum AttachOutcome {
    /// The link goes on on the new pipe; its seats stay open.
    Resumed {
        /// The pipe that must be closed now.
        superseded: Option<PipeId>,
    },
    /// The daemon has forgotten the link, or one of both sides what the other relies on: it begins.
    /// Its seats are closed, and those of the attach must be opened.
    Begun {
        /// The pipe that must be closed now.
        superseded: Option<PipeId>,
    },
    /// The attach is void; its pipe must be told so and closed.
    Refused(RefuseCode),
}

/// A frame for the attached pipe.
#[derive(Debug, Clone)]
pub enum Outbound<T> {
    /// A counted frame, with its number; the same bytes for every recipient.
    Data(u64, T),
    /// A frame that is not counted; the same bytes for every recipient.
    Uncounted(T),
    /// A frame about this link alone.
    Control(ServerFrame),
}

/// The server's end of one link. `T` is a frame as the carrier takes it, cheap to clone.
#[derive(Debug)]
pub struct Acceptor<T> {
    epoch: u64,
    context: Context,
    /// The count of received frames that the daemon named when this link began. It is a count of
    /// another link. If the daemon names the same count again, it still means the other link, until
    /// something shows that the daemon knows of this one.
    foreign: u64,
    pipe: Option<PipeId>,
    detached: Option<Instant>,
    attached: Option<Attached>,
    traffic: Traffic<T>,
    /// The latest presence of each conference that was not sent. An older one is dropped.
    presence: BTreeMap<ConferenceId, T>,
}

impl<T: Clone> Acceptor<T> {
    /// A link that begins with this attach.
    pub fn new(
        attach: &Attach,
        greeted: &Greeted,
        pipe: PipeId,
        end_point_known: Option<bool>,
        now: Instant,
    ) -> Self {
        Self {
            epoch: attach.epoch,
            context: Context::of(attach, greeted.nonce),
            foreign: attach.received,
            pipe: Some(pipe),
            detached: None,
            attached: Some(Attached { received: 0, resumed: false, end_point_known }),
            traffic: Traffic::new(Side::Acceptor, now),
            presence: BTreeMap::new(),
        }
    }

    /// The daemon attaches this link on another pipe.
    pub fn handle_attach(
        &mut self,
        attach: &Attach,
        greeted: &Greeted,
        pipe: PipeId,
        end_point_known: Option<bool>,
        now: Instant,
    ) -> AttachOutcome {
        if attach.epoch <= self.epoch && !planted!(SameEpochTaken) {
            return AttachOutcome::Refused(RefuseCode::OldEpoch);
        }
        let superseded = self.pipe;
        // A daemon that has received nothing has either forgotten the link or lost nothing by
        // beginning it again.
        let foreign = if planted!(ForeignCountResumed) { 0 } else { self.foreign };
        let resumed =
            ![0, foreign].contains(&attach.received) && self.traffic.resume(attach.received, now).is_ok();
        if !resumed {
            *self = Self::new(attach, greeted, pipe, end_point_known, now);
            return AttachOutcome::Begun { superseded };
        }
        self.epoch = attach.epoch;
        self.foreign = 0;
        self.pipe = Some(pipe);
        self.detached = None;
        let received = self.traffic.intake.received();
        self.attached = Some(Attached { received, resumed: true, end_point_known });
        AttachOutcome::Resumed { superseded }
    }

    /// The link.
    pub fn link(&self) -> LinkId {
        self.context.link
    }

    /// The pipe that carries the link.
    pub fn pipe(&self) -> Option<PipeId> {
        self.pipe
    }

    /// In which context the seats that are opened on this link have signed.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// A frame came: gives it if it is the next data frame. On any other pipe than the link's it is
    /// passed over.
    ///
    /// # Errors
    /// When the pipe is of no more use and must be closed, which [`Acceptor::handle_pipe_closed`]
    /// must be told.
    pub fn handle_frame(
        &mut self,
        pipe: PipeId,
        number: Option<u64>,
        text: &str,
        now: Instant,
    ) -> Result<Option<ClientFrame>, PipeDeath> {
        if self.pipe != Some(pipe) {
            return Ok(None);
        }
        // A daemon says nothing on a link before it knows that it began.
        self.foreign = 0;
        self.traffic.handle_heard(now);
        let frame = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(FrameError::Unknown(unknown)) => {
                // A later version counts it, and so must this one, or a later frame is taken twice.
                if unknown.is_counted() {
                    self.traffic.handle_data(number, text.len(), now);
                }
                self.traffic.handle_unknown_kind(unknown);
                return Ok(None);
            }
            Err(FrameError::TooLong | FrameError::Malformed) => return Err(PipeDeath::Malformed),
        };
        match frame {
            ClientFrame::Ack(ack) => self.traffic.handle_ack(ack, now)?,
            ClientFrame::Ping(ping) => self.traffic.handle_ping(ping),
            ClientFrame::Pong(pong) => self.traffic.handle_pong(pong, now)?,
            ClientFrame::Unknown(_) => {}
            ClientFrame::Hello(_) | ClientFrame::Attach(_) => return Err(PipeDeath::Malformed),
            ClientFrame::Open(_)
            | ClientFrame::Close(_)
            | ClientFrame::Commands(_)
            | ClientFrame::History(_) => {
                return Ok(self.traffic.handle_data(number, text.len(), now).then_some(frame));
            }
        }
        Ok(None)
    }

    /// A pipe is closed. If it was the link's, the link waits for another until
    /// [`Acceptor::is_forgotten`].
    pub fn handle_pipe_closed(&mut self, pipe: PipeId, now: Instant) {
        if self.pipe == Some(pipe) {
            self.pipe = None;
            self.detached = Some(now);
        }
    }

    /// Time has come.
    ///
    /// # Errors
    /// When the pipe is of no more use and must be closed, which [`Acceptor::handle_pipe_closed`]
    /// must be told.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), PipeDeath> {
        if self.pipe.is_some() { self.traffic.handle_timeout(now) } else { Ok(()) }
    }

    /// Whether the link has had no pipe for so long that it may be dropped.
    pub fn is_forgotten(&self, now: Instant) -> bool {
        self.detached.is_some_and(|since| now.saturating_duration_since(since) >= LINK_KEPT)
    }

    /// Sends a data frame of so many bytes.
    ///
    /// # Errors
    /// When the daemon does not read: the link should be cut; it resumes from its seats' cursors.
    pub fn send(&mut self, frame: T, bytes: usize) -> Result<(), QueueFull> {
        self.traffic.window.push(frame, bytes)
    }

    /// Tells who is connected to a conference, in place of what was told and not sent.
    pub fn send_presence(&mut self, conference: ConferenceId, frame: T) {
        self.presence.insert(conference, frame);
    }

    /// Bytes of data frames that wait or are not acknowledged.
    pub fn bytes_waiting(&self) -> usize {
        self.traffic.window.bytes()
    }

    /// The next frame for the link's pipe.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Outbound<T>> {
        self.pipe?;
        if let Some(attached) = self.attached.take() {
            return Some(Outbound::Control(ServerFrame::Attached(attached)));
        }
        if let Some(control) = self.traffic.poll_control(now) {
            return Some(Outbound::Control(match control {
                Control::Ack(ack) => ServerFrame::Ack(ack),
                Control::Ping(ping) => ServerFrame::Ping(ping),
                Control::Pong(pong) => ServerFrame::Pong(pong),
                Control::Unknown(unknown) => ServerFrame::Unknown(unknown),
            }));
        }
        if let Some((number, frame)) = self.traffic.poll_data(now) {
            return Some(Outbound::Data(number, frame));
        }
        self.presence.pop_first().map(|(_, frame)| Outbound::Uncounted(frame))
    }

    /// When [`Acceptor::handle_timeout`] is due, and why; without a pipe, when the link may be
    /// dropped.
    pub fn poll_timeout(&self) -> (Instant, Reason) {
        self.detached
            .map_or_else(|| self.traffic.poll_timeout(), |since| (since + LINK_KEPT, Reason::Silence))
    }
}
