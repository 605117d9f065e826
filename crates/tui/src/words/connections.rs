//! How a server is reached, as one sentence, and what failed.

use convene_local_api::{Connection, ConnectionRoute, ConnectionState, Storage};
use convene_model::{Attempt, Code, Rung};

use super::Words;
use crate::text::upper_first;

/// How well it stands. Nothing is good that does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Busy,
    Bad,
}

/// The sentence about one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) tone: Tone,
    pub(crate) text: String,
    /// The failure that it is about.
    pub(crate) attempt: Option<Attempt>,
    /// The page where one logs in to the network.
    pub(crate) page: Option<String>,
}

impl Words {
    /// How a server is reached; without a connection nothing is known of it yet.
    pub(crate) fn connection(&self, connection: Option<&Connection>, is_attached: bool) -> Reached {
        if !is_attached {
            return self.plainly(Tone::Bad, "page-no-service");
        }
        let Some(connection) = connection else { return self.plainly(Tone::Busy, "page-unknown") };
        match connection.storage {
            Some(Storage::Full) => return self.plainly(Tone::Bad, "page-disk-full"),
            Some(Storage::Failed) => return self.plainly(Tone::Bad, "page-disk-broken"),
            None => {}
        }
        match connection.state {
            ConnectionState::Connected => self.plainly(Tone::Good, "page-connected"),
            ConnectionState::Offline => self.plainly(Tone::Bad, "page-offline"),
            ConnectionState::Connecting => self.connecting(&connection.attempts),
            ConnectionState::Blocked => self.blocked(&connection.attempts),
        }
    }

    fn connecting(&self, attempts: &[Attempt]) -> Reached {
        if let Some(portal) = self.login_page(attempts) {
            return portal;
        }
        let Some(last) = attempts.last() else { return self.plainly(Tone::Busy, "page-connecting") };
        let text = self.with("page-connecting-tried", &[("target", &last.target)]);
        Reached { tone: Tone::Busy, text, attempt: None, page: None }
    }

    fn blocked(&self, attempts: &[Attempt]) -> Reached {
        if let Some(portal) = self.login_page(attempts) {
            return portal;
        }
        let failed_by = |code: Code| attempts.iter().find(|attempt| attempt.code == code).cloned();
        let (key, attempt) = if let Some(clock) = failed_by(Code::ClockWrong) {
            ("page-clock-wrong", Some(clock))
        } else if let Some(version) = failed_by(Code::VersionUnsupported) {
            ("page-version", Some(version))
        } else {
            let decisive = Attempt::decisive(attempts);
            let why = decisive.map(|attempt| self.unreached(attempt)).unwrap_or_default();
            let text = format!("{} {why}", self.say("page-blocked")).trim_end().to_owned();
            return Reached { tone: Tone::Bad, text, attempt: decisive.cloned(), page: None };
        };
        Reached { attempt, ..self.plainly(Tone::Bad, key) }
    }

    fn login_page(&self, attempts: &[Attempt]) -> Option<Reached> {
        let attempt = attempts.iter().find(|attempt| attempt.code == Code::CaptivePortal)?;
        let page = attempt.evidence.as_ref().and_then(|evidence| evidence.page.clone());
        let attempt = Some(attempt.clone());
        Some(Reached { attempt, page, ..self.plainly(Tone::Bad, "page-login-page") })
    }

    fn plainly(&self, tone: Tone, key: &str) -> Reached {
        Reached { tone, text: self.say(key), attempt: None, page: None }
    }

    /// By which way a server is reached.
    pub(crate) fn way(&self, route: &ConnectionRoute) -> String {
        let key = match route.rung {
            Rung::Direct => "page-way-direct",
            Rung::Https => "page-way-https",
            Rung::Proxy => "page-way-proxy",
        };
        let proxy = route.proxy.as_deref().unwrap_or_default();
        self.with(key, &[("target", &route.target), ("proxy", proxy)])
    }

    /// What failed and where, what to do about it, and who is in the way.
    pub(crate) fn attempt(&self, attempt: &Attempt) -> String {
        format!("{}: {}", attempt.target, self.cause(attempt))
    }

    /// The same, where the target stands beside it.
    pub(crate) fn cause(&self, attempt: &Attempt) -> String {
        let stage = self.named("stage", attempt.stage.as_str());
        let code = upper_first(&self.named("code", attempt.code.as_str()));
        let failure = self.with("page-attempt", &[("stage", &stage), ("code", &code)]);
        let name = attempt.evidence.as_ref().and_then(|evidence| evidence.name.as_deref());
        let name = name.map(|name| self.with("seen", &[("name", name)]));
        [failure, self.remedy(attempt.remedy)].into_iter().chain(name).collect::<Vec<_>>().join(" ")
    }
}
