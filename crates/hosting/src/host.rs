//! One conference in one process: its publisher, and its decider once the log says that this
//! process may decide.
//!
//! A host follows the log. Once it has read all that the log held at the start, and can fold it, it
//! claims the conference with a term of its own; when it reads the entry that begins this term it
//! has a decider. Where another term begins it has none any more, and claims again.
//!
//! After every input the shell drains [`Host::poll_work`].

mod duty;
mod stored;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use convene_conference::Refusal;
use convene_model::limits::UNDECIDED_COMMANDS_MAX;
use convene_model::{ConferenceId, LogId, TermId, Timestamp};

use self::duty::Duty;
pub use self::duty::{Claim, ClaimOutcome};
pub use self::stored::StoredSnapshot;
use crate::decider::{Append, AppendOutcome, Decider, Lookup, Now};
use crate::entry::{Entry, EntryError};
use crate::filter::Filter;
use crate::limits::DataLimits;
use crate::messages::{CommandsWish, LinkNumber, Wish};
use crate::publisher::{Output, Publisher, Read};

/// Entries behind the stored snapshot after which a new one is stored: a start folds at most about
/// so many, which takes some tens of milliseconds.
const STORED_EVERY: u64 = 2_000;

/// A task for the shell.
#[derive(Debug)]
pub enum Work<L> {
    /// Carry this to desks, or read a page of the log.
    Publish(Output<L>),
    /// Claim the conference, and say by [`Host::handle_claimed`] what came of it.
    Claim(Claim),
    /// Append a batch, and say by [`Host::handle_append`] what came of it.
    Append(Append),
    /// Ask the log's index, and give the answer to [`Host::handle_found`] or
    /// [`Host::handle_lookup_failed`].
    Look(Lookup),
    /// Store a snapshot. Nothing depends on whether that succeeds.
    Store(Arc<StoredSnapshot>),
}

/// An entry of the log, as it is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Its number.
    pub number: u64,
    /// Its text.
    pub text: Arc<str>,
}

/// One conference in one process. `L` is what the shell reaches a link by.
#[derive(Debug)]
pub struct Host<L> {
    publisher: Publisher<L>,
    duty: Duty,
    /// The ids of all commands that were read; the decider has it while there is one.
    filter: Filter,
    /// Of the terms and decisions of this process.
    seed: [u8; 32],
    limits: DataLimits,
    /// Whether all was read that the log held at some moment since it was opened.
    is_caught_up: bool,
    /// The number of the stored snapshot.
    stored: u64,
    /// Wishes of links that came before it was known whether this process may decide: a seat that
    /// was opened before would have to ask again in a moment.
    early: Vec<(LinkNumber, L, Wish)>,
    /// Whether something was meant for a decider while there was none.
    unheard: bool,
    work: VecDeque<Work<L>>,
}

impl<L: Clone> Host<L> {
    /// A conference whose log is about to be followed from [`Host::follows_from`] on. `term` is
    /// random and new for each start of the process; a conference that this process let go and
    /// loads again goes on in the same term. `seed` must be random.
    pub fn new(
        conference: ConferenceId,
        log: LogId,
        stored: Option<StoredSnapshot>,
        term: TermId,
        seed: [u8; 32],
    ) -> Self {
        let (part, filter) = stored.map(StoredSnapshot::into_parts).unzip();
        let publisher = match part {
            Some(part) => Publisher::from_stored(conference, log, part),
            None => Publisher::new(conference, log),
        };
        Self {
            stored: publisher.last(),
            publisher,
            duty: Duty::new(term),
            filter: filter.unwrap_or_default(),
            seed,
            limits: DataLimits::default(),
            is_caught_up: false,
            early: Vec::new(),
            unheard: false,
            work: VecDeque::new(),
        }
    }

    /// The same conference, which may hold so much.
    #[must_use]
    pub fn with_limits(self, limits: DataLimits) -> Self {
        Self { limits, ..self }
    }

