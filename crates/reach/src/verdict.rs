//! What all failures together mean.

use convene_model::{Attempt, Code, Remedy};

use crate::board::Board;

/// How it stands while there is no connection. It ends nothing: retries go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The state to show.
    pub outlook: Outlook,
    /// The failure that tells most: of the attempt that came furthest. `None` where nothing has failed yet.
    pub cause: Option<Attempt>,
}

/// The state of a server that is not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outlook {
    /// On the way: an attempt still makes progress, or the server asked to come back.
    Connecting,
    /// There is a network, and it lets nothing through to the server.
    Blocked,
    /// This machine has no network.
    Offline,
}

impl Verdict {
    /// Judges what is known; `progress` says that an attempt of which no failure is known has passed TCP.
    pub(crate) fn of(board: &Board, progress: bool) -> Self {
        let failures: Vec<_> = board.iter().map(|(_, attempt)| attempt).collect();
        let comes_back = failures.iter().any(|attempt| attempt.remedy == Remedy::Wait);
        let outlook = if progress || comes_back || failures.is_empty() {
            Outlook::Connecting
        } else if failures.into_iter().all(is_local) {
            Outlook::Offline
        } else {
            Outlook::Blocked
        };
        // Of equally far ones, an answer tells more than silence, and a worse rung, which passes more boxes, more than a
        // better one.
        let cause = board.iter().max_by_key(|(route, attempt)| {
            let silent = matches!(attempt.code, Code::TimedOut | Code::DnsTimedOut | Code::NoHello);
            (attempt.stage, !silent, route.rung)
        });
        Self { outlook, cause: cause.map(|(_, attempt)| attempt.clone()) }
    }

    /// Whether both tell the user the same: durations are none of it.
    pub(crate) fn tells_the_same(&self, other: &Self) -> bool {
        let told = |verdict: &Self| {
            let cause = verdict.cause.clone();
            (verdict.outlook, cause.map(|cause| Attempt { ms: 0, ..cause }))
        };
        told(self) == told(other)
    }
}

/// Whether the failure came from this machine itself or from its first router.
fn is_local(attempt: &Attempt) -> bool {
    matches!(attempt.code, Code::LocalError | Code::Unreachable | Code::DnsFailed)
}
