//! Whether a network's login page stands in the way: when the server's plain page is asked for, and
//! what its answers mean.

use std::time::Instant;

use convene_model::{Attempt, CHECK_PORT, Code, Evidence, Remedy, Stage};

use crate::ladder::Ladder;
use crate::route::Target;
use crate::timing::{CHECK_EVERY, PORTAL_EVERY};
use crate::verdict::Verdict;

/// A question about a login page, by which its answer is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortalQuestion(u64);

/// Asks while there is no connection and something answers that is not the server, or nothing does.
/// After everything that the ladder was told, call [`PortalWatch::observe`], then drain
/// [`PortalWatch::poll_question`].
#[derive(Debug)]
pub struct PortalWatch {
    target: String,
    /// Whether the ladder's failures may be those of a login page.
    wanted: bool,
    /// Whether the network says where to ask it about a login page: then it may have one.
    announced: bool,
    /// Whether one stood in the way when last heard of, here or in the network before.
    stood: bool,
    /// The question that is open, and since when.
    asked: Option<(PortalQuestion, Instant)>,
    questions: u64,
    again_at: Option<Instant>,
    found: Option<Attempt>,
}

impl PortalWatch {
    /// For the server of this ladder.
    pub fn new(ladder: &Ladder) -> Self {
        let target = Target { host: ladder.host().to_owned(), port: CHECK_PORT }.to_string();
        Self {
            target,
            wanted: false,
            announced: false,
            stood: false,
            asked: None,
            questions: 0,
            again_at: None,
            found: None,
        }
    }

    /// Looks at what the ladder has found out.
    pub fn observe(&mut self, ladder: &Ladder) {
        if ladder.current().is_some() {
            (self.wanted, self.stood, self.again_at, self.found) = (false, false, None, None);
        } else {
            self.wanted = self.announced || self.stood || is_suspicious(ladder);
        }
    }

    /// Another network may have another login page, or none: what was found in the one before is
    /// told no longer, and a question asked there counts no longer. `announced`: it says where to
    /// ask it about that (RFC 8910). Then nothing else needs to raise the question, and neither
    /// where a login page stood in the way before: it may be the same network.
    pub fn handle_network(&mut self, announced: bool) {
        self.announced = announced;
        (self.asked, self.again_at, self.found) = (None, None, None);
    }

    /// The question, where the page is to be asked for now. Each must be answered once by
    /// [`PortalWatch::handle_answer`].
    pub fn poll_question(&mut self, now: Instant) -> Option<PortalQuestion> {
        let due = self.wanted && self.asked.is_none() && self.again_at.is_none_or(|at| at <= now);
        due.then(|| {
            self.questions += 1;
            let question = PortalQuestion(self.questions);
            self.asked = Some((question, now));
            question
        })
    }

    /// Takes the answer to the question: a login page, or anything else. Says whether the login
    /// page has gone: then everything is worth another try at once.
    pub fn handle_answer(
        &mut self,
        question: PortalQuestion,
        portal: Option<Evidence>,
        now: Instant,
    ) -> bool {
        let Some((_, asked)) = self.asked.take_if(|(open, _)| *open == question) else { return false };
        let took = now.saturating_duration_since(asked);
        self.again_at = Some(now + if portal.is_some() { PORTAL_EVERY } else { CHECK_EVERY });
        let before = self.found.take();
        let found = portal.filter(|_| self.wanted).map(|evidence| Attempt {
            stage: Stage::Http,
            target: self.target.clone(),
            code: Code::CaptivePortal,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            remedy: Remedy::LogInToNetwork,
            evidence: Some(evidence),
        });
        self.stood = found.is_some();
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

/// Whether a login page may be the cause: nothing gets through, or TLS that somebody answered did
/// not become the server's.
fn is_suspicious(ladder: &Ladder) -> bool {
    let told = ladder.verdict() == Some(Verdict::Blocked);
    let touched = |attempt: &Attempt| {
        let own =
            matches!(attempt.code, Code::ServerBusy | Code::VersionUnsupported | Code::InspectionRefused);
        matches!(attempt.stage, Stage::Tls | Stage::Http | Stage::Hello) && !own
    };
    told || ladder.attempts().iter().any(touched)
}
