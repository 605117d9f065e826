//! Acts that are planned for a time. Today none is: the start of a conference is only shown.

use convene_model::Timestamp;

use crate::decide::Decided;
use crate::state::State;

/// When [`due`] has something to do next; that may lie in the past, after a downtime.
pub fn next_due(_: &State) -> Option<Timestamp> {
    None
}

/// The earliest act whose time has come: the events of one entry, which bear the planned time.
/// After it, [`next_due`] is later, or the same with fewer acts left, so that a caller who repeats
/// this comes to an end.
pub fn due(_: &State, _now: Timestamp) -> Option<Vec<Decided>> {
    None
}
