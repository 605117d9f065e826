//! The shares of the frontends, by user.

use std::sync::Arc;

use convene_model::ShareLimit;
use convene_model::limits::{
    FRONTEND_BYTES_MAX, FRONTEND_BYTES_PER_USER_MAX, FRONTENDS_MAX, FRONTENDS_PER_USER_MAX, REQUESTS_MAX,
    REQUESTS_PER_USER_MAX,
};
use tokio::sync::Notify;

use crate::shares::Shares;
use crate::turns::Turns;

/// All that they hold, and the turns of their users. Requests and lines are apart: a request holds
/// its bytes until its answer has found room among the lines.
#[derive(Debug, Clone)]
pub(super) struct Quotas {
    /// Frontends.
    pub(super) attached: Arc<Shares>,
    /// Requests that are worked on.
    pub(super) requests: Arc<Shares>,
    /// Bytes that were read and are not answered yet.
    pub(super) request_bytes: Arc<Shares>,
    /// Bytes of lines that were not taken yet.
    pub(super) line_bytes: Arc<Shares>,
    /// One frontend of each user at a time is worked for.
    pub(super) turns: Arc<Turns>,
    /// Notified when something long was let go: its memory can go back to the system.
    pub(super) freed: Arc<Notify>,
}

impl Default for Quotas {
    fn default() -> Self {
        let bytes = ShareLimit { each: FRONTEND_BYTES_PER_USER_MAX, whole: FRONTEND_BYTES_MAX };
        Self {
            attached: Shares::new(ShareLimit { each: FRONTENDS_PER_USER_MAX, whole: FRONTENDS_MAX }),
            requests: Shares::new(ShareLimit { each: REQUESTS_PER_USER_MAX, whole: REQUESTS_MAX }),
            request_bytes: Shares::new(bytes),
            line_bytes: Shares::new(bytes),
            turns: Arc::default(),
            freed: Arc::default(),
        }
    }
}