    /// The publisher, to read.
    pub fn publisher(&self) -> &Publisher<L> {
        &self.publisher
    }

    /// The decider, to read, while there is one.
    pub fn decider(&self) -> Option<&Decider> {
        self.duty.decider()
    }

    /// From which entry on the log is to be followed, and in which term it is.
    pub fn follows_from(&self) -> (u64, TermId) {
        (self.publisher.last(), self.publisher.term())
    }

    /// Whether the shell must bring nothing of links for now. That is looked at before each wish
    /// and
    /// each batch of commands: a log that answers late holds up no more than the limit.
    pub fn is_full(&self) -> bool {
        let waiting = self.early.len().max(self.publisher.answers_waiting());
        waiting >= UNDECIDED_COMMANDS_MAX || self.decider().is_some_and(Decider::is_full)
    }

    /// Whether nothing is under way, so that the conference may be let go if no link wants it.
    pub fn is_idle(&self) -> bool {
        self.early.is_empty() && self.work.is_empty() && self.decider().is_none_or(Decider::is_idle)
    }

    /// Why this process neither reads on nor decides, if so.
    pub fn stopped(&self) -> Option<Refusal> {
        self.publisher.stopped()
    }

    /// When the conference has something to do by itself, on its own clock.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.decider().and_then(Decider::next_due)
    }

    /// A desk wants something for a seat of its link.
    pub fn handle_wish(&mut self, link: LinkNumber, handle: L, wish: Wish, now: Now) {
        if self.duty.is_beginning() && self.stopped().is_none() {
            self.early.push((link, handle, wish));
        } else {
            self.publisher.handle_wish(link, handle, wish, now.instant);
        }
        self.carry(now);
    }

    /// Commands of one open seat. They must not come while [`Host::is_full`]. Where this process
    /// does not decide they are dropped: when a term begins, every seat is opened again, and its
    /// daemon sends them again.
    pub fn handle_commands(&mut self, wish: CommandsWish, now: Now) {
        // Desk and decider keep to openings and terms of their own accord.
        let overtakes =
            [planted!(Overtaken), planted!(EarlierOpeningTaken), planted!(TermNotNamed)].contains(&true);
        match self.duty.decider_mut() {
            // A seat that must ask again sends all again, in order: what was under way from it must
            // not be decided before.
            _ if !self.publisher.is_open(wish.place) && !overtakes => {}
            Some(decider) => decider.handle_commands(wish, now),
            None => self.unheard = true,
        }
        self.carry(now);
    }

    /// The operator ends the conference. Gives the number of the entry that says so.
    ///
    /// # Errors
    /// When the rules forbid it, or nothing can be decided now (`not_here_now`).
    pub fn handle_end(&mut self, now: Now) -> Result<u64, Refusal> {
        let decider = self.duty.decider_mut().ok_or(Refusal::NotHereNow)?;
        let ended = decider.handle_end(now);
        self.carry(now);
        ended
    }

    /// A link is gone, and its seats with it.
    pub fn handle_link_gone(&mut self, link: LinkNumber, now: Now) {
        self.early.retain(|(early, _, _)| *early != link);
        self.publisher.handle_link_gone(link, now.instant);
        if let Some(decider) = self.duty.decider_mut() {
            decider.handle_link_gone(link);
        }
        self.carry(now);
    }

    /// Whether a pipe carries the link at this moment.
    pub fn handle_link_living(&mut self, link: LinkNumber, living: bool, now: Now) {
        self.publisher.handle_link_living(link, living, now.instant);
        self.carry(now);
    }

    /// The next entries of the log, in order.
    pub fn handle_followed(&mut self, entries: &[Followed], now: Now) {
        for entry in entries.iter().filter(|entry| entry.number > self.publisher.last()) {
            if self.duty.decider().is_none()
                && let Ok(Some(receipt)) = Entry::parse(&entry.text).map(|entry| entry.receipt)
            {
                self.filter.insert(receipt.participant, receipt.id);
            }
        }
        // A batch that begins this process's term is told up to there, so that the decider begins
        // with the state of that entry; another's ends the decider before more is told.
        let texts: Vec<(u64, Arc<str>)> =
            entries.iter().map(|entry| (entry.number, Arc::clone(&entry.text))).collect();
        self.publisher.handle_entries(&texts, now.instant);
        self.follow_term(now);
        self.carry(now);
    }

    /// All was brought that the log holds. To be told once it was opened, and after
    /// [`Host::handle_log_lost`]: nothing is claimed before it is known whether it can be folded.
    pub fn handle_caught_up(&mut self, now: Now) {
        self.is_caught_up = true;
        self.carry(now);
    }

    /// The log does not hold an entry that was read here: a backup of it was restored. All is
    /// forgotten and read anew, from [`Host::follows_from`] on, and the conference is claimed with
    /// a new term.
    pub fn handle_log_lost(&mut self, stored: Option<StoredSnapshot>, now: Now) {
        let (part, filter) = stored.map(StoredSnapshot::into_parts).unzip();
        self.filter = filter.unwrap_or_default();
        self.publisher.handle_log_lost(part);
        self.stored = self.publisher.last();
        self.is_caught_up = false;
        self.duty.begin_anew(&mut self.seed);
        self.carry(now);
    }

    /// The log has answered the claim of this term. An answer to an earlier claim, which comes
    /// late, says nothing any more.
    pub fn handle_claimed(&mut self, term: TermId, outcome: ClaimOutcome, now: Now) {
        self.duty.handle_claimed(term, outcome, &mut self.seed, now.instant);
        self.follow_term(now);
        if !self.duty.is_beginning() {
            self.admit_early(now);
        }
        self.carry(now);
    }

    /// The log has answered the batch of this term that is under way. An answer to the decider of
    /// an earlier term, which comes late, says nothing any more.
    pub fn handle_append(&mut self, term: TermId, outcome: AppendOutcome, now: Now) {
        if let Some(decider) = self.duty.decider_of(term) {
            decider.handle_append(outcome, now.instant);
        }
        self.carry(now);
    }

    /// The log's index has answered the lookup of this term. An answer to the decider of an earlier
    /// term, which comes late, is of other commands.
    ///
    /// # Errors
    /// When an entry cannot be read: the conference is damaged.
    pub fn handle_found(
        &mut self,
        term: TermId,
        entries: &[(u64, Arc<str>)],
        now: Now,
    ) -> Result<(), EntryError> {
        if let Some(decider) = self.duty.decider_of(term) {
            decider.handle_found(entries, now)?;
        }
        self.carry(now);
        Ok(())
    }

    /// The log's index could not answer the lookup of this term.
    pub fn handle_lookup_failed(&mut self, term: TermId, now: Now) {
        if let Some(decider) = self.duty.decider_of(term) {
            decider.handle_lookup_failed(now.instant);
        }
    }

    /// A page of the log that the publisher wanted.
    pub fn handle_page(&mut self, read: Read, entries: &[(u64, Arc<str>)], now: Now) {
        self.publisher.handle_page(read, entries);
        self.carry(now);
    }

    /// A page of the log could not be read.
    pub fn handle_read_failed(&mut self, read: &Read, now: Now) {
        self.publisher.handle_read_failed(read);
        self.carry(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.publisher.handle_timeout(now.instant);
        if let Some(decider) = self.duty.decider_mut() {
            decider.handle_due(now);
        }
        if self.duty.is_overdue(now.instant) {
            self.give_up_term();
        }
        self.carry(now);
    }

    /// When [`Host::handle_timeout`] must be called at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.publisher.poll_timeout(), self.duty.poll_timeout()].into_iter().flatten().min()
    }

    /// The next task for the shell.
    pub fn poll_work(&mut self) -> Option<Work<L>> {
        self.work.pop_front()
    }

    /// Has a decider where the newest term is this process's, and none where it is not.
    fn follow_term(&mut self, now: Now) {
        let newest = self.publisher.term();
        if self.duty.decider().is_some_and(|decider| decider.term() != newest || decider.is_lost()) {
            self.lose_decider();
        }
        if self.duty.is_over(newest, |term| self.publisher.has_begun(term)) {
            self.duty.begin_anew(&mut self.seed);
        }
        if self.duty.is_decided_by(newest) && self.stopped().is_none() {
            let known = std::mem::take(&mut self.filter);
            let filter = if planted!(FilterLost) { Filter::default() } else { known };
            let (conference, log) = (self.publisher.conference(), self.publisher.log());
            let stored = self.publisher.stored();
            let decider = Decider::begin(conference, log, &stored, filter, self.seed, self.limits);
            self.duty.decide(decider);
            if std::mem::take(&mut self.unheard) && !planted!(NobodyHeard) {
                // The term's entry was read before the claim was answered: seats were opened in
                // this term, and nobody heard what they wanted.
                self.publisher.handle_decider_lost();
            }
            self.admit_early(now);
        }
    }

    fn lose_decider(&mut self) {
        if let Some(decider) = self.duty.lose(&mut self.seed) {
            // It may know more ids than the log does. That only costs a question to the index.
            self.filter = decider.into_filter();
        }
    }

    /// The log was cut behind what was read: a part that this process wrote is gone, and nothing
    /// that was read says so.
    fn give_up_term(&mut self) {
        if self.duty.decider().is_some() {
            self.lose_decider();
            self.publisher.handle_decider_lost();
        } else {
            self.duty.begin_anew(&mut self.seed);
        }
    }

    fn admit_early(&mut self, now: Now) {
        for (link, handle, wish) in std::mem::take(&mut self.early) {
            self.publisher.handle_wish(link, handle, wish, now.instant);
        }
    }

    /// Carries what the machines want of one another and of the shell.
    fn carry(&mut self, now: Now) {
        if self.duty.decider().is_some_and(Decider::is_lost) {
            self.lose_decider();
            self.publisher.handle_decider_lost();
        }
        if self.stopped().is_some() {
            self.admit_early(now);
        } else if (self.is_caught_up || planted!(ClaimedUnread))
            && let Some(claim) = self.duty.poll_claim(now)
        {
            self.work.push_back(Work::Claim(claim));
        }
        while let Some(output) = self.publisher.poll_output() {
            match (output, self.duty.decider_mut()) {
                (Output::Join(wish), Some(decider)) => decider.handle_join(&wish, now),
                // It is asked again when a term begins.
                (Output::Join(_), None) => self.unheard = true,
                (output, _) => self.work.push_back(Work::Publish(output)),
            }
            self.carry_answers();
        }
        self.carry_answers();
        self.duty.watch(self.publisher.last(), now.instant);
        self.carry_wants(now);
    }

    fn carry_answers(&mut self) {
        while let Some(answer) = self.duty.decider_mut().and_then(Decider::poll_answer) {
            self.publisher.handle_answer(answer);
        }
    }

    fn carry_wants(&mut self, now: Now) {
        let last = self.publisher.last();
        let log = self.publisher.log();
        let listeners = self.publisher.listeners();
        let Some(decider) = self.duty.decider_mut() else { return };
        decider.expect_listeners(listeners);
        if let Some(append) = decider.poll_append(now.instant) {
            self.work.push_back(Work::Append(append));
        }
        if let Some(lookup) = decider.poll_lookup(now.instant) {
            self.work.push_back(Work::Look(lookup));
        }
        // Only the decider's process stores snapshots: the filter in one misses no id up to its
        // number.
        if last >= self.stored + STORED_EVERY {
            self.stored = last;
            let known = decider.filter().clone();
            let filter = if planted!(StoredWithoutFilter) { Filter::default() } else { known };
            let stored = StoredSnapshot::new(self.publisher.stored(), log, filter);
            self.work.push_back(Work::Store(Arc::new(stored)));
        }
        while let Some(output) = self.publisher.poll_output() {
            self.work.push_back(Work::Publish(output));
        }
    }
}
