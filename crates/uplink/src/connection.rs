//! One server, as the daemon deals with it: the ladder finds the way, the conversation uses it.
//!
//! Pure. Each attempt of the ladder that opens becomes the conversation's pipe of the same number;
//! the server's hello on it is what wins the race. The shell opens what [`Connection::poll_action`]
//! says, reports what came of it, and otherwise deals with the conversation directly.

mod inspection;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_link::{LinkSecret, PipeDeath, PipeId};
use convene_model::{Attempt, Code, Evidence, Stage, Timestamp};
use convene_protocol::RefuseCode;
use convene_reach::{
    Action, AttemptId, Failure, Ladder, LadderEvent, PortalQuestion, PortalWatch, Route, Targets,
};
use convene_seat::{Delta, Refold};

use self::inspection::{Disowned, OpenPipe};
pub use self::inspection::{FarEnd, Inspection};
use crate::conversation::{Conversation, ConversationEvent, SeatIndex};

/// After a longer sleep a pipe is not asked whether it lives: the server has let it go
/// (`SILENCE_MAX` of the link), and so have most boxes on the way.
const ASLEEP_MAX: Duration = Duration::from_secs(2 * 60);
/// A program that comes so much later than it was due has not been running: its virtual machine or
/// its process was paused, and the clocks do not tell. A machine that is only busy is late as well,
/// and what follows does it no harm.
const FROZEN_MIN: Duration = Duration::from_secs(5);

/// A task of the shell's with pipes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipeAction {
    /// Open this route.
    Open {
        /// The attempt's name in every report.
        attempt: AttemptId,
        /// The way.
        route: Route,
    },
    /// Give up opening it, or close it. Nothing about it needs to be reported any more.
    Close {
        /// Which.
        attempt: AttemptId,
    },
    /// Ask whether a login page stands in the way, and report what there is by
    /// [`Connection::handle_portal_answer`].
    AskPortal(PortalQuestion),
}

/// Something that others must know.
#[derive(Debug)]
pub enum ConnectionEvent {
    /// The way, the failures or the verdict changed: anyone who shows the status reads it again.
    StatusChanged,
    /// The pipe in use is gone, and this is why.
    Lost(Code),
    /// This route won: it is to be remembered for this network.
    Remember(Route),
    /// A seat has something to tell its frontends.
    Delta {
        /// The seat.
        seat: SeatIndex,
        /// The news.
        delta: Delta,
    },
    /// The state of a seat is to be folded anew from the store.
    Refold {
        /// The seat.
        seat: SeatIndex,
        /// From where and how far.
        wish: Refold,
    },
    /// A seat is to be read anew from the store.
    Reread {
        /// The seat.
        seat: SeatIndex,
    },
    /// The participants who are connected in a seat's conference.
    Presence {
        /// The seat.
        seat: SeatIndex,
        /// One bit per participant number from 1, the lowest bit of the first byte first.
        online: Arc<[u8]>,
    },
}

/// The ladder and the conversation of one server.
#[derive(Debug)]
pub struct Connection {
    ladder: Ladder,
    conversation: Conversation,
    portal: PortalWatch,
    /// Pipes that stand.
    open: BTreeMap<AttemptId, OpenPipe>,
    inspection: Inspection,
    disowned: Disowned,
    /// The pipe that was adopted.
    adopted: Option<AttemptId>,
    /// The server's name for itself.
    server: Option<String>,
    /// The last reading of the server's clock, and when it was read.
    clock: Option<(Timestamp, Instant)>,
    actions: VecDeque<PipeAction>,
    events: VecDeque<ConnectionEvent>,
}

