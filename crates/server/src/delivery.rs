//! How a conference reaches a link: frames are handed over and never waited for.

use std::sync::Arc;

use convene_model::{ConferenceId, LinkId};
use tokio::sync::{Notify, mpsc};

use crate::web::Utf8Bytes;

/// Frames handed to a link that its task has not looked at yet: many group commits, and little
/// memory.
const DELIVERIES_MAX: usize = 256;

/// A frame for a link.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) text: Utf8Bytes,
    /// Whom to tell when the link has room for more.
    pub(crate) ready: Option<(ConferenceId, u32)>,
}

/// How a conference reaches a link. Never waits: a link that takes too little is cut, and resumes
/// from its cursors.
#[derive(Debug, Clone)]
pub(crate) struct LinkHandle(Arc<Reach>);

#[derive(Debug)]
struct Reach {
    link: LinkId,
    deliveries: mpsc::Sender<Delivery>,
    cut: Notify,
}

impl LinkHandle {
    /// One for this link, and where its task finds what was handed over.
    pub(crate) fn new(link: LinkId) -> (Self, mpsc::Receiver<Delivery>) {
        let (deliveries, receiver) = mpsc::channel(DELIVERIES_MAX);
        (Self(Arc::new(Reach { link, deliveries, cut: Notify::new() })), receiver)
    }

    pub(crate) fn link(&self) -> LinkId {
        self.0.link
    }

    /// Hands a frame over, or cuts the link.
    pub(crate) fn deliver(&self, delivery: Delivery) {
        if matches!(self.0.deliveries.try_send(delivery), Err(mpsc::error::TrySendError::Full(_))) {
            self.cut();
        }
    }

    /// Ends the link: its daemon comes back and asks again.
    pub(crate) fn cut(&self) {
        self.0.cut.notify_one();
    }

    /// Whether it was cut since it was last asked.
    #[cfg(test)]
    pub(crate) fn was_cut(&self) -> bool {
        use futures_util::FutureExt as _;
        self.0.cut.notified().now_or_never().is_some()
    }

    /// Returns when the link is to end. Cancel safe.
    pub(crate) async fn until_cut(&self) {
        self.0.cut.notified().await;
    }
}
