//! A pipe that is nobody's yet.

use std::time::Instant;

use convene_model::{Nonce, Timestamp};
use convene_protocol::proof::{self, Context};
use convene_protocol::{Attach, ClientFrame, RefuseCode, Refused, ServerFrame, ServerHello, VERSIONS};

use crate::pipe::Reason;
use crate::timing::{CHOICE_MAX, HELLO_MAX};

/// The server's words on a pipe, for the attach that may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeted {
    /// The link and its seats sign it.
    pub nonce: Nonce,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Silent,
    Greeted,
}

/// A pipe from its beginning to its attach. Saying hello on it changes nothing on the server.
#[derive(Debug)]
pub struct Greeting {
    greeted: Greeted,
    stage: Stage,
    since: Instant,
}

/// The next task with a pipe.
#[derive(Debug)]
pub enum GreetingStep {
    /// Say this, and go on.
    Say(ServerFrame),
    /// The daemon wants this pipe to be its link's. The link's signature holds.
    Attach(Box<Attach>),
    /// Say this, and close.
    Refuse(ServerFrame),
}

impl Greeting {
    /// A pipe that stands. `nonce` must be random.
    pub fn new(nonce: Nonce, now: Instant) -> Self {
        Self { greeted: Greeted { nonce }, stage: Stage::Silent, since: now }
    }

    /// The hello, for the link.
    pub fn greeted(&self) -> &Greeted {
        &self.greeted
    }

    /// A frame came. `server` is what the server calls itself, `end_points` are those of its
    /// certificates, `clock` is its time of day.
    pub fn handle_frame(
        &mut self,
        text: &str,
        server: &str,
        end_points: &[[u8; 32]],
        clock: Timestamp,
        now: Instant,
    ) -> GreetingStep {
        match (self.stage, ClientFrame::parse(text)) {
            (Stage::Silent, Ok(ClientFrame::Hello(hello))) => {
                let Some(version) = hello.versions.iter().copied().find(|version| VERSIONS.contains(version))
                else {
                    let code = RefuseCode::VersionUnsupported;
                    let refused = Refused { versions: VERSIONS.to_vec(), ..Refused::of(code) };
                    return GreetingStep::Refuse(ServerFrame::Refused(refused));
                };
                self.stage = Stage::Greeted;
                self.since = now;
                let nonce = self.greeted.nonce;
                let (server, end_points) = (server.to_owned(), end_points.to_vec());
                let hello = ServerHello { version, server, nonce, now: clock, end_points };
                GreetingStep::Say(ServerFrame::Hello(hello))
            }
            (Stage::Greeted, Ok(ClientFrame::Attach(attach))) => {
                if !proof::attach_holds(&Context::of(&attach, self.greeted.nonce), &attach) {
                    return refuse(RefuseCode::ProofInvalid);
                }
                GreetingStep::Attach(Box::new(attach))
            }
            _ => refuse(RefuseCode::Malformed),
        }
    }

    /// Time has come: what to say before closing, if the pipe has stood for too long.
    pub fn handle_timeout(&self, now: Instant) -> Option<ServerFrame> {
        (self.poll_timeout().0 <= now).then_some(ServerFrame::Refused(Refused::of(RefuseCode::Silent)))
    }

    /// When [`Greeting::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> (Instant, Reason) {
        let limit = match self.stage {
            Stage::Silent => HELLO_MAX,
            Stage::Greeted => CHOICE_MAX,
        };
        (self.since + limit, Reason::Silence)
    }
}

fn refuse(code: RefuseCode) -> GreetingStep {
    GreetingStep::Refuse(ServerFrame::Refused(Refused::of(code)))
}
