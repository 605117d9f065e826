//! Acts that are planned for a time.

use convene_model::Timestamp;

use crate::decide::Decided;
use crate::phases;
use crate::state::State;

/// When [`due`] has something to do next; that may lie in the past, after a downtime.
pub fn next_due(state: &State) -> Option<Timestamp> {
    phases::next_due(state)
}

/// The earliest act whose time has come: the events of one entry, which bear the planned time.
/// After it, [`next_due`] is later, or the same with fewer acts left, so that a caller who repeats
/// this comes to an end.
pub fn due(state: &State, now: Timestamp) -> Option<Vec<Decided>> {
    phases::due(state, now)
}
