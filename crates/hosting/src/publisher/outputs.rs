//! The tasks that a publisher gives the shell.

use std::sync::Arc;

use convene_model::Json;
use convene_protocol::HistoryRequest;

use super::run::Run;
use crate::messages::{JoinWish, Place, Told};

/// A task for the shell. The order holds for each link: what is told first is sent first.
#[derive(Debug)]
pub enum Output<L> {
    /// Give this to the desk of one link.
    Tell {
        /// Of which link.
        link: L,
        /// The frame and its note.
        told: Told,
    },
    /// Give this text to the desks of these links, as [`Told`] with [`crate::Note::None`]. They
    /// were fixed when the text was made; the same text serves all of them.
    Share {
        /// Of which links.
        links: Arc<[L]>,
        /// A frame, to be counted and sent.
        text: Arc<str>,
    },
    /// Send this text on these links, uncounted. It may be dropped.
    Presence {
        /// On which links.
        links: Arc<[L]>,
        /// A frame.
        text: Arc<str>,
    },
    /// Read a page of the log and give it to [`super::Publisher::handle_page`], or say that it
    /// could not be read by [`super::Publisher::handle_read_failed`].
    Read(Read),
    /// Give this to the decider.
    Join(JoinWish),
}

/// A page of the log that is wanted: from the entry above `after` on, in order, up to `through` at
/// most. It may be of any length, so that it fits into the shell's memory; one entry at least.
#[derive(Debug)]
pub struct Read {
    /// Entries above this number.
    pub after: u64,
    /// Up to and including this one.
    pub through: u64,
    pub(super) place: Place,
    /// The opening for which it is read.
    pub(super) count: u32,
    pub(super) page: Page,
}

/// For what a page is read.
#[derive(Debug)]
pub(super) enum Page {
    /// For a seat that is behind.
    Replay,
    /// For one that asked for the oldest entries of a span.
    Oldest,
    /// For one that asked for the newest entries of a span. The page may come in pieces.
    Newest { request: HistoryRequest, kept: Run<Json> },
}
