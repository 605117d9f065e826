//! Answers of the decider without an entry: held until the entry is read on which it rests.

use std::collections::BTreeSet;

use convene_conference::{Outcome, Receipt, Refusal};
use convene_protocol::{Opened, OpenedOutcome};

use super::{Publisher, retry_after_ms};
use crate::messages::{Answer, AnswerKind, Place};

impl<L: Clone> Publisher<L> {
    /// The decider answers. [`crate::Host::is_full`] limits the number of answers that wait here.
    pub fn handle_answer(&mut self, answer: Answer) {
        if self.stopped.is_none() {
            self.answers.push_back(answer);
            self.release_answers();
        }
    }

    /// Gives out the answers that rest on what was read.
    pub(super) fn release_answers(&mut self) {
        let last = self.last;
        let may_go = |answer: &mut Answer| answer.rests_on.number <= last || planted!(RefusalBeforeBasis);
        while let Some(answer) = self.answers.pop_front_if(may_go) {
            // A decision of an earlier term may not be in the log: its seats ask again.
            if answer.rests_on.term == self.terms.newest() || planted!(AnswerOfEarlierTerm) {
                self.give_answer(answer);
            }
        }
    }

    /// A term begins: no answer of another one holds.
    pub(super) fn drop_answers(&mut self) {
        let newest = self.terms.newest();
        self.answers.retain(|answer| answer.rests_on.term == newest || planted!(AnswerOfEarlierTerm));
    }

    fn give_answer(&mut self, Answer { place, rests_on, what }: Answer) {
        match what {
            AnswerKind::JoinRefused { count, code } => self.refuse_join(place, count, code),
            AnswerKind::JoinLater { count, code } => {
                if self.is_joining(place, count) {
                    self.later(place, code);
                }
            }
            AnswerKind::Repeated { participant, receipt } => {
                let mut told: BTreeSet<Place> = self.entitled(participant, None).into_iter().collect();
                told.insert(place);
                for place in told {
                    self.hold(place, receipt);
                    self.release(place);
                }
            }
            AnswerKind::IdReused { id } => {
                let outcome = Outcome::Refused { code: Refusal::IdReused };
                let receipt = Receipt { id, number: rests_on.number, outcome };
                if planted!(ReuseToldToAll)
                    && let Some(asker) = self.places.get(place)
                {
                    for other in self.entitled(asker.reader.participant, None) {
                        self.hold(other, receipt);
                        self.release(other);
                    }
                    return;
                }
                self.hold(place, receipt);
                self.release(place);
            }
        }
    }

    /// A join is refused. Where that ends the seat, it is told so; otherwise it is to ask again.
    fn refuse_join(&mut self, place: Place, count: u32, code: Refusal) {
        if !self.is_joining(place, count) {
            return;
        }
        let Some(link) = self.places.link(place.link) else { return };
        let Some(applicant) = self.places.applicant(place) else { return };
        let void_after = applicant.void_after;
        let outcome = if code.is_final(applicant.resume.was_participant) {
            OpenedOutcome::Refused { code }
        } else {
            OpenedOutcome::Later { code, retry_after_ms: retry_after_ms(code), log: None }
        };
        self.places.remove(place);
        self.tell_not_opened(link, Opened { index: place.index, count, void_after, outcome });
    }

    fn is_joining(&self, place: Place, count: u32) -> bool {
        let applicant = self.places.applicant(place);
        applicant.is_some_and(|applicant| applicant.awaits_key() && applicant.resume.count == count)
    }
}
