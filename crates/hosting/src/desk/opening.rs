//! Seats that ask to be opened on a link.

use std::collections::BTreeSet;
use std::sync::Arc;

use convene_conference::Refusal;
use convene_model::TermId;
use convene_model::limits::SEATS_PER_CONNECTION_MAX;
use convene_protocol::{Opened, OpenedOutcome, RefuseCode, Resume, ServerFrame, proof};

use super::{Desk, DeskOutput, FAILED_MAX, Opening, Seat};
use crate::messages::Wish;

/// Indexes that one link may use up, closed seats included: a daemon that needs more begins a link.
const INDEXES_MAX: usize = 1_024;
/// Before which a seat that cannot be opened here need not ask again.
const RETRY_AFTER_MS: u64 = 10_000;

impl<C: Clone + Ord> Desk<C> {
    /// A seat asks to be opened.
    pub(super) fn handle_resume(&mut self, resume: Resume) {
        let Resume { index, count, key, conference, .. } = resume;
        let is_used_up = self.seats.len() >= INDEXES_MAX;
        let seat = match self.seats.get_mut(&index) {
            None if is_used_up => return self.outputs.push_back(DeskOutput::Cut(RefuseCode::Busy)),
            None => {
                let seat = || Box::new(Seat { key, conference, count: 0, opening: Opening::Closed });
                self.seats.entry(index).or_insert_with(seat)
            }
            Some(seat) => seat,
        };
        let named = seat.conference.or(conference);
        if seat.key != key || conference.is_some_and(|now| named != Some(now)) || count <= seat.count {
            return self.outputs.push_back(DeskOutput::Cut(RefuseCode::Malformed));
        }
        (seat.count, seat.conference) = (count, named);
        self.close(index);
        let is_full = self.unclosed >= SEATS_PER_CONNECTION_MAX;
        let resume = Arc::new(resume);
        // What costs least is asked first.
        if is_full {
            self.answer(&resume, Refusal::NotHereNow);
        } else if !proof::resume_holds(&self.context, &resume) {
            self.answer(&resume, Refusal::ProofInvalid);
            self.count_failure();
        } else {
            self.find(resume);
        }
    }

    /// The shell has found the conference of a seat and runs it, or says why not.
    pub fn handle_found(&mut self, index: u32, count: u32, found: Result<C, Refusal>) {
        let Some(seat) = self.seats.get(&index).filter(|seat| seat.count == count) else { return };
        let Opening::AwaitsConference(resume) = &seat.opening else { return };
        let resume = Arc::clone(resume);
        match found {
            Ok(conference) => {
                self.set_opening(index, Opening::AwaitsAnswer(conference.clone(), Arc::clone(&resume)));
                self.outputs.push_back(DeskOutput::Wish { conference, wish: Wish::Open(resume) });
            }
            Err(code) => {
                self.set_opening(index, Opening::Closed);
                self.answer(&resume, code);
                if code == Refusal::CodeUnknown {
                    self.count_failure();
                }
            }
        }
    }

    /// A seat asked in vain; too many of them cut the link.
    fn count_failure(&mut self) {
        self.failed += 1;
        if self.failed == FAILED_MAX {
            self.outputs.push_back(DeskOutput::Cut(RefuseCode::Busy));
        }
    }

    /// The seat is not wanted any more, or not under its earlier opening.
    pub(super) fn close(&mut self, index: u32) {
        let before = self.set_opening(index, Opening::Closed);
        if let Some(conference) = before.as_ref().and_then(Opening::at).cloned() {
            self.outputs.push_back(DeskOutput::Wish { conference, wish: Wish::Close { index } });
        }
    }

    /// Asks the shell for the conference of a seat.
    pub(super) fn find(&mut self, resume: Arc<Resume>) {
        let Resume { index, count, conference, ref join, .. } = *resume;
        let code = join.code;
        self.set_opening(index, Opening::AwaitsConference(resume));
        self.outputs.push_back(DeskOutput::Find { index, count, conference, code });
    }

    /// Answers a seat that is not opened.
    fn answer(&mut self, resume: &Resume, code: Refusal) {
        let outcome = if code.is_final(resume.was_participant) {
            OpenedOutcome::Refused { code }
        } else {
            OpenedOutcome::Later { code, retry_after_ms: RETRY_AFTER_MS, log: None }
        };
        let (index, count) = (resume.index, resume.count);
        self.say(&ServerFrame::Opened(vec![Opened { index, count, void_after: None, outcome }]));
    }

    /// Its conference has opened a seat.
    pub(super) fn opened(&mut self, at: &C, (index, count): (u32, u32), term: TermId, more: bool) -> bool {
        let seat = self.seats.get(&index).filter(|seat| seat.count == count);
        let opening = seat.map(|seat| &seat.opening);
        if !matches!(opening, Some(Opening::AwaitsAnswer(asked, _)) if asked == at) {
            return false;
        }
        self.set_opening(index, Opening::Open { at: at.clone(), term, undecided: BTreeSet::new() });
        if more {
            self.hungry.push_back(index);
        }
        true
    }

    /// Its conference does not open a seat, or gives up one that it had opened.
    pub(super) fn not_opened(&mut self, at: &C, index: u32, count: u32) -> bool {
        let seat = self.seats.get(&index).filter(|seat| seat.count == count);
        let holds = seat.is_some_and(|seat| seat.opening.at() == Some(at));
        if holds {
            self.set_opening(index, Opening::Closed);
        }
        holds
    }
}
