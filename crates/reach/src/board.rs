//! The latest failure of each route.

use std::collections::BTreeMap;

use convene_model::Attempt;
use convene_model::limits::ATTEMPTS_MAX;

use crate::route::Route;

/// Failures by route, so that a later round replaces what an earlier one found and the list is
/// whole in between.
#[derive(Debug, Default)]
pub(crate) struct Board(BTreeMap<Route, Attempt>);

impl Board {
    /// Notes a failure; of more than [`ATTEMPTS_MAX`] routes, those that failed first are kept.
    pub(crate) fn note(&mut self, route: &Route, attempt: Attempt) {
        if self.0.len() < ATTEMPTS_MAX || self.0.contains_key(route) {
            self.0.insert(route.clone(), attempt);
        }
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Route) -> bool) {
        self.0.retain(|route, _| keep(route));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn has(&self, route: &Route) -> bool {
        self.0.contains_key(route)
    }

    /// All failures, by rung, then by target.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Route, &Attempt)> {
        self.0.iter()
    }
}
