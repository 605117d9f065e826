//! Whether this process decides.

use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_model::TermId;
use sha2::{Digest as _, Sha256};

use crate::decider::{Decider, Now};
use crate::entry::Entry;

/// Between two claims: long enough for a disk to be freed, and that two processes that both want to
/// decide by mistake do not fight each millisecond.
const CLAIM_RETRY: Duration = Duration::from_secs(1);

/// How long an entry of this process may stay unread once the log has it: a slow disk takes
/// seconds. An entry that is not read by then is not there any more, because the log was cut.
pub(super) const READ_WITHIN: Duration = Duration::from_secs(30);

/// A wish to decide from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The term.
    pub term: TermId,
    /// The entry with which it begins.
    pub text: Arc<str>,
}

/// The log's answer to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The term is the newest.
    Done,
    /// The term began before, and is over.
    Over,
    /// Nothing was written, or it is not known whether something was. The same claim is tried
    /// again.
    Again,
}

#[derive(Debug)]
enum Stage {
    /// A claim is wanted, and not before this time.
    Wanted {
        not_before: Option<Instant>,
    },
    /// A claim is under way.
    Asked,
    /// The log has the claim; its entry is not read yet.
    Claimed,
    Deciding(Box<Decider>),
}

/// Whether this process decides, and in which term.
#[derive(Debug)]
pub(super) struct Duty {
    term: TermId,
    stage: Stage,
    /// Whether nothing was heard of the first claim yet.
    is_beginning: bool,
    /// While the log has entries of this process that were not read: the last one that was read,
    /// and until when the next is waited for.
    unread: Option<(u64, Instant)>,
}

impl Duty {
    pub(super) fn new(term: TermId) -> Self {
        Self { term, stage: Stage::Wanted { not_before: None }, is_beginning: true, unread: None }
    }

    pub(super) fn is_beginning(&self) -> bool {
        self.is_beginning
    }

    pub(super) fn decider(&self) -> Option<&Decider> {
        match &self.stage {
            Stage::Deciding(decider) => Some(decider),
            Stage::Wanted { .. } | Stage::Asked | Stage::Claimed => None,
        }
    }

    pub(super) fn decider_mut(&mut self) -> Option<&mut Decider> {
        match &mut self.stage {
            Stage::Deciding(decider) => Some(decider),
            Stage::Wanted { .. } | Stage::Asked | Stage::Claimed => None,
        }
    }

    /// The decider of this term, while there is one.
    pub(super) fn decider_of(&mut self, term: TermId) -> Option<&mut Decider> {
        self.decider_mut().filter(|decider| decider.term() == term)
    }

    /// Whether the log's newest term is the one that this process has claimed, without a decider
    /// yet.
    pub(super) fn is_decided_by(&self, newest: TermId) -> bool {
        newest == self.term && matches!(self.stage, Stage::Claimed)
    }

    /// Whether another term has begun behind the one that this process has claimed, before it had
    /// a decider. `has_begun` says whether the entry of a term was read.
    pub(super) fn is_over(&self, newest: TermId, has_begun: impl Fn(TermId) -> bool) -> bool {
        newest != self.term
            && matches!(self.stage, Stage::Claimed)
            && has_begun(self.term)
            && !planted!(OverUnnoticed)
    }

    pub(super) fn decide(&mut self, decider: Decider) {
        self.stage = Stage::Deciding(Box::new(decider));
        self.is_beginning = false;
    }

    pub(super) fn poll_claim(&mut self, now: Now) -> Option<Claim> {
        let Stage::Wanted { not_before } = self.stage else { return None };
        if not_before.is_some_and(|due| due > now.instant) {
            return None;
        }
        self.stage = Stage::Asked;
        Some(Claim { term: self.term, text: Entry::term(self.term, now.at).text() })
    }

    pub(super) fn handle_claimed(
        &mut self,
        term: TermId,
        outcome: ClaimOutcome,
        seed: &mut [u8; 32],
        now: Instant,
    ) {
        if term != self.term || !matches!(self.stage, Stage::Asked) {
            return;
        }
        match outcome {
            ClaimOutcome::Done => self.stage = Stage::Claimed,
            ClaimOutcome::Over => self.begin_anew(seed),
            ClaimOutcome::Again => {
                self.stage = Stage::Wanted { not_before: Some(now + CLAIM_RETRY) };
                self.is_beginning = false;
            }
        }
    }

    /// Watches that the log keeps what it has taken. `last` is the number of the last entry that
    /// was read.
    pub(super) fn watch(&mut self, last: u64, now: Instant) {
        let is_unread = match &self.stage {
            _ if [planted!(CutUnnoticed), planted!(OverUnnoticed)].contains(&true) => false,
            Stage::Claimed => true,
            Stage::Deciding(decider) => decider.durable() > last,
            Stage::Wanted { .. } | Stage::Asked => false,
        };
        let waits = self.unread.filter(|(since, _)| *since == last);
        self.unread = is_unread.then(|| waits.unwrap_or((last, now + READ_WITHIN)));
    }

    /// Whether it has waited for long enough.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.unread.is_some_and(|(_, until)| until <= now)
    }

    /// The decider is of no use any more; a new term is wanted.
    pub(super) fn lose(&mut self, seed: &mut [u8; 32]) -> Option<Decider> {
        let Stage::Deciding(_) = self.stage else { return None };
        let before = std::mem::replace(&mut self.stage, Stage::Asked);
        self.begin_anew(seed);
        match before {
            Stage::Deciding(decider) => Some(*decider),
            Stage::Wanted { .. } | Stage::Asked | Stage::Claimed => None,
        }
    }

    /// The claimed term is over, or belongs to a log that does not exist any more: the next claim
    /// has a new term.
    pub(super) fn begin_anew(&mut self, seed: &mut [u8; 32]) {
        *seed = Sha256::digest(*seed).into();
        let mut sha = Sha256::new();
        sha.update(b"term");
        sha.update(*seed);
        let [term @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = <[u8; 32]>::from(sha.finalize());
        if !(planted!(TermGoesOn) && matches!(self.stage, Stage::Deciding(_))) {
            self.term = TermId(term);
        }
        self.stage = Stage::Wanted { not_before: None };
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let due = match &self.stage {
            Stage::Wanted { not_before } => *not_before,
            Stage::Asked | Stage::Claimed => None,
            Stage::Deciding(decider) => decider.poll_timeout(),
        };
        due.into_iter().chain(self.unread.map(|(_, until)| until)).min()
    }
}