impl Connection {
    /// A connection that has not started. `secret` must be new. Where a fingerprint decides about
    /// the server, the key is the server's own, and `inspection` is to be [`Inspection::Allow`].
    pub fn new(ladder: Ladder, secret: LinkSecret, program: String, inspection: Inspection) -> Self {
        Self {
            portal: PortalWatch::new(&ladder),
            ladder,
            conversation: Conversation::new(secret, program),
            open: BTreeMap::new(),
            inspection,
            disowned: Disowned::default(),
            adopted: None,
            server: None,
            clock: None,
            actions: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The ladder, to read.
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// The conversation, to read.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Whether frames go back and forth.
    pub fn is_attached(&self) -> bool {
        self.conversation.is_attached()
    }

    /// The box that inspects TLS on the pipe in use, by the issuer that its certificate names;
    /// `None` where nothing inspects it, or where inspection is allowed.
    pub fn inspected_by(&self) -> Option<&str> {
        self.open.get(&self.adopted?)?.inspected_by()
    }

    /// The last reading of the server's clock, from its last hello, and when that hello came.
    pub fn server_clock(&self) -> Option<(Timestamp, Instant)> {
        self.clock
    }

    /// A network's login page that stands in the way.
    pub fn portal(&self) -> Option<&Attempt> {
        self.portal.attempt()
    }

    /// Lets something be done to the ladder: its start, a retry, new targets, a changed network.
    pub fn with_ladder<R>(&mut self, now: Instant, run: impl FnOnce(&mut Ladder) -> R) -> R {
        let done = run(&mut self.ladder);
        self.settle(now);
        done
    }

    /// Lets something be done to the conversation: seats, commands, what was stored, a probe.
    pub fn with_conversation<R>(&mut self, now: Instant, run: impl FnOnce(&mut Conversation) -> R) -> R {
        let done = run(&mut self.conversation);
        self.settle(now);
        done
    }

    /// An attempt stands, and this was seen at its other end.
    pub fn handle_opened(&mut self, attempt: AttemptId, far_end: Option<FarEnd>, now: Instant) {
        let end_point = far_end.as_ref().map(|far_end| far_end.end_point);
        self.open.insert(attempt, OpenPipe::new(far_end));
        self.ladder.handle_stage(attempt, Stage::Hello, now);
        self.conversation.handle_pipe_open(pipe(attempt), end_point);
        self.settle(now);
    }

    /// An attempt failed before it stood.
    pub fn handle_failed(&mut self, attempt: AttemptId, failure: Failure, now: Instant) {
        self.ladder.handle_failed(attempt, failure, now);
        self.settle(now);
    }

    /// A frame came; `number` where the carrier writes numbers.
    pub fn handle_frame(&mut self, attempt: AttemptId, number: Option<u64>, text: &str, now: Instant) {
        self.conversation.handle_frame(pipe(attempt), number, text, now);
        self.settle(now);
    }

    /// A pipe was closed by the other end or on the way.
    pub fn handle_closed(&mut self, attempt: AttemptId, now: Instant) {
        self.conversation.handle_pipe_closed(pipe(attempt), now);
        self.settle(now);
    }

    /// The machine is in another network, or in this one in another way. `remembered` is what won
    /// there before; `probes`: the network leads somewhere, so the pipe in use is found out about
    /// at once.
    pub fn handle_network_changed(&mut self, remembered: Option<Route>, probes: bool, now: Instant) {
        self.ladder.remember(remembered);
        self.ladder.handle_network_changed(now);
        if probes {
            self.conversation.handle_probe();
        }
        self.settle(now);
    }

    /// Routes are opened by other rules from now on, and the policy may be another: all that is
    /// open is given up, and other pipes are opened at once.
    pub fn handle_reconfigured(&mut self, targets: Targets, inspection: Inspection, now: Instant) {
        self.inspection = inspection;
        self.ladder.handle_renewed(targets, now);
        if let Some(adopted) = self.adopted {
            self.conversation.handle_pipe_closed(pipe(adopted), now);
        }
        self.settle(now);
    }

    /// The network that the machine is in, or comes to, says where to ask it about a login page, or
    /// does not. To be told before the start, and before each
    /// [`Connection::handle_network_changed`].
    pub fn handle_portal_announced(&mut self, announced: bool) {
        self.portal.handle_network(announced);
    }

    /// The machine has slept. After a long sleep the pipe in use is given up at once; its age tells
    /// nothing about its route.
    pub fn handle_woken(&mut self, asleep: Duration, now: Instant) {
        self.ladder.handle_network_changed(now);
        match self.adopted {
            Some(adopted) if asleep > ASLEEP_MAX => self.conversation.handle_pipe_closed(pipe(adopted), now),
            Some(_) | None => self.conversation.handle_probe(),
        }
        self.settle(now);
    }

    /// Something happens, and this was due at the latest. Whether this program was paused in
    /// between, and dealt with as with a sleep.
    pub fn handle_due(&mut self, due: Option<Instant>, now: Instant) -> bool {
        let late = due.map(|due| now.saturating_duration_since(due)).unwrap_or_default();
        let frozen = late >= FROZEN_MIN;
        if frozen {
            self.handle_woken(late, now);
        }
        frozen
    }

    /// Takes the answer to a question about login pages: the traces of one, or `None` where none
    /// stands in the way.
    pub fn handle_portal_answer(&mut self, question: PortalQuestion, portal: Option<Evidence>, now: Instant) {
        if self.portal.handle_answer(question, portal, now) {
            // Anyone who has logged in is in another network than before.
            self.ladder.handle_network_changed(now);
        }
        self.events.push_back(ConnectionEvent::StatusChanged);
        self.settle(now);
    }

    /// Time has come; see [`Connection::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        self.conversation.handle_timeout(now);
        self.ladder.handle_timeout(now);
        self.settle(now);
    }

    /// The next task with pipes.
    pub fn poll_action(&mut self) -> Option<PipeAction> {
        self.actions.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<ConnectionEvent> {
        self.events.pop_front()
    }

    /// When [`Connection::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let ladder = self.ladder.poll_timeout().map(|(at, _)| at);
        let conversation = self.conversation.poll_timeout();
        ladder.into_iter().chain(conversation).chain(self.portal.poll_timeout()).min()
    }

    /// Carries what the ladder decided to the conversation and what the conversation saw to the
    /// ladder, until both rest.
    fn settle(&mut self, now: Instant) {
        loop {
            if let Some(action) = self.ladder.poll_action() {
                self.act(action, now);
            } else if let Some(event) = self.conversation.poll_event() {
                self.notice(event, now);
            } else if let Some(event) = self.ladder.poll_event() {
                self.events.push_back(match event {
                    LadderEvent::Remember(route) => ConnectionEvent::Remember(route),
                    LadderEvent::Verdict(_) => ConnectionEvent::StatusChanged,
                });
            } else {
                break;
            }
        }
        self.portal.observe(&self.ladder);
        if let Some(question) = self.portal.poll_question(now) {
            self.actions.push_back(PipeAction::AskPortal(question));
        }
    }

    fn act(&mut self, action: Action, now: Instant) {
        match action {
            Action::Open { attempt, route } => self.actions.push_back(PipeAction::Open { attempt, route }),
            Action::Adopt { attempt } => {
                self.adopted = Some(attempt);
                self.conversation.adopt(pipe(attempt), now);
            }
            Action::Abandon { attempt } => {
                self.close(attempt);
                self.conversation.handle_pipe_closed(pipe(attempt), now);
            }
        }
    }

    fn notice(&mut self, event: ConversationEvent, now: Instant) {
        match event {
            ConversationEvent::Greeted { pipe, server, now: clock, end_point_known } => {
                let attempt = AttemptId(pipe.0);
                if self.admits(attempt, end_point_known, now) {
                    self.server = Some(server);
                    self.clock = Some((clock, now));
                    self.ladder.handle_hello(attempt, now);
                    self.events.push_back(ConnectionEvent::StatusChanged);
                }
            }
            ConversationEvent::Attached { pipe, attached } => {
                let known = attached.end_point_known;
                self.disowned.note(self.open.get(&AttemptId(pipe.0)), known);
                self.admits(AttemptId(pipe.0), known, now);
                self.events.push_back(ConnectionEvent::StatusChanged);
            }
            ConversationEvent::Refused { pipe, refused } => {
                if refused.is_of_earlier_server() {
                    self.ladder.handle_earlier_server(AttemptId(pipe.0));
                }
                self.lose(
                    AttemptId(pipe.0),
                    code_of(refused.code),
                    wait(refused.code, refused.retry_after_ms),
                    now,
                );
            }
            ConversationEvent::PipeDead { pipe, why } => {
                let (code, announced) = meaning(why);
                self.lose(AttemptId(pipe.0), code, announced, now);
            }
            ConversationEvent::Delta { seat, delta } => {
                self.events.push_back(ConnectionEvent::Delta { seat, delta });
            }
            ConversationEvent::Refold { seat, wish } => {
                self.events.push_back(ConnectionEvent::Refold { seat, wish });
            }
            ConversationEvent::Reread { seat } => {
                self.events.push_back(ConnectionEvent::Reread { seat });
            }
            ConversationEvent::Presence { seat, online } => {
                self.events.push_back(ConnectionEvent::Presence { seat, online });
            }
        }
    }

    /// A pipe is of no more use. One that was let go before is closed already.
    fn lose(&mut self, attempt: AttemptId, code: Code, announced: Option<Duration>, now: Instant) {
        if !self.open.contains_key(&attempt) {
            return;
        }
        self.close(attempt);
        if self.adopted == Some(attempt) {
            self.adopted = None;
            self.ladder.handle_lost(announced, now);
            self.events.push_back(ConnectionEvent::Lost(code));
        } else {
            self.ladder.handle_failed(attempt, Failure { stage: Stage::Hello, code }, now);
        }
        self.events.push_back(ConnectionEvent::StatusChanged);
    }

    /// Whether the policy lets a pipe be used whose end point the server knows or not. One that it
    /// refuses is closed.
    fn admits(&mut self, attempt: AttemptId, known: Option<bool>, now: Instant) -> bool {
        let Some(standing) = self.open.get_mut(&attempt) else { return false };
        let known = if self.disowned.holds(standing) { Some(false) } else { known };
        if known != Some(false) || self.inspection == Inspection::Allow {
            return true;
        }
        standing.note_inspected();
        if self.inspection == Inspection::Notify {
            return true;
        }
        let evidence = standing.evidence();
        self.ladder.handle_evidence(attempt, evidence);
        self.lose(attempt, Code::InspectionRefused, None, now);
        self.conversation.handle_pipe_closed(pipe(attempt), now);
        false
    }

    fn close(&mut self, attempt: AttemptId) {
        self.open.remove(&attempt);
        self.actions.push_back(PipeAction::Close { attempt });
    }
}

fn pipe(attempt: AttemptId) -> PipeId {
    PipeId(attempt.0)
}

/// The failure of the route that the end of a pipe shows, and how long the server asked to stay
/// away.
fn meaning(why: PipeDeath) -> (Code, Option<Duration>) {
    match why {
        PipeDeath::Closed => (Code::Closed, None),
        PipeDeath::Silent | PipeDeath::NotAttached => (Code::NoHello, None),
        PipeDeath::Malformed => (Code::NotOurServer, None),
        PipeDeath::Superseded => (Code::Closed, None),
        PipeDeath::Bye(bye) => (code_of(bye.code), wait(bye.code, bye.retry_after_ms)),
    }
}

/// The failure of the route that a server's refusal, or its end of a pipe, shows.
pub fn code_of(code: RefuseCode) -> Code {
    match code {
        RefuseCode::VersionUnsupported => Code::VersionUnsupported,
        RefuseCode::Malformed => Code::NotOurServer,
        RefuseCode::Busy | RefuseCode::Restarting => Code::ServerBusy,
        RefuseCode::OldEpoch
        | RefuseCode::ProofInvalid
        | RefuseCode::TooSlow
        | RefuseCode::Superseded
        | RefuseCode::Silent
        | RefuseCode::Other => Code::Closed,
    }
}

/// The time to stay away, where the server announced the end; a server that only cuts announces
/// nothing. Where it ends a link that takes too little, the route has carried megabytes: it is as
/// good as any other, and polling would only be slower.
fn wait(code: RefuseCode, retry_after_ms: Option<u64>) -> Option<Duration> {
    let announces = matches!(code, RefuseCode::Busy | RefuseCode::Restarting | RefuseCode::TooSlow);
    retry_after_ms.map(Duration::from_millis).or_else(|| announces.then_some(Duration::ZERO))
}
