//! One watch of an attachment, and how far it has come.

use convene_local_api::{After, FoldedPoint, Told, WatchParams, WatchResult};
use convene_model::{SeatName, TermId};

/// A watch that is begun again on each connection.
#[derive(Debug)]
pub(super) struct Watched {
    /// As the user wants it.
    params: WatchParams,
    /// Behind what it goes on.
    after: After,
    level: u32,
    /// Parts of the state that are still to come behind the answer.
    missing: u64,
}

impl Watched {
    pub(super) fn new(params: WatchParams, answer: &WatchResult) -> Self {
        let mut watched = Self { params, after: After::Number(0), level: 0, missing: 0 };
        watched.begin(answer);
        watched
    }

    pub(super) fn is_of(&self, conference: &SeatName) -> bool {
        self.params.conference == *conference
    }

    /// The answer to this watch has come, and what follows comes behind it.
    pub(super) fn begin(&mut self, answer: &WatchResult) {
        (self.level, self.missing) = (answer.level, answer.parts.unwrap_or_default());
        self.stand_at(answer.after, answer.term);
    }

    /// With what it begins again. A state of which parts are missing is told anew.
    pub(super) fn again(&self) -> WatchParams {
        let after = Some(self.after).filter(|_| self.missing == 0);
        WatchParams { after, ..self.params.clone() }
    }

    /// Something was told, of whatever conference.
    pub(super) fn handle(&mut self, told: &Told) {
        if told.conference() != Some(&self.params.conference) {
            return;
        }
        match told {
            Told::Events(events) => self.stand_at(events.through, events.term),
            Told::PassedOver(passed_over) => self.stand_at(passed_over.through, passed_over.term),
            Told::Reset(reset) => self.stand_at(reset.cursor, reset.term),
            Told::State(_) => self.missing = self.missing.saturating_sub(1),
            Told::Connections(_)
            | Told::Access(_)
            | Told::Settings(_)
            | Told::Draft(_)
            | Told::May(_)
            | Told::Receipt(_)
            | Told::Outbox(_)
            | Told::Lost(_)
            | Told::Dismissed(_)
            | Told::Seat(_)
            | Told::Clock(_)
            | Told::Presence(_)
            | Told::Other(..) => {}
        }
    }

    fn stand_at(&mut self, number: u64, term: Option<TermId>) {
        let level = self.level;
        let folded = |term| After::Folded(FoldedPoint { number, term, level });
        self.after = term.map_or(After::Number(number), folded);
    }
}
