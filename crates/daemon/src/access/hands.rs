//! The hands of a check: they look up, open and ask what the machine says, by the parts with which
//! connections are made.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use convene_dial::{Dialer, Pipe};
use convene_model::{Attempt, Code, Evidence, Remedy, Stage, Timestamp};
use convene_protocol::{ClientFrame, ClientHello, FrameError, ServerFrame, ServerHello, VERSIONS};
use convene_reach::timing::HELLO_LIMIT_MIN;
use convene_reach::{Failure, Route, describe};
use convene_uplink::{Inspection, code_of};
use tokio::time::timeout;

use super::check::{Finding, Greeting, Task};
use crate::logins::Logins;
use crate::proxies::Script;
use crate::servers::{PROGRAM, ScriptReader, ScriptResult};

/// The means of one check.
#[derive(Debug, Clone)]
pub(super) struct Hands {
    pub(super) dialer: Arc<Dialer>,
    pub(super) reader: ScriptReader,
    pub(super) logins: Arc<Logins>,
    pub(super) user: String,
    pub(super) inspection: Inspection,
    pub(super) portal_api: Option<Arc<str>>,
}

/// Why the server did not say hello on a pipe.
struct Silence {
    code: Code,
    /// Whether the server is the one to be updated, where both sides speak no common version.
    is_of_earlier_server: bool,
}

/// A way on which the server did not say hello.
struct Missed {
    failure: Failure,
    attempt: Attempt,
}

impl Hands {
    /// Does the work of a step, within the limits that each stage has. Gives what came of it, and
    /// the ways to log in that the proxy offers. Cancel safe: dropping the future closes
    /// everything.
    pub(super) async fn carry_out(self, task: Task) -> (Finding, Vec<String>) {
        match task {
            Task::LookUp(route) => (self.look_up(&route).await, Vec::new()),
            Task::Open(route) => {
                let finding = self.open(&route).await;
                let logins = route.proxy.as_ref().map(|proxy| self.dialer.wanted_logins(proxy));
                (finding, logins.unwrap_or_default())
            }
            Task::Read(script) => (self.read(script).await, Vec::new()),
            Task::AskPortal(page) => {
                let began = Instant::now();
                let found = self.dialer.ask_portal(&page.host, self.portal_api.as_deref()).await;
                let failed = |evidence| Attempt {
                    stage: Stage::Http,
                    target: page.to_string(),
                    code: Code::CaptivePortal,
                    ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                    remedy: Remedy::LogInToNetwork,
                    evidence: Some(evidence),
                };
                (found.map_or(Finding::Clear, |evidence| Finding::Failed(failed(evidence))), Vec::new())
            }
        }
    }

    async fn look_up(&self, route: &Route) -> Finding {
        let began = Instant::now();
        match self.dialer.look_up(&route.target.host).await {
            Ok(()) => Finding::Clear,
            Err(error) => Finding::Failed(describe::attempt(route, error.failure, began.elapsed(), None)),
        }
    }

    /// The proxies that a script names are shown what their user typed for them, and nothing else.
    async fn read(&self, script: Script) -> Finding {
        let reading = self.reader.clone().read_again(script, Duration::ZERO);
        let (_, read) = Box::pin(reading).await;
        match read {
            ScriptResult { proxies: Some(proxies), attempt } => {
                for proxy in &proxies {
                    if self.logins.known().known(&self.user, proxy).is_none() {
                        self.logins.choose(&self.user, proxy, None, false).await;
                    }
                }
                Finding::Named(proxies, attempt)
            }
            ScriptResult { proxies: None, attempt: Some(attempt) } => Finding::Failed(attempt),
            ScriptResult { proxies: None, attempt: None } => Finding::Nothing,
        }
    }

    /// Opens the way, and once more with the carrier that passes where no other does.
    async fn open(&self, route: &Route) -> Finding {
        let first = match Box::pin(self.greet(route)).await {
            Ok(greeting) => return Finding::Greeted(Box::new(greeting)),
            Err(missed) => missed,
        };
        let is_of_carrier = first.failure.refuses_carrier() && first.failure.code != Code::InspectionRefused;
        if let Some(polled) = route.polled().filter(|_| is_of_carrier)
            && let Ok(greeting) = Box::pin(self.greet(&polled)).await
        {
            let worse_than = Some(first.attempt);
            return Finding::Greeted(Box::new(Greeting { worse_than, ..greeting }));
        }
        Finding::Failed(first.attempt)
    }

    /// Opens the way, and waits for the server's hello: nothing else proves that it leads there.
    async fn greet(&self, route: &Route) -> Result<Greeting, Missed> {
        let began = Instant::now();
        let missed = |failure: Failure, evidence: Option<Evidence>| Missed {
            failure,
            attempt: describe::attempt(route, failure, began.elapsed(), evidence),
        };
        let opened = self.dialer.open(route).await;
        let mut pipe = opened.map_err(|error| missed(error.failure, error.evidence()))?;
        // To open it took several round trips.
        let patience = HELLO_LIMIT_MIN.max(began.elapsed());
        let heard = timeout(patience, hello(&mut pipe)).await;
        let silent = Silence { code: Code::NoHello, is_of_earlier_server: false };
        let hello = heard.unwrap_or(Err(silent)).map_err(|Silence { code, is_of_earlier_server }| {
            let mut missed = missed(Failure { stage: Stage::Hello, code }, None);
            if is_of_earlier_server {
                missed.attempt.remedy = Remedy::UpdateServer;
            }
            missed
        })?;
        let now = Timestamp::from(SystemTime::now());
        let is_own = hello.end_points.is_empty() || hello.end_points.contains(&pipe.peer.end_point);
        if !is_own && self.inspection == Inspection::Refuse {
            let failure = Failure { stage: Stage::Hello, code: Code::InspectionRefused };
            let (name, fingerprint) = (Some(pipe.peer.issuer.clone()), Some(pipe.peer.fingerprint));
            return Err(missed(failure, Some(Evidence { name, fingerprint, ..Evidence::default() })));
        }
        Ok(Greeting {
            route: route.clone(),
            worse_than: None,
            inspected_by: (!is_own).then(|| pipe.peer.issuer.clone()),
            clock_offset_ms: hello.now.as_millis().saturating_sub(now.as_millis()),
        })
    }
}

/// Says hello, which has no effect on the server, and waits for its own.
async fn hello(pipe: &mut Pipe) -> Result<ServerHello, Silence> {
    let silence = |code| Silence { code, is_of_earlier_server: false };
    let hello = ClientHello { versions: VERSIONS.to_vec(), program: PROGRAM.to_owned() };
    let hello = ClientFrame::Hello(hello).to_string();
    pipe.sender.send([hello]).await.map_err(|_| silence(Code::Closed))?;
    while let Some(Ok(text)) = pipe.receiver.next().await {
        return Err(match ServerFrame::parse(&text) {
            Ok(ServerFrame::Hello(hello)) if VERSIONS.contains(&hello.version) => return Ok(hello),
            Ok(ServerFrame::Hello(_)) => silence(Code::VersionUnsupported),
            Ok(ServerFrame::Refused(refused)) => {
                let is_of_earlier_server = refused.is_of_earlier_server();
                Silence { code: code_of(refused.code), is_of_earlier_server }
            }
            Ok(ServerFrame::Bye(bye)) => silence(code_of(bye.code)),
            Err(FrameError::Unknown(_)) => continue,
            Ok(_) | Err(FrameError::TooLong | FrameError::Malformed) => silence(Code::NotOurServer),
        });
    }
    Err(silence(Code::Closed))
}
