//! The tasks that a desk gives the shell.

use std::sync::Arc;

use convene_model::{ConferenceId, JoinCode};
use convene_protocol::RefuseCode;

use crate::messages::{CommandsWish, Wish};

/// A task for the shell. They are done in order.
#[derive(Debug)]
pub enum DeskOutput<C> {
    /// Send a frame on the link, counted.
    Frame(Arc<str>),
    /// Find the conference of a seat, start it where it does not run, and answer by
    /// [`super::Desk::handle_found`].
    Find {
        /// Which seat.
        index: u32,
        /// Which opening of it.
        count: u32,
        /// Its conference, where its daemon knows it.
        conference: Option<ConferenceId>,
        /// A code that opens it; by this it is found where its daemon does not know it.
        code: JoinCode,
    },
    /// Give this to the publisher of a conference.
    Wish {
        /// Which one.
        conference: C,
        /// The wish.
        wish: Wish,
    },
    /// Give this to the decider of a conference.
    Commands {
        /// Which one.
        conference: C,
        /// The commands.
        wish: CommandsWish,
    },
    /// End the link with this reason. Nothing else comes of it.
    Cut(RefuseCode),
}
