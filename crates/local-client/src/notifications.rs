//! What the daemon says by itself.

use convene_local_api::Told;
use convene_model::limits::FRONTEND_DELTAS_MAX;
use tokio::sync::mpsc;

use crate::client::end_of;
use crate::driver::{End, Raw};
use crate::errors::CallError;

/// Notifications that are kept until they are taken: more than the daemon itself lets wait.
pub(crate) const NOTIFICATIONS_MAX: usize = 4 * FRONTEND_DELTAS_MAX;

/// What the daemon says by itself on one connection, in its order. It ends with the connection,
/// which lives as long as a [`Client`](crate::Client). Who drops it wants to know nothing of it.
#[derive(Debug)]
pub struct Notifications {
    told: mpsc::Receiver<Raw>,
    end: End,
}

impl Notifications {
    pub(crate) fn new(told: mpsc::Receiver<Raw>, end: End) -> Self {
        Self { told, end }
    }

    /// The next thing that the daemon says by itself. Cancel safe.
    ///
    /// # Errors
    /// See [`CallError`]: why the connection ended, once all is told that had come before.
    /// `Malformed` may also mean that this one cannot be read.
    pub async fn next(&mut self) -> Result<Told, CallError> {
        match self.told.recv().await {
            Some((method, params)) => Told::read(&method, &params).map_err(|_| CallError::Malformed),
            None => Err(end_of(&self.end)),
        }
    }
}
