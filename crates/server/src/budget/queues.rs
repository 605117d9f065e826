//! Bytes that wait for daemons, over all links.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The bytes of all texts that wait. A text counts once, however many links wait with it.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

impl Queues {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes: Arc::default(), bytes_max }
    }

    /// The text is charged until the last copy of what this gives is dropped.
    pub(crate) fn charge(&self, text: Utf8Bytes) -> Queued {
        let bytes = text.len();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Queued { text, _charge: Some(Arc::new(Charge { all: Arc::clone(&self.bytes), bytes })) }
    }

    /// Whether more waits than may: those who make much of it wait are to be cut.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.bytes_max
    }
}

/// A text that waits for one daemon or for many.
#[derive(Debug, Clone)]
pub(crate) struct Queued {
    text: Utf8Bytes,
    _charge: Option<Arc<Charge>>,
}

impl Queued {
    /// A text of which no more than one waits for a daemon, in place of the one before.
    pub(crate) fn uncharged(text: Utf8Bytes) -> Self {
        Self { text, _charge: None }
    }

    pub(crate) fn text(&self) -> Utf8Bytes {
        self.text.clone()
    }
}

#[derive(Debug)]
struct Charge {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_once_and_until_its_last_copy_is_gone() {
        let queues = Queues::new(10);
        let first = queues.charge(Utf8Bytes::from("0123456789"));
        let copies = vec![first.clone(); 100];
        assert!(!queues.is_full());
        let second = queues.charge(Utf8Bytes::from("x"));
        assert!(queues.is_full());
        drop((first, second));
        assert!(!queues.is_full());
        drop(copies);
        assert_eq!(queues.bytes.load(Ordering::Relaxed), 0);
    }
}
