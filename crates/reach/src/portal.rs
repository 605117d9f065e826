//! Whether a network's login page stands in the way: when the server's plain page is asked for, and what its answers mean.

use std::time::Instant;

use convene_model::{Attempt, CHECK_PORT, Code, Remedy, Seen, Stage};

use crate::ladder::Ladder;
use crate::route::Target;
use crate::timing::{CHECK_EVERY, PORTAL_EVERY};
use crate::verdict::Outlook;

/// Asks while there is no connection and something answers that is not the server, or nothing does. After everything that
/// the ladder was told, call [`PortalWatch::observe`], then drain [`PortalWatch::poll_question`].
#[derive(Debug)]
pub struct PortalWatch {
    target: String,
    /// Whether the ladder's failures may be those of a login page.
    wanted: bool,
    /// Whether the network says where to ask it about a login page: then it may have one.
    announced: bool,
    asked: Option<Instant>,
    again_at: Option<Instant>,
    found: Option<Attempt>,
}

impl PortalWatch {
    /// For the server of this ladder.
    pub fn new(ladder: &Ladder) -> Self {
        let target = Target { host: ladder.host().to_owned(), port: CHECK_PORT }.to_string();
        Self { target, wanted: false, announced: false, asked: None, again_at: None, found: None }
    }

    /// Looks at what the ladder has found out.
    pub fn observe(&mut self, ladder: &Ladder) {
        if ladder.current().is_some() {
            (self.wanted, self.again_at, self.found) = (false, None, None);
        } else {
            self.wanted = self.announced || self.found.is_some() || is_suspicious(ladder);
        }
    }

    /// Another network may have another login page, or none. `announced`: it says where to ask it about that (RFC 8910). Then
    /// nothing else needs to raise the question.
    pub fn handle_network(&mut self, announced: bool) {
        self.announced = announced;
        self.again_at = None;
    }

    /// Whether the page is to be asked for now. Each question must be answered once by [`PortalWatch::handle_answer`].
    pub fn poll_question(&mut self, now: Instant) -> bool {
        let due = self.wanted && self.asked.is_none() && self.again_at.is_none_or(|at| at <= now);
        if due {
            self.asked = Some(now);
        }
        due
    }

    /// What answered: a login page, or anything else. Says whether the login page has gone: then everything is worth another
    /// try at once.
    pub fn handle_answer(&mut self, portal: Option<Seen>, now: Instant) -> bool {
        let took = self.asked.take().map(|asked| now.saturating_duration_since(asked)).unwrap_or_default();
        self.again_at = Some(now + if portal.is_some() { PORTAL_EVERY } else { CHECK_EVERY });
        let before = self.found.take();
        let found = portal.filter(|_| self.wanted).map(|seen| Attempt {
            stage: Stage::Http,
            target: self.target.clone(),
            code: Code::CaptivePortal,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            remedy: Remedy::LogInToNetwork,
            seen: Some(seen),
        });
        self.found = found;
        before.is_some() && self.found.is_none() && self.wanted
    }

    /// When [`PortalWatch::poll_question`] may say yes again.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.again_at.filter(|_| self.wanted && self.asked.is_none())
    }

    /// The login page that stands in the way, as a failure.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.found.as_ref()
    }
}

/// Whether a login page may be the cause: nothing gets through, or TLS that somebody answered did not become the server's.
fn is_suspicious(ladder: &Ladder) -> bool {
    let told = ladder.verdict().is_some_and(|verdict| verdict.outlook == Outlook::Blocked);
    let touched = |attempt: &Attempt| {
        let own =
            matches!(attempt.code, Code::ServerBusy | Code::VersionUnsupported | Code::InspectionRefused);
        matches!(attempt.stage, Stage::Tls | Stage::Http | Stage::Hello) && !own
    };
    told || ladder.attempts().iter().any(touched)
}
