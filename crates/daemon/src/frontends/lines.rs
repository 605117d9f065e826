//! Lines that wait for a frontend to take them.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::shares::{Share, Shares};

/// Lines of one frontend that wait to be written; what is told by itself waits in a queue of its
/// own.
const LINES_MAX: usize = 64;

/// A line, which counts for its user until it is dropped.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) share: Share,
}

/// The channel for lines to one frontend.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    lines: mpsc::Sender<Line>,
    bytes: Arc<Shares>,
    user: Arc<str>,
}

/// The frontend has gone.
#[derive(Debug)]
pub(super) struct Gone;

impl Lines {
    /// Lines whose bytes count for this user, and their other end.
    pub(super) fn new(bytes: &Arc<Shares>, user: &str) -> (Self, mpsc::Receiver<Line>) {
        let (lines, coming) = mpsc::channel(LINES_MAX);
        (Self { lines, bytes: Arc::clone(bytes), user: user.into() }, coming)
    }

    /// Waits until there is room for the line: in the queue, and among all lines of the user. A
    /// frontend that takes nothing is cut, which makes room. Cancel safe: the line is lost.
    pub(super) async fn send(&self, text: String) -> Result<(), Gone> {
        let share = self.bytes.wait_for(&self.user, text.len()).await;
        self.lines.send(Line { text, share }).await.map_err(|_| Gone)
    }
}
