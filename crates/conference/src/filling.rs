//! The family of what a conference holds: how much of what it may.
//!
//! The server counts bytes, and an event says so where the share passes a mark: the rules know of
//! shares alone, and so they are the same on every server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decide::Decided;
use crate::event::Body;
use crate::state::State;

/// The share at which nothing more is written.
pub(crate) const FULL_PERCENT: u32 = 100;

/// The conference holds so much of the data that it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Filled {
    /// The mark that was passed: 80, or 100 where nothing more can be written. 0 where its server
    /// lets it hold more than before.
    pub percent: u32,
}

/// Tells that the conference holds this share; nothing, where that is known, or it is over.
pub fn fill(state: &State, percent: u32) -> Option<Decided> {
    let public = state.public();
    let is_news = public.filled() != percent && !public.ended();
    is_news.then(|| Decided::to_everyone(Body::Filled(Filled { percent })))
}
