//! The copy of one conference log that a seat holds.

use convene_conference::{Event, LEVEL, Participant, State};
use convene_model::{LogId, ParticipantId, Point, TermId};

use crate::receipts::Receipts;
use crate::span::Missing;
use crate::terms::Terms;
use crate::write::EventText;

/// A seat's copy of one log, as far as it may see it. The texts of the events are the store's: here
/// is what they are folded into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Of which log.
    pub log: LogId,
    /// The participant who owns the seat; absent before the seat was opened, and where a restored
    /// backup lost the joining.
    pub participant: Option<ParticipantId>,
    /// Whether the seat ever was a participant's in this log.
    pub was_participant: bool,
    /// The number of the last entry that the replica covers. It never stands inside an entry.
    pub cursor: u64,
    /// The terms up to the higher of the cursor and the highest number of a receipt.
    pub terms: Terms,
    /// Spans that snapshots passed over, and nobody fetched since.
    pub missing: Missing,
    /// The number of the snapshot from which the state is folded; 0 where it is folded from the
    /// first event on.
    pub base: u64,
    /// The conference at the cursor, as this seat sees it; `None` while it has to be folded anew.
    pub state: Option<State>,
    /// The level of the code that folded it.
    pub level: u32,
    /// The receipts of this seat's commands.
    pub receipts: Receipts,
}

impl Replica {
    /// Of a log of which nothing is known yet.
    pub fn empty(log: LogId) -> Self {
        Self {
            log,
            participant: None,
            was_participant: false,
            cursor: 0,
            terms: Terms::default(),
            missing: Missing::default(),
            base: 0,
            state: Some(State::default()),
            level: LEVEL,
            receipts: Receipts::default(),
        }
    }

    /// The cursor.
    pub fn point(&self) -> Point {
        Point { number: self.cursor, term: self.term_of(self.cursor) }
    }

    /// The term of an entry.
    pub fn term_of(&self, number: u64) -> TermId {
        self.terms.term_of(self.log, number)
    }

    /// The number up to which the replica still holds what somebody saw up to this point: the
    /// point's own number, or a lower one where a restored backup made the rest void. For example,
    /// a frontend that comes back with a point for which a lower number is said has to go back to
    /// that.
    pub fn common(&self, point: Point) -> u64 {
        let end = self.terms.end_of(self.log, point.term, self.cursor).unwrap_or(0);
        point.number.min(if planted!(TermOfWatchIgnored) { self.cursor } else { end })
    }

    /// The number up to which the seat tells its terms, and from which the server reckons what is
    /// void: a receipt may tell of an entry that the cursor has not reached.
    pub(crate) fn top(&self) -> u64 {
        self.cursor.max(self.receipts.highest())
    }

    /// Whether the participant is not in the conference any more.
    pub(crate) fn has_left(&self) -> bool {
        self.known().is_some_and(|participant| !participant.takes_part)
    }

    /// Whether an organizer removed the participant.
    pub(crate) fn is_removed(&self) -> bool {
        self.known().is_some_and(|participant| participant.removed)
    }

    /// The participant, as far as the state knows one.
    fn known(&self) -> Option<&Participant> {
        let (state, id) = self.state.as_ref().zip(self.participant)?;
        state.public().participants().get(id)
    }

    /// Whether nothing would be lost with it.
    pub(crate) fn is_blank(&self) -> bool {
        self.cursor == 0 && !self.was_participant
    }

    pub(crate) fn evolve(&mut self, items: &[EventText]) {
        if let Some(state) = &mut self.state {
            items.iter().for_each(|item| fold(state, item));
        }
    }
}

/// Folds an event into a state. An event that this version cannot read changes nothing: its text is
/// kept, and folded once a later version can.
pub(crate) fn fold(state: &mut State, item: &EventText) {
    if let Ok(event) = serde_json::from_str::<Event>(item.text.get()) {
        state.evolve(&event);
    }
}
