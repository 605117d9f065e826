//! The meaning of all failures together.

use convene_model::{Attempt, Code, Remedy};

use crate::board::Board;

/// The state while there is no connection. It ends nothing: retries go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// On the way: an attempt still makes progress, or the server asked to come back.
    Connecting,
    /// There is a network, and no way leads to the server. Whose turn it is, the remedies say.
    Blocked,
    /// This machine has no network.
    Offline,
}

impl Verdict {
    /// Judges what is known; `progress` says that an attempt of which no failure is known has
    /// passed TCP.
    pub(crate) fn of(board: &Board, progress: bool) -> Self {
        let failures: Vec<_> = board.iter().map(|(_, attempt)| attempt).collect();
        let comes_back = failures.iter().any(|attempt| attempt.remedy == Remedy::Wait);
        if progress || comes_back || failures.is_empty() {
            Self::Connecting
        } else if failures.into_iter().all(is_local) {
            Self::Offline
        } else {
            Self::Blocked
        }
    }
}

/// Whether the failure came from this machine itself or from its first router.
fn is_local(attempt: &Attempt) -> bool {
    matches!(attempt.code, Code::LocalError | Code::Unreachable | Code::DnsFailed)
}
