//! The delivery of frames from a conference to a link.

use std::sync::{Arc, OnceLock};

use convene_hosting::{LinkNumber, Told};
use convene_model::ConferenceId;
use tokio::sync::{Notify, mpsc};

use crate::budget::{Queued, Queues};
use crate::web::Utf8Bytes;

/// Frames handed to a link that its task has not looked at yet: many group commits, and little
/// memory.
const DELIVERIES_MAX: usize = 256;

/// A conference as one task runs it. No number is given twice: a conference that is started again
/// has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskNumber(pub(crate) u64);

/// A delivery from a conference to a link. It is no larger than a pointer and a word, because room
/// for many deliveries is kept for each link.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// For the link's desk.
    Told(Box<Message>),
    /// A frame that many links share.
    Shared(Arc<SharedFrame>),
    /// The participants who are connected; only the latest presence counts.
    Presence(Arc<PresenceFrame>),
    /// Fails, in a test.
    #[cfg(test)]
    Panic,
}

/// A message for the desk of one link.
#[derive(Debug)]
pub(crate) struct Message {
    /// The conference's task that says it.
    pub(crate) at: TaskNumber,
    /// The message.
    pub(crate) told: Told,
}

/// A frame for many links, to be counted.
#[derive(Debug)]
pub(crate) struct SharedFrame {
    /// The conference's task that says it.
    pub(crate) at: TaskNumber,
    /// The frame.
    pub(crate) text: Utf8Bytes,
    /// Charged once for all links that wait with it.
    queued: OnceLock<Queued>,
}

impl SharedFrame {
    pub(crate) fn new(at: TaskNumber, text: Utf8Bytes) -> Self {
        Self { at, text, queued: OnceLock::new() }
    }

    /// The frame as it waits for a daemon.
    pub(crate) fn queued(&self, queues: &Queues) -> Queued {
        self.queued.get_or_init(|| queues.charge(self.text.clone())).clone()
    }
}

/// The participants of one conference who are connected, not to be counted.
#[derive(Debug)]
pub(crate) struct PresenceFrame {
    /// The conference.
    pub(crate) conference: ConferenceId,
    /// The frame.
    pub(crate) text: Utf8Bytes,
}

/// The handle by which a conference reaches a link. It never waits: a link that takes too little is
/// cut, and resumes from its cursors.
#[derive(Debug, Clone)]
pub(crate) struct LinkHandle(Arc<Reach>);

#[derive(Debug)]
struct Reach {
    number: LinkNumber,
    deliveries: mpsc::Sender<Delivery>,
    /// Told once the link took too little and something for it was lost.
    cut: Notify,
}

impl LinkHandle {
    pub(crate) fn new(number: LinkNumber) -> (Self, mpsc::Receiver<Delivery>) {
        let (deliveries, receiver) = mpsc::channel(DELIVERIES_MAX);
        (Self(Arc::new(Reach { number, deliveries, cut: Notify::new() })), receiver)
    }

    pub(crate) fn number(&self) -> LinkNumber {
        self.0.number
    }

    /// Hands something over, or cuts the link: its daemon comes back and asks again.
    pub(crate) fn deliver(&self, delivery: Delivery) {
        if matches!(self.0.deliveries.try_send(delivery), Err(mpsc::error::TrySendError::Full(_))) {
            self.0.cut.notify_one();
        }
    }

    /// Hands something over that may be lost.
    pub(crate) fn deliver_if_room(&self, delivery: Delivery) {
        if self.0.deliveries.try_send(delivery).is_err() {
            tracing::trace!("a link is busy or gone");
        }
    }

    /// Returns once the link is to be cut. Cancel safe.
    pub(crate) async fn cut_wanted(&self) {
        self.0.cut.notified().await;
    }
}
